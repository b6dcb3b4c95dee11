"""What a native connection may say when."""

import json

import pytest

from teahouse.realtime.wire.centrifuge.codec import JSON
from teahouse.realtime.wire.centrifuge.frames import ConnectRequest, ConnectResult, Reply
from teahouse.realtime.wire.centrifuge.session import Heartbeat, NativeSession
from teahouse.realtime.wire.codes import Ending, Error
from teahouse.realtime.wire.session import Limits

CONNECT = '{"id":1,"connect":{}}'


@pytest.fixture
def session() -> NativeSession:
    return NativeSession(
        codec=JSON, limits=Limits(), heartbeat=Heartbeat(interval=25, timeout=10, jitter=0.5), now=100.0
    )


@pytest.fixture
def connected(session: NativeSession) -> NativeSession:
    session.receive(CONNECT)
    session.commands()
    session.reply(Reply(id=1, connect=ConnectResult(client="c")))
    session.connected(100.0)
    session.command_done()
    session.payload()
    return session


def said(session: NativeSession) -> list[object]:
    return [json.loads(line) for line in session.payload().decode().split("\n") if line]


def test_the_first_command_is_connect(session: NativeSession) -> None:
    session.receive(CONNECT)
    ((command, request),) = session.commands()

    assert 1 == command.id
    assert isinstance(request, ConnectRequest)
    assert session.ending is None
    assert not session.is_connected


def test_several_commands_of_a_frame_come_out_in_their_order(session: NativeSession) -> None:
    session.receive(CONNECT + '\n{"id":2,"subscribe":{"channel":"a"}}\n{"id":3,"unsubscribe":{"channel":"a"}}\n')

    assert [1, 2, 3] == [command.id for command, _ in session.commands()]
    assert session.ending is None


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param('{"id":1,"subscribe":{"channel":"a"}}', id="another command first"),
        pytest.param("{}", id="a pong first"),
        pytest.param('{"connect":{}}', id="no id"),
        pytest.param(CONNECT + "\n" + CONNECT, id="connect twice"),
        pytest.param("", id="empty"),
        pytest.param("\n", id="an empty line"),
        pytest.param("[]", id="no object"),
        pytest.param("ping", id="no JSON"),
        pytest.param('{"id":1}', id="an id and no command"),
        pytest.param('{"id":1,"ping":{}}', id="a ping, which is the server's"),
        pytest.param('{"id":-1,"connect":{}}', id="a negative id"),
        pytest.param('{"id":4294967296,"connect":{}}', id="an id of more than 32 bits"),
    ],
)
def test_what_breaks_the_protocol_ends_the_connection(session: NativeSession, frame: str) -> None:
    session.receive(frame)

    assert Ending.BAD_REQUEST is session.ending


@pytest.mark.parametrize(
    ("frame", "ending"),
    [
        pytest.param(CONNECT, Ending.BAD_REQUEST, id="connect again"),
        pytest.param("{}", Ending.BAD_REQUEST, id="a pong that nobody asked for"),
        pytest.param('{"subscribe":{"channel":"a"}}', Ending.BAD_REQUEST, id="no id"),
        pytest.param('{"id":2,"subscribe":{"channel":"a"}}', None, id="a command"),
        pytest.param('{"send":{"data":1}}', None, id="send, which has no id"),
        pytest.param(b"{}", Ending.BINARY_FRAME, id="bytes"),
    ],
)
def test_what_may_come_once_it_is_connected(
    connected: NativeSession, frame: str | bytes, ending: Ending | None
) -> None:
    connected.receive(frame)

    assert ending is connected.ending


def test_after_a_refusal_nothing_may_follow(session: NativeSession) -> None:
    session.receive(CONNECT)
    session.commands()
    session.refused()
    session.fail(1, Error.TOKEN_EXPIRED)
    assert [{"id": 1, "error": {"code": 109, "message": "token expired"}}] == said(session)

    session.receive('{"id":2,"subscribe":{"channel":"a"}}')
    assert Ending.BAD_REQUEST is session.ending


def test_who_does_not_connect_in_time_is_stale(session: NativeSession) -> None:
    session.tick(109.4)
    assert session.ending is None
    session.tick(110.0)
    assert Ending.STALE is session.ending


def test_the_first_ping_comes_within_the_second_half_of_the_interval_and_the_next_an_interval_later(
    connected: NativeSession,
) -> None:
    connected.tick(118.2)
    assert [] == said(connected)
    connected.tick(118.75)
    assert [{}] == said(connected)

    connected.receive("{}")
    assert connected.ending is None
    connected.tick(143.2)
    assert [] == said(connected)
    connected.tick(143.75)
    assert [{}] == said(connected)


def test_a_pong_that_does_not_come_ends_it(connected: NativeSession) -> None:
    connected.tick(120.0)
    connected.tick(129.4)
    assert connected.ending is None
    connected.tick(130.0)

    assert Ending.NO_PONG is connected.ending


def test_a_second_pong_is_one_too_many(connected: NativeSession) -> None:
    connected.tick(120.0)
    connected.receive("{}\n{}")

    assert Ending.BAD_REQUEST is connected.ending


def test_it_is_full_until_commands_are_done(connected: NativeSession) -> None:
    for number in range(2, 66):
        assert not connected.is_full
        connected.receive(f'{{"id":{number},"rpc":{{}}}}')
    assert connected.is_full

    connected.command_done()
    assert not connected.is_full


def test_what_is_said_leaves_as_one_frame_and_once(connected: NativeSession) -> None:
    connected.fail(2, Error.INTERNAL)
    connected.fail(3, Error.BAD_REQUEST)

    assert [
        {"id": 2, "error": {"code": 100, "message": "internal server error", "temporary": True}},
        {"id": 3, "error": {"code": 107, "message": "bad request"}},
    ] == said(connected)
    assert b"" == connected.payload()


def test_the_first_reason_to_end_stays_and_nothing_is_taken_after_it(connected: NativeSession) -> None:
    connected.close(Ending.DRAIN)
    connected.close(Ending.FAULT)
    connected.receive('{"id":2,"rpc":{}}')

    assert Ending.DRAIN is connected.ending
    assert [] == connected.commands()
