"""The article's conversation through its own door: who hears what, on which device (the article, rows 4 and 6)."""

import json
from typing import Any

import pytest

from tests.live.server import Server

ALICE, BOB, CAROL = 2, 3, 4


def test_a_broadcast_reaches_everyone_once_and_its_sender_too(house: Server) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as phone, house.connect_as("bob") as tablet:
        alice.say("你好")

        heard = [client.next() for client in (alice, phone, tablet)]

    assert heard[0] == heard[1] == heard[2]
    expected = {"frame_type": "demo-message-receive", "fromUserId": ALICE, "text": "你好", "single": False}
    assert expected.items() <= heard[0].items()


def test_a_single_message_reaches_every_device_of_its_receiver_and_nobody_else(house: Server) -> None:
    with (
        house.connect_as("alice") as alice,
        house.connect_as("bob") as phone,
        house.connect_as("bob") as tablet,
        house.connect_as("carol") as carol,
    ):
        alice.say("只给你", BOB)
        on_phone, on_tablet = phone.next(), tablet.next()
        # Commands of a connection are done in order: what alice and carol hear next is all there was for them.
        alice.say("to all")
        at_alice, at_carol = alice.next(), carol.next()

    assert on_phone == on_tablet
    assert (on_phone["fromUserId"], on_phone["text"], on_phone["single"]) == (ALICE, "只给你", True)
    assert "to all" == at_alice["text"] == at_carol["text"]


@pytest.mark.parametrize("receiver", [None, "", 0, "0"])
def test_a_receiver_of_nobody_is_everyone(house: Server, receiver: Any) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.say(f"to {receiver!r}", receiver)

        heard = bob.next()

    assert (f"to {receiver!r}", False) == (heard["text"], heard["single"])


@pytest.mark.parametrize("receiver", [BOB, str(BOB), f" {BOB} ", float(BOB)])
def test_a_number_or_numeric_string_is_one_person(house: Server, receiver: Any) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.say("hi", receiver)

        assert bob.next()["single"] is True


def test_writing_to_oneself_reaches_ones_own_devices(house: Server) -> None:
    with house.connect_as("alice") as phone, house.connect_as("alice") as tablet:
        phone.say("remember", ALICE)

        assert phone.next()["single"] is tablet.next()["single"] is True


def test_equal_texts_are_two_frames(house: Server) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        alice.say("好")
        alice.say("好")
        raw = [bob.next_text(), bob.next_text()]

    assert raw[0] != raw[1]
    ids = [json.loads(json.loads(frame)["content"])["id"] for frame in raw]
    assert ids[0] < ids[1]


def test_characters_beyond_ascii_are_sent_as_they_are(house: Server) -> None:
    with house.connect_as("alice") as alice:
        alice.say("茶馆今天开门了吗？我带朋友来。")

        assert "茶馆今天开门了吗？我带朋友来。" in alice.next_text()


def test_closing_one_tab_never_silences_another(house: Server) -> None:
    with house.connect_as("alice") as alice, house.connect_as("bob") as first:
        second = house.connect_as("bob")
        second.close()
        third = house.connect_as("bob")
        alice.say("still there?", BOB)

        assert "still there?" == first.next()["text"] == third.next()["text"]
        third.close()


def test_five_devices_get_five_copies(house: Server) -> None:
    token = house.tokens("bob")["refresh"]
    devices = [house.connect(token) for _ in range(5)]
    with house.connect_as("alice") as alice:
        alice.say("五份", BOB)

        assert ["五份"] * 5 == [device.next()["text"] for device in devices]
    for device in devices:
        device.close()


def test_the_order_of_one_sender_is_the_order_of_every_hearer(house: Server) -> None:
    texts = [f"line {number}" for number in range(60)]
    with house.connect_as("alice") as alice, house.connect_as("bob") as bob:
        for text in texts:
            alice.say(text)

        assert texts == [bob.next()["text"] for _ in texts]


def test_many_senders_are_heard_in_one_order_with_numbers_without_a_gap(house: Server) -> None:
    senders = [house.connect_as(name) for name in ("alice", "bob", "carol", "dave")]
    with house.connect_as("admin") as hearer:
        for number in range(15):
            for sender in senders:
                sender.say(f"{number}")
        heard = [hearer.next() for _ in range(60)]
        also_heard = [senders[0].next() for _ in range(60)]

    assert heard == also_heard
    numbers = [frame["number"] for frame in heard]
    assert list(range(numbers[0], numbers[0] + 60)) == numbers
    for sender in senders:
        sender.close()


def test_nothing_old_is_sent_at_connect(house: Server) -> None:
    with house.connect_as("alice") as alice:
        alice.say("before", BOB)
        alice.say("before all")
        alice.next()
        with house.connect_as("bob") as bob:
            alice.say("after")

            assert "after" == bob.next()["text"]


def test_a_message_is_in_the_database_when_it_arrives(own_house: Server) -> None:
    import sqlite3

    with own_house.connect_as("alice") as alice, own_house.connect_as("bob") as bob:
        alice.say("stored", BOB)
        heard = bob.next()
        rows = sqlite3.connect(own_house.data / "teahouse.sqlite3").execute(
            "SELECT m.id, m.number, m.body, p.offset, c.name FROM chat_message m"
            " JOIN chat_publicationrecord p ON p.message_id = m.id JOIN chat_channel c ON c.id = p.channel_id"
            " ORDER BY c.name"
        )

        assert [
            (heard["id"], 1, "stored", 1, f"room:{heard['roomId']}"),
            # Behind the publication of the room itself.
            (heard["id"], 1, "stored", 2, f"user:{BOB}"),
        ] == rows.fetchall()
