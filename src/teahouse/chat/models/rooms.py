"""Rooms, who is in them, who may not be, and how one gets in."""

from django.conf import settings
from django.db import models


class Room(models.Model):
    class Kind(models.TextChoices):
        # Everybody finds it and may join.
        PUBLIC = "public"
        # Only its members know of it.
        PRIVATE = "private"
        # Of two people, or of one with oneself; and of some more. Their people never change.
        DIRECT = "direct"
        GROUP = "group"

    class History(models.TextChoices):
        ALL = "all"
        SINCE_JOIN = "since_join"

    class Posting(models.TextChoices):
        MEMBERS = "members"
        MODERATORS = "moderators"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # A room with a name may be found by its slug, one of people by them: the ids in order, as "3:7".
    slug = models.CharField(max_length=80, null=True, unique=True)
    people_key = models.CharField(max_length=400, null=True, unique=True)
    name = models.CharField(max_length=120, blank=True)
    topic = models.CharField(max_length=250, blank=True)
    description = models.TextField(max_length=4000, blank=True)
    last_number = models.BigIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Of the creator: the same key again finds the same room.
    client_key = models.CharField(max_length=64, null=True)
    # Of all that was asked: the same key with anything else is a conflict.
    digest = models.BinaryField(max_length=16, default=b"")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)
    # Settings.
    posting = models.CharField(max_length=16, choices=Posting.choices, default=Posting.MEMBERS)
    history = models.CharField(max_length=16, choices=History.choices, default=History.ALL)
    # Seconds between two messages of one member; 0 is no rule. Moderators and owners are free of it.
    slow_mode_seconds = models.PositiveIntegerField(default=0)
    # How long a message may be edited by its author; None is for ever, 0 never.
    edit_window_seconds = models.PositiveIntegerField(null=True)
    # Texts older than this are emptied; None keeps them.
    retention_days = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["creator", "client_key"], name="room_creator_client_key")]

    def __str__(self) -> str:
        return self.name or self.people_key or str(self.pk)

    @property
    def channel(self) -> str:
        return f"room:{self.pk}"

    @property
    def is_of_people(self) -> bool:
        return self.kind in (self.Kind.DIRECT, self.Kind.GROUP)


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"
        READER = "reader"

    class Level(models.TextChoices):
        """Of what a member wants to be notified."""

        EVERYTHING = "everything"
        MENTIONS = "mentions"
        NOTHING = "nothing"

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    level = models.CharField(max_length=16, choices=Level.choices, default=Level.EVERYTHING)
    is_favourite = models.BooleanField(default=False)
    # The room's last number and the last offset of its channel when this person came.
    joined_number = models.BigIntegerField(default=0)
    joined_offset = models.BigIntegerField(default=0)
    # The number of the last message this person has read; those above are unread.
    read_number = models.BigIntegerField(default=0)
    # A moderator took the word away until then.
    muted_until = models.DateTimeField(null=True)
    # For the room's slow mode.
    last_posted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="membership_room_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"

    @property
    def may_moderate(self) -> bool:
        return self.role in (self.Role.OWNER, self.Role.MODERATOR)


class Ban(models.Model):
    """Somebody may not be in a room until a moment, or (None) for good."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="bans", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=250, blank=True)
    banned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="ban_room_user")]

    def __str__(self) -> str:
        return f"{self.user_id} not in {self.room_id}"


class InviteLink(models.Model):
    """Whoever has the link may join, until it expires, is used up or revoked."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invite_links")
    # SHA-256 of the secret in the link, in hex: who reads the database has no links.
    secret_hash = models.CharField(max_length=64, unique=True)
    # Of what was asked for: how long it is good, and for how many.
    digest = models.BinaryField(max_length=16, default=b"")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    most_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invite link {self.pk} to {self.room_id}"
