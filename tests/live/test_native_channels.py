"""Who may subscribe, publish and ask on the native door, and what comes of it."""

from typing import Any

import pytest

from tests.live.native import (
    Native,
    channel_in,
    connection_token,
    door,
    native_as,
    subscription_token,
)
from tests.live.server import Server
from tests.services import wait_until

CODECS = pytest.mark.parametrize("protobuf", [False, True], ids=["json", "protobuf"])
ALICE, BOB = "2", "3"


# Subscribing: what is looked at, in this order.


def test_an_empty_channel_ends_the_connection(native_house: Server) -> None:
    for method in ("subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "sub_refresh"):
        with native_as(native_house, "alice") as alice:
            alice.say(method)

            assert 3501 == alice.closed()


@pytest.mark.parametrize(
    "channel",
    ["plain:" + "x" * 250, "plain:茶", "plain:a\nb", "plain:a\0b", "unknown:茶"],
    ids=["long", "chinese", "line break", "nul", "unknown and chinese"],
)
def test_a_name_that_is_none_is_a_bad_request(native_house: Server, channel: str) -> None:
    with native_as(native_house, "alice") as alice:
        for method in ("subscribe", "publish", "history", "presence"):
            assert 107 == alice.refused(method, channel=channel)
        assert {} == alice.ask("subscribe", channel="plain:" + "x" * 249)


@pytest.mark.parametrize("name", ["plain:1", "strict:1"])
def test_subscribing_again_is_told_so_before_it_is_asked_who_may(native_house: Server, name: str) -> None:
    with native_as(native_house, "alice") as alice:
        token = subscription_token(native_house, user=ALICE, channel=name)
        alice.ask("subscribe", channel=name, token=token)

        assert 105 == alice.refused("subscribe", channel=name)


def test_only_so_many_channels_may_be_subscribed_to(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        alice.send(*(alice.command("subscribe", channel=f"plain:many.{number}") for number in range(64)))
        for _ in range(64):
            assert "subscribe" in alice.next()
        alice.send(*(alice.command("subscribe", channel=f"plain:many.{number}") for number in range(64, 128)))
        for _ in range(64):
            assert "subscribe" in alice.next()

        # Looked at before it is known whether there is such a namespace.
        assert 106 == alice.refused("subscribe", channel="unknown:1")
        assert 105 == alice.refused("subscribe", channel="plain:many.1")
        alice.ask("unsubscribe", channel="plain:many.1")
        assert {} == alice.ask("subscribe", channel="plain:many.1")


@CODECS
def test_who_may_subscribe(native_house: Server, protobuf: bool) -> None:
    with native_as(native_house, "alice", protobuf=protobuf) as alice:
        codes = {
            channel: alice.ask("subscribe", channel=channel).get("error", {}).get("code", "joined")
            for channel in (
                "plain:a", "signed:a", "yes:a", "plain:x#2", "plain:x#1,2,3", "#2",
                "unknown:a", "strict:a", "no:a", "$plain:a", "plain:x#1,3", "plain:x#", "plain:x#22", "user:3",
                "site:x", "room:999", "room:x", "user:", "nocolon",
            )
        }  # fmt: skip

    joined = ["plain:a", "signed:a", "yes:a", "plain:x#2", "plain:x#1,2,3", "#2"]
    assert [channel for channel, code in codes.items() if code == "joined"] == joined
    assert 102 == codes.pop("unknown:a")
    assert {103} == {code for channel, code in codes.items() if channel not in joined}


def test_a_member_hears_their_rooms_from_the_start_and_nobody_elses_channels(native_house: Server) -> None:
    # Its first message gives it an epoch.
    with native_house.connect_as("alice") as page:
        page.say("hello")
        page.next()
    with door(native_house) as alice:
        subs = alice.connect(connection_token(native_house, user=ALICE))["subs"]

        assert {"user:2", "site", "room:1"} == set(subs)
        assert all({"recoverable", "positioned"} <= set(sub) for sub in subs.values())
        assert subs["room:1"]["offset"] >= 1
        assert 105 == alice.refused("subscribe", channel="room:1")
        assert 103 == alice.refused("subscribe", channel="user:3")
        assert 108 == alice.refused("publish", channel="user:2", data=1)
        assert 103 == alice.refused("history", channel="user:2")


SUBSCRIPTION_TOKENS: dict[str, tuple[dict[str, Any], int]] = {
    "good": ({}, 0),
    "good for this client": ({"client": "OURS"}, 0),
    "never ends": ({"expire_at": 0}, 0),
    "expired": ({"seconds": -1}, 109),
    "ends in the past": ({"expire_at": 1}, 110),
    "another audience": ({"aud": "teahouse-connection"}, 103),
    "not yet": ({"nbf": 4_000_000_000}, 103),
    "info no JSON": ({"b64info": "AAAA"}, 103),
    "another channel": ({"channel": "strict:other"}, 3500),
    "no channel": ({"channel": None}, 3500),
    "another user": ({"user": BOB}, 3500),
    "nobody": ({"user": None}, 3500),
    "another client": ({"client": "x"}, 3500),
}


@pytest.mark.parametrize("name", SUBSCRIPTION_TOKENS)
def test_a_subscription_token_is_for_one_person_and_one_channel(native_house: Server, name: str) -> None:
    claims, code = SUBSCRIPTION_TOKENS[name]
    with native_as(native_house, "alice") as alice:
        if "client" in claims:
            claims = {**claims, "client": claims["client"].replace("OURS", alice.client)}
        token = subscription_token(native_house, **{"user": ALICE, "channel": "strict:a", **claims})
        if code >= 3000:
            alice.say("subscribe", channel="strict:a", token=token)
            assert code == alice.closed()
        else:
            assert code == alice.ask("subscribe", channel="strict:a", token=token).get("error", {}).get("code", 0)


def test_a_token_that_is_none_opens_nothing_even_where_anyone_may(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        for token in ("garbage", "a.b.c", "x" * 9_000):
            assert 103 == alice.refused("subscribe", channel="plain:a", token=token)
        assert {} == alice.ask("subscribe", channel="plain:a")


@CODECS
def test_a_token_opens_a_private_channel_and_says_who_is_heard_there(native_house: Server, protobuf: bool) -> None:
    channel = f"$plain:{channel_in('x')}"
    with native_as(native_house, "alice", protobuf=protobuf) as alice:
        assert 103 == alice.refused("subscribe", channel=channel)
        token = subscription_token(
            native_house, user=ALICE, channel=channel, info={"role": "guest"}, data={"topic": "tea"}
        )
        result = alice.ask("subscribe", channel=channel, token=token)
        alice.say("publish", channel=channel, data=1)

        assert (True, {"topic": "tea"}) == (result["expires"], result["data"])
        assert 290 <= result["ttl"] <= 300
        assert {"role": "guest"} == alice.published()["info"]["chan_info"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tf": {"key": "a", "cmp": "eq", "val": "b"}}, 107),
        ({"type": 1}, 108),
        ({"type": 4}, 108),
        ({"delta": "fossil"}, 0),
        ({"delta": "xdelta"}, 3501),
        ({"flag": 1}, 0),
        ({"flag": 2**40}, 0),
        ({"tf": None}, 0),
        ({"somethingnew": [1, {"a": 2}]}, 0),
    ],
)
def test_what_is_not_spoken_here_is_refused_or_passed_over(
    native_house: Server, more: dict[str, Any], code: int
) -> None:
    with native_as(native_house, "alice") as alice:
        if code >= 3000:
            alice.say("subscribe", channel="plain:a", **more)
            assert code == alice.closed()
            return
        answer = alice.ask("subscribe", channel="plain:a", **more)
        assert code == answer.get("error", {}).get("code", 0)
        assert not {"delta", "id"} & set(answer)


def test_unsubscribing_is_always_well_and_ends_what_is_heard(native_house: Server) -> None:
    channel, other = channel_in("plain"), channel_in("plain")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        assert {} == alice.ask("unsubscribe", channel=channel)
        alice.ask("subscribe", channel=channel)
        alice.ask("subscribe", channel=other)
        assert {} == alice.ask("unsubscribe", channel=channel)
        assert {} == bob.ask("publish", channel=channel, data="unheard")

        assert [] == alice.nothing_before(other)
        alice.ask("subscribe", channel=channel)
        bob.ask("publish", channel=channel, data="heard")
        assert "heard" == alice.published()["data"]


def test_subscribing_and_unsubscribing_in_one_breath(native_house: Server) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice:
        alice.send(
            *(alice.command(method, channel=channel) for _ in range(10) for method in ("subscribe", "unsubscribe")),
            alice.command("subscribe", channel=channel),
            alice.command("publish", channel=channel, data="heard"),
        )
        replies = [alice.next() for _ in range(23)]

        assert not [reply for reply in replies if "error" in reply]
        assert ["heard"] == [reply["push"]["pub"]["data"] for reply in replies if "push" in reply]


# Publishing.


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("plain:a", 0), ("signed:a", 0), ("listeners:a", 103), ("strict:a", 103), ("unknown:a", 102), ("room:1", 108),
        ("user:2", 108), ("site:x", 108), ("kept:a", 0), ("nocolon", 103),
    ],
)  # fmt: skip
def test_who_may_publish(native_house: Server, channel: str, code: int) -> None:
    with native_as(native_house, "alice") as alice:
        assert code == alice.ask("publish", channel=channel, data=1).get("error", {}).get("code", 0)


