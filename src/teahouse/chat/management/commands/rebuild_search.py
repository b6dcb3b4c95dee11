"""`manage.py rebuild_search`: makes the search index anew, while the server runs."""

import time

from django.core.management.base import BaseCommand

from teahouse.chat.search import indexer

_TOLD_EVERY_SECONDS = 2.0


class Command(BaseCommand):
    help = "Empties the search index and makes it anew. The server may run; searches find less until it is done."

    def handle(self, *args: object, **options: object) -> None:
        begun = told_at = time.monotonic()

        def tell(done: int) -> None:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at >= _TOLD_EVERY_SECONDS:
                told_at = now
                self.stdout.write(f"{done} publications, {done / (now - begun):.0f} a second.")

        done = indexer.rebuild(tell)
        self.stdout.write(f"Done: {done} publications in {time.monotonic() - begun:.0f} s.")
