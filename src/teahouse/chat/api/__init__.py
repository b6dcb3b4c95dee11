"""The chat over HTTP. Thin: shapes in, services, shapes out."""
