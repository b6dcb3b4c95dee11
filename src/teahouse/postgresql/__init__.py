"""
A Django database backend, `ENGINE = "teahouse.postgresql"`: Django's own for PostgreSQL, whose pooled connections wait
only so long for a server that says nothing. See `docs/reference/databases.md`.

Knows nothing of the rest of Teahouse; any Django site may use it.
"""
