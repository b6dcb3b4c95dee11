"""A Django site of somebody else's with consumers of its own over the channel layer. Run from the tests."""
