"""Migrations without the limits of everyday statements."""

from django.db.backends.sqlite3 import schema

from teahouse.migrating import UnlimitedSchemaEditor


class DatabaseSchemaEditor(UnlimitedSchemaEditor, schema.DatabaseSchemaEditor):
    pass
