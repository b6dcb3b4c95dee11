"""The seal on what travels between processes: what we closed opens as the same, anything else as nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.realtime.application import ClientInfo, Publication
from teahouse.realtime.broker.base import (
    Answer,
    Do,
    DoDisconnect,
    DoRefresh,
    DoSubscribe,
    DoUnsubscribe,
    Emulated,
    Ended,
    Hint,
    Order,
    PresenceChanged,
    Published,
    Question,
    Seal,
    Target,
    channel_of,
    node_of,
)

SEAL = Seal(b"k" * 32)
HINT = Published(publication=Publication(channel="room:1", offset=7, epoch="e", data='{"body":"你好"}'.encode()))

texts, datas, numbers = st.text(max_size=8), st.binary(max_size=40), st.integers(0, 2**63 - 1)
times = st.floats(0, 2e9)
infos = st.builds(ClientInfo, user=texts, client=texts, conn_info=datas, chan_info=datas)
publications = st.builds(
    Publication,
    channel=texts,
    offset=numbers,
    epoch=texts,
    data=datas,
    publisher=st.none() | infos,
    tags=st.none() | st.dictionaries(texts, texts, max_size=3),
)
dos: st.SearchStrategy[Do] = st.one_of(
    st.builds(DoDisconnect, code=numbers, reason=texts, spare=st.tuples(texts)),
    st.builds(DoSubscribe, channel=texts, info=datas, data=datas, expires_at=st.none() | times, since_offset=numbers),
    st.builds(DoUnsubscribe, channel=texts, code=numbers, reason=texts),
    st.builds(DoRefresh, expires_at=st.none() | times, is_expired=st.booleans()),
)
targets = st.builds(Target, user=texts, client=texts, session=texts)
hints: st.SearchStrategy[Hint] = st.one_of(
    st.builds(Published, publication=publications),
    st.builds(PresenceChanged, channel=texts, node=texts, joined=st.tuples(infos), left=st.tuples(infos)),
    st.builds(Ended, user=st.none() | texts, sid=st.none() | texts),
    st.builds(Order, id=texts, at=times, target=targets, do=dos),
    st.builds(Emulated, node=texts, session=texts, data=datas),
    st.builds(Question, id=texts, node=texts, about=texts, pattern=texts),
    st.builds(Answer, id=texts, to=texts, node=texts, data=datas),
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
    assert SEAL.open(SEAL.sign(body) + body) is None


def test_every_process_with_the_same_key_opens_it() -> None:
    from teahouse.realtime.conf import Conf
    from teahouse.realtime.parts import seal_from

    first, second, other = (seal_from(Conf(application="", key=letter * 64)) for letter in "kkx")

    assert HINT == second.open(first.close(HINT))
    assert other.open(first.close(HINT)) is None


@pytest.mark.parametrize(
    ("hint", "channel", "node"),
    [
        pytest.param(HINT, "room:1", None, id="publication"),
        pytest.param(PresenceChanged(channel="room:1", node="n1"), "room:1", None, id="presence"),
        pytest.param(Ended(user="1"), None, None, id="ended"),
        pytest.param(Order(id="1", at=0, target=Target(user="1"), do=DoRefresh()), None, None, id="order"),
        pytest.param(Question(id="1", node="n1", about="info"), None, None, id="question"),
        pytest.param(Emulated(node="n1", session="s", data=b""), None, "n1", id="emulated"),
        pytest.param(Answer(id="1", to="n1", node="n2", data=b""), None, "n1", id="answer"),
    ],
)
def test_a_hint_is_for_a_channel_or_for_a_process_or_for_all(hint: Hint, channel: str | None, node: str | None) -> None:
    assert (channel, node) == (channel_of(hint), node_of(hint))
