"""The site's answers to the engine: who a token admits, and who is not welcome any more."""

import pytest

from teahouse.accounts import services, tokens
from teahouse.accounts.models import User
from teahouse.chat import classic
from teahouse.realtime.application import Refused
from teahouse.realtime.wire.codes import Ending
from teahouse.site.application import SiteApplication
from tests.accounts.conftest import alice

__all__ = ["alice"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> SiteApplication:
    return SiteApplication()


@pytest.mark.parametrize("kind", [0, 1], ids=["refresh token", "access token"])
def test_both_kinds_of_tokens_admit_to_the_channels_of_a_person(
    application: SiteApplication, alice: User, kind: int
) -> None:
    session = services.start_login_session(user=alice, device="")
    token = tokens.issue_tokens(user=alice, login_session=session)[kind]
    admission = application.admit_classic(str(token))

    assert (str(alice.pk), str(session.id), token["jti"], token["exp"]) == (
        admission.user,
        admission.sid,
        admission.token_id,
        admission.expires_at,
    )
    assert classic.channels_of(alice.pk) == admission.channels


@pytest.mark.parametrize(
    ("token", "ending"),
    [
        pytest.param(None, Ending.NO_TOKEN, id="none"),
        pytest.param("", Ending.BAD_TOKEN, id="empty"),
        pytest.param("garbage", Ending.BAD_TOKEN, id="garbage"),
    ],
)
def test_without_a_good_token_nobody_is_admitted(
    application: SiteApplication, token: str | None, ending: Ending
) -> None:
    with pytest.raises(Refused) as refused:
        application.admit_classic(token)

    assert ending == refused.value.ending


def test_who_has_signed_out_is_neither_admitted_nor_welcome(application: SiteApplication, alice: User) -> None:
    session = services.start_login_session(user=alice, device="")
    text = str(tokens.issue_access_token(user=alice, login_session=session))
    admission = application.admit_classic(text)
    assert [] == application.ended([admission])
    services.end_login_session(sid=session.id)

    assert [admission] == application.ended([admission])
    with pytest.raises(Refused) as refused:
        application.admit_classic(text)
    assert Ending.BAD_TOKEN == refused.value.ending
