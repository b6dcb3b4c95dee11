"""
What people typed into pages, as sends and answers of the record: the page gives it its key, and its answer is that the
page calls it saved. Pure, but for the numbers of attempts.
"""

from collections.abc import Sequence

from tests.faults.notebook import Notebook
from tests.faults.record import Acked, Answered, Event, History, Row, Sent, Shown, Stored, Typed, shortened

_Place = tuple[int, int, str]
_STORED_STATES = ("saved", "read")


def sends_of(notebook: Notebook, histories: Sequence[History]) -> list[Event]:
    """One attempt for each; how often the page sent it, it does not show. What was never drawn has the key it has."""
    typed = [event for event in notebook.events if isinstance(event, Typed)]
    stored = {
        (history.channel, message.author, message.client_key): message
        for history in histories
        for message in history.publications
        if message.kind == "message.posted"
    }
    keys, answers = _drawn(notebook.events)
    keys_of_undrawn = {
        (message.author or 0, int(channel.partition(":")[2]), message.body or ""): message.client_key or ""
        for (channel, _, _), message in stored.items()
        if channel.startswith("room:")
    }
    events: list[Event] = []
    for one in typed:
        key = keys.get((one.person, one.room, shortened(one.body)))
        key = key or keys_of_undrawn.get((one.person, one.room, one.body))
        if key is None:
            continue
        attempt = notebook.new_attempt()
        events.append(
            Sent(
                at=one.at,
                attempt=attempt,
                device=one.tab,
                person=one.person,
                room=one.room,
                client_key=key,
                body=one.body,
            )
        )
        if (answer := answers.get((one.person, one.room, key))) is not None:
            at, number = answer
            found = stored.get((f"room:{one.room}", one.person, key))
            events.append(Answered(at=at, attempt=attempt, outcome=_acked(number, found)))
    return events


def _acked(number: int | None, found: Stored | None) -> Acked:
    """A page says at most the number; without a message of that key the rest is of nowhere."""
    if found is None:
        return Acked(number=number or 0, offset=0, id=0)
    return Acked(number=number or found.number or 0, offset=found.offset, id=found.id or 0)


def _drawn(events: Sequence[Event]) -> tuple[dict[_Place, str], dict[_Place, tuple[float, int | None]]]:
    """By person, room and text the key; by person, room and key when it was first called saved, and its number."""
    keys: dict[_Place, str] = {}
    answers: dict[_Place, tuple[float, int | None]] = {}
    for event in events:
        if not isinstance(event, Shown):
            continue
        for row in event.rows:
            if row.key is None:
                continue
            keys.setdefault((event.person, event.room, row.text), row.key)
            if row.number is not None or row.state in _STORED_STATES:
                _note_answer(answers, event, row, row.key)
    return keys, answers


def _note_answer(answers: dict[_Place, tuple[float, int | None]], event: Shown, row: Row, key: str) -> None:
    place = (event.person, event.room, key)
    at, number = answers.get(place, (event.at, None))
    # Called saved it has no number yet; what is said of that later belongs to the same answer.
    answers[place] = (at, number if number is not None else row.number)
