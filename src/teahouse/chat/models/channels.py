"""The head of every log (`room:<id>`, `user:<id>`, `site`) and what happened in it. Written by `chat.log` only."""

import secrets

from django.conf import settings
from django.db import models


def new_epoch() -> str:
    return secrets.token_hex(4)


class Channel(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    # The life of this history: another one after a restore, so that no client goes on with offsets of before.
    epoch = models.CharField(max_length=16, default=new_epoch)
    last_offset = models.BigIntegerField(default=0)
    first_offset = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class PublicationRecord(models.Model):
    """
    What happened, at an offset: dense, from 1, in commit order. The row is never removed.

    What it is about is joined as it is when the history is read, so a deleted text never comes back by recovery; only
    what nothing else keeps is in `data`, as JSON. No index but the key: nothing else is ever looked for here.
    """

    pk = models.CompositePrimaryKey("channel_id", "offset")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="publications", db_index=False)
    offset = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    room = models.ForeignKey("chat.Room", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    message = models.ForeignKey("chat.Message", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    notice_push = models.ForeignKey(
        "chat.NoticePush", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    data = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.channel_id}@{self.offset} {self.kind}"
