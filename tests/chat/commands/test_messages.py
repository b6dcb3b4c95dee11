"""Who may do what to a message: every command, by everybody. Foreign and missing messages are answered alike."""

import msgspec
import pytest

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.commands import messages, table, threads
from teahouse.chat.models import Membership, Message, Room
from teahouse.chat.services.messages import send_message
from tests.chat.conftest import new_person
from tests.chat.talking import join, new_member, new_room, say

pytestmark = pytest.mark.django_db

COMMANDS = {**messages.COMMANDS, **threads.COMMANDS}
MISSING = 2**40

OK = "done"
NONE = "no_such_message"
NO_ROOM = "not_a_member"
NO = "not_allowed"

# The message is older than the newcomer, in a room whose history begins with oneself; the author is a member.
PEOPLE = ("stranger", "ex_member", "newcomer", "reader", "member", "moderator", "author", "deactivated")
MATRIX = {
    "message.preview": (OK, OK, OK, OK, OK, OK, OK, NO_ROOM),
    "message.get": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "message.revisions": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "message.edit": (NONE, NONE, NONE, NO, NO, NO, OK, NO_ROOM),
    "message.delete": (NONE, NONE, NONE, NO, NO, OK, OK, NO_ROOM),
    "message.forward": (NONE, NONE, NONE, NO, OK, OK, OK, NO_ROOM),
    "message.send": (NO_ROOM, NO_ROOM, NONE, NO, OK, OK, OK, NO_ROOM),
    "reaction.add": (NONE, NONE, NONE, NO, OK, OK, OK, NO_ROOM),
    "reaction.remove": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "pin.add": (NONE, NONE, NONE, NO, NO, OK, NO, NO_ROOM),
    "pin.remove": (NONE, NONE, NONE, NO, NO, OK, NO, NO_ROOM),
    "pin.list": (NO_ROOM, NO_ROOM, OK, OK, OK, OK, OK, NO_ROOM),
    "room.messages": (NO_ROOM, NO_ROOM, OK, OK, OK, OK, OK, NO_ROOM),
    "room.messages_at": (NO_ROOM, NO_ROOM, OK, OK, OK, OK, OK, NO_ROOM),
    "thread.get": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.follow": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.mute": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.unfollow": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.read": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.resolve": (NONE, NONE, NONE, NO, OK, OK, OK, NO_ROOM),
    "thread.unresolve": (NONE, NONE, NONE, OK, OK, OK, OK, NO_ROOM),
    "thread.list": (OK, OK, OK, OK, OK, OK, OK, NO_ROOM),
}
CELLS = [
    pytest.param(command, person, expected, id=f"{command} by {person}")
    for command, row in MATRIX.items()
    for person, expected in zip(PEOPLE, row, strict=True)
]


def ask(command: str, user: User, asked: dict[str, object]) -> str:
    """The slug of the refusal, or "done"."""
    try:
        table.run(COMMANDS, user.pk, command, msgspec.json.encode(asked))
    except errors.ChatError as refusal:
        return refusal.slug
    return OK


def asked_of(command: str, message: int, room: int) -> dict[str, object]:
    """Everything but what is to be looked at is in order."""
    match command:
        case "message.send":
            return {"room": room, "client_key": "ask", "body": "hello", "thread": message}
        case "message.forward":
            return {"message": message, "room": room, "client_key": "ask"}
        case "message.preview":
            return {"body": "**hello**"}
        case "message.edit":
            return {"message": message, "body": "else"}
        case "reaction.add" | "reaction.remove":
            return {"message": message, "emoji": "🍵"}
        case "thread.read":
            return {"message": message, "number": 1}
        case "room.messages_at":
            return {"room": room, "at": 0}
        case "pin.list" | "room.messages":
            return {"room": room}
        case "thread.list":
            return {}
        case _:
            return {"message": message}


@pytest.fixture
def room(db: None) -> Room:
    return new_room(history=Room.History.SINCE_JOIN)


@pytest.fixture
def message(room: Room) -> Message:
    return say(new_member(room, "author"), room)


def person_called(name: str, room: Room) -> User:
    match name:
        case "author":
            return User.objects.get(username="author")
        case "stranger":
            return new_person(name)
        case "newcomer":
            return new_member(room, name)
        case "reader" | "member" | "moderator":
            return _since_the_start(new_member(room, name, name))
    user = _since_the_start(new_member(room, name))
    if name == "ex_member":
        Membership.objects.filter(user=user).delete()
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def _since_the_start(user: User) -> User:
    Membership.objects.filter(user=user).update(joined_number=0)
    return user


