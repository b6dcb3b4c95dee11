"""What publications say, there and back."""

import pytest

from teahouse.chat import frames
from tests.chat.test_classic import POSTED, PUSHED


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        pytest.param(POSTED, "message.posted", id="a message"),
        pytest.param(frames.MessageRang(message=POSTED), "message.rang", id="a ring"),
        pytest.param(PUSHED, "notice.pushed", id="a notice"),
    ],
)
def test_a_frame_comes_back_as_it_was_and_says_its_kind(frame: frames.Frame, kind: str) -> None:
    encoded = frames.encode(frame)

    assert frame == frames.decode(encoded)
    assert encoded.startswith(f'{{"kind":"{kind}"'.encode())
