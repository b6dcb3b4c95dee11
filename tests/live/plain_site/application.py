"""The engine's port: boards are channels whose history is this site's database."""

import secrets
from collections.abc import Mapping, Sequence

import msgspec
from django.contrib.auth import get_user_model
from django.db import transaction

from teahouse.realtime.api import announce
from teahouse.realtime.application import Admission, CommandError, Head, Publication, UnknownMethod
from teahouse.realtime.users import UsersApplication
from tests.live.plain_site.models import Board, Note


class BoardApplication(UsersApplication):
    def may_subscribe(self, admission: Admission, channel: str) -> bool:
        return channel != "board:closed"

    def has_methods(self) -> bool:
        return True

    def run(self, admission: Admission, method: str, data: bytes, command_key: str) -> bytes:
        if method != "note.add":
            raise UnknownMethod
        text = msgspec.json.decode(data, type=dict[str, str])["text"]
        if not text:
            raise CommandError(400, "a note has a text")
        offset = add_note("main", text)
        return msgspec.json.encode({"offset": offset})

    def heads(self, channels: Sequence[str]) -> Mapping[str, Head]:
        names = [channel.removeprefix("board:") for channel in channels]
        rows = Board.objects.filter(name__in=names).values_list("name", "last_offset", "epoch")
        return {f"board:{name}": Head(offset, epoch) for name, offset, epoch in rows}

    def publications_after(self, channel: str, offset: int, limit: int) -> list[Publication]:
        name = channel.removeprefix("board:")
        notes = Note.objects.filter(board__name=name, offset__gt=offset).select_related("board").order_by("offset")
        return [_publication(note) for note in notes[:limit]]


def add_note(board_name: str, text: str, *, announced: bool = True) -> int:
    with transaction.atomic():
        Board.objects.get_or_create(name=board_name, defaults={"epoch": secrets.token_hex(4)})
        board = Board.objects.select_for_update().get(name=board_name)
        board.last_offset += 1
        board.save()
        note = Note.objects.create(board=board, offset=board.last_offset, text=text)
        if announced:
            announce(_publication(note))
    return board.last_offset


def is_owner(user: str, channel: str) -> bool:
    """`may_subscribe` of a namespace: `owner:<username>` is for that user."""
    return get_user_model().objects.filter(pk=user, username=channel.partition(":")[2]).exists()


def _publication(note: Note) -> Publication:
    return Publication(
        channel=f"board:{note.board.name}",
        offset=note.offset,
        epoch=note.board.epoch,
        data=msgspec.json.encode({"text": note.text}),
    )
