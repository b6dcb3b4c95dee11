"""Publishing notices and pushing them again."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat import errors, frames
from teahouse.chat.models import Notice, NoticePush
from teahouse.chat.services.notices import publish_notice, push_notice
from tests.chat.conftest import Wire
from tests.chat.services.test_messages import all_at_once
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
    assert [
        frames.NoticePushed(
            notice=notice.pk,
            push=NoticePush.objects.get().pk,
            title="系统维护",
            content="<p>今晚 22:00</p>",
            type=2,
            author=admin.pk,
            created_at=int(notice.created_at.timestamp() * 1000),
            updated_at=int(notice.updated_at.timestamp() * 1000),
        )
    ] == pushed(wire)
    assert wire.matches_history()


def test_each_push_has_a_name_of_its_own_and_all_else_is_the_same(admin: User, wire: Wire) -> None:
    with wire.committed():
        notice = publish_notice(author=admin, title="a", content="")
        push_notice(actor=admin, notice=notice)
        push_notice(actor=admin, notice=notice)

    names = [frame.push for frame in pushed(wire)]
    assert 3 == len(set(names))
    assert names == sorted(names)
    assert 1 == len({(frame.notice, frame.title, frame.created_at) for frame in pushed(wire)})
    assert wire.matches_history()


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


def test_a_client_key_is_its_authors_own(admin: User, alice: User) -> None:
    notices = {publish_notice(author=author, title="a", content="", client_key="1").pk for author in (admin, alice)}

    assert 2 == len(notices)


@pytest.mark.django_db(transaction=True)
def test_many_pushes_at_once_leave_no_gap(admin: User, told: NotingBroker) -> None:
    def push(number: int) -> None:
        for count in range(5):
            publish_notice(author=admin, title=f"{number} {count}", content="", client_key=f"{number} {count}")

    all_at_once(4, push)

    assert list(range(1, 21)) == sorted(publication.offset for publication in told.publications)
