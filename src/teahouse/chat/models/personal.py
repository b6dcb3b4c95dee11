"""What a person keeps for themselves: saved messages, and drafts that follow from device to device."""

from django.conf import settings
from django.db import models

from teahouse.chat.models.messages import Message
from teahouse.chat.models.rooms import Room


class SavedMessage(models.Model):
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="saved_message_once")]

    def __str__(self) -> str:
        return f"{self.message_id} saved by {self.user_id}"


class Draft(models.Model):
    """At most one for each room, and one for each thread in it (`thread_root` 0 is none). An empty one is no draft."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    thread_root = models.BigIntegerField(default=0)
    body = models.TextField()
    reply_to = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "room", "thread_root"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.user_id} in {self.room_id}"
