"""What the owner finds in the lobby."""

import pytest
from django.utils.translation import override

from teahouse.accounts.models import User
from teahouse.chat import access
from teahouse.chat.models import Message
from teahouse.site.first_visit import send_welcome
from tests.accounts.api.test_views import OWNER, Visitor, at_home
from tests.chat.conftest import new_person

__all__ = ["at_home"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("accepted", "says"), [("zh-Hans", "欢迎来到你的茶馆"), ("zh-CN,zh;q=0.9", "欢迎来到你的茶馆"), ("en", "Welcome")]
)
def test_the_owner_finds_one_message_of_welcome_in_the_language_of_the_browser(
    at_home: None, accepted: str, says: str
) -> None:
    visitor = Visitor()
    visitor.get("auth/session")
    assert 201 == visitor.post("setup", OWNER, **{"accept-language": accepted}).status_code

    (message,) = Message.objects.all()
    assert (access.lobby(), User.objects.get()) == (message.room, message.author)
    assert says in message.body
    assert "<strong>" in message.html


def test_welcoming_again_says_nothing_more() -> None:
    owner = new_person("mei", is_admin=True)
    with override("en"):
        send_welcome(owner)
        send_welcome(owner)

    assert 1 == Message.objects.count()


def test_a_setup_that_is_refused_welcomes_nobody(at_home: None) -> None:
    visitor = Visitor()
    visitor.get("auth/session")
    assert 400 == visitor.post("setup", {**OWNER, "password": "short"}).status_code

    assert not Message.objects.exists()


def test_the_owner_is_let_in_though_the_lobby_takes_no_message(at_home: None) -> None:
    lobby = access.lobby()
    lobby.archived_at = lobby.created_at
    lobby.save()
    visitor = Visitor()
    visitor.get("auth/session")

    assert 201 == visitor.post("setup", OWNER).status_code
    assert not Message.objects.exists()
