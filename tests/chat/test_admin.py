"""What an admin does with notices in Django's admin, and what the admin does not show."""

import pytest
from django.test import Client
from django.urls import reverse

from teahouse.accounts.models import User
from teahouse.chat.models import Message, Notice, NoticePush
from teahouse.chat.services.messages import send_to_lobby, send_to_person
from teahouse.chat.services.notices import publish_notice
from tests.chat.conftest import Wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def test_a_notice_that_is_added_is_pushed_once_and_has_its_author(client: Client, admin: User, wire: Wire) -> None:
    with wire.committed():
        response = client.post(reverse("admin:chat_notice_add"), {"title": "放假通知", "content": "周五", "type": 1})

    assert 302 == response.status_code, response.content
    notice = Notice.objects.get()
    assert ("放假通知", "周五", admin.pk) == (notice.title, notice.content, notice.author_id)
    assert 1 == len(wire.publications)
    assert wire.matches_history()


def test_a_notice_that_is_corrected_is_not_pushed_again(client: Client, admin: User, wire: Wire) -> None:
    notice = publish_notice(author=admin, title="tpyo", content="")
    with wire.committed():
        client.post(reverse("admin:chat_notice_change", args=[notice.pk]), {"title": "typo", "content": "", "type": 1})

    notice.refresh_from_db()
    assert ("typo", 1, []) == (notice.title, NoticePush.objects.count(), wire.publications)


def test_the_action_pushes_what_is_ticked_again(client: Client, admin: User, wire: Wire) -> None:
    notices = [publish_notice(author=admin, title=title, content="") for title in "abc"]
    ticked = [notices[0].pk, notices[2].pk]
    with wire.committed():
        client.post(reverse("admin:chat_notice_changelist"), {"action": "push_again", "_selected_action": ticked})

    assert [2, 1, 2] == [notice.pushes.count() for notice in notices]
    assert 2 == len(wire.publications)


def test_a_notice_is_not_deleted_since_its_pushes_are_history(client: Client, admin: User) -> None:
    notice = publish_notice(author=admin, title="stays", content="")
    changelist = reverse("admin:chat_notice_changelist")
    chosen = {"action": "delete_selected", "_selected_action": [notice.pk], "post": "yes"}

    assert 403 == client.post(reverse("admin:chat_notice_delete", args=[notice.pk]), {"post": "yes"}).status_code
    client.post(changelist, chosen)
    assert b"delete_selected" not in client.get(changelist).content
    assert [notice] == list(Notice.objects.all())


@pytest.mark.parametrize("page", ["notice_changelist", "notice_add", "room_changelist", "message_changelist"])
def test_every_page_is_there_for_an_admin_and_for_nobody_else(client: Client, alice: User, page: str) -> None:
    other = Client()
    other.force_login(alice)

    assert 200 == client.get(reverse(f"admin:chat_{page}")).status_code
    assert 302 == other.get(reverse(f"admin:chat_{page}")).status_code


def test_direct_messages_are_neither_listed_nor_opened_nor_found(client: Client, alice: User, bob: User) -> None:
    public = send_to_lobby(author=alice, body="for everyone", client_key="1")
    private = send_to_person(author=alice, receiver_id=bob.pk, body="our secret", client_key="2")

    for query in ("", "?q=secret", f"?room__id__exact={private.room}", f"?q={private.id}"):
        response = client.get(reverse("admin:chat_message_changelist") + query)
        assert b"secret" not in response.content.replace(b'value="secret"', b"")
        if response.status_code == 200:
            assert private.id not in {message.pk for message in response.context["cl"].queryset}
    assert 200 == client.get(reverse("admin:chat_message_change", args=[public.id])).status_code
    assert 302 == client.get(reverse("admin:chat_message_change", args=[private.id])).status_code


def test_rooms_and_messages_are_for_reading(client: Client, alice: User) -> None:
    message = send_to_lobby(author=alice, body="hi", client_key="1")
    for path in (
        reverse("admin:chat_message_add"),
        reverse("admin:chat_message_delete", args=[message.id]),
        reverse("admin:chat_room_delete", args=[message.room]),
    ):
        assert 403 == client.post(path, {"post": "yes"}).status_code

    client.post(reverse("admin:chat_message_change", args=[message.id]), {"body": "changed"})
    assert ["hi"] == list(Message.objects.values_list("body", flat=True))
