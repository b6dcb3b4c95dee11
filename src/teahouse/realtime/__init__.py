"""The engine: connections, channels, publications. Knows nothing of chat, people or tables."""
