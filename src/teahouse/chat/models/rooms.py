"""Rooms and who is in them."""

from django.conf import settings
from django.db import models


class Room(models.Model):
    class Kind(models.TextChoices):
        PUBLIC = "public"
        DIRECT = "direct"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # A public room is found by its slug, a direct one by its people: the ids in order, as "3:7".
    slug = models.CharField(max_length=80, null=True, unique=True)
    people_key = models.CharField(max_length=64, null=True, unique=True)
    name = models.CharField(max_length=120, blank=True)
    last_number = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or self.people_key or str(self.pk)

    @property
    def channel(self) -> str:
        return f"room:{self.pk}"


class Membership(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    joined_number = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="membership_room_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
