"""The checker of pages: what a right page shows is no violation, and each way of showing it wrong is one of its own."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.faults.checker import judge
from tests.faults.index import Promise
from tests.faults.notebook import Notebook
from tests.faults.pages.said import sends_of
from tests.faults.record import (
    Acked,
    Answered,
    Event,
    History,
    Read,
    Row,
    Sent,
    Shown,
    Stored,
    Typed,
    shortened,
)

_ALICE, _BOB = 2, 3


def _stored(number: int, author: int, body: str, **more: Any) -> Stored:
    return Stored(
        offset=number,
        kind="message.posted",
        id=100 + number,
        number=number,
        author=author,
        client_key=f"key {number}",
        body=body,
        **more,
    )


# Bob writes the first and the fourth by an app; Alice writes the others in her page.
_LOG = [
    _stored(1, _BOB, "one"),
    _stored(2, _ALICE, "two", later=("two, corrected",)),
    _stored(3, _ALICE, "", is_deleted=True),
    _stored(4, _BOB, "four"),
    _stored(5, _ALICE, "five" * 30),
]
_TEXTS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five" * 30}


def _row(of: int, **more: Any) -> Row:
    """As Alice's page has it once it is stored."""
    author = _LOG[of - 1].author
    own = {"key": f"key {of}", "state": "saved"} if author == _ALICE else {}
    return Row(**{"number": of, "author": author, "text": shortened(_TEXTS[of]), **own, **more})


def _pending(of: int, state: str) -> Row:
    return _row(of, number=None, state=state)


_LAST_ROWS = [
    _row(1),
    _row(2, text="two, corrected", is_edited=True),
    _row(3, text="", is_deleted=True),
    _row(4),
    _row(5),
]


def _shown(at: float, *rows: Row, **more: Any) -> Shown:
    about = {
        "link": "connected",
        "is_caught_up": True,
        "is_following": True,
        "is_painted": True,
        "life": "first",
        "room": 1,
        **more,
    }
    return Shown(at=at, tab="alice-a", person=_ALICE, rows=list(rows), **about)


def _typed(at: float, number: int) -> Typed:
    return Typed(at=at, tab="alice-a", person=_ALICE, room=1, body=_TEXTS[number], is_taken=True)


def _heard(at: float, attempt: int, number: int) -> list[Event]:
    stored = _LOG[number - 1]
    key = stored.client_key or ""
    return [
        Sent(at=at, attempt=attempt, device="bob", person=_BOB, room=1, client_key=key, body=_TEXTS[number]),
        Answered(
            at=at + 0.1,
            attempt=attempt,
            outcome=Acked(number=number, offset=stored.offset, id=stored.id or 0),
        ),
    ]


def _day() -> list[Event]:
    """What happens to a page that is right, in a network that is not."""
    return [
        *_heard(1, 1, 1),
        _shown(2, _row(1)),
        _typed(3, 2),
        _shown(3.1, _row(1), _pending(2, "sending")),
        _shown(3.2, _row(1), _pending(2, "saved")),
        _shown(3.3, _row(1), _row(2)),
        _typed(4, 3),
        _shown(4.1, _row(1), _row(2), _pending(3, "waiting"), link="waiting", is_caught_up=False),
        *_heard(4.2, 2, 4),
        _shown(5, _row(1), _row(2), _pending(3, "sending"), is_caught_up=False),
        _shown(6, _row(1), _row(2), _row(3), _row(4)),
        _shown(6.1, _row(1), _row(2, text="two, corrected", is_edited=True), _row(3), _row(4)),
        # Loaded anew.
        _shown(7, is_caught_up=False, link="connecting", life="second"),
        _shown(7.1, *_LAST_ROWS[:4], life="second"),
        _typed(8, 5),
        _shown(8.1, *_LAST_ROWS[:4], _pending(5, "sending"), life="second"),
        _shown(8.2, *_LAST_ROWS, life="second"),
        Read(at=9, tab="alice-a", person=_ALICE, room=1, rows=_LAST_ROWS),
    ]


def _judged(events: list[Event], log: list[Stored] = _LOG) -> dict[Promise, str]:
    """As after a run: with the history, and what was typed as sends."""
    history = History(at=10, channel="room:1", epoch="e", head=len(log), publications=log)
    notebook = Notebook()
    notebook.events = [*events]
    for _ in range(2):
        notebook.new_attempt()
    found = judge([*events, *sends_of(notebook, [history]), history])
    return {violation.promise: violation.sentence for violation in found}


def _changed(at: float, how: Callable[[Any], Event | None]) -> list[Event]:
    events = []
    for event in _day():
        changed = how(event) if event.at == at and not isinstance(event, Sent | Answered) else event
        if changed is not None:
            events.append(changed)
    return events


def _with_rows(at: float, *rows: Row) -> list[Event]:
    return _changed(at, lambda event: msgspec.structs.replace(event, rows=list(rows)))


def test_what_a_right_page_shows_is_no_violation() -> None:
    assert {} == _judged(_day())


