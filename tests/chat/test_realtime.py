"""The chat's side of the engine's port."""

import json

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Message
from teahouse.chat.realtime import ChatApplication
from teahouse.realtime.wire.classic.codec import Envelope
from tests.chat.conftest import Wire
from tests.realtime.fakes import admission

pytestmark = pytest.mark.django_db

HELLO = Envelope("demo-message-send", json.dumps({"text": "hello", "toUserId": ""}))


@pytest.fixture
def application() -> ChatApplication:
    return ChatApplication()


def test_a_command_is_run_for_the_person_of_the_connection(application: ChatApplication, alice: User) -> None:
    assert application.run_classic(admission(str(alice.pk)), HELLO, "key") is None
    assert [("hello", alice.pk)] == list(Message.objects.values_list("body", "author_id"))


@pytest.mark.parametrize("type", ["", "x", "demo-message-receive", "notice-push", "im-notification", "__class__"])
def test_an_unknown_type_is_passed_over(application: ChatApplication, alice: User, type: str) -> None:
    assert "unknown type" == application.run_classic(admission(str(alice.pk)), Envelope(type, HELLO.content), "key")


def test_whoever_was_deactivated_or_deleted_since_does_nothing(application: ChatApplication, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert "not a member" == application.run_classic(admission(str(alice.pk)), HELLO, "1")
    assert "not a member" == application.run_classic(admission("999999"), HELLO, "2")
    assert not Message.objects.exists()


def test_what_is_told_is_what_can_be_read_again_and_shown(
    application: ChatApplication, alice: User, wire: Wire
) -> None:
    with wire.committed():
        application.run_classic(admission(str(alice.pk)), HELLO, "key")
    (publication,) = wire.publications

    assert [publication] == application.publications_after(publication.channel, 0, 9)
    assert 1 == application.heads([publication.channel])[publication.channel].offset
    frame = application.classic_frame(publication)
    assert frame is not None
    assert "hello" == json.loads(json.loads(frame)["content"])["text"]
