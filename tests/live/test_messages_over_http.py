"""What is done with messages over a real server: what is answered over HTTP, and what other devices hear of it."""

from collections.abc import Iterator

import pytest

from tests.live.chatting import People, Person, in_room, new_key
from tests.live.server import Server
from tests.services import wait_until

NOT_ALLOWED = (403, "not_allowed")
NO_SUCH_MESSAGE = (404, "no_such_message")
NO_SUCH_NOTICE = (404, "no_such_notice")


@pytest.fixture
def people(house: Server) -> Iterator[People]:
    with People(house) as people:
        yield people


# Changing, deleting, reacting.


def test_an_edited_message_is_told_whole_and_its_earlier_texts_are_kept(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    at_bob = bob.device()
    message = alice.send(room, "frist")["id"]

    assert NOT_ALLOWED == bob.refused("PATCH", f"messages/{message}", body="mine")
    for body in ("first", "**first**"):
        assert body == alice.patch(f"messages/{message}", body=body)["body"]
        told = at_bob.hears(in_room(room), "message.edited", message={"id": message, "body": body})
    assert "<strong>first</strong>" in told["message"]["html"]
    # The same again is told to nobody.
    alice.patch(f"messages/{message}", body="**first**")
    assert ["message.posted", "message.edited", "message.edited"] == at_bob.kinds(in_room(room))
    revisions = bob.get(f"messages/{message}/revisions")
    assert ["first", "frist"] == [revision["body"] for revision in revisions["results"]]
    assert told["message"] == bob.get(f"messages/{message}")


def test_of_a_deleted_message_there_is_left_that_it_was_there(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol)
    word = f"genmaicha{new_key()[:12]}"
    message = bob.send(room, f"{word} for @carol")["id"]
    alice.put(f"messages/{message}/pin")
    carol.put(f"me/saved/{message}")
    carol.put(f"messages/{message}/reactions/👍")
    bob.patch(f"messages/{message}", body=f"{word} with cream for @carol")
    wait_until(lambda: 1 == carol.get("search", query=word)["count"], what="the message in the index")
    at_carol = carol.device()

    assert NOT_ALLOWED == carol.refused("DELETE", f"messages/{message}")
    bob.delete(f"messages/{message}")
    told = at_carol.hears(in_room(room), "message.deleted")["message"]
    assert {"id", "room", "number", "author", "at", "key", "deleted_at"} == set(told)
    assert (message, room, 1, bob.id) == tuple(told[name] for name in ("id", "room", "number", "author"))
    assert told == carol.get(f"messages/{message}")
    assert [told] == carol.get(f"rooms/{room}/messages")["results"]

    history = carol.ask("GET", f"rooms/{room}/publications", after=0).text
    assert "message.posted" in history
    assert word not in history
    found = carol.get("search", query=word)
    assert (0, []) == (found["count"], found["results"])
    assert [] == carol.get(f"rooms/{room}/pins")["results"]
    assert message not in [saved["message"]["id"] for saved in carol.get("me/saved")["results"]]
    assert [] == carol.synced(room).get("mentions", [])
    assert NO_SUCH_MESSAGE == carol.refused("GET", f"messages/{message}/revisions")
    assert NO_SUCH_MESSAGE == carol.refused_sending(room, reply_to=message)
    # Again it is so already.
    bob.delete(f"messages/{message}")
    assert 1 == at_carol.kinds(in_room(room)).count("message.deleted")


def test_reactions_are_told_and_taken_back(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    message = alice.send(room, "tea?")["id"]
    at_alice = alice.device()

    for _ in range(2):
        bob.put(f"messages/{message}/reactions/🍵")
    at_alice.hears(in_room(room), "reaction.added", message=message, number=1, emoji="🍵", user=bob.id)
    assert [{"emoji": "🍵", "users": [bob.id]}] == alice.get(f"messages/{message}")["reactions"]
    bob.delete(f"messages/{message}/reactions/🍵")
    at_alice.hears(in_room(room), "reaction.removed", message=message, emoji="🍵", user=bob.id)
    assert "reactions" not in alice.get(f"messages/{message}")
    assert ["reaction.added", "reaction.removed"] == at_alice.kinds(in_room(room))
    assert (400, "bad_argument") == bob.refused("PUT", f"messages/{message}/reactions/tea")


# Keeping.


def test_pins_are_set_by_moderators_and_heard_by_all(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    first, second = (bob.send(room, body)["id"] for body in ("one", "two"))
    at_bob = bob.device()

    assert NOT_ALLOWED == bob.refused("PUT", f"messages/{first}/pin")
    for message in (first, second, first):
        alice.put(f"messages/{message}/pin")
    at_bob.hears(in_room(room), "pin.added", message=first, number=1, by=alice.id)
    at_bob.hears(in_room(room), "pin.added", message=second, number=2, by=alice.id)
    pins = bob.get(f"rooms/{room}/pins")["results"]
    assert [(second, alice.id), (first, alice.id)] == [(pin["message"]["id"], pin["by"]) for pin in pins]
    assert bob.get(f"messages/{first}")["is_pinned"]

    alice.delete(f"messages/{second}/pin")
    at_bob.hears(in_room(room), "pin.removed", message=second, number=2)
    assert [first] == [pin["message"]["id"] for pin in bob.get(f"rooms/{room}/pins")["results"]]
    assert ["pin.added", "pin.added", "pin.removed"] == at_bob.kinds(in_room(room))


def test_what_somebody_saves_is_on_all_their_devices_and_nobody_elses(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    message = alice.send(room, "remember")["id"]
    tablet, at_alice = bob.device(), alice.device()

    saved = bob.put(f"me/saved/{message}")
    assert saved == bob.put(f"me/saved/{message}")
    tablet.hears(bob.channel, "saved.added", message=message, room=room, at=saved["at"])
    listed = bob.get("me/saved", limit=1)["results"]
    assert [(saved["at"], "remember")] == [(one["at"], one["message"]["body"]) for one in listed]
    assert message == bob.get("sync")["saved"][0]
    assert message not in alice.get("sync")["saved"]

    bob.delete(f"me/saved/{message}")
    tablet.hears(bob.channel, "saved.removed", message=message)
    assert message not in bob.get("sync")["saved"]
    assert 1 == tablet.kinds(bob.channel).count("saved.added")
    assert "saved.added" not in at_alice.kinds(alice.channel)
    assert NO_SUCH_MESSAGE == people.carol.refused("PUT", f"me/saved/{message}")


def test_a_draft_reaches_the_other_device_of_the_same_person(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    root = alice.send(room, "root")["id"]
    tablet, at_alice = bob.device(), alice.device()

    bob.put(f"rooms/{room}/draft", body="half a se")
    bob.put(f"rooms/{room}/draft", body="half a sentence", reply_to=root)
    bob.put(f"rooms/{room}/draft", body="in the thread", thread=root)
    tablet.hears(bob.channel, "draft.changed", room=room, body="half a se")
    tablet.hears(bob.channel, "draft.changed", room=room, body="half a sentence", reply_to=root)
    tablet.hears(bob.channel, "draft.changed", room=room, body="in the thread", thread=root)
    assert [(None, "half a sentence"), (root, "in the thread")] == drafts_in(room, bob)
    assert [] == drafts_in(room, alice)

    bob.put(f"rooms/{room}/draft", body=" ")
    assert "body" not in tablet.hears(bob.channel, "draft.changed", room=room)
    assert [(root, "in the thread")] == drafts_in(room, bob)
    assert "draft.changed" not in [*at_alice.kinds(alice.channel), *at_alice.kinds(in_room(room))]
    bob.put(f"rooms/{room}/draft", body="", thread=root)
    assert [] == drafts_in(room, bob)


def drafts_in(room: int, person: Person) -> list[tuple[int | None, str]]:
    """By thread, as a list and in sync alike."""
    found = [
        sorted((draft.get("thread") or 0, draft["body"]) for draft in drafts if draft["room"] == room)
        for drafts in (person.get("me/drafts")["results"], person.get("sync")["drafts"])
    ]
    assert found[0] == found[1]
    return [(thread or None, body) for thread, body in found[0]]


# Forwarding.


def test_a_forwarded_message_brings_its_file_along_and_tells_nothing_of_where_it_was(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    secret, other = alice.room(bob), bob.room(carol)
    file = alice.upload(secret, "茶".encode(), "茶.txt")
    sent = alice.send(secret, "read this", files=[file["id"]])
    at_carol = carol.device()
    wanted = {"room": other, "client_key": new_key(), "body": "look:"}

    forwarded = bob.post(f"messages/{sent['id']}/forward", **wanted)
    assert forwarded == bob.post(f"messages/{sent['id']}/forward", **wanted)
    told = at_carol.hears(in_room(other), "message.posted", message={"id": forwarded["id"]})["message"]
    assert ({"author": alice.id}, bob.id, "look:\n\n> read this") == (told["forwarded"], told["author"], told["body"])
    (copy,) = told["files"]
    assert ("茶.txt", "text/plain", 3) == (copy["name"], copy["type"], copy["size"])
    assert file["id"] != copy["id"]
    assert 404 == carol.ask("GET", f"files/{file['id']}").status_code
    assert NO_SUCH_MESSAGE == carol.refused("POST", f"messages/{sent['id']}/forward", room=other, client_key=new_key())

    # Neither goes with the other.
    alice.delete(f"messages/{sent['id']}")
    assert "茶".encode() == carol.ask("GET", f"files/{copy['id']}").content


def test_a_message_of_a_public_room_is_forwarded_with_its_place(people: People) -> None:
    alice, bob = people.alice, people.bob
    public, private = alice.room(bob, kind="public"), bob.room(alice)
    message = alice.send(public, "news")["id"]

    copy = bob.post(f"messages/{message}/forward", room=private, client_key=new_key())["id"]
    origin = {"author": alice.id, "message": message, "room": public}
    assert origin == alice.get(f"messages/{copy}")["forwarded"]
    # A copy of a copy names the first one.
    again = alice.post(f"messages/{copy}/forward", room=private, client_key=new_key())["id"]
    assert origin == bob.get(f"messages/{again}")["forwarded"]


# Threads.


def test_a_thread_is_followed_by_who_began_it_and_who_wrote_in_it(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol)
    root = alice.send(room, "which tea?")["id"]
    at_alice = alice.device()

    replies = [bob.send(room, body, thread=root) for body in ("green", "black")]
    told = at_alice.hears(in_room(room), "message.posted", message={"id": replies[1]["id"]})["message"]
    assert {"root": root, "author": alice.id, "replies": 2, "last_number": 3}.items() <= told["thread"].items()
    following = [person.get(f"messages/{root}/thread")["following"] for person in (alice, bob, carol)]
    assert [("follows", 2), ("follows", 0), ("none", 0)] == [
        (one["following"], one.get("unread", 0)) for one in following
    ]
    thread = carol.get(f"messages/{replies[0]['id']}/thread")
    assert (root, ["green", "black"]) == (thread["root"]["id"], [reply["body"] for reply in thread["results"]])

    read = alice.post(f"messages/{root}/thread/read", number=2)
    assert (2, 1) == (read["read_number"], read["unread"])
    at_alice.hears(alice.channel, "thread.followed", thread=root, following="follows", read_number=2)
    assert root == alice.get("me/threads", limit=1)["results"][0]["root"]["id"]
    before = alice.get("sync")["unread_threads"]
    alice.post(f"messages/{root}/thread/read", number=3)
    assert before - 1 == alice.get("sync")["unread_threads"]


def test_a_muted_thread_stays_muted_and_an_unfollowed_one_is_followed_again_by_writing(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    muted, left = (alice.send(room, body)["id"] for body in ("muted", "left"))
    phone = bob.device()
    for root in (muted, left):
        assert "follows" == bob.put(f"messages/{root}/thread/follow")["following"]
        phone.hears(bob.channel, "thread.followed", thread=root, following="follows")

    bob.put(f"messages/{muted}/thread/mute")
    bob.delete(f"messages/{left}/thread/follow")
    phone.hears(bob.channel, "thread.followed", thread=muted, following="mutes")
    phone.hears(bob.channel, "thread.followed", thread=left, following="none")
    for root in (muted, left):
        bob.send(room, "one more", thread=root)
    assert "mutes" == bob.get(f"messages/{muted}/thread")["following"]["following"]
    assert "follows" == bob.get(f"messages/{left}/thread")["following"]["following"]
    mine = [one["root"]["id"] for one in bob.get("me/threads")["results"]]
    assert (True, False) == (left in mine, muted in mine)


def test_everybody_sees_who_resolved_a_thread(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    root = alice.send(room, "which tea?")["id"]
    bob.send(room, "green", thread=root)
    at_alice = alice.device()

    for _ in range(2):
        bob.put(f"messages/{root}/thread/resolved")
    told = at_alice.hears(in_room(room), "thread.changed", thread={"root": root, "resolved_by": bob.id})["thread"]
    assert told == alice.get(f"messages/{root}")["thread"]
    bob.send(room, "or white", thread=root)
    assert bob.id == alice.get(f"messages/{root}")["thread"]["resolved_by"]
    alice.delete(f"messages/{root}/thread/resolved")
    assert "resolved_at" not in at_alice.hears(in_room(room), "thread.changed", thread={"root": root})["thread"]
    assert ["thread.changed", "message.posted", "thread.changed"] == at_alice.kinds(in_room(room))


# Counting and reading.


def test_people_are_mentioned_by_name_by_pinyin_and_all_at_once(people: People) -> None:
    alice, bob, admin = people.alice, people.bob, people.admin
    key = new_key()[:12]
    made = admin.post("users", username=f"xm{key}", password=f"tea house {key}", name="林小满")
    tokens = {"username": f"xm{key}", "password": f"tea house {key}"}
    access = people.http.post("/api/auth/token", json=tokens).json()["access"]
    lin = Person(people, f"xm{key}", made["id"], {"Authorization": f"Bearer {access}"})
    room = alice.room(bob, lin)
    at_lin = lin.device()

    for body, mentioned, everyone in (
        ("@Bob", [bob.id], 0),
        ("@linxiaoman，喝茶吗？", [lin.id], 0),
        ("问@林小满和@bob", [bob.id, lin.id], 0),
        ("@all, @在线", [], 2),
        ("@here", [], 1),
        ("@carol and bob@example.org", [], 0),
    ):
        alice.send(room, body)
        told = at_lin.hears(in_room(room), "message.posted", message={"body": body})["message"]
        assert (mentioned, everyone) == (sorted(told.get("mentions", [])), told.get("everyone", 0)), body
    assert ([5, 4, 3, 1], [5, 4, 3, 2]) == (bob.synced(room)["mentions"], lin.synced(room)["mentions"])
    # One's own do not count.
    assert [] == alice.synced(room).get("mentions", [])

    first = alice.get(f"rooms/{room}/messages")["results"][0]["id"]
    alice.patch(f"messages/{first}", body="nobody")
    assert "mentions" not in at_lin.hears(in_room(room), "message.edited")["message"]
    assert [5, 4, 3] == bob.synced(room)["mentions"]


def test_the_others_see_who_has_read_a_message(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob, carol)
    first, second = (alice.send(room, body) for body in ("one", "two"))
    at_alice = alice.device()
    readers = f"messages/{first['id']}/readers"
    assert {"count": 0, "results": [], "next": None} == alice.get(readers)

    assert {"room": room, "read_number": 1} == bob.post(f"rooms/{room}/read", number=1)
    at_alice.hears(in_room(room), "receipt", room=room, user=bob.id, read_number=1)
    # Beyond the last one there is nothing to read.
    assert 2 == carol.post(f"rooms/{room}/read", number=99)["read_number"]
    at_alice.hears(in_room(room), "receipt", user=carol.id, read_number=2)
    assert (2, [bob.id, carol.id]) == (alice.get(readers)["count"], alice.get(readers)["results"])
    assert [carol.id] == bob.get(f"messages/{second['id']}/readers")["results"]
    # Shown and forgotten.
    kinds = [one["data"]["kind"] for one in alice.get(f"rooms/{room}/publications", after=0)["results"]]
    assert ["message.posted", "message.posted"] == kinds


def test_what_is_read_on_one_device_is_read_on_the_other(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    for body in ("one", "@bob two", "three"):
        alice.send(room, body)
    phone, tablet, at_alice = bob.device(), bob.device(), alice.device()
    assert (3, 1, [2]) == tuple(bob.synced(room)[name] for name in ("unread", "first_unread", "mentions"))

    phone.run("room.read", room=room, number=1)
    tablet.hears(bob.channel, "read.moved", room=room, read_number=1, last_number=3, mentions=[2])
    # The next within the second is told at its end, as it is then.
    assert 2 == phone.run("room.read", room=room, number=2)["data"]["read_number"]
    assert 3 == phone.run("room.read", room=room, number=3)["data"]["read_number"]
    assert 3 == bob.post(f"rooms/{room}/read", number=1)["read_number"]
    tablet.hears(bob.channel, "read.moved", room=room, read_number=3)
    assert (0, 4) == (bob.synced(room).get("unread", 0), bob.synced(room)["first_unread"])

    assert 1 == bob.post(f"rooms/{room}/unread", number=2)["read_number"]
    tablet.hears(bob.channel, "read.moved", room=room, read_number=1, mentions=[2])
    assert (2, [2]) == (bob.synced(room)["unread"], bob.synced(room)["mentions"])
    assert "read.moved" not in at_alice.kinds(alice.channel)


def test_typing_is_shown_to_the_others_in_the_room_and_to_nobody_else(people: People) -> None:
    alice, bob, carol = people.alice, people.bob, people.carol
    room = alice.room(bob)
    root = bob.send(room, "root")["id"]
    at_alice, at_bob, at_carol = alice.device(), bob.device(), carol.device()

    assert "error" not in at_alice.run("typing", room=room)
    assert "error" not in at_bob.run("typing", room=room, thread=root)
    told = at_bob.hears(in_room(room), "typing", user=alice.id)
    assert {"kind": "typing", "room": room, "user": alice.id} == told
    at_alice.hears(in_room(room), "typing", user=bob.id, thread=root)
    assert 1011 == at_carol.run("typing", room=room)["error"]["code"]
    assert [] == at_carol.kinds(in_room(room))
    quiet = alice.room(bob, posting="moderators")
    assert 1020 == at_bob.run("typing", room=quiet)["error"]["code"]
    # Shown and forgotten.
    kinds = [one["data"]["kind"] for one in bob.get(f"rooms/{room}/publications", after=0)["results"]]
    assert ["message.posted"] == kinds


def test_typing_is_shown_once_in_three_seconds(people: People) -> None:
    alice, bob = people.alice, people.bob
    room = alice.room(bob)
    at_alice, at_bob = alice.device(), bob.device()

    for _ in range(3):
        assert "error" not in at_alice.run("typing", room=room)
    at_bob.hears(in_room(room), "typing")
    assert ["typing"] == at_bob.kinds(in_room(room))


# Notices.


def test_a_notice_for_some_is_heard_read_and_confirmed_by_them_alone(people: People) -> None:
    admin, alice, bob, carol = people.admin, people.alice, people.bob, people.carol
    at_alice, at_bob, bobs_tablet, at_carol = alice.device(), bob.device(), bob.device(), carol.device()
    wanted = {"title": "消防演习", "content": "at **ten**", "people": [alice.id, bob.id], "asks_confirmation": True}
    assert NOT_ALLOWED == alice.refused("POST", "notices/publish", client_key=new_key(), **wanted)

    wanted["client_key"] = new_key()
    published = admin.post("notices/publish", **wanted)
    assert published == admin.post("notices/publish", **wanted)
    notice = published["notice"]["id"]
    for device, person in ((at_alice, alice), (at_bob, bob)):
        told = device.hears(person.channel, "notice.pushed", notice={"id": notice})
        assert ("消防演习", True, True) == tuple(
            told["notice"][name] for name in ("title", "asks_confirmation", "is_targeted")
        )
        assert notice in person.get("sync")["notices"]["unread"]
    assert "notice.pushed" not in [*at_carol.kinds(carol.channel), *at_carol.kinds("site")]
    assert notice not in [one["notice"]["id"] for one in carol.get("me/notices")["results"]]
    assert NO_SUCH_NOTICE == carol.refused("PUT", f"notices/{notice}/read")
    assert NO_SUCH_NOTICE == carol.refused("GET", f"notices/{notice}/readers")

    read = alice.put(f"notices/{notice}/read")
    assert read == alice.put(f"notices/{notice}/read")
    confirmed = bob.put(f"notices/{notice}/confirmation")
    bobs_tablet.hears(bob.channel, "notice.read", **confirmed)
    assert confirmed["confirmed_at"] >= confirmed["read_at"]
    assert notice not in bob.get("sync")["notices"]["unread"]
    assert NOT_ALLOWED == alice.refused("GET", f"notices/{notice}/readers")
    for which, expected in (
        ("read", [alice.id, bob.id]),
        ("unread", []),
        ("confirmed", [bob.id]),
        ("unconfirmed", [alice.id]),
    ):
        found = admin.get(f"notices/{notice}/readers", which=which)
        assert (2, 2, 1) == (found["people"], found["read"], found["confirmed"])
        assert expected == [one["user"] for one in found["results"]], which


def test_a_notice_for_a_room_is_for_who_is_in_it_at_that_moment(people: People) -> None:
    admin, alice, bob = people.admin, people.alice, people.bob
    room = admin.room(alice)
    at_alice = alice.device()
    notice = admin.post("notices/publish", client_key=new_key(), title="to the room", rooms=[room])["notice"]["id"]
    admin.post(f"rooms/{room}/members", people=[bob.id])

    at_alice.hears(alice.channel, "notice.pushed", notice={"id": notice})
    assert NO_SUCH_NOTICE == bob.refused("PUT", f"notices/{notice}/read")
    assert (400, "bad_argument") == alice.refused("PUT", f"notices/{notice}/confirmation")
    unread = [one["user"] for one in admin.get(f"notices/{notice}/readers", which="unread")["results"]]
    assert [admin.id, alice.id] == unread