def test_where_subscribers_may_publish_one_has_to_be_one(native_house: Server) -> None:
    channel = channel_in("listeners")
    with native_as(native_house, "alice") as alice:
        alice.ask("subscribe", channel=channel)
        assert {} == alice.ask("publish", channel=channel, data=1)
        alice.ask("unsubscribe", channel=channel)
        assert 103 == alice.refused("publish", channel=channel, data=1)


@CODECS
def test_a_publication_is_heard_with_who_published_it(native_house: Server, protobuf: bool) -> None:
    channel = channel_in("kept")
    token = connection_token(native_house, user=ALICE, info={"name": "Alice 茶"})
    with native_as(native_house, "bob", protobuf=protobuf) as bob, door(native_house) as alice:
        alice.connect(token)
        bob.ask("subscribe", channel=channel)
        for number in (1, 2):
            assert {} == alice.ask("publish", channel=channel, data={"n": number, "text": "茶\u2028"})

            expected = {
                "channel": channel,
                "data": {"n": number, "text": "茶\u2028"},
                "offset": number,
                "info": {"user": ALICE, "client": alice.client, "conn_info": {"name": "Alice 茶"}},
            }
            assert expected == bob.published()


@pytest.mark.parametrize("text", ['{"b": 1.00,  "a":[ ]}', '"\\u8336 茶"', "1e3", "null", "[1,\r2]", '{"a":1,"a":2}'])
def test_what_is_published_stays_as_it_was_written(native_house: Server, text: str) -> None:
    channel = channel_in("kept")
    with native_as(native_house, "alice") as alice:
        alice.ask("subscribe", channel=channel)
        alice.send_raw(f'{{"id":100,"publish":{{"channel":"{channel}","data":{text}}}}}')
        frames = "\n".join([str(alice.socket.recv(5)) for _ in range(2)])
        alice.send_raw(f'{{"id":101,"history":{{"channel":"{channel}","limit":1}}}}')
        frames += "\n" + str(alice.socket.recv(5))

        # A line break between tokens is the only thing that may not be there.
        assert 2 == frames.count(f'"data":{text.replace(chr(13), "")},')


