"""Writes: people, login sessions. Keyword-only, one transaction each; connections are told after the commit."""

import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from teahouse.accounts import tokens, validation
from teahouse.accounts.models import LoginSession, User
from teahouse.realtime.api import end_unwelcome


class AlreadySetUp(Exception):
    """There are people already."""


@transaction.atomic
def create_owner(*, username: str, name: str, password: str) -> User:
    """
    The first person, who may do everything.

    Raises:
        AlreadySetUp: also for the second of two that come at once.
        django.core.exceptions.ValidationError: by field.
    """
    # On PostgreSQL the lock makes two that come at once wait for each other; SQLite's transactions do by themselves.
    _lock_people()
    if User.objects.exists():
        raise AlreadySetUp
    return create_person(username=username, name=name, password=password, is_admin=True)


@transaction.atomic
def create_person(*, username: str, name: str, password: str, is_admin: bool = False) -> User:
    """Raises django.core.exceptions.ValidationError, by field; a taken username is one."""
    return store_person(prepared_person(username=username, name=name, password=password, is_admin=is_admin))


def prepared_person(*, username: str, name: str, password: str, is_admin: bool = False) -> User:
    """
    Checked, with the hash of the password, and not stored: no transaction has to be held for as long as a hash takes.

    Raises django.core.exceptions.ValidationError, by field.
    """
    username = validation.clean_username(username)
    user = User(username=username, name=validation.clean_name(name), is_staff=is_admin, is_superuser=is_admin)
    validation.check_password(password, user)
    user.set_password(password)
    return user


@transaction.atomic
def store_person(user: User) -> User:
    """Raises django.core.exceptions.ValidationError when the username is taken."""
    taken = ValidationError({"username": [_("Somebody has this username already.")]})
    if User.objects.filter(username__iexact=user.username).exists():
        raise taken
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise taken from None
    return user


def start_login_session(*, user: User, device: str) -> LoginSession:
    return LoginSession.objects.create(user=user, device=_printable(device)[:200])


@transaction.atomic
def end_login_session(*, sid: uuid.UUID) -> None:
    """Void its tokens and end its connections, everywhere. Ending it again changes nothing."""
    if LoginSession.objects.filter(pk=sid, ended_at=None).update(ended_at=timezone.now()):
        end_unwelcome(sid=str(sid))


@transaction.atomic
def end_all_login_sessions(*, user: User) -> None:
    """As `end_login_session`, for every device of a person, and for connections whose token names no session."""
    LoginSession.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
    end_unwelcome(user=str(user.pk))


def end_login_session_of_token(*, text: str) -> None:
    """As `end_login_session`; a refresh token that names no session is blacklisted. Void tokens are passed over."""
    try:
        identity = tokens.verify(text)
        if identity.sid is not None:
            end_login_session(sid=uuid.UUID(identity.sid))
        else:
            tokens.blacklist(text)
    except tokens.BadToken:
        return


def _lock_people() -> None:
    connection = transaction.get_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{User._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
