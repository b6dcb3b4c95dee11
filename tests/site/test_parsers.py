"""JSON bodies at any depth."""

import io

import pytest
from rest_framework.exceptions import ParseError

from teahouse.site.parsers import FlatJSONParser


def test_json_is_read_as_drf_reads_it() -> None:
    assert {"text": ["茶"]} == FlatJSONParser().parse(io.BytesIO('{"text":["茶"]}'.encode()))


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a":' * 100_000],
    ids=["cut off", "no UTF-8", "NaN", "deep arrays", "deep objects"],
)
def test_what_cannot_be_read_is_the_senders_mistake(body: bytes) -> None:
    with pytest.raises(ParseError):
        FlatJSONParser().parse(io.BytesIO(body))
