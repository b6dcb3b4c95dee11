"""Whatever is no command: a close code or an error for its sender, nothing in the log, and nobody else's trouble."""

import contextlib
import json
import random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.native import Native, channel_in, door, native_as, protobuf_of
from tests.live.server import Server

_NINES = "9" * 5_000
_LARGE = "[" * 30_000

GARBAGE: dict[str, str] = {
    "empty": "",
    "not json": "hello",
    "blank": "  ",
    "array": "[]",
    "null": "null",
    "number": "5",
    "string": '"connect"',
    "cut off": '{"id":1,"history":{"channel":"kept:a"',
    "two in a line": '{"id":1,"history":{"channel":"kept:a"}}{"id":2,"history":{"channel":"kept:a"}}',
    "blank line between": '{"id":1,"history":{"channel":"kept:a"}}\n\n{"id":2,"history":{"channel":"kept:a"}}',
    "bad line behind": '{"id":1,"history":{"channel":"kept:a"}}\nx',
    "id missing": '{"history":{"channel":"kept:a"}}',
    "id zero": '{"id":0,"history":{"channel":"kept:a"}}',
    "id negative": '{"id":-1,"history":{"channel":"kept:a"}}',
    "id text": '{"id":"1","history":{"channel":"kept:a"}}',
    "id broken": '{"id":1.5,"history":{"channel":"kept:a"}}',
    "id too big": '{"id":4294967296,"history":{"channel":"kept:a"}}',
    "id huge": '{"id":' + _NINES + ',"history":{"channel":"kept:a"}}',
    "id true": '{"id":true,"history":{"channel":"kept:a"}}',
    "id alone": '{"id":1}',
    "unknown method": '{"id":1,"explode":{}}',
    "a ping of the client": '{"id":1,"ping":{}}',
    "a pong nobody waits for": "{}",
    "method no object": '{"id":1,"history":"kept:a"}',
    "method list": '{"id":1,"history":["kept:a"]}',
    "channel number": '{"id":1,"history":{"channel":5}}',
    "channel null": '{"id":1,"history":{"channel":null}}',
    "channel object": '{"id":1,"history":{"channel":{"a":1}}}',
    "lone surrogate": '{"id":1,"history":{"channel":"kept:\\ud800"}}',
    "lone surrogate in data": '{"id":1,"publish":{"channel":"kept:a","data":"\\udc00"}}',
    "control character": '{"id":1,"history":{"channel":"kept:\u0001"}}',
    "limit text": '{"id":1,"history":{"channel":"kept:a","limit":"5"}}',
    "limit huge": '{"id":1,"history":{"channel":"kept:a","limit":' + _NINES + "}}",
    "offset negative": '{"id":1,"subscribe":{"channel":"kept:a","recover":true,"offset":-1}}',
    "offset huge": '{"id":1,"subscribe":{"channel":"kept:a","recover":true,"offset":' + _NINES + "}}",
    "offset infinite": '{"id":1,"subscribe":{"channel":"kept:a","recover":true,"offset":1e999}}',
    "flag of no size": '{"id":1,"subscribe":{"channel":"kept:a","flag":' + _NINES + "}}",
    "recover text": '{"id":1,"subscribe":{"channel":"kept:a","recover":"yes"}}',
    "nan": '{"id":1,"publish":{"channel":"kept:a","data":NaN}}',
    "deep": _LARGE,
    "deep data": '{"id":1,"publish":{"channel":"kept:a","data":' + _LARGE + "}}",
    "deep and unknown": '{"id":1,"new":' + _LARGE + "}",
    "deep and closed": '{"id":1,"publish":{"channel":"kept:a","data":' + "[" * 30_000 + "]" * 30_000 + "}}",
    "bad escape": '{"id":1,"publish":{"channel":"kept:a","data":"\\x41"}}',
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_command_ends_its_own_connection(native_house: Server, name: str) -> None:
    with native_as(native_house, "alice") as alice, native_as(native_house, "alice") as other_tab:
        alice.send_raw(GARBAGE[name])

        assert 3501 == alice.closed()
        assert {} == other_tab.ask("publish", channel="plain:a", data=1)
    assert "Traceback" not in native_house.log


TOLERATED = {
    "an unknown field": '{"id":1,"new":1,"publish":{"channel":"plain:a","data":1,"new":{"a":[]}}}',
    "a key twice": '{"id":7,"id":1,"publish":{"channel":"x"},"publish":{"channel":"plain:a","data":1}}',
    "blanks": ' { "id" : 1 , "publish" : { "channel" : "plain:a" , "data" : 1 } } ',
    "a line break at the end": '{"id":1,"publish":{"channel":"plain:a","data":1}}\n',
    "carriage returns": '{"id":1,"publish":{"channel":"plain:a",\r"data":1}}\r\n',
    "two methods": '{"id":1,"send":{"data":1},"publish":{"channel":"plain:a","data":1}}',
    "data of many digits": '{"id":1,"publish":{"channel":"plain:a","data":' + _NINES + "}}",
    "escapes": '{"id":1,"publish":{"channel":"plain:\\u0061","data":"\\u0000\\ud83c\\udf75"}}',
}


@pytest.mark.parametrize("name", TOLERATED)
def test_what_means_one_thing_only_is_done(native_house: Server, name: str) -> None:
    with native_as(native_house, "alice") as alice:
        alice.send_raw(TOLERATED[name])

        assert {"id": 1, "publish": {}} == alice.next()


BINARY_GARBAGE = {
    "empty": b"",
    "cut off": b"\x05\x08",
    "length without end": b"\xff" * 20,
    "wire type 7": b"\x01\x0f",
    "group": b"\x01\x0b",
    "field 0": b"\x02\x00\x00",
    "id with bytes": b"\x03\x0a\x01a",
    "no text as channel": b"\x0a\x08\x01\x52\x06\x0a\x04\xff\xfe\xfd\xfc",
    "pong nobody waits for": b"\x00",
    "id too big": b"\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    "garbage": bytes(range(256)),
    "json": b'{"id":1,"history":{"channel":"kept:a"}}',
}


@pytest.mark.parametrize("name", BINARY_GARBAGE)
def test_what_is_no_protobuf_ends_its_own_connection(native_house: Server, name: str) -> None:
    with native_as(native_house, "alice", protobuf=True) as alice:
        alice.send_raw(BINARY_GARBAGE[name])

        assert 3501 == alice.closed()
    assert "Traceback" not in native_house.log


def test_each_codec_has_its_own_kind_of_frame(native_house: Server) -> None:
    with native_as(native_house, "alice") as json_door, native_as(native_house, "alice", protobuf=True) as other_door:
        json_door.send_raw(b"{}")
        other_door.send_raw('{"id":5,"history":{"channel":"kept:a"}}')

        assert 1003 == json_door.closed()
        assert 3501 == other_door.closed()


@pytest.mark.parametrize("text", ["x" * 65_537, "茶" * 21_900, "x" * 1_000_000], ids=["ascii", "chinese", "1 MB"])
def test_a_frame_over_64_kib_ends_its_own_connection(native_house: Server, text: str) -> None:
    with native_as(native_house, "alice") as alice, native_as(native_house, "alice", protobuf=True) as other:
        alice.send_raw(json.dumps({"id": 9, "publish": {"channel": "plain:a", "data": text}}, ensure_ascii=False))
        other.send_raw(protobuf_of({"id": 9, "publish": {"channel": "plain:a", "data": text}}))

        assert 1009 == alice.closed() == other.closed()


def test_a_frame_of_64_kib_is_taken(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        start = '{"id":9,"publish":{"channel":"plain:a","data":"'
        alice.send_raw(start + "x" * (65_536 - len(start) - 3) + '"}}')

        assert {"id": 9, "publish": {}} == alice.next()


def test_a_thousand_commands_in_a_frame_are_answered_in_their_order(native_house: Server) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice:
        alice.send(*({"id": number, "history": {"channel": channel}} for number in range(1, 1_001)))

        assert list(range(1, 1_001)) == [alice.next(10)["id"] for _ in range(1_000)]


# Anything.

_SEEDS = range(6)
_METHODS = [
    "connect", "subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "rpc", "send", "refresh",
    "sub_refresh", "ping",
]  # fmt: skip
_FIELDS = [
    "channel", "token", "recover", "epoch", "offset", "data", "limit", "since", "reverse", "flag", "type", "tf",
    "delta", "subs", "method", "name", "version", "headers", "join_leave", "positioned",
]  # fmt: skip


def _value(chance: random.Random) -> Any:
    channels = ["kept:f", "plain:f", "seen:f", "$strict:f", "#2", "plain:x#2", "room:1", "user:2", "", "unknown:f"]
    return chance.choice(
        [
            chance.choice(channels), chance.choice(channels), None, True, False, 0, 1, -1, 2**31, 2**53, 2**64, 1.5, "",
            "fossil", "a\0b", "茶", "x" * 300, [], [1], {}, {"offset": 1, "epoch": "x"}, {"plain:f": {"recover": True}},
        ]
    )  # fmt: skip


def _command(chance: random.Random) -> dict[str, Any]:
    request = {field: _value(chance) for field in chance.sample(_FIELDS, chance.randint(0, 5))}
    if chance.random() < 0.7:
        request["channel"] = chance.choice(["kept:f", "plain:f", "seen:f", "told:f", "small:f"])
    return {"id": chance.choice([1, 2, 3, 2**32 - 1]), chance.choice(_METHODS): request}


@pytest.mark.parametrize("seed", _SEEDS)
def test_anything_is_answered_or_ends_its_own_connection(native_house: Server, seed: int) -> None:
    chance = random.Random(seed)
    alice = native_as(native_house, "alice")
    with native_as(native_house, "bob") as bob:
        for _ in range(250):
            alice = _told(native_house, alice, json.dumps(_command(chance)))
        alice.close()

        assert {} == bob.ask("publish", channel="plain:f", data=1)
    assert "Traceback" not in native_house.log


@pytest.mark.parametrize("seed", _SEEDS)
def test_protobuf_of_anything_is_answered_or_ends_its_own_connection(native_house: Server, seed: int) -> None:
    chance = random.Random(seed)
    alice = native_as(native_house, "alice", protobuf=True)
    good = protobuf_of({"id": 5, "subscribe": {"channel": "kept:f", "recover": True, "offset": 3, "epoch": "x"}})
    with native_as(native_house, "bob") as bob:
        for _ in range(150):
            frame = bytearray(good if chance.random() < 0.7 else chance.randbytes(chance.randint(1, 60)))
            for _ in range(chance.randint(0, 3)):
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            alice = _told(native_house, alice, bytes(frame))
        alice.close()

        assert {} == bob.ask("publish", channel="plain:f", data=1)
    assert "Traceback" not in native_house.log


def _told(house: Server, alice: Native, frame: str | bytes) -> Native:
    """Send it, and wait for what comes of it: an answer, or the end, after which there is a new connection."""
    with contextlib.suppress(ConnectionClosed):
        alice.send_raw(frame)
        # Answered behind it, with an id that is in no frame here.
        alice.send({"id": 77_777, "unsubscribe": {"channel": "kept:f"}})
        alice.answer(77_777, "unsubscribe")
        return alice
    assert alice.closed() in (1009, 3005, 3010, 3500, 3501, 3508)
    alice.close()
    return native_as(house, "alice", protobuf=alice.is_protobuf)


def test_what_comes_before_connecting_may_be_anything_too(native_house: Server) -> None:
    for frame in (*GARBAGE.values(), '{"id":1,"connect":{"token":5}}', '{"id":1,"connect":{"subs":{"a":1}}}'):
        with door(native_house) as nobody:
            nobody.send_raw(frame)

            assert 3501 == nobody.closed()
    assert "Traceback" not in native_house.log
