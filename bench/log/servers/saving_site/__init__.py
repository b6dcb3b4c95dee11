"""A view and consumers as they are commonly written: each message is saved by itself, and then acknowledged."""
