"""
`python -m bench.page.filling '{"rooms": {"name": messages, ...}}'`: makes rooms of all demo people in the database of
the environment, with messages that everybody has read, two minutes apart on average; prints their ids by name.
"""

import json
import sys

import django

_SECONDS_EACH = 120
# People speak in turns of so many messages, close together.
_TURN = 8
_TURN_SECONDS_EACH = 15
_BATCH = 500


def main() -> None:
    django.setup()
    asked: dict[str, int] = json.loads(sys.argv[1])["rooms"]
    print(json.dumps({name: _room(name, messages) for name, messages in asked.items()}))


def _room(name: str, messages: int) -> int:
    from django.contrib.auth import get_user_model

    from teahouse.chat.models import Membership, Room

    people = list(get_user_model().objects.order_by("pk").values_list("pk", flat=True))
    room = Room.objects.create(kind=Room.Kind.PRIVATE, name=name)
    Membership.objects.bulk_create(Membership(room=room, user_id=person) for person in people)
    _talk(room.pk, people, messages)
    _spread(room.pk, messages)
    room.memberships.update(read_number=messages)
    return room.pk


def _talk(room: int, people: list[int], messages: int) -> None:
    """Through the log, by the batch: what is read later lies as it would."""
    from bench.page.texts import text_of
    from teahouse.chat.log import batches
    from teahouse.chat.services.sending import SendMessage

    for start in range(0, messages, _BATCH):
        entries = [
            SendMessage(
                actor_id=people[number // 3 * 7 % len(people)],
                room_id=room,
                client_key=f"fill-{room}-{number}",
                body=text_of(number),
            )
            for number in range(start + 1, min(start + _BATCH, messages) + 1)
        ]
        refused = [outcome for outcome in batches.store(entries).outcomes if outcome.refusal is not None]
        if refused:
            raise SystemExit(f"refused: {refused[0]}")


def _spread(room: int, messages: int) -> None:
    """Over the past, or there were no days to go to and no lines with the time."""
    from django.db import connection

    turn = f"(%s - number) / {_TURN} * {_TURN * _SECONDS_EACH} + (%s - number) %% {_TURN} * {_TURN_SECONDS_EACH}"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chat_message SET created_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-' || "
            f"({turn}) || ' seconds') WHERE room_id = %s",
            [messages, messages, room],
        )


if __name__ == "__main__":
    main()
