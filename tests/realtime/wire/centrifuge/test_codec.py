"""The JSON codec: what a frame is, and that nothing a client sends raises anything but BadFrame, here or later."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from teahouse.realtime.wire.centrifuge.codec import JSON, MOST_COMMANDS, BadFrame, one_line
from teahouse.realtime.wire.centrifuge.frames import (
    NOTHING,
    ClientInfo,
    Command,
    ConnectRequest,
    ErrorReply,
    HistoryRequest,
    HistoryResult,
    PresenceResult,
    PresenceStatsResult,
    Pub,
    PublishRequest,
    Push,
    Reply,
    RPCRequest,
    SubscribeRequest,
    UnsubscribeResult,
)


@pytest.mark.parametrize(
    ("frame", "commands"),
    [
        pytest.param("{}", [Command()], id="a pong"),
        pytest.param('{"id":1,"publish":{"channel":"a"}}', [Command(1, publish=PublishRequest("a"))], id="one"),
        pytest.param('{"id":1}\n{"id":2}\n{}', [Command(1), Command(2), Command()], id="several, in their order"),
        pytest.param('{"id":1}\n{"id":2}\n', [Command(1), Command(2)], id="a newline at the end"),
        pytest.param(b'{"id":1}\n{"id":2}\n', [Command(1), Command(2)], id="bytes"),
        pytest.param('{"id":1}\r\n{"id":2}', [Command(1), Command(2)], id="lines of Windows"),
        pytest.param(' { "id" :\t1 } ', [Command(1)], id="with space between tokens"),
        pytest.param(
            '{"id":1,"more":[{"id":"x"}],"rpc":{"more":1}}', [Command(1, rpc=RPCRequest())], id="unknown fields"
        ),
        pytest.param('{"id":1,"Id":2}', [Command(1)], id="another spelling of a field"),
        pytest.param('{"id":1,"rpc":null}', [Command(1)], id="null for a request"),
        pytest.param('{"id":1,"id":2}', [Command(2)], id="a field twice: the last one"),
        pytest.param(
            '{"rpc":{"method":"a"},"rpc":{"data":1}}',
            [Command(rpc=RPCRequest(Raw(b"1")))],
            id="a request twice: the last one",
        ),
        pytest.param(
            '{"connect":{"headers":{"a":"1","a":"2"}}}',
            [Command(connect=ConnectRequest(headers={"a": "2"}))],
            id="a key twice: the last one",
        ),
        pytest.param('{"rpc":{"method":"a\\u0000"}}', [Command(rpc=RPCRequest(method="a\0"))], id="NUL in a string"),
        pytest.param(
            '{"rpc":{"method":"\\ud83c\\udf75茶"}}', [Command(rpc=RPCRequest(method="🍵茶"))], id="any character"
        ),
        pytest.param('{"id":4294967295}', [Command(2**32 - 1)], id="the greatest id"),
        pytest.param('{"id":-0}', [Command(0)], id="minus nothing"),
        pytest.param(
            '{"subscribe":{"offset":9007199254740992}}',
            [Command(subscribe=SubscribeRequest(offset=2**53))],
            id="offset 2^53",
        ),
        pytest.param('{"history":{"limit":-1}}', [Command(history=HistoryRequest(limit=-1))], id="a negative limit"),
        pytest.param('{"id":1,"more":' + "9" * 5_000 + "}", [Command(1)], id="a huge number passed over"),
    ],
)
def test_a_frame_is_read(frame: str | bytes, commands: list[Command]) -> None:
    assert commands == JSON.commands(frame)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("", id="nothing"),
        pytest.param(b"", id="no bytes"),
        pytest.param("\n", id="a newline alone"),
        pytest.param("{}\n\n", id="two newlines at the end"),
        pytest.param("{}\n\n{}", id="an empty line between"),
        pytest.param("\n{}", id="an empty line first"),
        pytest.param('{"id":\n1}', id="a newline within a command"),
        pytest.param("{}{}", id="two without a newline"),
        pytest.param('{}\n{"id":', id="the second cut off"),
        pytest.param("[{}]", id="an array"),
        pytest.param("null", id="null"),
        pytest.param('"{}"', id="a string"),
        pytest.param("ping", id="no JSON"),
        pytest.param("\ufeff{}", id="a byte order mark"),
        pytest.param('{"id":4294967296}', id="id 2^32"),
        pytest.param('{"id":-1}', id="id -1"),
        pytest.param('{"id":1.0}', id="id a float"),
        pytest.param('{"id":1e3}', id="id with an exponent"),
        pytest.param('{"id":true}', id="id a bool"),
        pytest.param('{"id":"1"}', id="id a string"),
        pytest.param('{"id":null}', id="id null"),
        pytest.param('{"id":NaN}', id="id not a number"),
        pytest.param('{"id":' + "9" * 5_000 + "}", id="id a huge number"),
        pytest.param('{"subscribe":{"offset":9007199254740993}}', id="offset 2^53 + 1"),
        pytest.param('{"history":{"since":{"offset":-1}}}', id="since -1"),
        pytest.param('{"history":{"limit":1e400}}', id="limit beyond all numbers"),
        pytest.param('{"history":{"limit":' + "9" * 5_000 + "}}", id="limit a huge number"),
        pytest.param('{"connect":{"headers":{"a":1}}}', id="a header that is no string"),
        pytest.param('{"connect":{"token":null}}', id="null for a string"),
        pytest.param('{"publish":{"data":NaN}}', id="data not a number"),
        pytest.param('{"publish":{"data":-Infinity}}', id="data infinite"),
        pytest.param('{"publish":{"data":01}}', id="data with a leading zero"),
        pytest.param('{"publish":{"data":[1,]}}', id="data with a trailing comma"),
        pytest.param('{"publish":{"data":"a\tb"}}', id="data with a control character"),
        pytest.param('{"publish":{"data":}}', id="data missing"),
        pytest.param('{"publish":{"data":' + "[" * 30_000 + "]" * 30_000 + "}}", id="deep data"),
        pytest.param('{"more":' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}", id="a deep unknown field"),
        pytest.param("[" * 60_000, id="deep and nothing else"),
        pytest.param('{"rpc":{"method":"\\ud800"}}', id="half a surrogate pair at the end"),
        pytest.param('{"rpc":{"method":"\\ud800 and more"}}', id="half a surrogate pair"),
        pytest.param('{"rpc":{"method":"\\ud800\\ud800"}}', id="two first halves"),
        pytest.param('{"rpc":{"method":"\\udc00 and more"}}', id="the second half"),
        pytest.param('{"rpc":{"data":"\\ud800 and more"}}', id="half a surrogate pair in data"),
        pytest.param('{"rpc":{"\\ud800 and more":1}}', id="half a surrogate pair in an unknown field's name"),
        pytest.param('{"rpc":{"method":"\ud800"}}', id="half a surrogate pair in text"),
        pytest.param(b'{"rpc":{"method":"\xff"}}', id="no UTF-8"),
        pytest.param(b'{"rpc":{"method":"\xed\xa0\x80"}}', id="half a surrogate pair in UTF-8"),
    ],
)
def test_a_frame_is_refused(frame: str | bytes) -> None:
    with pytest.raises(BadFrame):
        JSON.commands(frame)


@given(st.text(max_size=60) | st.binary(max_size=60) | st.text('{}[]":,\\ud80019idrpc\n ', max_size=60))
def test_whatever_comes_is_read_or_refused(frame: str | bytes) -> None:
    try:
        JSON.commands(frame)
    except BadFrame:
        return


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('{"b": 1.50, "a" :[ ],"a":2}', id="spaces, order and doubles"),
        pytest.param('"\\u8336\\/\\n茶"', id="escapes or not"),
        pytest.param("1e400", id="a number beyond all numbers"),
        pytest.param("9" * 400, id="a huge number"),
        pytest.param("null", id="null"),
    ],
)
def test_data_stays_byte_for_byte(data: str) -> None:
    (command,) = JSON.commands(f'{{"id":1,"publish":{{"channel":"a","data":{data} }}}}')

    assert command.publish is not None
    assert data.encode() == bytes(command.publish.data)
    written = JSON.encode(Reply(push=Push("a", Pub(command.publish.data))))
    assert b'{"push":{"channel":"a","pub":{"data":' + data.encode() + b"}}}" == written


def test_without_data_there_is_nothing() -> None:
    (command,) = JSON.commands('{"rpc":{"method":"a"}}')

    assert command.rpc is not None
    assert NOTHING == command.rpc.data


@pytest.mark.parametrize(
    ("reply", "written"),
    [
        pytest.param(Reply(), b"{}", id="a ping"),
        pytest.param(Reply(3, unsubscribe=UnsubscribeResult()), b'{"id":3,"unsubscribe":{}}', id="an empty result"),
        pytest.param(
            Reply(3, error=ErrorReply(100, "internal server error", temporary=True)),
            b'{"id":3,"error":{"code":100,"message":"internal server error","temporary":true}}',
            id="an error",
        ),
        pytest.param(
            Reply(3, history=HistoryResult([], "", 0)),
            b'{"id":3,"history":{"publications":[],"epoch":"","offset":0}}',
            id="an empty history",
        ),
        pytest.param(
            Reply(3, presence=PresenceResult({})), b'{"id":3,"presence":{"presence":{}}}', id="nobody present"
        ),
        pytest.param(
            Reply(3, presence_stats=PresenceStatsResult(0, 0)),
            b'{"id":3,"presence_stats":{"num_clients":0,"num_users":0}}',
            id="how many are present",
        ),
        pytest.param(
            Reply(push=Push("a", Pub(Raw(b"1"), ClientInfo("", ""), 7))),
            b'{"push":{"channel":"a","pub":{"data":1,"info":{"user":"","client":""},"offset":7}}}',
            id="a publication of nobody's",
        ),
        pytest.param(
            Reply(push=Push("a", Pub(Raw(b"1"), ClientInfo("7", "c", Raw(b"{}"), Raw(b"[]"))))),
            b'{"push":{"channel":"a","pub":{"data":1,"info":{"user":"7","client":"c","conn_info":{},"chan_info":[]}}}}',
            id="a publication with infos",
        ),
    ],
)
def test_what_is_empty_is_left_out_unless_it_is_always_there(reply: Reply, written: bytes) -> None:
    assert written == JSON.encode(reply)


def test_messages_are_joined_by_newlines() -> None:
    assert b'{}\n{"id":1}' == JSON.join([b"{}", b'{"id":1}'])
    assert b"{}" == JSON.join([b"{}"])


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b'{"a":[1,2]}', b'{"a":[1,2]}', id="one line already"),
        pytest.param(b'{\r\n\t"a": [\n1,\r2 ]\n}\n', b'{\t"a": [1,2 ]}', id="line breaks between tokens"),
        pytest.param(b'"a\\r\\nb"', b'"a\\r\\nb"', id="escaped in a string"),
        pytest.param(b'{"a":1,"a":2}', b'{"a":1,"a":2}', id="a key twice"),
        pytest.param(b'\n"\\u0000 \xe2\x80\xa8"', b'"\\u0000 \xe2\x80\xa8"', id="NUL and a line separator in a string"),
        pytest.param(b"\nnull", b"null", id="null"),
    ],
)
def test_data_becomes_one_line(data: bytes, line: bytes) -> None:
    assert line == one_line(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n", id="space"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"1\n2", id="two values"),
        pytest.param(b"tr\nue", id="a line break within a token"),
        pytest.param(b'"a\nb"', id="a newline in a string"),
        pytest.param(b'"a\rb"', id="a carriage return in a string"),
        pytest.param(b'"\\\n"', id="a newline escaped"),
        pytest.param(b'"a\x00b"', id="NUL in a string"),
        pytest.param(b'"\xff"', id="no UTF-8"),
        pytest.param(b'{"\xff":1}', id="no UTF-8 in a key"),
        pytest.param(b'"\xed\xa0\x80"', id="half a surrogate pair in UTF-8"),
        pytest.param(b'"\\ud800"', id="half a surrogate pair"),
        pytest.param(b'{"\\udc00 and more":1}', id="half a surrogate pair in a key"),
        pytest.param(b"NaN", id="not a number"),
        pytest.param(b"1e400", id="a number beyond all numbers"),
        pytest.param(b"9" * 5_000, id="a huge number"),
        pytest.param(b"[" * 30_000 + b"]" * 30_000, id="deep"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        one_line(data)


@given(st.binary(max_size=40) | st.text('{}[]":,\\un19 \n\r', max_size=40).map(str.encode))
def test_one_line_means_the_same_and_is_one_line(data: bytes) -> None:
    try:
        line = one_line(data)
    except BadFrame:
        return
    assert not {*b"\r\n"} & {*line}
    assert msgspec.json.decode(data) == msgspec.json.decode(line)


def test_a_frame_has_so_many_commands_and_no_more() -> None:
    assert MOST_COMMANDS == len(JSON.commands("\n".join(["{}"] * MOST_COMMANDS)))
    with pytest.raises(BadFrame):
        JSON.commands("\n".join(["{}"] * (MOST_COMMANDS + 1)))


def test_bytes_that_are_no_utf_8_are_no_commands_wherever_they_stand() -> None:
    with pytest.raises(BadFrame):
        JSON.commands(b'{"id":1,"rpc":{"data":"\xff"}}')
