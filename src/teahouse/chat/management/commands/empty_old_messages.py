"""`manage.py empty_old_messages`: what a scheduler calls every hour or day, for rooms with a `retention_days`."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from teahouse.chat import errors
from teahouse.chat.services.retention import empty_old_messages


class Command(BaseCommand):
    help = "Empties messages that are older than their rooms keep them. Again it finds nothing more to do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, help="look at no more than so many messages")

    def handle(self, *args: object, most: int | None = None, **options: object) -> None:
        try:
            emptied = empty_old_messages(timezone.now(), most=most)
        except errors.TryAgain:
            raise CommandError("The database does not answer. What was emptied until now stays so.") from None
        self.stdout.write(f"{emptied} messages emptied.")