def test_only_so_much_may_be_published(native_house: Server) -> None:
    channel = channel_in("tiny")
    with native_as(native_house, "alice") as alice:
        assert {} == alice.ask("publish", channel=channel, data="x" * 98)
        assert 107 == alice.refused("publish", channel=channel, data="x" * 99)
        assert 107 == alice.refused("publish", channel=channel)
        assert 108 == alice.refused("publish", channel=channel, data=1, type=1)


INJECTED = {
    "no JSON": b"hello",
    "cut off": b'{"a":',
    "a message in it": b'1}}}\n{"push":{"channel":"room:1","pub":{"data":"forged"}}}',
    "two values": b"1 2",
    "no text": b"\xff\xfe",
    "a nul": b"\0",
    "deep": b"[" * 20_000,
}


@pytest.mark.parametrize("name", INJECTED)
def test_protobuf_smuggles_nothing_past_those_who_speak_json(native_house: Server, name: str) -> None:
    channel = channel_in("plain")
    with native_as(native_house, "bob") as bob, native_as(native_house, "alice", protobuf=True) as alice:
        bob.ask("subscribe", channel=channel)

        assert 107 == alice.refused("publish", channel=channel, data=INJECTED[name])
        assert [] == bob.nothing_before(channel)


def test_line_breaks_of_protobufs_json_do_not_break_the_lines_of_json(native_house: Server) -> None:
    channel = channel_in("plain")
    with native_as(native_house, "bob") as bob, native_as(native_house, "alice", protobuf=True) as alice:
        bob.ask("subscribe", channel=channel)
        alice.ask("publish", channel=channel, data=b'{\n  "a": "b\\n",\r\n  "c": 1\n}')

        assert {"a": "b\n", "c": 1} == bob.published()["data"]


