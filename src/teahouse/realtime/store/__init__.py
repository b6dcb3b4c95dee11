"""The built-in history, of kept channels: in memory for one process, in Redis for many."""
