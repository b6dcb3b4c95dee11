"""
A Django database backend, `ENGINE = "teahouse.sqlite"`: Django's own for SQLite, with a fair queue of writers, a limit
to each statement, and settings under which a commit is on the disk. See `docs/reference/databases.md`.

Knows nothing of the rest of Teahouse; any Django site may use it.
"""
