"""Text as people write it: cleaned, rendered, searched. Pure: no models, settings or I/O; anything may import it."""
