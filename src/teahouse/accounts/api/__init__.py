"""Sign-in, tokens and people over HTTP. Thin: shapes in, services, shapes out."""
