"""What people wrote."""

from django.conf import settings
from django.db import models

from teahouse.chat.models.rooms import Room


class Message(models.Model):
    """`number` counts a room's messages, dense, from 1; `client_key` makes sending again harmless."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages")
    number = models.BigIntegerField()
    # A deleted person's messages stay, without them.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    client_key = models.CharField(max_length=64)
    # Of room and body: the same key with another content is a conflict.
    digest = models.BinaryField(max_length=16)
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="message_room_number"),
            models.UniqueConstraint(fields=["author", "client_key"], name="message_author_client_key"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.number}"