# Presence, and who comes and goes.


@pytest.mark.parametrize(
    ("channel", "code"), [("plain:a", 108), ("secret:a", 103), ("unknown:a", 102), ("room:1", 108)]
)
def test_who_may_ask_who_is_there(native_house: Server, channel: str, code: int) -> None:
    with native_as(native_house, "alice") as alice:
        alice.ask("subscribe", channel=channel)
        for method in ("presence", "presence_stats"):
            assert code == alice.refused(method, channel=channel)


@CODECS
def test_who_is_there(native_house: Server, protobuf: bool) -> None:
    channel = channel_in("seen")
    with native_as(native_house, "alice", protobuf=protobuf) as alice, native_as(native_house, "bob") as bob:
        assert 103 == alice.refused("presence", channel=channel)
        alice.ask("subscribe", channel=channel)
        with native_as(native_house, "alice") as other_tab:
            other_tab.ask("subscribe", channel=channel)
            bob.ask("subscribe", channel=channel)

            present = alice.ask("presence", channel=channel)["presence"]
            assert {alice.client: ALICE, other_tab.client: ALICE, bob.client: BOB} == {
                client: info["user"] for client, info in present.items()
            }
            assert all(client == info["client"] for client, info in present.items())
            assert {"num_clients": 3, "num_users": 2} == alice.ask("presence_stats", channel=channel)
            bob.ask("unsubscribe", channel=channel)
            assert {"num_clients": 2, "num_users": 1} == alice.ask("presence_stats", channel=channel)
        wait_until(lambda: alice.ask("presence_stats", channel=channel) == {"num_clients": 1, "num_users": 1})


@CODECS
def test_who_asks_for_it_is_told_who_comes_and_goes(native_house: Server, protobuf: bool) -> None:
    channel = channel_in("seen")
    with native_as(native_house, "alice", protobuf=protobuf) as alice, native_as(native_house, "carol") as carol:
        alice.ask("subscribe", channel=channel, join_leave=True)
        assert {"channel": channel, "join": {"info": {"user": ALICE, "client": alice.client}}} == alice.push()
        carol.ask("subscribe", channel=channel)
        assert carol.client == alice.push()["join"]["info"]["client"]
        with native_as(native_house, "bob") as bob:
            bob.ask("subscribe", channel=channel)
            assert bob.client == alice.push()["join"]["info"]["client"]
        assert {"channel": channel, "leave": {"info": {"user": BOB, "client": bob.client}}} == alice.push()
        alice.ask("unsubscribe", channel=channel)

        # Who has not asked hears nothing of it.
        assert [] == carol.nothing_before(channel)


def test_where_all_are_told_nobody_has_to_ask(native_house: Server) -> None:
    channel = channel_in("told")
    with native_as(native_house, "alice") as alice:
        assert {} == alice.ask("subscribe", channel=channel)
        assert alice.client == alice.push()["join"]["info"]["client"]
        with native_as(native_house, "bob") as bob:
            bob.ask("subscribe", channel=channel)
            assert bob.client == bob.push()["join"]["info"]["client"]
            assert bob.client == alice.push()["join"]["info"]["client"]
            bob.ask("unsubscribe", channel=channel)
            assert bob.client == alice.push()["leave"]["info"]["client"]


