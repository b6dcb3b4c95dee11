"""
Servers that are broken on purpose, each in one way: `apply` changes the real server at its start, in the process where
it runs (see `startup/sitecustomize.py`). The checker has to reject each, for its own reason.
"""
