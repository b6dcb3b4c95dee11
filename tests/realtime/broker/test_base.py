"""The seal on what travels between processes: what we closed opens as the same, anything else as nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime.application import Publication
from teahouse.realtime.broker.base import Disconnect, Hint, Published, Seal
from teahouse.realtime.conf import Conf
from teahouse.realtime.engine import seal_from

SEAL = Seal(b"k" * 32)
HINT = Published(publication=Publication(channel="room:1", offset=7, epoch="e", data='{"body":"你好"}'.encode()))

publications = st.builds(
    Publication,
    channel=st.text(max_size=20),
    offset=st.integers(0, 2**63 - 1),
    epoch=st.text(max_size=8),
    data=st.binary(max_size=100),
)
hints: st.SearchStrategy[Hint] = st.one_of(
    st.builds(Published, publication=publications),
    st.builds(Disconnect, user_id=st.none() | st.integers(1, 2**63 - 1), sid=st.none() | st.text(max_size=40)),
)


@given(hints)
def test_what_was_closed_opens_as_the_same(hint: Hint) -> None:
    assert hint == SEAL.open(SEAL.close(hint))


@given(hints, st.data())
def test_one_changed_bit_is_found(hint: Hint, data: st.DataObject) -> None:
    sealed = bytearray(SEAL.close(hint))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    assert SEAL.open(bytes(sealed)) is None


@given(st.binary(max_size=200))
def test_garbage_opens_as_nothing(sealed: bytes) -> None:
    assert SEAL.open(sealed) is None


@given(hints, st.integers(0, 60))
def test_a_part_of_it_opens_as_nothing(hint: Hint, length: int) -> None:
    sealed = SEAL.close(hint)

    assert SEAL.open(sealed[: min(length, len(sealed) - 1)]) is None


def test_another_key_opens_nothing() -> None:
    assert Seal(b"x" * 32).open(SEAL.close(HINT)) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1", id="no msgpack"),
        pytest.param(b"\x81\xa4type\xa5other", id="no hint of ours"),
        pytest.param(b"\x81\xa4type\xa9published", id="a publication without one"),
    ],
)
def test_what_was_signed_but_is_no_hint_opens_as_nothing(body: bytes) -> None:
    assert SEAL.open(SEAL._sign(body) + body) is None


def test_every_process_with_the_same_key_opens_it() -> None:
    first, second, other = (seal_from(Conf(application="", key=letter * 64)) for letter in "kkx")

    assert HINT == second.open(first.close(HINT))
    assert other.open(first.close(HINT)) is None
