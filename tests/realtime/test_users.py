"""Who is welcome in a site that pushes to its own users."""

import pytest

from teahouse.accounts.models import User
from teahouse.realtime.users import UsersApplication
from teahouse.realtime.wire.codes import Ending
from tests.realtime.fakes import admission


@pytest.mark.django_db
def test_a_user_that_cannot_be_keeps_nobody_else_out() -> None:
    person = User.objects.create_user(username="ada", password="correct horse")
    welcome = str(person.pk)

    for nobody in ("9" * 20, "9" * 5_000, "x", f"0{welcome}", "-1"):
        answers = UsersApplication().connecting([admission(nobody), admission(welcome)])
        assert [Ending.SIGNED_OUT, ()] == answers
