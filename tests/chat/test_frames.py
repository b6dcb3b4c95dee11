"""What publications say, there and back."""

import pytest

from teahouse.chat import frames
from tests.chat.test_classic import MESSAGE, POSTED, PUSHED


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        pytest.param(POSTED, "message.posted", id="a message"),
        pytest.param(frames.MessageRang(message=MESSAGE), "message.rang", id="a ring"),
        pytest.param(PUSHED, "notice.pushed", id="a notice"),
    ],
)
def test_a_frame_comes_back_as_it_was_and_says_its_kind(frame: frames.Frame, kind: str) -> None:
    encoded = frames.encode(frame)

    assert frame == frames.decode(encoded)
    assert encoded.startswith(f'{{"kind":"{kind}"'.encode())


def test_on_the_wire_a_frame_has_its_offset_too_and_is_read_all_the_same() -> None:
    sent = frames.with_offset(frames.encode(POSTED), 12)

    assert sent.startswith(b'{"offset":12,"kind":"message.posted",')
    assert POSTED == frames.decode(sent)


def test_what_is_empty_is_left_out() -> None:
    assert b'"html"' not in frames.encode(POSTED)
    assert b'"reactions"' not in frames.encode(POSTED)
