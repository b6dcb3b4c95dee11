"""The people: users, sign-in, login sessions, tokens. Knows nothing of chat."""
