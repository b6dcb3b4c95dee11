"""Rooms and their members over a real server: what is answered over HTTP, and what the others hear of it."""

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
import segno

from tests.live.chatting import Answer, Device, People, Person, in_room, new_key
from tests.live.manage import manage
from tests.live.server import Server
from tests.services import wait_until

NOT_A_MEMBER = (404, "not_a_member")
NOT_ALLOWED = (403, "not_allowed")
BAD_LINK = (404, "bad_link")


@pytest.fixture
def people(house: Server) -> Iterator[People]:
    with People(house) as people:
        yield people


# Making, opening and finding.


def test_whoever_is_in_a_new_private_room_hears_it_at_once_and_others_do_not_know_it(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    tablet, stranger = bob.device(), carol.device()
    wanted = {"client_key": new_key(), "kind": "private", "name": "茶会", "topic": "tea", "people": [bob.id]}
    made = alice.post("rooms", **wanted)
    room = made["room"]["id"]

    assert ("茶会", "tea", "private") == tuple(made["room"][name] for name in ("name", "topic", "kind"))
    assert ("owner", 0, 2) == (made["membership"]["role"], made["last_number"], made["members"])
    assert room == alice.post("rooms", **wanted)["room"]["id"]
    tablet.hears(bob.channel, "room.gained", room=room)
    alice.send(room, "the first")
    assert 1 == tablet.hears(in_room(room), "message.posted", message={"body": "the first"})["message"]["number"]

    assert NOT_A_MEMBER == carol.refused("GET", f"rooms/{room}")
    assert NOT_A_MEMBER == carol.refused("PUT", f"rooms/{room}/membership")
    assert NOT_A_MEMBER == carol.refused("GET", f"rooms/{room}/messages")
    assert [] == stranger.kinds(in_room(room))


def test_a_public_room_is_found_and_joined_by_anybody(people: People) -> None:
    alice, bob = people.alice, people.bob
    name = f"设计 {new_key()[:12]}"
    made = alice.post("rooms", client_key=new_key(), kind="public", name=name)["room"]
    at_alice, at_bob = alice.device(), bob.device()

    assert made["slug"].startswith("sheji")
    (found,) = bob.get("rooms/public", query=name)["results"]
    assert (made["id"], 1, False) == (found["room"]["id"], found["members"], found["is_member"])
    assert (409, "conflict") == bob.refused("POST", "rooms", client_key=new_key(), kind="public", name=name.upper())

    assert "member" == bob.put(f"rooms/{made['id']}/membership")["membership"]["role"]
    at_alice.hears(in_room(made["id"]), "member.joined", member={"user": bob.id, "role": "member"})
    at_bob.hears(bob.channel, "room.gained", room=made["id"])
    alice.send(made["id"], "welcome")
    at_bob.hears(in_room(made["id"]), "message.posted", message={"body": "welcome"})


def test_a_direct_room_is_the_same_one_whoever_opens_it(people: People) -> None:
    alice, dave = people.alice, people.dave
    opened = alice.post("rooms/direct", people=[dave.id])
    room = opened["room"]["id"]
    at_dave = dave.device()

    assert ("direct", [alice.id, dave.id]) == (opened["room"]["kind"], opened["room"]["people"])
    assert room == dave.post("rooms/direct", people=[alice.id])["room"]["id"]
    assert room == alice.post("rooms/direct", people=[alice.id, dave.id])["room"]["id"]
    assert room != alice.post("rooms/direct", people=[])["room"]["id"]
    sent = alice.send(room, "only for you")
    at_dave.hears(in_room(room), "message.posted", message={"id": sent["id"]})
    at_dave.hears(dave.channel, "message.rang", message={"id": sent["id"]})
    assert NOT_ALLOWED == dave.refused("DELETE", f"rooms/{room}/membership")


def test_a_group_is_found_again_by_its_set_of_people(people: People) -> None:
    alice, bob, carol, dave = people.alice, people.bob, people.carol, people.dave
    at_carol = carol.device()
    opened = alice.post("rooms/direct", people=[bob.id, carol.id])
    room = opened["room"]["id"]

    assert ("group", [alice.id, bob.id, carol.id]) == (opened["room"]["kind"], opened["room"]["people"])
    assert room == carol.post("rooms/direct", people=[bob.id, alice.id])["room"]["id"]
    assert room != alice.post("rooms/direct", people=[bob.id, carol.id, dave.id])["room"]["id"]
    bob.send(room, "the three of us")
    at_carol.hears(in_room(room), "message.posted", message={"body": "the three of us"})
    assert NOT_ALLOWED == alice.refused("POST", f"rooms/{room}/members", people=[dave.id])


# Coming in.


def test_invited_people_are_in_at_once_and_only_some_may_invite(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob)
    at_bob, at_carol = bob.device(), carol.device()

    assert NOT_ALLOWED == bob.refused("POST", f"rooms/{room}/members", people=[carol.id])
    alice.post(f"rooms/{room}/members", people=[carol.id])
    at_bob.hears(in_room(room), "member.joined", member={"user": carol.id})
    at_carol.hears(carol.channel, "room.gained", room=room)
    bob.send(room, "hello")
    at_carol.hears(in_room(room), "message.posted", message={"body": "hello"})
    listed = carol.get(f"rooms/{room}/members")["results"]
    assert [(alice.id, "owner"), (bob.id, "member"), (carol.id, "member")] == [
        (member["user"], member["role"]) for member in listed
    ]


def test_an_invite_link_lets_in_as_many_as_it_says(people: People) -> None:
    alice, bob, carol, dave = people.alice, people.bob, people.carol, people.dave
    room = alice.room(bob)
    wanted = {"client_key": new_key(), "expires_in_seconds": 3600, "most_uses": 1, "origin": "https://chat.example"}
    link = alice.post(f"rooms/{room}/invites", **wanted)
    secret, at_bob, at_carol = {"secret": link["secret"]}, bob.device(), carol.device()

    assert link == alice.post(f"rooms/{room}/invites", **wanted)
    assert f"https://chat.example{link['path']}" == link["url"]
    assert ElementTree.fromstring(link["qr_svg"]).tag.endswith("svg")
    assert segno.make(link["url"], error="m").svg_inline(scale=4, light="#fff") == link["qr_svg"]
    assert NOT_ALLOWED == bob.refused("POST", f"rooms/{room}/invites", client_key=new_key())

    looked = carol.post("invites/look", **secret)
    assert (room, "private", 2, False, alice.id) == tuple(
        looked[name] for name in ("room", "kind", "members", "is_member", "invited_by")
    )
    assert room == carol.post("invites/accept", **secret)["room"]["id"]
    at_bob.hears(in_room(room), "member.joined", member={"user": carol.id})
    at_carol.hears(carol.channel, "room.gained", room=room)
    alice.send(room, "welcome")
    at_carol.hears(in_room(room), "message.posted", message={"body": "welcome"})

    # Who is in uses nothing up, and nobody else gets in.
    carol.post("invites/accept", **secret)
    assert BAD_LINK == dave.refused("POST", "invites/accept", **secret)
    (listed,) = alice.get(f"rooms/{room}/invites")["results"]
    assert (link["id"], 1, 1) == (listed["id"], listed["uses"], listed["most_uses"])
    assert "secret" not in listed


def test_a_link_that_is_revoked_or_expired_is_refused_like_one_that_never_was(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room()
    revoked = alice.post(f"rooms/{room}/invites", client_key=new_key())
    expiring = alice.post(f"rooms/{room}/invites", client_key=new_key(), expires_in_seconds=1)
    assert room == bob.post("invites/look", secret=revoked["secret"])["room"]
    assert BAD_LINK == bob.refused("DELETE", f"invites/{revoked['id']}")

    alice.delete(f"invites/{revoked['id']}")
    for path in ("invites/look", "invites/accept"):
        assert BAD_LINK == bob.refused("POST", path, secret=revoked["secret"])
        assert BAD_LINK == bob.refused("POST", path, secret="0" * 40)
    wait_until(lambda: bob.ask("POST", "invites/look", secret=expiring["secret"]).status_code == 404)
    assert BAD_LINK == bob.refused("POST", "invites/accept", secret=expiring["secret"])
    assert NOT_A_MEMBER == bob.refused("GET", f"rooms/{room}")


def test_an_invite_link_makes_an_account_that_the_room_hears_of_at_once(people: People) -> None:
    alice, bob, house = people.alice, people.bob, people.house
    room = alice.room(bob)
    at_alice = alice.device()
    link = alice.post(f"rooms/{room}/invites", client_key=new_key(), most_uses=1)
    secret, name = {"secret": link["secret"]}, f"tom-{new_key()[:8]}"
    newcomer = {"username": name, "name": "Tom", "password": "oolong-in-a-clay-pot"}

    with httpx.Client(base_url=house.address, timeout=20) as stranger:
        looked = stranger.post("/api/join/look", json=secret).json()
        assert {"kind": "private", "is_lobby": False, "members": 2, "invited_by": "Alice"}.items() <= looked.items()
        stranger.get("/api/auth/session")
        csrf = {"X-CSRFToken": stranger.cookies["csrftoken"]}
        joined = stranger.post("/api/join", json=secret | newcomer, headers=csrf)
        assert 201 == joined.status_code, joined.text
        tom = joined.json()["user"]["id"]
        assert room == joined.json()["room"]
        at_alice.hears(in_room(room), "member.joined", member={"user": tom, "role": "member"})
        assert room == stranger.get(f"/api/rooms/{room}").json()["room"]["id"]

        csrf = {"X-CSRFToken": stranger.cookies["csrftoken"]}
        again = stranger.post("/api/join", json=secret | newcomer | {"username": f"{name}-2"}, headers=csrf)
        assert BAD_LINK == (again.status_code, again.json()["slug"])
    assert [] == bob.get("people", query=f"{name}-2")["results"]
    assert link["secret"] not in house.log


# What one may.


def test_roles_say_who_may_write_and_who_may_mute(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol)
    at_bob, at_carol = bob.device(), carol.device()
    assert NOT_ALLOWED == carol.refused("PUT", f"rooms/{room}/members/{bob.id}/mute", seconds=60)

    alice.put(f"rooms/{room}/members/{bob.id}/role", role="reader")
    at_bob.hears(bob.channel, "membership.changed", room=room, membership={"role": "reader"})
    at_carol.hears(in_room(room), "member.changed", member={"user": bob.id, "role": "reader"})
    assert NOT_ALLOWED == bob.refused_sending(room)
    assert [] == bob.get(f"rooms/{room}/messages")["results"]

    alice.put(f"rooms/{room}/members/{carol.id}/role", role="moderator")
    carol.put(f"rooms/{room}/members/{bob.id}/role", role="member")
    bob.send(room, "back again")
    carol.put(f"rooms/{room}/members/{bob.id}/mute", seconds=60)
    assert (403, "muted") == bob.refused_sending(room)
    assert NOT_ALLOWED == carol.refused("PUT", f"rooms/{room}/members/{bob.id}/role", role="moderator")
    assert NOT_ALLOWED == carol.refused("PUT", f"rooms/{room}/members/{alice.id}/mute", seconds=60)
    assert NOT_ALLOWED == carol.refused("PUT", f"rooms/{room}/archive")


def test_only_moderators_write_where_the_room_says_so(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    at_bob = bob.device()
    assert NOT_ALLOWED == bob.refused("PATCH", f"rooms/{room}", posting="moderators")

    alice.patch(f"rooms/{room}", posting="moderators")
    at_bob.hears(in_room(room), "room.changed", room={"id": room, "posting": "moderators"})
    assert NOT_ALLOWED == bob.refused_sending(room)
    alice.send(room, "hear, hear")
    at_bob.hears(in_room(room), "message.posted", message={"body": "hear, hear"})


def test_a_mute_ends_when_its_term_is_over_or_when_it_is_lifted(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    at_bob, at_alice = bob.device(), alice.device()

    alice.put(f"rooms/{room}/members/{bob.id}/mute", seconds=3600)
    muted = at_bob.hears(bob.channel, "membership.changed", room=room)["membership"]["muted_until"]
    at_alice.hears(in_room(room), "member.changed", member={"user": bob.id, "muted_until": muted})
    assert (403, "muted") == bob.refused_sending(room)
    alice.put(f"rooms/{room}/members/{bob.id}/mute", seconds=0)
    bob.send(room, "lifted")

    alice.put(f"rooms/{room}/members/{bob.id}/mute", seconds=1)
    assert (403, "muted") == bob.refused_sending(room)
    wait_until(lambda: bob.may_send(room), seconds=5, what="the end of the mute")
    at_alice.hears(in_room(room), "message.posted", message={"author": bob.id, "body": "may I?"})


def test_who_is_banned_is_out_until_the_term_is_over_or_the_ban_is_lifted(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol, kind="public")
    at_bob, at_carol = bob.device(), carol.device()

    alice.put(f"rooms/{room}/bans/{bob.id}", seconds=1, reason="cool down")
    assert (403, "banned") == bob.refused("PUT", f"rooms/{room}/membership")
    at_carol.hears(in_room(room), "member.left", user=bob.id, reason="banned", by=alice.id)
    at_bob.hears(bob.channel, "room.lost", room=room, reason="banned")
    wait_until(lambda: bob.ask("PUT", f"rooms/{room}/membership").status_code == 200, seconds=5, what="end of the ban")
    at_carol.hears(in_room(room), "member.joined", member={"user": bob.id})

    alice.put(f"rooms/{room}/bans/{bob.id}", reason="for good")
    (ban,) = alice.get(f"rooms/{room}/bans")["results"]
    assert (bob.id, alice.id, "for good") == (ban["user"], ban["by"], ban["reason"])
    assert "until" not in ban
    assert (403, "banned") == alice.refused("POST", f"rooms/{room}/members", people=[bob.id])
    alice.delete(f"rooms/{room}/bans/{bob.id}")
    assert [] == alice.get(f"rooms/{room}/bans")["results"]
    assert "member" == bob.put(f"rooms/{room}/membership")["membership"]["role"]


def test_slow_mode_says_how_long_to_wait(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob, slow_mode_seconds=60)
    bob.send(room, "one")

    fields = {"client_key": new_key(), "body": "two"}
    response = bob.ask("POST", f"rooms/{room}/messages", **fields)
    assert (429, "too_soon") == (response.status_code, response.json()["slug"])
    assert 55 <= int(response.headers["retry-after"]) <= 60
    for body in ("owners", "do not wait"):
        alice.send(room, body)

    alice.patch(f"rooms/{room}", slow_mode_seconds=1)
    # What was refused may be sent again under the same key.
    wait_until(lambda: bob.ask("POST", f"rooms/{room}/messages", **fields).status_code == 201, seconds=5)
    assert 4 == bob.get(f"rooms/{room}")["last_number"]


def test_the_edit_window_passes(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob, edit_window_seconds=1)
    at_alice = alice.device()
    message = bob.send(room, "frist")["id"]
    # At once.
    assert "first" == bob.patch(f"messages/{message}", body="first")["body"]
    at_alice.hears(in_room(room), "message.edited", message={"id": message, "body": "first"})
    tries = iter(range(10_000))
    wait_until(lambda: bob.ask("PATCH", f"messages/{message}", body=f"try {next(tries)}").status_code == 403, seconds=5)
    assert (403, "too_late") == bob.refused("PATCH", f"messages/{message}", body="again")
    assert "again" != alice.get(f"messages/{message}")["body"]


# Histories.


def test_a_newcomer_finds_nothing_from_before_where_history_begins_with_joining(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(history="since_join")
    word = f"oolong{new_key()[:12]}"
    before = alice.send(room, f"{word} before")
    alice.post(f"rooms/{room}/members", people=[bob.id])
    after = alice.send(room, f"{word} after")

    assert [after["id"]] == [message["id"] for message in bob.get(f"rooms/{room}/messages")["results"]]
    assert (404, "no_such_message") == bob.refused("GET", f"messages/{before['id']}")
    assert (1, 2) == (bob.synced(room)["unread"], bob.synced(room)["first_unread"])
    told = bob.get(f"rooms/{room}/publications", after=0)["results"]
    assert ["member.joined", "message.posted"] == [one["data"]["kind"] for one in told]
    # Nobody who says that they have heard what was before is given it by that.
    assert told == recovered(bob, room, told[0]["offset"] - 1)
    for offset in (0, told[0]["offset"] - 2):
        assert [] == recovered(bob, room, offset)

    # The index is a moment behind.
    wait_until(lambda: 2 == alice.get("search", query=word)["count"], what="both messages in the index")
    found = bob.get("search", query=word)
    assert (1, [after["id"]]) == (found["count"], [hit["message"]["id"] for hit in found["results"]])
    assert 0 == bob.get("search", query=f"{word} before", room=room)["count"]


def recovered(person: Person, room: int, offset: int) -> list[Answer]:
    """What is given to who comes back and says that they have heard all up to this offset."""
    position = {"recover": True, "offset": offset, "epoch": person.get(f"rooms/{room}")["epoch"]}
    answer = person.device(subs={in_room(room): position}).subscribed[in_room(room)]
    return [{"offset": one["offset"], "data": one["data"]} for one in answer.get("publications", [])]


def test_a_newcomer_finds_everything_where_the_room_says_so(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room()
    before = alice.send(room, "before")
    alice.post(f"rooms/{room}/members", people=[bob.id])

    assert [before["id"]] == [message["id"] for message in bob.get(f"rooms/{room}/messages")["results"]]
    kinds = [one["data"]["kind"] for one in bob.get(f"rooms/{room}/publications", after=0)["results"]]
    assert ["message.posted", "member.joined"] == kinds
    # It is theirs to read, but not unread.
    assert "unread" not in bob.synced(room)


def test_what_is_older_than_a_room_keeps_it_is_emptied_by_the_command(consumer_house: Server) -> None:
    with People(consumer_house) as people:
        alice, bob = people.alice, people.bob
        room, other = alice.room(bob), alice.room(bob)
        at_bob = bob.device()
        old, young = alice.send(room, "old"), alice.send(room, "young")
        kept = alice.send(other, "as old, elsewhere")
        alice.put(f"rooms/{room}/members/{bob.id}/role", role="moderator")
        assert NOT_ALLOWED == bob.refused("PATCH", f"rooms/{room}", retention_days=1)
        alice.patch(f"rooms/{room}", retention_days=1)
        at_bob.hears(in_room(room), "room.changed", room={"retention_days": 1})

        printed = manage(
            consumer_house,
            "import datetime\n"
            "from django.core.management import call_command\n"
            "from django.db.models import F\n"
            "from teahouse.chat.models import Message\n"
            "two_days = datetime.timedelta(days=2)\n"
            "Message.objects.filter(pk__in=[{0}, {1}]).update(created_at=F('created_at') - two_days)\n"
            "call_command('empty_old_messages')\n"
            "call_command('empty_old_messages')\n",
            old["id"],
            kept["id"],
        )

        assert "1 messages emptied.\n0 messages emptied.\n" == printed
        emptied = at_bob.hears(in_room(room), "message.deleted", seconds=15)["message"]
        assert (old["id"], False) == (emptied["id"], "body" in emptied)
        assert "body" not in alice.get(f"messages/{old['id']}")
        assert "young" == alice.get(f"messages/{young['id']}")["body"]
        assert "as old, elsewhere" == alice.get(f"messages/{kept['id']}")["body"]


def test_nothing_changes_in_an_archived_room_until_it_is_taken_up_again(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    message = bob.send(room, "before")["id"]
    at_bob = bob.device()
    assert NOT_ALLOWED == bob.refused("PUT", f"rooms/{room}/archive")

    alice.put(f"rooms/{room}/archive")
    assert at_bob.hears(in_room(room), "room.changed", room={"id": room})["room"]["archived_at"] > 0
    for method, path, fields in (
        ("POST", f"rooms/{room}/messages", {"client_key": new_key(), "body": "after"}),
        ("PATCH", f"messages/{message}", {"body": "changed"}),
        ("DELETE", f"messages/{message}", {}),
        ("PUT", f"messages/{message}/pin", {}),
        ("PATCH", f"rooms/{room}", {"topic": "none"}),
        ("POST", f"rooms/{room}/members", {"people": [people.carol.id]}),
    ):
        person = bob if path == f"messages/{message}" else alice
        assert (409, "archived") == person.refused(method, path, **fields), path
    assert "before" == bob.get(f"messages/{message}")["body"]

    alice.delete(f"rooms/{room}/archive")
    assert "archived_at" not in at_bob.hears(in_room(room), "room.changed", room={"id": room})["room"]
    alice.send(room, "after")
    at_bob.hears(in_room(room), "message.posted", message={"body": "after"})


# One's own.


def test_level_and_favourite_reach_ones_other_device_and_the_level_says_what_the_badge_counts(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    tablet, at_alice = bob.device(), alice.device()
    alice.send(room, "for all")
    alice.send(room, "@bob, for you")
    assert (2, 2) == (bob.synced(room)["unread"], bob.synced(room)["badge"])

    for level, badge in (("mentions", 1), ("nothing", 0)):
        bob.patch(f"rooms/{room}/membership", level=level)
        tablet.hears(bob.channel, "membership.changed", room=room, membership={"level": level})
        synced = bob.synced(room)
        assert (2, [2], badge) == (synced["unread"], synced["mentions"], synced.get("badge", 0))
    bob.patch(f"rooms/{room}/membership", is_favourite=True)
    favourite = {"level": "nothing", "is_favourite": True}
    tablet.hears(bob.channel, "membership.changed", room=room, membership=favourite)
    assert favourite.items() <= bob.get(f"rooms/{room}")["membership"].items()
    assert (400, "bad_argument") == bob.refused("PATCH", f"rooms/{room}/membership", level="sometimes")
    # It is nobody else's business.
    assert {"message.posted"} == set(at_alice.kinds(in_room(room)))


def test_who_leaves_is_gone_for_the_others_and_hears_no_more(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    at_alice, at_bob = alice.device(), bob.device()
    assert (409, "conflict") == alice.refused("DELETE", f"rooms/{room}/membership")

    bob.delete(f"rooms/{room}/membership")
    at_alice.hears(in_room(room), "member.left", user=bob.id, reason="left")
    at_bob.hears(bob.channel, "room.lost", room=room, reason="left")
    assert_hears_no_more(at_bob, room, alice)
    assert NOT_A_MEMBER == bob.refused("GET", f"rooms/{room}/messages")
    # Again it is so already.
    bob.delete(f"rooms/{room}/membership")
    assert ["member.left", "message.posted"] == at_alice.kinds(in_room(room))


def test_who_is_removed_hears_no_more_and_finds_nothing(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol)
    message = alice.send(room, "all of us")["id"]
    at_bob, at_carol = bob.device(), carol.device()
    assert NOT_ALLOWED == bob.refused("DELETE", f"rooms/{room}/members/{carol.id}")

    alice.delete(f"rooms/{room}/members/{bob.id}")
    at_carol.hears(in_room(room), "member.left", user=bob.id, reason="removed", by=alice.id)
    at_bob.hears(bob.channel, "room.lost", room=room, reason="removed")
    assert_hears_no_more(at_bob, room, alice)
    assert in_room(room) not in bob.device().subscribed
    assert NOT_A_MEMBER == bob.refused_sending(room)
    assert (404, "no_such_message") == bob.refused("GET", f"messages/{message}")
    assert NOT_A_MEMBER == bob.refused("GET", f"rooms/{room}/publications", after=0)


def assert_hears_no_more(device: Device, room: int, writer: Person) -> None:
    """Neither what is said afterwards, nor more of the room than that its person has left."""
    assert 2000 == device.ends(in_room(room))
    writer.send(room, "among us")
    assert set(device.kinds(in_room(room))) <= {"member.left"}
