"""History, and how a client that was away gets what it missed, on the native door."""

import json
import pathlib
import threading
from typing import Any

import pytest

from tests.live.native import NAMESPACES, Frame, Native, channel_in, connection_token, door, native_as
from tests.live.server import Server, running

CODECS = pytest.mark.parametrize("protobuf", [False, True], ids=["json", "protobuf"])


def _publish(native: Native, channel: str, *numbers: int) -> None:
    for number in numbers:
        assert {} == native.ask("publish", channel=channel, data=number)


def _publish_and_hear(native: Native, channel: str, *numbers: int) -> None:
    """By a subscriber: what is published is answered when it is kept, a moment before the process has heard of it."""
    for number in numbers:
        native.say("publish", channel=channel, data=number)
        assert number == native.published()["data"]


def _data(result: Frame) -> list[Any]:
    return [entry["data"] for entry in result.get("publications", ())]


# History.


@pytest.mark.parametrize(
    ("channel", "code"),
    [("plain:a", 108), ("secret:a", 103), ("small:a", 103), ("unknown:a", 102), ("kept:a", 0), ("user:2", 103)],
)
def test_who_may_read_the_history(native_house: Server, channel: str, code: int) -> None:
    with native_as(native_house, "alice") as alice:
        assert code == alice.ask("history", channel=channel).get("error", {}).get("code", 0)


@CODECS
def test_pages_of_the_history(native_house: Server, protobuf: bool) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice", protobuf=protobuf) as alice:
        nothing = alice.ask("history", channel=channel, limit=10)
        assert ([], 0) == (nothing["publications"], nothing["offset"])
        epoch = nothing["epoch"]
        assert epoch
        _publish(alice, channel, 1, 2, 3, 4, 5)

        def page(**more: Any) -> list[int]:
            answer = alice.ask("history", channel=channel, **more)
            assert (epoch, 5) == (answer["epoch"], answer["offset"])
            assert _data(answer) == [entry["offset"] for entry in answer["publications"]]
            return _data(answer)

        def since(offset: int) -> dict[str, Any]:
            return {"offset": offset, "epoch": epoch}

        assert [] == page()
        assert [] == page(limit=0)
        assert [] == page(since=since(2))
        assert [1, 2] == page(limit=2)
        assert [1, 2, 3, 4, 5] == page(limit=-1)
        assert [3, 4] == page(limit=2, since=since(2))
        assert [4, 5] == page(limit=10, since=since(3))
        assert [4, 5] == page(limit=10, since={"offset": 3})
        assert [] == page(limit=10, since=since(5))
        assert [] == page(limit=10, since=since(99))
        assert [5, 4] == page(limit=2, reverse=True)
        assert [5, 4, 3, 2, 1] == page(limit=-1, reverse=True)
        assert [2, 1] == page(limit=5, since=since(3), reverse=True)
        assert [2] == page(limit=1, since=since(3), reverse=True)
        assert [] == page(limit=5, since=since(1), reverse=True)
        assert 107 == alice.refused("history", channel=channel, limit=1, since=since(0), reverse=True)
        assert 107 == alice.refused("history", channel=channel, limit=-2)
        assert 112 == alice.refused("history", channel=channel, limit=1, since={"offset": 1, "epoch": "another"})


def test_the_history_is_read_in_pages_of_at_most_three_hundred(native_house: Server) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice:
        for begin in range(0, 320, 40):
            alice.send(*(alice.command("publish", channel=channel, data=number) for number in range(begin, begin + 40)))
            for _ in range(40):
                assert "publish" in alice.next()

        for limit in (-1, 301, 2**31 - 1):
            assert 300 == len(_data(alice.ask("history", channel=channel, limit=limit)))


def test_a_small_history_begins_with_the_oldest_that_is_there(native_house: Server) -> None:
    channel = channel_in("small")
    with native_as(native_house, "alice") as alice:
        epoch = alice.ask("subscribe", channel=channel)["epoch"]
        _publish(alice, channel, 1, 2, 3, 4)

        assert [3, 4] == _data(alice.ask("history", channel=channel, limit=-1))
        assert [3, 4] == _data(alice.ask("history", channel=channel, limit=-1, since={"offset": 1, "epoch": epoch}))


# Recovery.


@CODECS
def test_a_subscription_says_where_it_begins(native_house: Server, protobuf: bool) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice", protobuf=protobuf) as alice:
        result = alice.ask("subscribe", channel=channel)
        assert {"recoverable": True, "positioned": True, "epoch": result["epoch"]} == result
        alice.ask("unsubscribe", channel=channel)
        _publish(alice, channel, 1, 2)
        again = alice.ask("subscribe", channel=channel)

        assert {**result, "offset": 2} == again


