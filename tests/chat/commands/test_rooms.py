"""Commands about rooms, members, links and people: their shapes, and who may give which."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.commands import invitations, members, people, rooms, table
from teahouse.chat.models import Ban, Channel, Membership, Room
from teahouse.chat.services.invitations import create_invite
from tests.chat.conftest import new_person, room_of

pytestmark = pytest.mark.django_db

COMMANDS = {**rooms.COMMANDS, **members.COMMANDS, **invitations.COMMANDS, **people.COMMANDS}


def ask(asker: User, method: str, /, **fields: Any) -> Any:
    return msgspec.json.decode(table.run(COMMANDS, asker.pk, method, msgspec.json.encode(fields)))


# Shapes.


def test_a_room_is_made_changed_and_read(alice: User, bob: User) -> None:
    made = ask(alice, "room.create", client_key="1", kind="public", name="设计", topic="tea", people=[bob.pk])
    room_id = made["room"]["id"]
    assert {} == ask(alice, "room.change", room=room_id, topic="", retention_days=3)
    read = ask(bob, "room.get", room=room_id)

    assert ("public", "设计", "sheji", "tea") == tuple(made["room"][key] for key in ("kind", "name", "slug", "topic"))
    assert ("owner", "member") == (made["membership"]["role"], read["membership"]["role"])
    assert (0, 0, 2) == (made["offset"], made["last_number"], made["members"])
    assert (1, 3, None) == (read["offset"], read["room"]["retention_days"], read["room"].get("topic"))
    assert {} == ask(alice, "room.change", room=room_id, retention_days=None)
    assert "retention_days" not in ask(bob, "room.get", room=room_id)["room"]


def test_a_room_of_people_is_opened_from_both_sides(alice: User, bob: User) -> None:
    room = ask(alice, "room.open", people=[bob.pk])["room"]

    assert room == ask(bob, "room.open", people=[alice.pk])["room"]
    assert ("direct", [alice.pk, bob.pk]) == (room["kind"], room["people"])


def test_pages_say_what_follows(alice: User, bob: User) -> None:
    ids = [
        ask(alice, "room.create", client_key=f"{n}", kind="public", name=f"{n}", people=[bob.pk])["room"]["id"]
        for n in range(3)
    ]
    first = ask(alice, "room.list_public", limit=2)
    second = ask(alice, "room.list_public", limit=2, after=first["next"])
    page = ask(bob, "room.members", room=ids[0], limit=1)

    assert ids == [found["room"]["id"] for found in first["results"] + second["results"]]
    assert (ids[1], None) == (first["next"], second["next"])
    assert ([{"user": alice.pk, "role": "owner"}], alice.pk) == (page["results"], page["next"])
    assert {"results": [{"user": bob.pk, "role": "member"}], "next": None} == ask(
        bob, "room.members", room=ids[0], after=alice.pk
    )


def test_bans_are_listed_while_they_hold(alice: User, bob: User) -> None:
    room = room_of(alice, bob)
    ask(alice, "room.ban", room=room.pk, user=bob.pk, reason="spam")
    Ban.objects.create(room=room, user=new_person("carol"), until="2020-01-01T00:00Z")
    (ban,) = ask(alice, "room.bans", room=room.pk)["results"]

    assert (bob.pk, alice.pk, "spam") == (ban["user"], ban["by"], ban["reason"])


def test_a_link_is_made_shown_listed_and_used(alice: User, bob: User) -> None:
    room = room_of(alice, name="tea")
    link = ask(alice, "invite.create", room=room.pk, client_key="1", most_uses=2, origin="https://chat.example:8443")
    looked = ask(bob, "invite.look", secret=link["secret"])
    joined = ask(bob, "invite.accept", secret=link["secret"])
    (listed,) = ask(alice, "invite.list", room=room.pk)["results"]

    assert f"https://chat.example:8443/invite/{link['secret']}" == link["url"]
    assert link["qr_svg"].startswith("<svg ")
    assert {
        "room": room.pk,
        "kind": "private",
        "name": "tea",
        "topic": "",
        "members": 1,
        "is_member": False,
        "invited_by": alice.pk,
    } == looked
    assert (room.pk, 2) == (joined["room"]["id"], joined["members"])
    assert (link["id"], 1, 2) == (listed["id"], listed["uses"], listed["most_uses"])
    assert not {"secret", "secret_hash"} & listed.keys()


@pytest.mark.parametrize("origin", ["javascript:alert(1)", "https://a/b", "https://a\nb", "https://a<svg", "//a", ""])
def test_an_origin_is_scheme_host_and_port(alice: User, origin: str) -> None:
    with pytest.raises(errors.BadArgument):
        ask(alice, "invite.create", room=room_of(alice).pk, client_key="1", origin=origin)


def test_people_are_found_and_named(alice: User) -> None:
    gone = new_person("gone", name="小明", is_active=False)
    someone = {"id": gone.pk, "username": "gone", "name": "小明", "is_active": False}

    assert {"results": [someone]} == ask(alice, "people.get", users=[gone.pk, 999_999])
    assert ["alice"] == [found["username"] for found in ask(alice, "people.find", query="al")["results"]]


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        pytest.param("room.get", {"room": 0}, id="no id"),
        pytest.param("room.get", {"room": 2**63}, id="an id beyond the column"),
        pytest.param("room.get", {"room": "1"}, id="an id as text"),
        pytest.param("room.get", {"room": True}, id="an id that is true"),
        pytest.param("room.get", {}, id="none at all"),
        pytest.param("room.get", {"room": 1, "more": 1}, id="a field that is none"),
        pytest.param("room.create", {"client_key": "1", "kind": "direct", "name": "a"}, id="a kind that is not made"),
        pytest.param("room.change", {"room": 1, "kind": "public"}, id="the kind, which never changes"),
        pytest.param("room.change", {"room": 1, "slow_mode_seconds": None}, id="a null where none is"),
        pytest.param("room.role", {"room": 1, "user": 1, "role": "admin"}, id="a role that is none"),
        pytest.param("room.members", {"room": 1, "limit": 201}, id="too long a page"),
        pytest.param("room.members", {"room": 1, "after": -1}, id="after less than nothing"),
        pytest.param("room.invite", {"room": 1, "people": []}, id="nobody invited"),
        pytest.param("people.find", {"query": "a" * 65}, id="a long query"),
        pytest.param("people.get", {"users": list(range(1, 202))}, id="too many people"),
    ],
)
def test_what_is_not_of_the_shape_is_refused(alice: User, method: str, fields: dict[str, Any]) -> None:
    with pytest.raises(errors.BadArgument):
        ask(alice, method, **fields)


# Who may.

WHO = ("stranger", "ex-member", "reader", "member", "moderator", "owner", "banned", "deactivated")
LETTERS = {
    None: "o",
    errors.NotAMember: "-",
    errors.NotAllowed: "x",
    errors.Banned: "b",
    errors.BadLink: "?",
}


class House(NamedTuple):
    """A room with somebody else in each role, and a link to it; `link` is its id."""

    room: Room
    people: dict[str, User]
    link: int
    secret: str


def house(kind: str) -> House:
    people = {name: new_person(name) for name in ("first", "deputy", "silent", "outsider")}
    room = room_of(people["first"], people["deputy"], people["silent"], kind=kind)
    Membership.objects.filter(user=people["deputy"]).update(role="moderator")
    link, secret = create_invite(actor=people["first"], room_id=room.pk, client_key="1")
    return House(room, people, link.pk, secret)


def person_who_is(who: str, room: Room) -> User:
    person = new_person(who)
    if who in ("reader", "member", "moderator", "owner"):
        Membership.objects.create(room=room, user=person, role=who)
    elif who == "ex-member":
        Membership.objects.create(room=room, user=person)
        ask(person, "room.leave", room=room.pk)
    elif who == "banned":
        Ban.objects.create(room=room, user=person)
    elif who == "deactivated":
        Membership.objects.create(room=room, user=person, role="owner")
        User.objects.filter(pk=person.pk).update(is_active=False)
    return person


Asked = Callable[[House], dict[str, Any]]

# For each of WHO in a private room, then in a public one: o done, - no such room, x not allowed, b banned, ? no link.
MATRIX: list[tuple[str, str, Asked, str, str]] = [
    ("get", "room.get", lambda h: {}, "--oooo--", "--oooo--"),
    ("change the topic", "room.change", lambda h: {"topic": "tea"}, "--xxoo--", "--xxoo--"),
    ("change the history", "room.change", lambda h: {"history": "since_join"}, "--xxxo--", "--xxxo--"),
    ("change the retention", "room.change", lambda h: {"retention_days": 1}, "--xxxo--", "--xxxo--"),
    ("archive", "room.archive", lambda h: {}, "--xxxo--", "--xxxo--"),
    ("unarchive", "room.unarchive", lambda h: {}, "--xxxo--", "--xxxo--"),
    ("join", "room.join", lambda h: {}, "--oooo--", "oooooob-"),
    ("leave", "room.leave", lambda h: {}, "ooooooo-", "ooooooo-"),
    ("invite", "room.invite", lambda h: {"people": [h.people["outsider"].pk]}, "--xxoo--", "--oooo--"),
    ("remove a member", "room.remove", lambda h: {"user": h.people["silent"].pk}, "--xxoo--", "--xxoo--"),
    ("remove a moderator", "room.remove", lambda h: {"user": h.people["deputy"].pk}, "--xxxo--", "--xxxo--"),
    ("remove an owner", "room.remove", lambda h: {"user": h.people["first"].pk}, "--xxxo--", "--xxxo--"),
    ("ban a member", "room.ban", lambda h: {"user": h.people["silent"].pk}, "--xxoo--", "--xxoo--"),
    ("ban an owner", "room.ban", lambda h: {"user": h.people["first"].pk}, "--xxxo--", "--xxxo--"),
    ("ban a stranger", "room.ban", lambda h: {"user": h.people["outsider"].pk}, "--xxoo--", "--xxoo--"),
    ("unban", "room.unban", lambda h: {"user": h.people["outsider"].pk}, "--xxoo--", "--xxoo--"),
    ("bans", "room.bans", lambda h: {}, "--xxoo--", "--xxoo--"),
    ("mute a member", "room.mute", lambda h: {"user": h.people["silent"].pk, "seconds": 9}, "--xxoo--", "--xxoo--"),
    ("mute a moderator", "room.mute", lambda h: {"user": h.people["deputy"].pk, "seconds": 9}, "--xxxx--", "--xxxx--"),
    ("make a reader", "room.role", lambda h: {"user": h.people["silent"].pk, "role": "reader"}, "--xxoo--", "--xxoo--"),
    ("make an owner", "room.role", lambda h: {"user": h.people["silent"].pk, "role": "owner"}, "--xxxo--", "--xxxo--"),
    (
        "unmake an owner",
        "room.role",
        lambda h: {"user": h.people["first"].pk, "role": "reader"},
        "--xxxo--",
        "--xxxo--",
    ),
    ("prefer", "room.prefer", lambda h: {"level": "nothing"}, "--oooo--", "--oooo--"),
    ("members", "room.members", lambda h: {}, "--oooo--", "--oooo--"),
    ("find members", "people.find", lambda h: {"query": ""}, "--oooo--", "--oooo--"),
    ("make links", "invite.create", lambda h: {"client_key": "2"}, "--xxoo--", "--xxoo--"),
    ("list links", "invite.list", lambda h: {}, "--xxoo--", "--xxoo--"),
    ("revoke a link", "invite.revoke", lambda h: {"room": None, "invite": h.link}, "??xxoo?-", "??xxoo?-"),
    ("look at a link", "invite.look", lambda h: {"room": None, "secret": h.secret}, "ooooooo-", "ooooooo-"),
    ("accept a link", "invite.accept", lambda h: {"room": None, "secret": h.secret}, "oooooob-", "oooooob-"),
]


@pytest.mark.parametrize("kind", ["private", "public"])
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row[0])
def test_who_may(who: str, kind: str, row: tuple[str, str, Asked, str, str]) -> None:
    _, method, fields_of, *expected = row
    here = house(kind)
    person = person_who_is(who, here.room)
    fields = {"room": here.room.pk, **fields_of(here)}
    refusal: type[errors.ChatError] | None = None
    try:
        ask(person, method, **{name: value for name, value in fields.items() if value is not None})
    except errors.ChatError as error:
        refusal = type(error)

    assert expected[kind == "public"][WHO.index(who)] == LETTERS[refusal]


@pytest.mark.parametrize("row", [row for row in MATRIX if not row[0].endswith(" a link")], ids=lambda row: row[0])
def test_a_strangers_private_room_and_one_that_is_not_there_answer_alike_and_nothing_is_left(
    row: tuple[str, str, Asked, str, str],
) -> None:
    _, method, fields_of, *_ = row
    here = house("private")
    stranger = new_person("stranger")
    fields = fields_of(here)
    answers = []
    for room_id in (here.room.pk, 999_999, 2**63 - 1):
        try:
            answers.append(ask(stranger, method, room=room_id, **fields))
        except errors.ChatError as error:
            answers.append((type(error), str(error)))

    assert answers[0] == answers[1] == answers[2]
    assert not Channel.objects.filter(name__in=["room:999999", f"room:{2**63 - 1}"]).exists()
