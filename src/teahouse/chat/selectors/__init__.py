"""Reads, each with a limit."""
