"""Which tokens stand for somebody, and whose sign-in they belong to."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken, Token

from teahouse.accounts import services, tokens
from teahouse.accounts.models import LoginSession, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def login_session(alice: User) -> LoginSession:
    return services.start_login_session(user=alice, device="phone")


def signed(payload: dict[str, Any], *, key: str | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode(payload, key or settings.SIMPLE_JWT["SIGNING_KEY"], algorithm)


def payload_of(token: Token, **changes: Any) -> dict[str, Any]:
    """The claims of a good token, with some changed, and without those that are changed to `...`."""
    return {name: value for name, value in {**token.payload, **changes}.items() if value is not ...}


# What is accepted.


def test_a_refresh_token_stands_for_its_person_and_login_session(alice: User, login_session: LoginSession) -> None:
    refresh, _ = tokens.issue_tokens(user=alice, login_session=login_session)
    identity = tokens.verify(str(refresh))

    assert alice == identity.user
    assert str(login_session.id) == identity.sid
    assert refresh["jti"] == identity.token_id
    assert (refresh["iat"], refresh["exp"]) == (identity.issued_at, identity.expires_at)


def test_no_token_is_stored_when_it_is_issued(alice: User, login_session: LoginSession) -> None:
    tokens.issue_tokens(user=alice, login_session=login_session)

    assert not OutstandingToken.objects.exists()


def test_a_refresh_token_of_ours_can_be_blacklisted_all_the_same(alice: User, login_session: LoginSession) -> None:
    refresh, _ = tokens.issue_tokens(user=alice, login_session=login_session)
    RefreshToken(str(refresh)).blacklist()

    with pytest.raises(tokens.BadToken):
        tokens.verify(str(refresh))


def test_an_access_token_does_so_too(alice: User, login_session: LoginSession) -> None:
    _, of_refresh = tokens.issue_tokens(user=alice, login_session=login_session)
    of_cookie = tokens.issue_access_token(user=alice, login_session=login_session)

    for access in (of_refresh, of_cookie):
        identity = tokens.verify(str(access))
        assert (alice, str(login_session.id)) == (identity.user, identity.sid)
        assert settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds() == identity.expires_at - identity.issued_at


def test_a_token_that_a_program_made_with_simplejwt_stands_for_its_person_and_no_session(alice: User) -> None:
    for token in (RefreshToken.for_user(alice), AccessToken.for_user(alice)):
        identity = tokens.verify(str(token))

        assert (alice, None) == (identity.user, identity.sid)


def test_of_two_types_only_the_accepted_one_is_taken(alice: User, login_session: LoginSession) -> None:
    refresh, access = tokens.issue_tokens(user=alice, login_session=login_session)

    assert alice == tokens.verify(str(access), accept={"access"}).user
    assert alice == tokens.verify(str(refresh), accept={"refresh"}).user
    for text, accept in ((str(refresh), {"access"}), (str(access), {"refresh"})):
        with pytest.raises(tokens.BadToken):
            tokens.verify(text, accept=accept)


def test_a_token_of_the_second_in_which_the_password_was_changed_is_taken(
    alice: User, login_session: LoginSession
) -> None:
    token = tokens.issue_access_token(user=alice, login_session=login_session)
    changed = datetime.datetime.fromtimestamp(token["iat"] + 0.9, tz=datetime.UTC)
    User.objects.filter(pk=alice.pk).update(credentials_changed_at=changed)

    assert alice == tokens.verify(str(token)).user


# What is not.


@pytest.mark.parametrize(
    "text_of",
    [
        pytest.param(lambda token: signed(payload_of(token), key="x" * 64), id="signed with another key"),
        pytest.param(lambda token: signed(payload_of(token), key=settings.SECRET_KEY), id="signed with Django's key"),
        pytest.param(lambda token: signed(payload_of(token), algorithm="HS512"), id="signed by another algorithm"),
        pytest.param(lambda token: jwt.encode(payload_of(token), None, "none"), id="not signed: alg none"),
        pytest.param(lambda token: str(token).rsplit(".", 1)[0] + ".", id="the signature cut off"),
        pytest.param(lambda token: str(token)[:-4], id="the signature cut short"),
        pytest.param(lambda token: str(token) + "x", id="something behind it"),
        pytest.param(lambda token: "." + str(token), id="something in front of it"),
        pytest.param(lambda token: "", id="empty"),
        pytest.param(lambda token: "..", id="dots"),
        pytest.param(lambda token: "garbage", id="garbage"),
        pytest.param(lambda token: "茶馆", id="Chinese"),
        pytest.param(lambda token: "a\x00b", id="a NUL"),
        pytest.param(lambda token: "\ud800", id="half a surrogate pair"),
        pytest.param(lambda token: "eyJ" * 10_000, id="very long"),
        pytest.param(lambda token: signed(payload_of(token, exp=1)), id="expired long ago"),
        pytest.param(lambda token: signed(payload_of(token, exp=token["iat"] - 1)), id="expired just now"),
        pytest.param(lambda token: signed(payload_of(token, exp=...)), id="without an end"),
        pytest.param(lambda token: signed(payload_of(token, exp="soon")), id="an end that is no number"),
        pytest.param(lambda token: signed(payload_of(token, exp=10**30)), id="an end beyond all dates"),
        pytest.param(lambda token: signed(payload_of(token, iat=...)), id="without a beginning"),
        pytest.param(lambda token: signed(payload_of(token, iat="then")), id="a beginning that is no number"),
        pytest.param(lambda token: signed(payload_of(token, iat=float("inf"))), id="a beginning at infinity"),
        pytest.param(lambda token: signed(payload_of(token, jti=...)), id="without a name"),
        pytest.param(lambda token: signed(payload_of(token, token_type=...)), id="without a type"),
        pytest.param(lambda token: signed(payload_of(token, token_type="sliding")), id="of another type"),
        pytest.param(lambda token: signed(payload_of(token, user_id=...)), id="of nobody"),
        pytest.param(lambda token: signed(payload_of(token, user_id=None)), id="of null"),
        pytest.param(lambda token: signed(payload_of(token, user_id="alice")), id="of a name"),
        pytest.param(lambda token: signed(payload_of(token, user_id="1; DROP TABLE")), id="of an injection"),
        pytest.param(lambda token: signed(payload_of(token, user_id=[1])), id="of a list"),
        pytest.param(lambda token: signed(payload_of(token, user_id=0)), id="of person 0"),
        pytest.param(lambda token: signed(payload_of(token, user_id=-1)), id="of person -1"),
        pytest.param(lambda token: signed(payload_of(token, user_id=2**63)), id="of a number too big for the key"),
        pytest.param(lambda token: signed(payload_of(token, user_id="9" * 400)), id="of a huge number"),
        pytest.param(lambda token: signed(payload_of(token, user_id="9" * 5_000)), id="of a number that is too long"),
        pytest.param(lambda token: signed(payload_of(token, user_id=float("inf"))), id="of infinity"),
        pytest.param(lambda token: signed(payload_of(token, sid="none")), id="a login session that is none"),
        pytest.param(lambda token: signed(payload_of(token, sid=7)), id="a login session that is a number"),
        pytest.param(lambda token: signed(payload_of(token, sid=str(uuid.uuid4()))), id="an unknown login session"),
        pytest.param(lambda token: str(SlidingToken()), id="a sliding token"),
    ],
)
def test_a_token_that_is_none_of_ours_is_refused(
    alice: User, login_session: LoginSession, text_of: Callable[[Token], str]
) -> None:
    good = tokens.issue_access_token(user=alice, login_session=login_session)
    text = text_of(good)

    assert alice == tokens.verify(str(good)).user
    with pytest.raises(tokens.BadToken):
        tokens.verify(text)


@pytest.mark.parametrize(
    "undo",
    [
        pytest.param(lambda user, session: User.objects.filter(pk=user.pk).update(is_active=False), id="deactivated"),
        pytest.param(lambda user, session: user.delete(), id="deleted"),
        pytest.param(lambda user, session: services.end_login_session(sid=session.id), id="signed out"),
        pytest.param(lambda user, session: services.end_all_login_sessions(user=user), id="signed out everywhere"),
        pytest.param(
            lambda user, session: User.objects.filter(pk=user.pk).update(
                credentials_changed_at=timezone.now() + datetime.timedelta(seconds=1)
            ),
            id="the password changed since",
        ),
        pytest.param(lambda user, session: session.delete(), id="the login session is gone"),
    ],
)
def test_a_good_token_is_void_after_its_person_was(
    alice: User, login_session: LoginSession, undo: Callable[[User, LoginSession], object]
) -> None:
    texts = [str(token) for token in tokens.issue_tokens(user=alice, login_session=login_session)]
    for text in texts:
        tokens.verify(text)
    undo(alice, login_session)

    for text in texts:
        with pytest.raises(tokens.BadToken):
            tokens.verify(text)


def test_a_login_session_of_somebody_else_is_none(alice: User, bob: User, login_session: LoginSession) -> None:
    token = tokens.issue_access_token(user=bob, login_session=login_session)

    with pytest.raises(tokens.BadToken):
        tokens.verify(str(token))


def test_a_blacklisted_token_is_void_and_blacklisting_it_again_is_harmless(alice: User) -> None:
    token, other = RefreshToken.for_user(alice), RefreshToken.for_user(alice)
    tokens.blacklist(str(token))

    with pytest.raises(tokens.BadToken):
        tokens.verify(str(token))
    # simplejwt refuses what is blacklisted; that is a BadToken and no fault.
    with pytest.raises(tokens.BadToken):
        tokens.blacklist(str(token))
    assert alice == tokens.verify(str(other)).user


def test_verifying_writes_nothing_and_refuses_bad_signatures_without_the_database(
    alice: User, login_session: LoginSession, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    good = str(tokens.issue_access_token(user=alice, login_session=login_session))
    with django_assert_max_num_queries(3) as captured:
        tokens.verify(good)
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)

    expired = AccessToken.for_user(alice)
    expired.set_exp(from_time=timezone.now() - datetime.timedelta(days=2))
    for text in (good[:-5] + "AAAAA", "garbage", str(expired)):
        with django_assert_num_queries(0), pytest.raises(tokens.BadToken):
            tokens.verify(text)


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.text(max_size=100))
def test_no_text_is_a_fault(text: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.verify(text)


# Renewing.


def test_a_renewed_access_token_belongs_to_the_same_login_session_and_the_refresh_token_stays(
    alice: User, login_session: LoginSession
) -> None:
    refresh, _ = tokens.issue_tokens(user=alice, login_session=login_session)
    for _ in range(2):
        access = tokens.renewed_access_token(str(refresh))

        identity = tokens.verify(str(access), accept={"access"})
        assert (alice, str(login_session.id)) == (identity.user, identity.sid)


def test_a_refresh_token_without_a_session_renews_too(alice: User) -> None:
    access = tokens.renewed_access_token(str(RefreshToken.for_user(alice)))

    assert tokens.verify(str(access)).sid is None


def test_an_access_token_renews_nothing(alice: User, login_session: LoginSession) -> None:
    access = tokens.issue_access_token(user=alice, login_session=login_session)

    with pytest.raises(tokens.BadToken):
        tokens.renewed_access_token(str(access))


def test_a_refresh_token_of_an_ended_session_renews_nothing(alice: User, login_session: LoginSession) -> None:
    refresh, _ = tokens.issue_tokens(user=alice, login_session=login_session)
    services.end_login_session(sid=login_session.id)

    with pytest.raises(tokens.BadToken):
        tokens.renewed_access_token(str(refresh))
