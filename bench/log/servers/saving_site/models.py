from django.db import models


class Message(models.Model):
    room = models.IntegerField(db_index=True)
    author = models.IntegerField()
    client_key = models.CharField(max_length=64)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "client_key"], name="saving_author_client_key")]

    def __str__(self) -> str:
        return self.client_key
