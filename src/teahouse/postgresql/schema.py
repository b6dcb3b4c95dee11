"""Migrations without the limits of everyday statements."""

from django.db.backends.postgresql import schema

from teahouse.migrating import UnlimitedSchemaEditor


class DatabaseSchemaEditor(UnlimitedSchemaEditor, schema.DatabaseSchemaEditor):
    pass
