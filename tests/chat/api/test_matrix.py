"""Who may do what over HTTP: every route for everybody. A route without a line here fails."""

import json
from typing import Any

import pytest
from django.test import Client

from teahouse.chat.api.routes import BY_HAND, CONNECTIONS_ONLY, ROUTES
from teahouse.chat.commands.native import COMMANDS
from tests.chat.api.world import MISSING, READS, ROLES, WRITES, World, ask, client_of, everything, undone

# Who may do what does not depend on the database; the services' own tests run on both.
pytestmark = [pytest.mark.django_db, pytest.mark.on("sqlite")]

# Anonymous, stranger, ex-member, member, moderator, admin (of the site, in no room but the lobby), deactivated.
EXPECTED: dict[str, str] = {
    "room.create": "401 201 201 201 201 201 401",
    "room.open": "401 200 200 200 200 200 401",
    "room.list_public": "401 200 200 200 200 200 401",
    "room.get": "401 404 404 200 200 404 401",
    "room.change": "401 404 404 403 200 404 401",
    "room.archive": "401 404 404 403 403 404 401",
    "room.unarchive": "401 404 404 403 403 404 401",
    "room.join": "401 404 404 200 200 404 401",
    "room.prefer": "401 404 404 200 200 404 401",
    "room.leave": "401 200 200 200 200 200 401",
    "room.members": "401 404 404 200 200 404 401",
    "room.invite": "401 404 404 403 200 404 401",
    "room.remove": "401 404 404 403 200 404 401",
    "room.role": "401 404 404 403 200 404 401",
    "room.mute": "401 404 404 403 200 404 401",
    "room.bans": "401 404 404 403 200 404 401",
    "room.ban": "401 404 404 403 200 404 401",
    "room.unban": "401 404 404 403 200 404 401",
    "invite.list": "401 404 404 403 200 404 401",
    "invite.create": "401 404 404 403 201 404 401",
    "invite.revoke": "401 404 404 403 200 404 401",
    "invite.look": "401 200 200 200 200 200 401",
    "invite.accept": "401 200 200 200 200 200 401",
    "room.messages": "401 404 404 200 200 404 401",
    "message.send": "401 404 404 201 201 404 401",
    "room.messages_at": "401 404 404 200 200 404 401",
    "message.preview": "401 200 200 200 200 200 401",
    "message.get": "401 404 404 200 200 404 401",
    "message.edit": "401 404 404 403 403 404 401",
    "message.delete": "401 404 404 403 200 404 401",
    "message.revisions": "401 404 404 200 200 404 401",
    "message.forward": "401 404 404 201 201 404 401",
    "reaction.add": "401 404 404 200 200 404 401",
    "reaction.remove": "401 404 404 200 200 404 401",
    "pin.list": "401 404 404 200 200 404 401",
    "pin.add": "401 404 404 403 200 404 401",
    "pin.remove": "401 404 404 403 200 404 401",
    "thread.get": "401 404 404 200 200 404 401",
    "thread.follow": "401 404 404 200 200 404 401",
    "thread.unfollow": "401 404 404 200 200 404 401",
    "thread.mute": "401 404 404 200 200 404 401",
    "thread.resolve": "401 404 404 200 200 404 401",
    "thread.unresolve": "401 404 404 200 200 404 401",
    "thread.read": "401 404 404 200 200 404 401",
    "room.read": "401 404 404 200 200 404 401",
    "room.unread": "401 404 404 200 200 404 401",
    "room.readers": "401 404 404 200 200 404 401",
    "thread.list": "401 200 200 200 200 200 401",
    "saved.list": "401 200 200 200 200 200 401",
    "saved.add": "401 404 404 200 200 404 401",
    "saved.remove": "401 200 200 200 200 200 401",
    "draft.list": "401 200 200 200 200 200 401",
    "draft.set": "401 404 404 200 200 404 401",
    "notice.list": "401 200 200 200 200 200 401",
    "notice.publish": "401 403 403 403 403 201 401",
    "notice.read": "401 200 200 200 200 200 401",
    "notice.confirm": "401 200 200 200 200 200 401",
    "notice.readers": "401 403 403 403 403 200 401",
    "search": "401 200 200 200 200 200 401",
    "people.find": "401 200 200 200 200 200 401",
    "people.get": "401 200 200 200 200 200 401",
    "sync": "401 200 200 200 200 200 401",
    "room.publications": "401 404 404 200 200 404 401",
    "user.publications": "401 200 200 200 200 200 401",
    "site.publications": "401 200 200 200 200 200 401",
}


