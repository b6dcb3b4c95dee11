"""The protobuf codec against Google's library, which writes the commands and reads the replies."""

from typing import Any

import msgspec
import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Raw, inspect

from teahouse.realtime.wire.centrifuge.codec import MOST_COMMANDS, BadFrame
from teahouse.realtime.wire.centrifuge.frames import (
    NOTHING,
    ClientInfo,
    Command,
    ConnectRequest,
    HistoryRequest,
    HistoryResult,
    Pub,
    PublishRequest,
    Push,
    Reply,
    RPCRequest,
    SendRequest,
    StreamPosition,
    SubRefreshRequest,
    SubscribeRequest,
    UnsubscribeResult,
)
from teahouse.realtime.wire.centrifuge.protobuf import PROTOBUF, emulation_request
from teahouse.realtime.wire.centrifuge.protobuf_fields import BinaryEmulationRequest, fields_of
from tests.realtime.wire.centrifuge.client_proto import message_class, put

TheirCommand, TheirReply = message_class("Command"), message_class("Reply")

# Of offsets our own bounds: JavaScript keeps them in a double.
_BOUNDS = {
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**53),
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
}


def shapes(shape: type[msgspec.Struct], theirs: Any) -> st.SearchStrategy[Any]:
    """Any struct of this shape that can be said with the message `theirs`."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(shape)}
    return st.builds(
        shape,
        **{
            name: st.just(defaults[name]) | _values(kind, theirs.fields_by_name[name])
            if defaults[name] in (None, UNSET)
            else _values(kind, theirs.fields_by_name[name])
            for name, _, kind in fields_of(shape)
        },
    )


def _values(kind: inspect.Type, theirs: Any) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(*_BOUNDS[theirs.type])
        case inspect.StrType():
            return st.text(max_size=20)
        case inspect.RawType() if theirs.message_type is not None:
            # A filter, which is a message that we do not look into and so cannot merge.
            return st.just(NOTHING)
        case inspect.RawType():
            return st.binary(max_size=20).map(Raw)
        case inspect.StructType(cls=shape):
            return shapes(shape, theirs.message_type)
        case inspect.ListType(item_type=item):
            return st.lists(_values(item, theirs), min_size=1, max_size=3)
        case inspect.DictType(value_type=value):
            their_value = theirs.message_type.fields_by_name["value"]
            return st.dictionaries(st.text(max_size=9), _values(value, their_value), min_size=1, max_size=3)
    raise NotImplementedError(kind)


COMMANDS = shapes(Command, TheirCommand.DESCRIPTOR)
REPLIES = shapes(Reply, TheirReply.DESCRIPTOR)


def their_command(command: Command) -> Any:
    theirs = TheirCommand()
    put(command, theirs)
    return theirs


def their_bytes(command: Command) -> bytes:
    return bytes(their_command(command).SerializeToString())


def part(number: int, data: bytes) -> bytes:
    """A field with a length, both of one byte."""
    assert number < 16
    assert len(data) < 0x80
    return bytes((number << 3 | 2, len(data))) + data


def framed(message: bytes) -> bytes:
    return PROTOBUF.join([message])


@given(st.lists(COMMANDS, min_size=1, max_size=3))
def test_commands_are_read_as_google_writes_them(commands: list[Command]) -> None:
    frame = PROTOBUF.join([their_bytes(command) for command in commands])

    assert commands == PROTOBUF.commands(frame)


@given(REPLIES)
def test_replies_are_written_as_google_reads_them(reply: Reply) -> None:
    expected = TheirReply()
    put(reply, expected)

    assert expected == TheirReply.FromString(PROTOBUF.encode(reply))


@given(COMMANDS, COMMANDS)
def test_two_messages_one_after_the_other_are_merged_as_google_merges_them(one: Command, other: Command) -> None:
    both = their_bytes(one) + their_bytes(other)

    (command,) = PROTOBUF.commands(PROTOBUF.join([both]))

    assert TheirCommand.FromString(both) == their_command(command)


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(frame: bytes) -> None:
    try:
        PROTOBUF.commands(frame)
    except BadFrame:
        return


@given(COMMANDS, st.data())
def test_a_command_that_is_damaged_is_read_or_refused(command: Command, data: st.DataObject) -> None:
    message = bytearray(their_bytes(command) or b"\x08\x01")
    for _ in range(data.draw(st.integers(1, 3))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        PROTOBUF.commands(PROTOBUF.join([bytes(message)]))
    except BadFrame:
        return


@pytest.mark.parametrize(
    ("command", "message"),
    [
        pytest.param(Command(), b"", id="a pong"),
        pytest.param(Command(id=1), b"\x08\x01", id="an id alone"),
        pytest.param(Command(id=1), b"\x08\x81\x80\x80\x80\x00", id="an id in more bytes than it needs"),
        pytest.param(Command(id=1), b"\x88\x00\x01", id="a tag in more bytes than it needs"),
        pytest.param(Command(id=2**32 - 1), b"\x08\xff\xff\xff\xff\x0f", id="the greatest id"),
        pytest.param(Command(id=2), b"\x08\x01\x08\x02", id="a number twice: the last one"),
        pytest.param(
            Command(publish=PublishRequest("b")),
            part(7, part(1, b"a") + part(1, b"b")),
            id="a string twice: the last one",
        ),
        pytest.param(
            Command(publish=PublishRequest("a", Raw(b"1"))),
            part(7, part(1, b"a")) + part(7, part(2, b"1")),
            id="a message twice: merged",
        ),
        pytest.param(
            Command(connect=ConnectRequest(headers={"a": "2", "b": "3"})),
            part(4, b"".join(part(6, part(1, k) + part(2, v)) for k, v in [(b"a", b"1"), (b"b", b"3"), (b"a", b"2")])),
            id="a key of a map twice: the last one",
        ),
        pytest.param(
            Command(connect=ConnectRequest(headers={"": ""}, subs={"a": SubscribeRequest()})),
            part(4, part(6, b"") + part(3, part(1, b"a"))),
            id="entries of a map without key or value",
        ),
        pytest.param(
            Command(subscribe=SubscribeRequest(recover=True)), part(5, b"\x18\x80\x02"), id="any number but 0 is true"
        ),
        pytest.param(
            Command(subscribe=SubscribeRequest(offset=2**53)),
            part(5, b"\x38" + b"\x80" * 7 + b"\x10"),
            id="offset 2^53",
        ),
        pytest.param(
            Command(history=HistoryRequest(limit=-1)), part(10, b"\x38" + b"\xff" * 9 + b"\x01"), id="a negative limit"
        ),
        pytest.param(Command(send=SendRequest()), part(12, b""), id="nothing in a message"),
        pytest.param(Command(send=SendRequest()), part(12, part(1, b"1") + part(1, b"")), id="data emptied again"),
        pytest.param(
            Command(rpc=RPCRequest(Raw(b"\x00\xff\n"), "\x00")),
            part(13, part(1, b"\x00\xff\n") + part(2, b"\x00")),
            id="any bytes as data, NUL in a string",
        ),
        pytest.param(Command(id=1), b"\x10\x05\x08\x01", id="an unknown number"),
        pytest.param(Command(id=1), part(2, b"\xff") + b"\x08\x01", id="unknown bytes"),
        pytest.param(Command(id=1), b"\x11" + b"\xff" * 8 + b"\x08\x01", id="an unknown field of 8 bytes"),
        pytest.param(Command(id=1), b"\x15" + b"\xff" * 4 + b"\x08\x01", id="an unknown field of 4 bytes"),
        pytest.param(Command(id=1), b"\xf8\xff\xff\xff\x0f\x00\x08\x01", id="the greatest field number"),
    ],
)
def test_a_message_is_read(command: Command, message: bytes) -> None:
    assert [command] == PROTOBUF.commands(framed(message))
    assert their_command(command) == _known_part(TheirCommand.FromString(message))


def _known_part(theirs: Any) -> Any:
    theirs.DiscardUnknownFields()
    return theirs


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x80", id="a length cut off"),
        pytest.param(b"\x01", id="a length and no message"),
        pytest.param(b"\x03\x08\x01", id="a length past the end"),
        pytest.param(b"\x02\x08\x01\x05", id="a second message cut off"),
        pytest.param(b"\xff" * 9 + b"\x01", id="a length of 2^64 - 1"),
        pytest.param(b"\x80" * 10 + b"\x00", id="a length of 11 bytes"),
        pytest.param(b"\x80" * 9 + b"\x02", id="a length of 65 bits"),
        pytest.param(b"\x80" * 65_536, id="a length that never ends"),
        pytest.param(framed(b"\x08"), id="a number missing"),
        pytest.param(framed(b"\x08\x80"), id="a number cut off"),
        pytest.param(framed(b"\x88"), id="a tag cut off"),
        pytest.param(framed(b"\x08" + b"\x80" * 10 + b"\x00"), id="a number of 11 bytes"),
        pytest.param(framed(b"\x08" + b"\x80" * 9 + b"\x02"), id="a number of 65 bits"),
        pytest.param(framed(b"\x10" + b"\x80" * 10 + b"\x00"), id="an unknown number of 11 bytes"),
        pytest.param(framed(b"\x10" + b"\x80" * 9 + b"\x02"), id="an unknown number of 65 bits"),
        pytest.param(framed(b"\x3a"), id="a field's length missing"),
        pytest.param(framed(b"\x3a\x01"), id="a field cut off"),
        pytest.param(framed(b"\x12\x01"), id="an unknown field cut off"),
        pytest.param(framed(part(7, b"\x0a\x05abc")) + b"\x00", id="an inner field past the end of its message"),
        pytest.param(framed(part(4, part(6, b"\x0a\x01"))), id="an entry of a map cut off"),
        pytest.param(framed(b"\x11" + b"\x00" * 7), id="an unknown field of 8 bytes cut off"),
        pytest.param(framed(b"\x15" + b"\x00" * 3), id="an unknown field of 4 bytes cut off"),
        pytest.param(framed(part(1, b"\x01")), id="bytes for a number"),
        pytest.param(framed(b"\x38\x00"), id="a number for a message"),
        pytest.param(framed(part(7, b"\x08\x61")), id="a number for a string"),
        pytest.param(framed(b"\x0d" + b"\x00" * 4), id="4 bytes for a number"),
        pytest.param(framed(b"\x09" + b"\x00" * 8), id="8 bytes for a number"),
        pytest.param(framed(b"\x13\x14"), id="a group"),
        pytest.param(framed(b"\x14"), id="the end of a group"),
        pytest.param(framed(b"\x16\x00"), id="wire type 6"),
        pytest.param(framed(b"\x17\x00"), id="wire type 7"),
        pytest.param(framed(b"\x00\x00"), id="field number 0"),
        pytest.param(framed(b"\x02\x00"), id="field number 0 with a length"),
        pytest.param(framed(b"\x80\x80\x80\x80\x10\x00"), id="field number 2^29"),
        pytest.param(framed(part(7, part(1, b"\xff"))), id="a string that is not UTF-8"),
        pytest.param(framed(part(7, part(1, b"\xe8\x8c"))), id="a string cut off in a character"),
        pytest.param(framed(part(7, part(1, b"\xc0\x80"))), id="a string in overlong UTF-8"),
        pytest.param(framed(part(7, part(1, "\ud800".encode(errors="surrogatepass")))), id="half a surrogate pair"),
        pytest.param(framed(part(4, part(6, part(1, b"\xff")))), id="a key of a map that is not UTF-8"),
        pytest.param(framed(b"\x08\x80\x80\x80\x80\x10"), id="id 2^32"),
        pytest.param(framed(b"\x08" + b"\xff" * 9 + b"\x01"), id="id -1"),
        pytest.param(framed(part(5, b"\x38\x81" + b"\x80" * 6 + b"\x10")), id="offset 2^53 + 1"),
        pytest.param(framed(part(5, b"\x38" + b"\xff" * 9 + b"\x01")), id="offset 2^64 - 1"),
        pytest.param(framed(part(10, part(8, b"\x08\x81" + b"\x80" * 6 + b"\x10"))), id="since beyond 2^53"),
        pytest.param("\x02\x08\x01", id="text"),
    ],
)
def test_a_frame_is_refused(frame: str | bytes) -> None:
    with pytest.raises(BadFrame):
        PROTOBUF.commands(frame)


def test_fields_that_we_do_not_have_are_passed_over() -> None:
    theirs = their_command(Command(5, subscribe=SubscribeRequest("a"), sub_refresh=SubRefreshRequest("b", type=1)))
    theirs.connect.flag, theirs.connect.dict, theirs.connect.profile = -1, "d", "p"
    theirs.subscribe.phase, theirs.subscribe.cursor, theirs.subscribe.limit, theirs.subscribe.asc = 2, "c", 100, True
    theirs.publish.key, theirs.publish.removed = "k", True
    theirs.sub_refresh.track.add(signature="s").items.add(key="k", version=1)
    theirs.sub_refresh.untrack.append("u")

    (command,) = PROTOBUF.commands(framed(theirs.SerializeToString()))

    assert SubscribeRequest("a") == command.subscribe
    assert SubRefreshRequest("b", type=1) == command.sub_refresh
    assert (5, ConnectRequest(), PublishRequest()) == (command.id, command.connect, command.publish)


def test_a_filter_stays_as_it_came() -> None:
    theirs = their_command(Command(subscribe=SubscribeRequest("a")))
    theirs.subscribe.tf.nodes.add(key="k", cmp="eq", val="v")

    (command,) = PROTOBUF.commands(framed(theirs.SerializeToString()))

    assert command.subscribe is not None
    assert theirs.subscribe.tf.SerializeToString() == bytes(command.subscribe.tf)


def test_what_is_empty_is_not_written() -> None:
    assert b"" == PROTOBUF.encode(Reply())
    assert b"\x08\x03\x3a\x00" == PROTOBUF.encode(Reply(3, unsubscribe=UnsubscribeResult()))
    assert b"\x5a\x00" == PROTOBUF.encode(Reply(history=HistoryResult([], "", 0)))


def test_data_is_written_byte_for_byte() -> None:
    data = b'{"a" : 1,\n"b":"\x00\xff"}'
    push = Push("room:42", Pub(Raw(data), ClientInfo("7", "c", conn_info=Raw(data)), 2**53, {"": "", "k": "茶"}))

    pub = TheirReply.FromString(PROTOBUF.encode(Reply(push=push))).push.pub

    assert (data, data, b"", 2**53) == (pub.data, pub.info.conn_info, pub.info.chan_info, pub.offset)
    assert {"": "", "k": "茶"} == dict(pub.tags)


def test_messages_of_any_length_are_joined() -> None:
    messages = [b"x" * length for length in (0, 1, 127, 128, 16_383, 16_384, 70_000)]
    starts = [b"\x00", b"\x01", b"\x7f", b"\x80\x01", b"\xff\x7f", b"\x80\x80\x01", b"\xf0\xa2\x04"]

    assert b"".join(start + message for start, message in zip(starts, messages, strict=True)) == PROTOBUF.join(messages)
    assert b"" == PROTOBUF.join([])


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(b"\x00", id="pongs"),
        pytest.param(b"\x02\x08\x01", id="ids alone"),
        pytest.param(b"\x02\x3a\x00", id="empty publications"),
    ],
)
def test_a_frame_has_so_many_commands_and_no_more(unit: bytes) -> None:
    assert MOST_COMMANDS == len(PROTOBUF.commands(unit * MOST_COMMANDS))
    with pytest.raises(BadFrame):
        PROTOBUF.commands(unit * (MOST_COMMANDS + 1))


def test_an_emulation_request_is_read() -> None:
    commands = PROTOBUF.join([their_bytes(Command(1, history=HistoryRequest("a", since=StreamPosition(3, "e"))))])
    body = message_class("EmulationRequest")(node="n", session="s", data=commands).SerializeToString()

    request = emulation_request(body)

    assert BinaryEmulationRequest("n", "s", commands) == request
    assert [Command(1, history=HistoryRequest("a", since=StreamPosition(3, "e")))] == PROTOBUF.commands(request.data)


@pytest.mark.parametrize("body", [b"\x0a", b"\x0a\x02a", b"\x0a\x01\xff", b"\x08\x01", b"\x80" * 11])
def test_what_is_no_emulation_request_is_refused(body: bytes) -> None:
    with pytest.raises(BadFrame):
        emulation_request(body)