RECOVERIES: dict[str, tuple[dict[str, Any], list[int] | None]] = {
    "nothing missed": ({"offset": 5, "epoch": "OURS"}, []),
    "some missed": ({"offset": 2, "epoch": "OURS"}, [3, 4, 5]),
    "all missed": ({"offset": 0, "epoch": "OURS"}, [1, 2, 3, 4, 5]),
    "no epoch yet": ({"offset": 2}, [3, 4, 5]),
    "another history": ({"offset": 2, "epoch": "another"}, None),
    "invalidated": ({"offset": 0, "epoch": "_"}, None),
    "ahead of the history": ({"offset": 6, "epoch": "OURS"}, None),
}


@pytest.mark.parametrize("is_listened_to", [True, False], ids=["from the window", "from the store"])
@pytest.mark.parametrize("name", RECOVERIES)
def test_what_was_missed_is_recovered_if_all_of_it_is_there(
    native_house: Server, name: str, is_listened_to: bool
) -> None:
    position, missed = RECOVERIES[name]
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        epoch = bob.ask("history", channel=channel)["epoch"]
        if is_listened_to:
            bob.ask("subscribe", channel=channel)
            _publish_and_hear(bob, channel, 1, 2, 3, 4, 5)
        else:
            _publish(bob, channel, 1, 2, 3, 4, 5)
        if position.get("epoch") == "OURS":
            position = {**position, "epoch": epoch}

        result = alice.ask("subscribe", channel=channel, recover=True, **position)

        expected: Frame = {"recoverable": True, "positioned": True, "epoch": epoch, "was_recovering": True}
        if missed is None:
            assert {**expected, "offset": 5} == result
        else:
            # The client goes on from its own offset, by the publications.
            assert missed == _data(result) == [entry["offset"] for entry in result.pop("publications", ())]
            assert {**expected, "recovered": True, "offset": position["offset"]} == {"offset": 0, **result}
        _publish(bob, channel, 6)
        assert 6 == alice.published()["offset"]


@CODECS
@pytest.mark.parametrize("name", RECOVERIES)
def test_who_would_rather_be_refused_than_begin_anew_is(native_house: Server, name: str, protobuf: bool) -> None:
    position, missed = RECOVERIES[name]
    channel = channel_in("kept")
    with native_as(native_house, "alice", protobuf=protobuf) as alice, native_as(native_house, "bob") as bob:
        epoch = bob.ask("history", channel=channel)["epoch"]
        _publish(bob, channel, 1, 2, 3, 4, 5)
        if position.get("epoch") == "OURS":
            position = {**position, "epoch": epoch}

        answer = alice.ask("subscribe", channel=channel, recover=True, flag=2, **position)

        assert answer.get("error", {}).get("code") == (112 if missed is None else None)
        if missed is None:
            # Not subscribed: nothing is heard, and it may be tried anew.
            bob.ask("subscribe", channel=channel)
            _publish_and_hear(bob, channel, 6)
            assert 6 == alice.ask("subscribe", channel=channel)["offset"]
            _publish(bob, channel, 7)
            assert 7 == alice.published()["offset"]


@pytest.mark.parametrize("is_listened_to", [True, False], ids=["with a window", "without"])
def test_what_a_small_history_has_lost_is_not_recovered(native_house: Server, is_listened_to: bool) -> None:
    channel = channel_in("small")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        if is_listened_to:
            bob.ask("subscribe", channel=channel)
            _publish_and_hear(bob, channel, 1, 2, 3, 4)
        else:
            _publish(bob, channel, 1, 2, 3, 4)

        lost = alice.ask("subscribe", channel=channel, recover=True, offset=1)
        assert (True, False, [], 4) == (
            lost["was_recovering"], lost.get("recovered", False), _data(lost), lost["offset"]
        )  # fmt: skip
        alice.ask("unsubscribe", channel=channel)
        found = alice.ask("subscribe", channel=channel, recover=True, offset=2, epoch=lost["epoch"])
        assert (True, [3, 4]) == (found["recovered"], _data(found))


