"""
What a client saw before and after some acts, and what it heard of them, as JSON: for the client's own state, which is
held to the same rule (`npm run stories` in `client/`). Kept where `STORIES` names a folder, else not at all.
"""

import json
import os
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from teahouse.accounts.models import User
from teahouse.chat.commands import table
from teahouse.chat.commands.native import COMMANDS
from teahouse.realtime.application import Publication

Loaded = dict[str, Any]


def loaded(person: User) -> Loaded:
    """All that a client of this person may load; nothing where no stories are kept."""
    if "STORIES" not in os.environ:
        return {}
    synced = _do(person, "sync")
    rooms = [room["room"]["id"] for room in synced["rooms"]]
    return {
        "sync": synced,
        "messages": {room: _do(person, "room.messages", room=room, limit=200) for room in rooms},
        "pins": {room: _do(person, "pin.list", room=room)["results"] for room in rooms},
        "members": {room: _do(person, "room.members", room=room, limit=200)["results"] for room in rooms},
        "notices": _do(person, "notice.list", limit=200)["results"],
    }


def keep(before: Loaded, after: Loaded, orders: Mapping[str, Sequence[Publication]]) -> None:
    """Under the name of the test that is running."""
    if not before:
        return
    folder = pathlib.Path(os.environ["STORIES"])
    folder.mkdir(parents=True, exist_ok=True)
    name = os.environ["PYTEST_CURRENT_TEST"].partition("[")[2].rpartition("]")[0]
    story = {
        "name": name,
        "before": before,
        "after": after,
        "orders": {order: [_plain(one) for one in publications] for order, publications in orders.items()},
    }
    (folder / f"{re.sub(r'[^a-z]+', '-', name.lower())}.json").write_text(json.dumps(story, ensure_ascii=False))


def _plain(publication: Publication) -> dict[str, Any]:
    return {"channel": publication.channel, "offset": publication.offset, "data": json.loads(publication.data)}


def _do(person: User, method: str, **asked: object) -> Any:
    return json.loads(table.run(COMMANDS, person.pk, method, json.dumps(asked).encode()))
