"""A site of somebody else's with the whole chat in it, on its own users."""
