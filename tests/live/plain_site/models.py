from django.db import models


class Board(models.Model):
    name = models.CharField(max_length=50, unique=True)
    epoch = models.CharField(max_length=20)
    last_offset = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    board = models.ForeignKey(Board, on_delete=models.CASCADE)
    offset = models.PositiveBigIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "offset"], name="note_once")]

    def __str__(self) -> str:
        return self.text
