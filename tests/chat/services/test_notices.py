"""Publishing notices, to everyone and to some, pushing them again, reading and confirming them."""

import pytest
from django.contrib.auth.models import Permission

from teahouse.accounts.models import User
from teahouse.chat import classic, errors, frames
from teahouse.chat.access import lobby
from teahouse.chat.models import Notice, NoticePush
from teahouse.chat.selectors.notices import unread_notices
from teahouse.chat.services.notices import confirm_notice, publish_notice, push_notice, read_notice
from tests.chat.conftest import Wire, new_person
from tests.chat.services.test_messages import all_at_once
from tests.chat.talking import new_room
from tests.realtime.fakes import NotingBroker

pytestmark = pytest.mark.django_db


def pushed(wire: Wire) -> list[frames.NoticePushed]:
    decoded = [frames.decode(publication.data) for publication in wire.publications]
    return [frame for frame in decoded if isinstance(frame, frames.NoticePushed)]


def test_a_notice_is_kept_and_told_to_the_whole_site_after_the_commit(admin: User, wire: Wire) -> None:
    with wire.committed():
        notice = publish_notice(author=admin, title="系统维护", content="<p>今晚 22:00</p>", type=2)
        assert [] == wire.publications

    notice.refresh_from_db()
    assert ["site"] == [publication.channel for publication in wire.publications]
    push = NoticePush.objects.get()
    shown = frames.Notice(
        id=notice.pk,
        title="系统维护",
        content="<p>今晚 22:00</p>",
        type=2,
        author=admin.pk,
        created_at=frames.milliseconds(notice.created_at),
        updated_at=frames.milliseconds(notice.updated_at),
    )
    assert [frames.NoticePushed(push=push.pk, at=frames.milliseconds(push.at), notice=shown)] == pushed(wire)
    assert wire.matches_history()


def test_each_push_has_a_name_of_its_own_and_all_else_is_the_same(admin: User, wire: Wire) -> None:
    with wire.committed():
        notice = publish_notice(author=admin, title="a", content="")
        push_notice(actor=admin, notice=notice)
        push_notice(actor=admin, notice=notice)

    names = [frame.push for frame in pushed(wire)]
    assert 3 == len(set(names))
    assert names == sorted(names)
    assert 1 == len({frame.notice.id for frame in pushed(wire)})
    assert wire.matches_history()


def test_pushing_again_under_the_same_key_gives_the_first_push(admin: User, wire: Wire) -> None:
    with wire.committed():
        notice = publish_notice(author=admin, title="a", content="")
        first = push_notice(actor=admin, notice=notice, client_key="k")
        again = push_notice(actor=admin, notice=notice, client_key="k")
        other = push_notice(actor=admin, notice=notice, client_key="l")

    assert first == again != other
    assert 3 == len(pushed(wire))


def test_the_same_client_key_returns_the_first_notice_and_pushes_nothing(admin: User, wire: Wire) -> None:
    with wire.committed():
        first = publish_notice(author=admin, title="a", content="b", client_key="1")
        again = publish_notice(author=admin, title="a", content="b", client_key="1")

    assert first == again
    assert 1 == len(wire.publications)


def test_without_a_client_key_each_is_a_notice_of_its_own(admin: User) -> None:
    for _ in range(2):
        publish_notice(author=admin, title="a", content="b")

    assert 2 == Notice.objects.count()


@pytest.mark.parametrize(
    "changes", [{"title": "x"}, {"content": "x"}, {"type": 2}], ids=["another title", "another content", "another type"]
)
def test_a_client_key_for_something_else_is_a_conflict(admin: User, wire: Wire, changes: dict[str, object]) -> None:
    with wire.committed():
        publish_notice(author=admin, title="a", content="b", type=1, client_key="1")
        with pytest.raises(errors.KeyConflict):
            publish_notice(**{"author": admin, "title": "a", "content": "b", "type": 1, "client_key": "1", **changes})

    assert 1 == len(wire.publications)


def test_a_client_key_is_its_authors_own(admin: User) -> None:
    other = new_person("other", is_admin=True)
    notices = {publish_notice(author=author, title="a", content="", client_key="1").pk for author in (admin, other)}

    assert 2 == len(notices)


def test_without_the_permission_nobody_publishes_or_pushes(admin: User, alice: User, wire: Wire) -> None:
    notice = publish_notice(author=admin, title="a", content="")
    with pytest.raises(errors.NotAllowed):
        publish_notice(author=alice, title="a", content="")
    with pytest.raises(errors.NotAllowed):
        push_notice(actor=alice, notice=notice)
    alice.user_permissions.add(Permission.objects.get(codename="add_notice"))

    assert publish_notice(author=alice, title="a", content="").author_id == alice.pk


@pytest.mark.parametrize(
    ("title", "content"),
    [
        pytest.param(" \u200b", "", id="a title of which nothing is seen"),
        pytest.param("茶" * 201, "", id="a title of 201 characters"),
        pytest.param("a\x00", "", id="a NUL in the title"),
        pytest.param("a", "x" * 20_001, id="20,001 characters"),
        pytest.param("a", "\x00", id="a NUL"),
        pytest.param("a", "\ud800", id="half a surrogate pair"),
    ],
)
def test_what_is_no_text_is_refused(admin: User, title: str, content: str) -> None:
    with pytest.raises(errors.BadArgument):
        publish_notice(author=admin, title=title, content=content)


