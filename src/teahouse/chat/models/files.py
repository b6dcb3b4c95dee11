"""What people attach to messages. The bytes lie in the storage; this is what is known of them."""

from django.conf import settings
from django.db import models

from teahouse.chat.models.messages import Message
from teahouse.chat.models.rooms import Room


class File(models.Model):
    """
    Belongs to a room from the start and to a message once one is sent with it; one that no message takes within a day
    is removed. `client_key` of its uploader makes uploading again harmless.
    """

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="files")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="files")
    # Its place among the files of the message, from 0.
    position = models.PositiveSmallIntegerField(default=0)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    client_key = models.CharField(max_length=64)
    # As it was called, cleaned; what it is by its content; and of how many bytes, as it is stored.
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    # Of what was uploaded: an image is kept in another form.
    uploaded_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    # Of an image that may be shown inline, in pixels.
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    thumbnail_width = models.PositiveIntegerField(null=True)
    thumbnail_height = models.PositiveIntegerField(null=True)
    # Names in the storage, made by us; "" when there is none, or none any more.
    stored_as = models.CharField(max_length=100)
    thumbnail_stored_as = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uploader", "client_key"], name="file_uploader_client_key")]

    def __str__(self) -> str:
        return self.name
