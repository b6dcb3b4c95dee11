"""People, as for the accounts, and the helper that holds every write to the rule: what was told is the history."""

import collections
from typing import Any

import pytest

from teahouse.accounts.models import User
from teahouse.chat.log import history
from teahouse.chat.models import Membership, Room
from teahouse.realtime.application import Head, Publication
from tests.accounts.conftest import admin, alice, bob, new_person, told
from tests.realtime.fakes import NotingBroker

__all__ = ["admin", "alice", "bob", "new_person", "told"]


def room_of(*people: User, kind: str = Room.Kind.PRIVATE, **more: Any) -> Room:
    """A room with these members, the first of them its owner, as it is when nothing has happened in it."""
    room = Room.objects.create(kind=kind, name=more.pop("name", "room"), **more)
    Membership.objects.bulk_create(
        Membership(room=room, user=person, role="owner" if person is people[0] else "member") for person in people
    )
    return room


class Wire:
    """What the engine is told while the test's transaction would commit at each `committed()`."""

    def __init__(self, told: NotingBroker, capture: Any) -> None:
        self._told = told
        self.committed = capture

    @property
    def publications(self) -> list[Publication]:
        return self._told.publications

    def matches_history(self) -> bool:
        """Everything told so far is what each channel's history says now, dense and from 1."""
        by_channel: dict[str, list[Publication]] = collections.defaultdict(list)
        for publication in self.publications:
            by_channel[publication.channel].append(publication)
        for channel, publications in by_channel.items():
            assert list(range(1, len(publications) + 1)) == [entry.offset for entry in publications]
            assert publications == history.publications_after(channel, 0, limit=10_000)
            head = Head(len(publications), publications[0].epoch)
            assert {channel: head} == history.heads([channel])
        return True


@pytest.fixture
def wire(told: NotingBroker, django_capture_on_commit_callbacks: Any) -> Wire:
    return Wire(told, lambda: django_capture_on_commit_callbacks(execute=True))
