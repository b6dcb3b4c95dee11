"""Each notice once, where it was pushed last; whom it is for, and who has read it."""

import pytest
from django.contrib.auth.models import Permission

from teahouse.accounts.models import User
from teahouse.chat import errors
from teahouse.chat.models import Notice
from teahouse.chat.selectors.notices import Which, last_notice, newest_pushes, readers_of, unread_notices
from teahouse.chat.services.notices import confirm_notice, publish_notice, push_notice, read_notice
from tests.chat.conftest import new_person

pytestmark = pytest.mark.django_db


def titles(user: User, *, before: int | None = None, limit: int = 100, is_unread: bool = False) -> list[str]:
    pushes = newest_pushes(user=user, before=before, limit=limit, is_unread=is_unread)
    return [push.notice.title for push in pushes]


def test_the_last_pushed_comes_first_and_each_notice_once(admin: User) -> None:
    notices = {title: publish_notice(author=admin, title=title, content="") for title in "abc"}
    push_notice(actor=admin, notice=notices["a"])
    push_notice(actor=admin, notice=notices["b"])

    assert ["b", "a", "c"] == titles(admin)


def test_pages_follow_each_other_without_gap_or_repetition(admin: User) -> None:
    for title in "abcde":
        publish_notice(author=admin, title=title, content="")
    first = newest_pushes(user=admin, before=None, limit=2)

    assert ["e", "d"] == [push.notice.title for push in first]
    assert ["c", "b"] == titles(admin, before=first[-1].pk, limit=2)
    assert ["c", "b", "a"] == titles(admin, before=first[-1].pk)


def test_a_page_takes_one_query_whatever_its_size(admin: User, django_assert_num_queries: object) -> None:
    for title in "abcde":
        publish_notice(author=admin, title=title, content="")

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert 5 == len(titles(admin))


def test_a_notice_that_was_never_pushed_is_not_listed_and_hides_no_other(admin: User) -> None:
    Notice.objects.create(title="never", content="")
    publish_notice(author=admin, title="a", content="")

    assert ["a"] == titles(admin)


def test_those_for_others_are_not_listed_or_counted(admin: User, alice: User, bob: User) -> None:
    publish_notice(author=admin, title="all", content="")
    publish_notice(author=admin, title="hers", content="", user_ids=[alice.pk])
    his = publish_notice(author=admin, title="his", content="", user_ids=[bob.pk])

    assert ["hers", "all"] == titles(alice)
    assert ["his", "all"] == titles(bob)
    assert (2, his.pk) == (len(unread_notices(user=alice, limit=9)), last_notice())


def test_what_is_read_is_left_out_of_what_is_unread(admin: User, alice: User) -> None:
    notices = [publish_notice(author=admin, title=title, content="") for title in "abc"]
    read_notice(reader=alice, notice_id=notices[1].pk)

    assert ["c", "a"] == titles(alice, is_unread=True)
    assert [notices[2].pk, notices[0].pk] == unread_notices(user=alice, limit=9)
    assert [notices[2].pk] == unread_notices(user=alice, limit=1)


# Who has read it.


@pytest.mark.parametrize(
    ("which", "who"),
    [
        ("read", ["reads", "confirms"]),
        ("unread", ["not yet"]),
        ("confirmed", ["confirms"]),
        ("unconfirmed", ["reads", "not yet"]),
    ],
)
def test_of_whom_it_is_for_some_have_read_and_some_have_not(admin: User, which: Which, who: list[str]) -> None:
    people = {name: new_person(name.replace(" ", "")) for name in ("reads", "confirms", "not yet", "gone")}
    new_person("somebody-else")
    ids = [person.pk for person in people.values()]
    notice = publish_notice(author=admin, title="a", content="", user_ids=ids, asks_confirmation=True)
    for name in ("reads", "gone"):
        read_notice(reader=people[name], notice_id=notice.pk)
    confirm_notice(reader=people["confirms"], notice_id=notice.pk)
    User.objects.filter(pk=people["gone"].pk).update(is_active=False)

    found = readers_of(user=admin, notice_id=notice.pk, which=which, after=0, limit=9)
    assert [people[name].pk for name in who] == [user for user, _ in found.page]
    assert (3, 2, 1) == (found.people, found.read, found.confirmed)
    page = readers_of(user=admin, notice_id=notice.pk, which=which, after=people[who[0]].pk, limit=1)
    assert [people[name].pk for name in who[1:2]] == [user for user, _ in page.page]


def test_only_its_author_and_who_may_view_notices_learn_it(admin: User, alice: User, bob: User) -> None:
    alice.user_permissions.add(Permission.objects.get(codename="add_notice"))
    notice = publish_notice(author=alice, title="a", content="", user_ids=[alice.pk])
    public = publish_notice(author=admin, title="a", content="")
    for user in (alice, admin):
        assert 1 == readers_of(user=user, notice_id=notice.pk, which="unread", after=0, limit=9).people
    with pytest.raises(errors.NoSuchNotice):
        readers_of(user=bob, notice_id=notice.pk, which="unread", after=0, limit=9)
    with pytest.raises(errors.NotAllowed):
        readers_of(user=bob, notice_id=public.pk, which="unread", after=0, limit=9)
    with pytest.raises(errors.NoSuchNotice):
        readers_of(user=admin, notice_id=2**70, which="unread", after=0, limit=9)
