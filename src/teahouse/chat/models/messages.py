"""What people wrote, and what they said about it."""

from django.conf import settings
from django.db import models

from teahouse.chat.models.rooms import Room


class Message(models.Model):
    """
    `number` counts a room's messages, dense, from 1; `client_key` makes sending again harmless.

    The row is never removed: deletion and retention empty it.
    """

    class Everyone(models.IntegerChoices):
        """Whom it mentions without naming them."""

        NOBODY = 0
        HERE = 1
        ALL = 2

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages", db_index=False)
    number = models.BigIntegerField()
    # Of its publication in the room's channel, which a repeated request is answered with.
    offset = models.BigIntegerField()
    # A deleted person's messages stay, without them.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    client_key = models.CharField(max_length=64)
    # Of all that was sent: the same key with another content is a conflict.
    digest = models.BinaryField(max_length=16)
    # The source, as it was written ("" once deleted), and what it looks like; "" for text without any marks.
    body = models.TextField()
    html = models.TextField(default="", blank=True)
    reply_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    thread_root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    # The message it was copied from, and who had written that.
    forwarded_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    everyone = models.PositiveSmallIntegerField(choices=Everyone.choices, default=Everyone.NOBODY)
    has_files = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="message_room_number"),
            models.UniqueConstraint(fields=["author", "client_key"], name="message_author_client_key"),
        ]
        indexes = [
            models.Index(
                fields=["thread_root", "number"], name="message_thread", condition=models.Q(thread_root__isnull=False)
            ),
            models.Index(fields=["room", "number"], name="message_everyone", condition=models.Q(everyone__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.number}"


class Mention(models.Model):
    """A person who is named in a message. Room and number are the message's: unread mentions are counted by them."""

    pk = models.CompositePrimaryKey("user_id", "room_id", "number")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}#{self.number}"


class Revision(models.Model):
    """A text that was edited away."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    # When this text was replaced, and by whom.
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at}"


class Reaction(models.Model):
    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # An emoji as it is typed, skin tone and all: at most 32 code points.
    emoji = models.CharField(max_length=32)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "emoji", "user"], name="reaction_once")]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user_id} on {self.message_id}"


class Pin(models.Model):
    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="pin")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="pins")
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"pin of {self.message_id}"


class Thread(models.Model):
    """What is known of the replies below a message. Made with the first one."""

    root = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="thread")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="threads")
    replies = models.PositiveIntegerField(default=0)
    # The number of the last reply in its room.
    last_number = models.BigIntegerField(default=0)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"thread of {self.root_id}"


class ThreadFollowing(models.Model):
    """Somebody follows a thread, or does not want to hear of it. Writing in it follows it."""

    id = models.BigAutoField(primary_key=True)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="followings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_muted = models.BooleanField(default=False)
    # The number in the room of the last reply this person has read here.
    read_number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="thread_following_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {'mutes' if self.is_muted else 'follows'} {self.thread_id}"
