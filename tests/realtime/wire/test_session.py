"""What every session does, whatever its protocol: how it ends, and when reading pauses."""

import pytest

from teahouse.realtime.wire.codes import Ending
from teahouse.realtime.wire.session import Limits, Session


class LineSession(Session[str]):
    """The smallest protocol: each text is a command."""

    def receive_text(self, text: str) -> None:
        self._accept(text, len(text))


def session_with(*, expires_at: float | None = None, **limits: int) -> LineSession:
    return LineSession(limits=Limits(**limits), expires_at=expires_at)


def test_a_new_session_owes_nothing() -> None:
    session = session_with()

    assert session.ending is None
    assert [] == session.frames_to_send()
    assert [] == session.commands()
    assert not session.is_full


def test_a_binary_frame_ends_it() -> None:
    session = session_with()
    session.receive_bytes(b"ping")

    assert Ending.BINARY_FRAME == session.ending


def test_the_first_reason_to_end_stays() -> None:
    session = session_with(expires_at=10.0)
    session.close(Ending.SLOW)
    session.close(Ending.DRAIN)
    session.receive_bytes(b"")
    session.tick(11.0)

    assert Ending.SLOW == session.ending


@pytest.mark.parametrize(
    ("now", "ending"),
    [
        pytest.param(9.999, None, id="a moment before"),
        pytest.param(10.0, Ending.TOKEN_EXPIRED, id="on the second"),
        pytest.param(99.0, Ending.TOKEN_EXPIRED, id="long after"),
    ],
)
def test_a_tick_ends_it_when_its_token_has_expired(now: float, ending: Ending | None) -> None:
    session = session_with(expires_at=10.0)
    session.tick(now)

    assert ending == session.ending


def test_a_token_without_an_end_never_expires() -> None:
    session = session_with(expires_at=None)
    session.tick(1e12)

    assert session.ending is None


def test_a_token_that_has_expired_already_ends_it_on_the_first_tick() -> None:
    session = session_with(expires_at=-5.0)
    session.tick(0.0)

    assert Ending.TOKEN_EXPIRED == session.ending


def test_commands_are_handed_out_once_in_their_order_and_with_their_size() -> None:
    session = session_with()
    session.receive_text("one")
    session.receive_text("three")

    assert [("one", 3), ("three", 5)] == session.commands()
    assert [] == session.commands()


def test_it_is_full_at_its_number_of_commands_until_one_is_done() -> None:
    session = session_with(max_waiting_commands=2)
    session.receive_text("a")
    assert not session.is_full

    session.receive_text("b")
    assert session.is_full

    # Handing them out is not doing them.
    session.commands()
    assert session.is_full

    session.command_done(1)
    assert not session.is_full


def test_it_is_full_at_its_number_of_characters_until_enough_are_done() -> None:
    session = session_with(max_waiting_chars=10)
    session.receive_text("123456789")
    assert not session.is_full

    session.receive_text("1")
    assert session.is_full

    session.command_done(1)
    assert not session.is_full
