import django.db.models.deletion
from django.db import migrations, models

# How each is used is told in chat/search/sqlite.py and chat/search/postgresql.py.
CREATE = {
    "sqlite": (
        'CREATE TABLE "chat_search" ("message_id" integer NOT NULL PRIMARY KEY, "marks" text NOT NULL, "source" text NOT NULL)',
        'CREATE VIRTUAL TABLE "chat_search_words" USING fts5("words", "marks", content=\'\', tokenize=\'unicode61 remove_diacritics 0\')',
    ),
    "postgresql": (
        'CREATE TABLE "chat_search" ("message_id" bigint NOT NULL PRIMARY KEY, "room_id" bigint NOT NULL, "number" bigint NOT NULL, "words" tsvector NOT NULL)',
        # What is not merged yet is looked through by every search.
        'CREATE INDEX "chat_search_words" ON "chat_search" USING gin ("words") WITH (gin_pending_list_limit = 512)',
    ),
}
DROP = {
    "sqlite": ('DROP TABLE "chat_search_words"', 'DROP TABLE "chat_search"'),
    "postgresql": ('DROP TABLE "chat_search"',),
}


def create_index(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchPosition",
            fields=[
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_position",
                        serialize=False,
                        to="chat.channel",
                    ),
                ),
                ("offset", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunPython(create_index, drop_index),
    ]
