"""Where broken servers take hold of the real one. A name that is gone is an error, not a healthy server."""

from django.db import connection
from django.db.models.signals import post_migrate


def replace(owner: object, name: str, by: object) -> None:
    """Raises AttributeError when `owner` has no such name."""
    getattr(owner, name)
    setattr(owner, name, by)


def forget_unique_keys() -> None:
    """For those that forget client keys: from the start on the database no longer minds that they come twice."""
    post_migrate.connect(_drop_constraint, weak=False)


def _drop_constraint(**_: object) -> None:
    from teahouse.chat.models import Message

    constraint = next((c for c in Message._meta.constraints if c.name == "message_author_client_key"), None)
    if constraint is None:
        return
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, Message._meta.db_table)
    if constraint.name in there:
        # SQLite's editor makes the table anew, as the model says.
        Message._meta.constraints = [other for other in Message._meta.constraints if other is not constraint]
        with connection.schema_editor() as editor:
            editor.remove_constraint(Message, constraint)
