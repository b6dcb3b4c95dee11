"""The exact frames of the article's wire, as its page reads them."""

import json
from typing import Any

import msgspec
import pytest

from teahouse.accounts.models import User
from teahouse.chat import access, classic, frames

MESSAGE = frames.Message(id=31, room=4, number=7, author=2, body='你好 "🍵"\n', at=1_763_827_200_123)
POSTED = frames.MessagePosted(message=MESSAGE)
PUSHED = frames.NoticePushed(
    push=9,
    at=1_763_827_300_000,
    notice=frames.Notice(
        id=4,
        title="系统维护",
        content="<p>今晚 22:00</p>",
        type=2,
        author=1,
        created_at=1_763_827_200_000,
        updated_at=1_763_827_260_000,
    ),
)


def frame_of(frame: frames.Frame) -> tuple[str, dict[str, Any]]:
    text = classic.frame_of(frames.encode(frame))
    assert text is not None
    outer = json.loads(text)
    assert {"type", "content"} == set(outer)
    assert isinstance(outer["content"], str)
    content: dict[str, Any] = json.loads(outer["content"])
    return outer["type"], content


def test_a_message_to_everyone() -> None:
    assert (
        "demo-message-receive",
        {
            "fromUserId": 2,
            "text": '你好 "🍵"\n',
            "single": False,
            "id": 31,
            "roomId": 4,
            "number": 7,
            "sentAt": 1_763_827_200_123,
        },
    ) == frame_of(POSTED)


def test_a_message_to_one_is_the_same_but_single() -> None:
    kind, to_everyone = frame_of(POSTED)

    assert (kind, {**to_everyone, "single": True}) == frame_of(frames.MessageRang(message=MESSAGE))


def test_a_message_of_a_person_who_was_deleted_is_from_nobody() -> None:
    nobodys = frames.Message(id=1, room=1, number=1, author=None, body="hi", at=0)

    assert frame_of(frames.MessagePosted(message=nobodys))[1]["fromUserId"] is None


def test_a_notice() -> None:
    assert (
        "notice-push",
        {
            "id": 4,
            "pushId": 9,
            "title": "系统维护",
            "type": 2,
            "content": "<p>今晚 22:00</p>",
            "status": 0,
            "createTime": 1_763_827_200_000,
            "updateTime": 1_763_827_260_000,
            "creator": "1",
            "updater": "1",
            "deleted": False,
        },
    ) == frame_of(PUSHED)


def test_a_notice_of_an_author_who_was_deleted_says_so_as_text() -> None:
    nobodys = frames.decode(frames.encode(PUSHED).replace(b'"author":1', b'"author":null'))
    _, content = frame_of(nobodys)

    assert ("", "") == (content["creator"], content["updater"])


def test_equal_texts_and_equal_notices_are_different_frames() -> None:
    # VueUse shows the second of two equal frames in a row not at all.
    again = frames.MessagePosted(message=msgspec.structs.replace(MESSAGE, id=32, number=8))
    pushed_again = frames.decode(frames.encode(PUSHED).replace(b'"push":9', b'"push":10'))

    assert classic.frame_of(frames.encode(POSTED)) != classic.frame_of(frames.encode(again))
    assert classic.frame_of(frames.encode(PUSHED)) != classic.frame_of(frames.encode(pushed_again))


def test_chinese_is_sent_as_it_is() -> None:
    assert "你好" in (classic.frame_of(frames.encode(POSTED)) or "")


@pytest.mark.django_db
def test_a_person_hears_the_lobby_their_own_channel_and_the_site(alice: User) -> None:
    channels = classic.channels_of(alice.pk)

    assert (access.lobby().channel, f"user:{alice.pk}", "site") == channels
    assert channels == classic.channels_of(alice.pk)
