"""How a publication gets its offset and becomes durable, and how the history is read."""