def test_who_may_not_ask_for_comings_and_goings_is_not_told(native_house: Server) -> None:
    channel = channel_in("plain")
    with native_as(native_house, "alice") as alice, native_as(native_house, "bob") as bob:
        alice.ask("subscribe", channel=channel, join_leave=True)
        bob.ask("subscribe", channel=channel)

        assert [] == alice.nothing_before(channel)


# Other commands.


def test_nobody_has_methods_of_other_names_or_takes_what_is_sent(native_house: Server) -> None:
    with native_as(native_house, "alice") as alice:
        assert 104 == alice.refused("rpc", method="x", data={"a": 1})
        assert 104 == alice.refused("rpc")
        alice.send({"send": {"data": {"a": 1}}})

        assert 3508 == alice.closed()


# Tokens while connected.


@CODECS
def test_a_new_token_moves_the_end_of_the_connection(native_house: Server, protobuf: bool) -> None:
    with native_as(native_house, "alice", protobuf=protobuf) as alice:
        result = alice.ask("refresh", token=connection_token(native_house, user=ALICE, seconds=3_000))

        assert (alice.client, True) == (result["client"], result["expires"])
        assert 2_990 <= result["ttl"] <= 3_000
        assert result["version"]


REFRESHES: dict[str, tuple[dict[str, Any], int]] = {
    "expired": ({"user": ALICE, "seconds": -1}, 3005),
    "another person's": ({"user": BOB}, 3500),
    "nobody's": ({"user": None}, 3500),
    "for a channel": ({"user": ALICE, "channel": "plain:a"}, 3500),
    "another audience": ({"user": ALICE, "aud": "x"}, 3500),
    "with another channel": ({"user": ALICE, "channels": ["plain:new"]}, 3010),
}


@pytest.mark.parametrize("name", REFRESHES)
def test_a_token_that_does_not_fit_ends_the_connection(native_house: Server, name: str) -> None:
    claims, code = REFRESHES[name]
    with native_as(native_house, "alice") as alice:
        alice.say("refresh", token=connection_token(native_house, **claims))

        assert code == alice.closed()


@pytest.mark.parametrize(("request_", "code"), [({}, 3501), ({"token": "garbage"}, 3500)])
def test_a_refresh_without_a_token_ends_the_connection(
    native_house: Server, request_: dict[str, Any], code: int
) -> None:
    with native_as(native_house, "alice") as alice:
        alice.say("refresh", **request_)

        assert code == alice.closed()


def _with_subscription(house: Server) -> Native:
    alice = native_as(house, "alice")
    alice.ask("subscribe", channel="strict:a", token=subscription_token(house, user=ALICE, channel="strict:a"))
    return alice


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"channel": "strict:a"}, 107),
        ({"channel": "strict:other", "token": "x"}, 103),
        ({"channel": "strict:a", "token": "x", "type": 1}, 108),
        ({"channel": "strict:a", "token": "x"}, 3500),
    ],
)
def test_a_sub_refresh_that_does_not_fit(native_house: Server, more: dict[str, Any], code: int) -> None:
    with _with_subscription(native_house) as alice:
        if code >= 3000:
            alice.say("sub_refresh", **more)
            assert code == alice.closed()
        else:
            assert code == alice.refused("sub_refresh", **more)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({}, 0),
        ({"seconds": -1}, 110),
        ({"user": BOB}, 3500),
        ({"channel": "strict:other"}, 3500),
        ({"client": "x"}, 3500),
    ],
)
def test_a_new_subscription_token_is_looked_at_as_the_first_one(
    native_house: Server, claims: dict[str, Any], code: int
) -> None:
    with _with_subscription(native_house) as alice:
        token = subscription_token(native_house, **{"user": ALICE, "channel": "strict:a", "seconds": 3_000, **claims})
        if code >= 3000:
            alice.say("sub_refresh", channel="strict:a", token=token)
            assert code == alice.closed()
            return
        answer = alice.ask("sub_refresh", channel="strict:a", token=token)
        assert code == answer.get("error", {}).get("code", 0)
        if not code:
            assert 2_990 <= answer["ttl"] <= 3_000