def test_every_command_has_one_route_or_is_said_to_have_none() -> None:
    commands = [route.command for route in ROUTES]

    assert len(commands) == len(set(commands))
    assert set(COMMANDS) == set(commands) | CONNECTIONS_ONLY | BY_HAND
    assert not set(commands) & (CONNECTIONS_ONLY | BY_HAND)
    assert set(EXPECTED) == set(commands)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_do_what_is_said_here(world: World, role: str) -> None:
    found = {}
    for route in ROUTES:
        with undone():
            found[route.command] = ask(client_of(world.people[role]), route, world.asked(route.command)).status_code

    assert {command: int(line.split()[ROLES.index(role)]) for command, line in EXPECTED.items()} == found


@pytest.mark.parametrize("role", ["stranger", "ex_member", "admin"])
def test_what_is_not_theirs_is_answered_like_what_there_is_not(world: World, role: str) -> None:
    client = client_of(world.people[role])
    for route in ROUTES:
        own = {"room.list_public", "notice.read", "notice.confirm", "notice.readers"}
        if not route.parameters or route.command in own:
            continue
        asked = world.asked(route.command)
        first = route.parameters[0]
        with undone():
            foreign = ask(client, route, asked)
        with undone():
            missing = ask(client, route, {**asked, first: MISSING})
        with undone():
            impossible = ask(client, route, {**asked, first: 2**63})

        assert (missing.status_code, missing.content) == (foreign.status_code, foreign.content), route
        assert 404 == impossible.status_code, route


@pytest.mark.parametrize("role", ["stranger", "ex_member", "admin"])
def test_a_room_that_is_named_beside_the_path_is_behind_the_same_door(world: World, role: str) -> None:
    client = client_of(world.people[role])
    for path in ("search?query=tea&room={}", "people?query=&room={}"):
        foreign, missing = (client.get("/api/" + path.format(room)) for room in (world.room, MISSING))

        assert (404, foreign.content) == (foreign.status_code, missing.content)


def test_a_field_that_a_command_does_not_have_is_refused_and_nothing_changes(world: World) -> None:
    before = everything()
    for route in WRITES:
        for name in ("is_staff", "owner", "seq", "sender", "room_id", "created", "author", "__class__"):
            response = ask(client_of(world.owner), route, {**world.asked(route.command), name: 1})

            assert 400 == response.status_code, route
            problem = json.loads(response.content)
            assert ("bad_argument", [name]) == (problem["slug"], list(problem["errors"]))
    assert before == everything()


def signed_in(world: World) -> Client:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(world.owner)
    return client


def test_by_cookie_nothing_changes_without_the_csrf_token(world: World) -> None:
    client = signed_in(world)
    before = everything()
    for route in WRITES:
        response = ask(client, route, world.asked(route.command))

        assert 403 == response.status_code, route
        assert "CSRF" in json.loads(response.content)["detail"]
    assert before == everything()


def test_by_cookie_with_the_csrf_token_it_is_as_by_access_token(world: World) -> None:
    client = signed_in(world)
    client.get("/api/auth/session")
    for route in WRITES:
        with undone():
            by_token = ask(client_of(world.owner), route, world.asked(route.command))
        with undone():
            token = client.cookies["csrftoken"].value
            by_cookie = ask(client, route, world.asked(route.command), headers={"x-csrftoken": token})

        assert by_token.status_code == by_cookie.status_code, route


def test_reading_changes_nothing(world: World) -> None:
    before = everything()
    for route in READS:
        ask(client_of(world.people["admin"]), route, world.asked(route.command))
        ask(client_of(world.people["moderator"]), route, world.asked(route.command))
    assert before == everything()


def test_no_answer_is_kept_on_its_way(world: World) -> None:
    for route in ROUTES:
        for client in (client_of(world.owner), client_of(None)):
            with undone():
                assert "no-store" == ask(client, route, world.asked(route.command))["Cache-Control"], route


def test_asking_twice_answers_the_same(world: World) -> None:
    client = client_of(world.owner)
    for route in WRITES:
        with undone():
            first, second = (ask(client, route, world.asked(route.command)) for _ in range(2))

            assert first.status_code == second.status_code, route
            assert _without_moments(first.content) == _without_moments(second.content), route


def _without_moments(content: bytes) -> Any:
    """What was made is the same; at which offset a room is now may be another."""
    answer = json.loads(content)
    return {name: value for name, value in answer.items() if name not in ("offset", "epoch")}
