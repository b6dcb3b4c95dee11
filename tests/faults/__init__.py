"""Faults between real processes while people talk, and a checker of what they heard. See docs/reference/faults.md."""
