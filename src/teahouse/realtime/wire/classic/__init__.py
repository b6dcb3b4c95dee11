"""The article's protocol: ping, envelope and limits. Nothing of chat: what a type means is the application's."""
