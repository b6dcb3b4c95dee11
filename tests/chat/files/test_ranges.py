"""Which bytes are asked for or brought (RFC 9110 §14)."""

import pytest

from teahouse.chat.files.ranges import ContentRange, NotSatisfiable, Range, asked_range, content_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes=0-9", Range(0, 9), id="the first ten"),
        pytest.param("bytes=10-", Range(10, 99), id="from one on"),
        pytest.param("bytes=-10", Range(90, 99), id="the last ten"),
        pytest.param("bytes=-1000", Range(0, 99), id="more last ones than there are"),
        pytest.param("bytes=90-1000", Range(90, 99), id="beyond the end"),
        pytest.param("Bytes=0-0", Range(0, 0), id="the unit is without case"),
        pytest.param("bytes=0-1,5-6", None, id="several"),
        pytest.param("bytes=9-0", None, id="backwards"),
        pytest.param("bytes=-", None, id="neither"),
        pytest.param("lines=0-9", None, id="another unit"),
        pytest.param("bytes=0-" + "9" * 5000, None, id="a number without end"),
        pytest.param("bytes=٠-٩", None, id="digits of another script"),
    ],
)
def test_one_range_is_understood_and_everything_else_is_the_whole(header: str, expected: Range | None) -> None:
    assert expected == asked_range(header, 100)


@pytest.mark.parametrize(
    ("header", "size_bytes"),
    [
        pytest.param("bytes=100-", 100, id="behind the end"),
        pytest.param("bytes=-0", 100, id="the last none"),
        pytest.param("bytes=0-", 0, id="of nothing"),
        pytest.param("bytes=-5", 0, id="the last of nothing"),
    ],
)
def test_bytes_that_do_not_exist_cannot_be_asked_for(header: str, size_bytes: int) -> None:
    with pytest.raises(NotSatisfiable):
        asked_range(header, size_bytes)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("bytes 0-9/20", ContentRange(0, 9, 20), id="a piece"),
        pytest.param("bytes 0-19/20", ContentRange(0, 19, 20), id="all"),
        pytest.param("bytes 0-20/20", None, id="longer than the total"),
        pytest.param("bytes 9-0/20", None, id="backwards"),
        pytest.param("bytes 0-9/*", None, id="an unknown total"),
        pytest.param("bytes */20", None, id="no range"),
        pytest.param("0-9/20", None, id="no unit"),
    ],
)
def test_a_piece_says_where_it_belongs(header: str, expected: ContentRange | None) -> None:
    assert expected == content_range(header)