def test_the_matrix_has_every_command() -> None:
    assert set(COMMANDS) == set(MATRIX)


@pytest.mark.parametrize(("command", "person", "expected"), CELLS)
def test_everybody_may_do_what_is_theirs_and_nothing_else(
    room: Room, message: Message, command: str, person: str, expected: str
) -> None:
    user = person_called(person, room)
    asked = asked_of(command, message.pk, room.pk)

    assert expected == ask(command, user, asked)
    if expected != OK:
        message.refresh_from_db()
        assert ("hello", None) == (message.body, message.deleted_at)
        assert 1 == Message.objects.count()


@pytest.mark.parametrize("command", [name for name in MATRIX if "message" in asked_of(name, 1, 1)])
def test_a_foreign_message_is_answered_like_none(room: Room, message: Message, command: str) -> None:
    stranger = new_person("stranger")
    home = new_room(stranger)
    answers = {ask(command, stranger, asked_of(command, asked, home.pk)) for asked in (message.pk, MISSING, 2**63 - 1)}

    assert {NONE} == answers


@pytest.mark.parametrize("command", ["message.send", "pin.list", "room.messages", "room.messages_at"])
def test_a_foreign_room_is_answered_like_none(room: Room, message: Message, command: str) -> None:
    stranger = new_person("stranger")

    assert {NO_ROOM} == {
        ask(command, stranger, asked_of(command, message.pk, asked)) for asked in (room.pk, MISSING, 2**63 - 1)
    }


def test_nobody_is_asked_twice_in_one_page(room: Room, message: Message) -> None:
    author = User.objects.get(username="author")

    assert "bad_argument" == ask("room.messages", author, {"room": room.pk, "before": 3, "after": 1})


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        pytest.param("room.messages", {"room": 1, "limit": 0}, id="no page"),
        pytest.param("room.messages", {"room": 1, "limit": 201}, id="too long a page"),
        pytest.param("room.messages", {"room": 1, "before": -1}, id="a number below 0"),
        pytest.param("room.messages", {"room": 1, "before": 2**63}, id="a number that fits no database"),
        pytest.param("room.messages_at", {"room": 1, "at": 2**60}, id="after the end of the calendar"),
        pytest.param("message.get", {"message": 0}, id="no id"),
        pytest.param("message.get", {"message": "1"}, id="an id as text"),
        pytest.param("message.edit", {"message": 1}, id="nothing to say"),
        pytest.param("message.edit", {"message": 1, "body": "a", "room": 1}, id="one field too many"),
        pytest.param("thread.read", {"message": 1, "number": 1.5}, id="half a number"),
    ],
)
def test_what_is_not_of_the_commands_shape_is_refused(alice: User, command: str, asked: dict[str, object]) -> None:
    assert "bad_argument" == ask(command, alice, asked)


def test_the_end_of_the_calendar_is_a_moment(alice: User) -> None:
    room = new_room(alice)

    assert OK == ask("room.messages_at", alice, {"room": room.pk, "at": 253_402_300_799_999})


def test_answers_are_of_the_shapes_that_the_table_says(alice: User, bob: User) -> None:
    room = new_room(alice)
    join(room, bob, Membership.Role.MODERATOR)
    sent = send_message(author=bob, room_id=room.pk, client_key="1", body="hello")
    for name, command in COMMANDS.items():
        if name == "message.delete":
            continue
        answer = table.run(COMMANDS, bob.pk, name, msgspec.json.encode(asked_of(name, sent.id, room.pk) | _own(name)))
        msgspec.json.decode(answer, type=command.answer or table.Done)


def _own(name: str) -> dict[str, object]:
    return {"client_key": name} if name in ("message.send", "message.forward") else {}


@pytest.mark.parametrize(
    ("body", "html"),
    [
        pytest.param("hello", "<p>hello</p>", id="plain text"),
        pytest.param("**茶**", "<p><strong>茶</strong></p>", id="marks"),
        pytest.param("  a < b  ", "<p>a &lt; b</p>", id="as it would be stored"),
        pytest.param("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", id="a script"),
    ],
)
def test_a_preview_is_what_the_message_would_look_like_and_stores_nothing(alice: User, body: str, html: str) -> None:
    answer = table.run(COMMANDS, alice.pk, "message.preview", msgspec.json.encode({"body": body}))

    assert {"html": html} == msgspec.json.decode(answer)
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", ["", " \n ", "a" * 10_001])
def test_what_could_not_be_sent_has_no_preview(alice: User, body: str) -> None:
    assert "bad_body" == ask("message.preview", alice, {"body": body})
