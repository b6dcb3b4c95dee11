"""Reading the log back: pages, heads, and texts as they are now."""

from typing import Any

import pytest

from teahouse.accounts.models import User
from teahouse.chat import frames
from teahouse.chat.log import history
from teahouse.chat.models import Channel, Notice
from teahouse.chat.services.messages import send_to_lobby
from teahouse.chat.services.notices import publish_notice
from teahouse.realtime.application import Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(alice: User) -> str:
    """The lobby's, with five messages."""
    messages = [send_to_lobby(author=alice, body=f"{number}", client_key=f"{number}") for number in range(1, 6)]
    return f"room:{messages[0].room}"


@pytest.mark.parametrize(
    ("offset", "limit", "offsets"),
    [
        pytest.param(0, 100, [1, 2, 3, 4, 5], id="everything"),
        pytest.param(0, 2, [1, 2], id="the oldest two"),
        pytest.param(2, 2, [3, 4], id="the two after"),
        pytest.param(4, 2, [5], id="the last one"),
        pytest.param(5, 2, [], id="nothing more"),
        pytest.param(99, 2, [], id="beyond the end"),
    ],
)
def test_a_page_is_the_oldest_after_an_offset(channel: str, offset: int, limit: int, offsets: list[int]) -> None:
    assert offsets == [entry.offset for entry in history.publications_after(channel, offset, limit=limit)]


def test_a_channel_in_which_nothing_happened_has_no_history(channel: str) -> None:
    assert [] == history.publications_after("room:999999", 0, limit=9)
    assert {} == history.heads(["room:999999"])
    assert {} == history.heads([])


def test_heads_are_those_of_the_channels_that_were_asked_for(channel: str, admin: User) -> None:
    publish_notice(author=admin, title="a", content="")
    heads = history.heads([channel, "site", "nowhere"])

    assert {channel: 5, "site": 1} == {name: head.offset for name, head in heads.items()}
    epoch = Channel.objects.get(name=channel).epoch
    assert Head(5, epoch) == heads[channel]
    assert {epoch} == {entry.epoch for entry in history.publications_after(channel, 0, limit=9)}


def test_each_channel_has_an_epoch_of_its_own(channel: str, admin: User) -> None:
    publish_notice(author=admin, title="a", content="")
    epochs = list(Channel.objects.values_list("epoch", flat=True))

    assert 2 == len(set(epochs))
    assert all(epochs)


def test_a_page_takes_as_many_queries_whatever_is_in_it(channel: str, django_assert_num_queries: Any) -> None:
    for limit in (1, 5):
        with django_assert_num_queries(7):
            assert limit == len(history.publications_after(channel, 0, limit=limit))


def test_a_notice_that_was_corrected_is_read_as_it_is_now(admin: User) -> None:
    notice = publish_notice(author=admin, title="tpyo", content="")
    Notice.objects.filter(pk=notice.pk).update(title="typo")
    (publication,) = history.publications_after("site", 0, limit=9)

    frame = frames.decode(publication.data)
    assert isinstance(frame, frames.NoticePushed)
    assert "typo" == frame.notice.title