_WRONG: dict[str, tuple[Promise, list[Event]]] = {
    "shown and not stored": ("P11", _with_rows(3.3, _row(1), _row(2), _row(3, number=6))),
    "another text": ("P11", _with_rows(2, _row(1, text="something else"))),
    "another author": ("P11", _with_rows(2, _row(1, author=_ALICE))),
    "another key": ("P11", _with_rows(3.3, _row(1), _row(2, key="key 5"))),
    "deleted and is not": ("P11", _with_rows(2, _row(1, is_deleted=True, text=""))),
    "called saved and is not": ("P11", _with_rows(3.2, _row(1), _row(2, number=None, key="another", text="two"))),
    "nobody has written it": ("P11", _with_rows(3.1, _row(1), _row(2, number=None, state="waiting", text="2"))),
    "two rows of one number": ("P12", _with_rows(6, _row(1), _row(2), _row(3), _row(3), _row(4))),
    "stored and on its way": ("P12", _with_rows(3.3, _row(1), _row(2), _pending(2, "saved"))),
    "a gap": ("P13", _with_rows(6, _row(1), _row(2), _row(4))),
    "out of order": ("P13", _with_rows(6, _row(1), _row(3), _row(2), _row(4))),
    "on its way, and in between": ("P13", _with_rows(5, _row(1), _pending(3, "sending"), _row(2))),
    "saved, then not": ("P14", _with_rows(3.3, _row(1), _pending(2, "waiting"))),
    "an edit is taken back": ("P14", _with_rows(8.1, _row(1), _row(2), *_LAST_ROWS[2:4])),
    "a deletion is taken back": ("P14", _with_rows(8.1, *_LAST_ROWS[:2], _row(3), _row(4))),
    "caught up with less": ("P15", _with_rows(7.1, *_LAST_ROWS[:3])),
    "typed and nowhere": (
        "P16",
        [*_day(), Typed(at=8.5, tab="alice-a", person=_ALICE, room=1, body="gone", is_taken=True)],
    ),
    "typed and elsewhere": ("P16", _changed(3, lambda event: msgspec.structs.replace(event, room=2))),
    "against the order of typing": ("P16", _changed(8, lambda event: msgspec.structs.replace(event, at=2.5))),
    "one is missing in the end": ("P17", _with_rows(9, *_LAST_ROWS[:4])),
    "an edit is missing in the end": ("P17", _with_rows(9, _row(1), _row(2), *_LAST_ROWS[2:])),
    "a deletion is missing in the end": ("P17", _with_rows(9, *_LAST_ROWS[:2], _row(3), *_LAST_ROWS[3:])),
    "called edited and is not": ("P17", _with_rows(9, _row(1, is_edited=True), *_LAST_ROWS[1:])),
}


@pytest.mark.parametrize("name", _WRONG)
def test_each_way_of_showing_it_wrong_breaks_its_own_promise(name: str) -> None:
    promise, events = _WRONG[name]

    assert promise in _judged(events)


def test_what_was_typed_is_stored_once_under_whatever_keys() -> None:
    twin = msgspec.structs.replace(_LOG[4], number=6, offset=6, id=106, client_key="another")
    events = [*_day(), _shown(8.3, *_LAST_ROWS, _row(5, number=6, key="another"), life="second")]

    assert {"P2", "P16"} <= _judged(events, [*_LOG, twin]).keys()


def test_what_is_said_to_be_refused_in_the_end_need_not_be_stored() -> None:
    gone = Typed(at=8.5, tab="alice-a", person=_ALICE, room=1, body="gone", is_taken=True)
    refused = Row(key="key 9", author=_ALICE, state="refused", text="gone")
    read = _with_rows(9, *_LAST_ROWS, refused)

    assert {} == _judged([*read, gone])
    # A page that says nothing of it has lost it.
    assert {"P16"} == _judged([*_day(), gone]).keys()


def test_who_came_too_late_for_the_box_to_take_it_has_lost_nothing() -> None:
    untaken = Typed(at=8.5, tab="alice-a", person=_ALICE, room=1, body="gone", is_taken=False)

    assert {} == _judged([*_day(), untaken])


def test_who_says_so_a_moment_before_it_is_drawn_is_believed() -> None:
    late = _shown(7.2, *_LAST_ROWS[:4], life="second")
    events = sorted([*_with_rows(7.1, *_LAST_ROWS[:3]), late], key=lambda event: event.at)

    assert {} == _judged(events)


def test_a_page_that_is_scrolled_up_has_not_said_that_it_shows_the_end() -> None:
    events = _changed(7.1, lambda event: msgspec.structs.replace(event, is_following=False, rows=_LAST_ROWS[:3]))

    assert {} == _judged(events)


def test_what_is_called_saved_before_another_is_sent_comes_first() -> None:
    early = [event for event in _day() if event.at != 3.1]
    # Alice's page calls the fifth saved before Bob sends the fourth.
    events = [*early, _typed(2.1, 5), _shown(2.2, _row(1), _pending(5, "saved"))]
    events = sorted((event for event in events if event.at != 8), key=lambda event: event.at)

    assert "P6" in _judged(events)
