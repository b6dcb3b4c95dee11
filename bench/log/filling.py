"""
`python -m bench.log.filling '{"people": 64, "rooms": [[0, 1], ...], "messages": 0}'`: makes people, rooms and messages
in the database of the environment, and prints who and which they are. A process of its own: Django is set up once.
"""

import json
import random
import sys
import time
from typing import Any

import django

# Words with the share of the messages that have them.
_SHARES = {
    "tea": 0.2, "kettle": 0.05, "morning": 0.05, "release": 0.02, "今天开会": 0.02, "茶馆": 0.1, "needle": 0.0001,
}  # fmt: skip
_SYLLABLES = ["ka", "te", "mo", "ri", "su", "na", "lo", "pe", "vi", "da", "ro", "chi", "ba", "fu", "ge", "ju"]


def _text(number: int) -> str:
    """A message of eight words or so, most of which are in few others; the same for the same number."""
    source = random.Random(number)
    words = ["".join(source.choice(_SYLLABLES) for _ in range(3)) for _ in range(7)]
    words += [word for word, share in _SHARES.items() if source.random() < share]
    source.shuffle(words)
    return " ".join(words)


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    asked: dict[str, Any] = json.loads(sys.argv[1])
    if "talk" in asked:
        from teahouse.chat.models import Membership

        for room in asked["talk"]:
            authors = list(Membership.objects.filter(room=room).values_list("user", flat=True))
            _talk(room, authors, asked["messages"], key=f"more-{time.time()}")
    else:
        print(json.dumps(_fill(asked["people"], asked["rooms"], asked["messages"])))


def _fill(people: int, rooms: list[list[int]], messages: int) -> dict[str, Any]:
    from django.contrib.auth import get_user_model

    from teahouse.chat.models import Membership, Room

    User = get_user_model()
    User.objects.bulk_create(User(username=f"person{number}", password="!") for number in range(people))
    ids = list(User.objects.order_by("pk").values_list("pk", flat=True))
    made = []
    for place, members in enumerate(rooms):
        room = Room.objects.create(kind=Room.Kind.PRIVATE, name=f"room {place}")
        Membership.objects.bulk_create(Membership(room=room, user_id=ids[member]) for member in members)
        made.append(room.pk)
        if messages:
            _talk(room.pk, [ids[member] for member in members], messages)
    from teahouse.accounts import tokens
    from teahouse.accounts.models import LoginSession

    first = User.objects.get(pk=ids[0])
    refresh, _ = tokens.issue_tokens(user=first, login_session=LoginSession.objects.create(user=first))
    return {"ids": ids, "tokens": [_token_of(pk) for pk in ids], "rooms": made, "classic_token": str(refresh)}


def _talk(room: int, authors: list[int], messages: int, *, key: str = "fill") -> None:
    """Through the log, by the batch: what is measured later lies as it would."""
    from django.db import transaction

    from teahouse.chat.log import batches
    from teahouse.chat.services.sending import SendMessage

    for start in range(0, messages, 500):
        entries = [
            SendMessage(
                actor_id=authors[number % len(authors)],
                room_id=room,
                client_key=f"{key}-{room}-{number}",
                body=_text(number),
            )
            for number in range(start, min(start + 500, messages))
        ]
        with transaction.atomic():
            refused = [outcome for outcome in batches.store(entries).outcomes if outcome.refusal is not None]
        if refused:
            raise SystemExit(f"refused: {refused[0]}")


def _token_of(user: int) -> str:
    import jwt
    from django.conf import settings

    now = int(time.time())
    claims = {"sub": str(user), "aud": "teahouse-connection", "iat": now, "exp": now + 86_400}
    return jwt.encode(claims, settings.TEAHOUSE_REALTIME["tokens"]["hmac_key"], "HS256")


if __name__ == "__main__":
    main()
