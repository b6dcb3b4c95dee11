"""A consumer as it is commonly written: each message is saved by itself, and then acknowledged."""