# For some.


def test_a_notice_for_some_is_told_to_each_of_them_and_to_nobody_else(
    admin: User, alice: User, bob: User, wire: Wire
) -> None:
    carol = new_person("carol")
    room = new_room(admin, bob)
    with wire.committed():
        notice = publish_notice(author=admin, title="a", content="", user_ids=[alice.pk], room_ids=[room.pk])
        push_notice(actor=admin, notice=notice)

    channels = [f"user:{person.pk}" for person in sorted((alice, bob, admin), key=lambda person: person.pk)]
    assert channels * 2 == [publication.channel for publication in wire.publications]
    assert all(frame.notice.is_targeted for frame in pushed(wire))
    assert wire.matches_history()
    assert [notice.pk] == unread_notices(user=alice, limit=9)
    assert [] == unread_notices(user=carol, limit=9)


def test_on_the_classic_door_it_reads_as_any_other(admin: User, alice: User, wire: Wire) -> None:
    with wire.committed():
        publish_notice(author=admin, title="for her", content="", user_ids=[alice.pk])
    (publication,) = wire.publications

    assert publication.channel in classic.channels_of(alice.pk)
    frame = classic.frame_of(publication.data)
    assert frame is not None
    assert "for her" in frame


@pytest.mark.parametrize("some", [{"user_ids": []}, {"room_ids": []}], ids=["no people", "no rooms"])
def test_nobody_is_not_everybody(admin: User, some: dict[str, list[int]]) -> None:
    with pytest.raises(errors.BadArgument):
        publish_notice(author=admin, title="a", content="", **some)

    assert not Notice.objects.exists()


def test_whom_it_is_for_has_to_be_there_and_the_room_the_authors_own(admin: User, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    for user_id in (bob.pk, 999_999):
        with pytest.raises(errors.NoSuchPerson):
            publish_notice(author=admin, title="a", content="", user_ids=[alice.pk, user_id])
    with pytest.raises(errors.NotAMember):
        publish_notice(author=admin, title="a", content="", room_ids=[new_room(alice).pk])
    with pytest.raises(errors.BadArgument):
        publish_notice(author=admin, title="a", content="", room_ids=[lobby().pk])
    with pytest.raises(errors.TooMany):
        publish_notice(author=admin, title="a", content="", user_ids=range(1, 2_002))


@pytest.mark.parametrize("others", ["nobody", "someone else"])
def test_a_client_key_for_other_people_is_a_conflict(admin: User, alice: User, bob: User, others: str) -> None:
    for _ in range(2):
        publish_notice(author=admin, title="a", content="", client_key="1", user_ids=[alice.pk])
    with pytest.raises(errors.KeyConflict):
        publish_notice(
            author=admin,
            title="a",
            content="",
            client_key="1",
            user_ids=None if others == "nobody" else [alice.pk, bob.pk],
        )

    assert 1 == Notice.objects.count()


# Reading and confirming.


def test_reading_is_told_to_ones_own_devices_once(admin: User, alice: User, wire: Wire) -> None:
    notice = publish_notice(author=admin, title="a", content="")
    with wire.committed():
        first, again = (read_notice(reader=alice, notice_id=notice.pk) for _ in range(2))

    assert first == again
    assert [f"user:{alice.pk}"] == [publication.channel for publication in wire.publications]
    assert [] == unread_notices(user=alice, limit=9)


def test_confirming_reads_it_too_and_only_what_asks_for_it(admin: User, alice: User, wire: Wire) -> None:
    plain = publish_notice(author=admin, title="a", content="")
    asking = publish_notice(author=admin, title="a", content="", asks_confirmation=True)
    with wire.committed():
        confirmed = confirm_notice(reader=alice, notice_id=asking.pk)
        assert confirmed == confirm_notice(reader=alice, notice_id=asking.pk)
    with pytest.raises(errors.BadArgument):
        confirm_notice(reader=alice, notice_id=plain.pk)

    assert confirmed.confirmed_at == confirmed.read_at
    assert 1 == len(wire.publications)


def test_a_notice_for_others_is_none(admin: User, alice: User, bob: User) -> None:
    notice = publish_notice(author=admin, title="a", content="", user_ids=[bob.pk], asks_confirmation=True)
    for notice_id in (notice.pk, 999_999):
        with pytest.raises(errors.NoSuchNotice):
            read_notice(reader=alice, notice_id=notice_id)
        with pytest.raises(errors.NoSuchNotice):
            confirm_notice(reader=alice, notice_id=notice_id)


@pytest.mark.django_db(transaction=True)
def test_many_pushes_at_once_leave_no_gap(admin: User, told: NotingBroker) -> None:
    def push(number: int) -> None:
        for count in range(5):
            publish_notice(author=admin, title=f"{number} {count}", content="", client_key=f"{number} {count}")

    all_at_once(4, push)

    assert list(range(1, 21)) == sorted(publication.offset for publication in told.publications)
