"""Writes: keyword-only, one transaction, at most one publication per channel, told after the commit."""
