"""How far the search index has followed each room's log. The index itself has no model: see `chat.search`."""

from django.db import models

from teahouse.chat.models.channels import Channel


class SearchPosition(models.Model):
    """Everything up to `offset` is in the index. Without a row nothing is."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="search_position")
    offset = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.channel_id}@{self.offset}"
