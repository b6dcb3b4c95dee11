"""Announcements, each time one was pushed, whom they are for, and who has read them."""

from django.conf import settings
from django.db import models


class Notice(models.Model):
    class Type(models.IntegerChoices):
        # The article's wire has these two numbers.
        NOTICE = 1, "通知 (notice)"
        ANNOUNCEMENT = 2, "公告 (announcement)"

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=200)
    content = models.TextField(max_length=20_000, blank=True)
    type = models.SmallIntegerField(choices=Type.choices, default=Type.NOTICE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    client_key = models.CharField(max_length=64, null=True, editable=False)
    # Whether its readers are asked to confirm, and whether it is for its `targets` only.
    asks_confirmation = models.BooleanField(default=False)
    is_targeted = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_key"], name="notice_author_client_key")]

    def __str__(self) -> str:
        return self.title


class NoticePush(models.Model):
    """One push of a notice to whom it is for; its id is the wire's `pushId`."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="pushes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Where they pushed it again under one.
    client_key = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "notice", "client_key"], name="notice_push_client_key")]

    def __str__(self) -> str:
        return f"{self.notice_id} at {self.at}"


class NoticeTarget(models.Model):
    """Somebody whom a targeted notice is for."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="targets", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_target_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} for {self.user_id}"


class NoticeReading(models.Model):
    """Somebody has read a notice, and perhaps confirmed it."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_reading_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} read by {self.user_id}"