def test_recovering_more_than_three_hundred_is_for_the_history(native_house: Server) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        epoch = alice.ask("history", channel=channel)["epoch"]
        for begin in range(0, 320, 40):
            bob.send(*(bob.command("publish", channel=channel, data=number) for number in range(begin, begin + 40)))
            for _ in range(40):
                assert "publish" in bob.next()

        assert "recovered" not in alice.ask("subscribe", channel=channel, recover=True, offset=19, epoch=epoch)
        alice.ask("unsubscribe", channel=channel)
        found = alice.ask("subscribe", channel=channel, recover=True, offset=20, epoch=epoch)
        assert list(range(21, 321)) == [entry["offset"] for entry in found["publications"]]


def test_recovering_more_than_256_kib_is_for_the_history(native_house: Server) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        epoch = alice.ask("history", channel=channel)["epoch"]
        for _ in range(6):
            bob.ask("publish", channel=channel, data="x" * 60_000)

        assert "recovered" not in alice.ask("subscribe", channel=channel, recover=True, offset=0, epoch=epoch)
        alice.ask("unsubscribe", channel=channel)
        assert alice.ask("subscribe", channel=channel, recover=True, offset=2, epoch=epoch)["recovered"]


def test_there_is_no_recovery_where_there_is_no_history(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        assert {} == alice.ask("subscribe", channel=channel_in("plain"), recover=True, offset=3, epoch="x")
        assert {} == alice.ask("subscribe", channel=channel_in("plain"), recover=True, offset=3, epoch="x", flag=2)


def test_nothing_is_missed_or_doubled_by_those_who_join_while_much_is_published(native_house: Server) -> None:
    channel = channel_in("kept")
    most = 400
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:

        def publish() -> None:
            for number in range(1, most + 1):
                bob.ask("publish", channel=channel, data=number)

        epoch = alice.ask("subscribe", channel=channel)["epoch"]
        publisher = threading.Thread(target=publish)
        publisher.start()
        heard: list[int] = []
        while not heard or heard[-1] < most:
            if heard and not len(heard) % 7:
                # What is under way before the answer still belongs to the old subscription.
                left = alice.say("unsubscribe", channel=channel)
                while (reply := alice.next()).get("id") != left:
                    heard.append(reply["push"]["pub"]["offset"])
                alice.say("subscribe", channel=channel, recover=True, offset=heard[-1], epoch=epoch)
                result = alice.next()["subscribe"]
                assert result["recovered"]
                heard += [entry["offset"] for entry in result.get("publications", ())]
                if heard[-1] >= most:
                    break
            heard.append(alice.published()["offset"])
        publisher.join()

        assert list(range(1, most + 1)) == heard


# What the site keeps itself.


@CODECS
def test_what_happened_in_a_room_is_recovered_from_the_site(own_house: Server, protobuf: bool) -> None:
    token = connection_token(own_house, user="3")
    with own_house.connect_as("alice") as page, own_house.connect_as("bob") as other:
        page.say("for bob", 3)
        other.next()
        with door(own_house, protobuf=protobuf) as bob:
            begin = bob.connect(token)["subs"]["user:3"]
            page.say("heard live", 3)
            live = published_in(bob, "user:3")
        page.say("missed", 3)
        while other.next()["text"] != "missed":
            pass

        # Live, from the window, and, after a restart, from the database: the same.
        position = {"user:3": {"recover": True, "offset": begin.get("offset", 0), "epoch": begin["epoch"]}}
        with door(own_house, protobuf=protobuf) as bob:
            before = bob.connect(token, subs=position)["subs"]["user:3"]
            assert live["data"] == before["publications"][0]["data"]
    own_house.stop()
    own_house.start()
    with door(own_house, protobuf=protobuf) as bob:
        after = bob.connect(token, subs=position)["subs"]["user:3"]

        assert after["recovered"]
        assert before == after
        assert "missed" in str(after["publications"])


def published_in(native: Native, channel: str) -> Frame:
    while (heard := native.published())["channel"] != channel:
        pass
    return heard


def test_what_was_kept_in_memory_is_not_recovered_after_a_restart(data: pathlib.Path) -> None:
    with running(data, TEAHOUSE_NAMESPACES=json.dumps(NAMESPACES)) as house:
        with native_as(house, "alice") as alice:
            epoch = alice.ask("subscribe", channel="kept:a")["epoch"]
            _publish(alice, "kept:a", 1, 2)
        house.stop()
        house.start()
        with native_as(house, "alice") as alice:
            result = alice.ask("subscribe", channel="kept:a", recover=True, offset=1, epoch=epoch)

            assert (True, False) == (result["was_recovering"], result.get("recovered", False))
            assert epoch != result["epoch"]
