"""What a hostile Redis could hand us: it invents nobody."""

import pytest

from teahouse.realtime.application import ClientInfo
from teahouse.realtime.broker.base import PresenceChanged, Seal
from teahouse.realtime.presence.records import Field, Records, field_from

SEAL = Seal(b"k" * 32)
RECORDS = Records(prefix="teahouse", seal=SEAL)
ANNE = ClientInfo("1", "a:b", conn_info=b'{"n":1}', chan_info=b"2")
FIELD = Field("n1", 3, "a:b").encoded()


def test_an_info_is_read_as_it_was_written() -> None:
    value = RECORDS.close_info("room:1", FIELD, ANNE)

    assert b"n1:3:a:b" == FIELD
    assert Field("n1", 3, "a:b") == field_from(FIELD)
    assert ANNE == RECORDS.open_info("room:1", FIELD, "a:b", value)


def test_a_lease_is_read_as_it_was_written() -> None:
    assert 7 == RECORDS.open_lease("n1", RECORDS.close_lease("n1", 7))
    assert 0 == RECORDS.open_lease("n1", RECORDS.close_lease("n1", 0))


@pytest.mark.parametrize(
    ("channel", "field", "value"),
    [
        pytest.param("room:2", FIELD, RECORDS.close_info("room:1", FIELD, ANNE), id="moved to another channel"),
        pytest.param("room:1", b"n1:4:a:b", RECORDS.close_info("room:1", FIELD, ANNE), id="moved to another life"),
        pytest.param("room:1n", b"1:3:a:b", RECORDS.close_info("room:1", FIELD, ANNE), id="the border moved"),
        pytest.param("", b"n1", RECORDS.close_lease("n1", 7), id="a lease"),
        pytest.param(
            "room:1", FIELD, SEAL.close(PresenceChanged(channel="room:1", node="n1", joined=(ANNE,))), id="a hint"
        ),
        pytest.param(
            "room:1",
            FIELD,
            Records(prefix="teahouse", seal=Seal(b"x" * 32)).close_info("room:1", FIELD, ANNE),
            id="of another key",
        ),
        pytest.param("room:1", FIELD, b"short", id="too short"),
        pytest.param("room:1", FIELD, b"", id="empty"),
    ],
)
def test_what_was_not_signed_for_this_place_is_nobody(channel: str, field: bytes, value: bytes) -> None:
    assert RECORDS.open_info(channel, field, "a:b", value) is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="none"),
        pytest.param(b"7", id="not signed"),
        pytest.param(RECORDS.close_lease("n2", 7), id="of another process"),
        pytest.param(RECORDS.close_info("", b"n1", ANNE), id="an info"),
    ],
)
def test_what_is_no_lease_of_ours_is_none(value: bytes | None) -> None:
    assert RECORDS.open_lease("n1", value) is None


@pytest.mark.parametrize("field", [b"", b"n1", b"n1:x:a", b"n1:3", b"\xff:1:a"])
def test_a_field_of_nobody_is_passed_over(field: bytes) -> None:
    assert field_from(field) is None


def test_no_signed_value_is_a_hint() -> None:
    assert SEAL.open(RECORDS.close_info("room:1", FIELD, ANNE)) is None


def test_all_leases_are_in_one_slot_and_a_channel_in_its_own() -> None:
    assert "teahouse:{node-lease}:n1" == RECORDS.lease_key("n1")
    assert "teahouse:presence:{room:1}" == RECORDS.channel_key("room:1")
