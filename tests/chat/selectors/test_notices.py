"""Each notice once, where it was pushed last."""

import pytest

from teahouse.accounts.models import User
from teahouse.chat.models import Notice
from teahouse.chat.selectors.notices import newest_pushes
from teahouse.chat.services.notices import publish_notice, push_notice

pytestmark = pytest.mark.django_db


def titles(*, before: int | None = None, limit: int = 100) -> list[str]:
    return [push.notice.title for push in newest_pushes(before=before, limit=limit)]


def test_the_last_pushed_comes_first_and_each_notice_once(admin: User) -> None:
    notices = {title: publish_notice(author=admin, title=title, content="") for title in "abc"}
    push_notice(actor=admin, notice=notices["a"])
    push_notice(actor=admin, notice=notices["b"])

    assert ["b", "a", "c"] == titles()


def test_pages_follow_each_other_without_gap_or_repetition(admin: User) -> None:
    for title in "abcde":
        publish_notice(author=admin, title=title, content="")
    first = newest_pushes(before=None, limit=2)

    assert ["e", "d"] == [push.notice.title for push in first]
    assert ["c", "b"] == titles(before=first[-1].pk, limit=2)
    assert ["c", "b", "a"] == titles(before=first[-1].pk)


def test_a_page_takes_one_query_whatever_its_size(admin: User, django_assert_num_queries: object) -> None:
    for title in "abcde":
        publish_notice(author=admin, title=title, content="")

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert 5 == len(titles())


def test_a_notice_that_was_never_pushed_is_not_listed_and_hides_no_other(admin: User) -> None:
    Notice.objects.create(title="never", content="")
    publish_notice(author=admin, title="a", content="")

    assert ["a"] == titles()
