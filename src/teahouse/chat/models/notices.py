"""Announcements, and each time one was pushed."""

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
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_key"], name="notice_author_client_key")]

    def __str__(self) -> str:
        return self.title


class NoticePush(models.Model):
    """One push of a notice to everyone who was online; its id is the wire's `pushId`."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="pushes")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.notice_id} at {self.at}"
