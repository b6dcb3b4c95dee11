"""People, and what the engine is told about them."""

import pytest

from teahouse.accounts.models import User
from teahouse.realtime import engine as engine_module
from tests.realtime.fakes import NotingBroker, engine_with, loop_of_now

PASSWORD = "a-good-password-8"


@pytest.fixture
def alice(db: None) -> User:
    return new_person("alice")


@pytest.fixture
def bob(db: None) -> User:
    return new_person("bob")


@pytest.fixture
def admin(db: None) -> User:
    return new_person("root", is_admin=True)


def new_person(username: str, *, is_admin: bool = False, **more: object) -> User:
    return User.objects.create_user(username, password=PASSWORD, is_staff=is_admin, is_superuser=is_admin, **more)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> NotingBroker:
    """What this process's engine gave to its broker."""
    broker = NotingBroker()
    engine = engine_with(broker)
    engine.loop = loop_of_now()
    monkeypatch.setattr(engine_module, "_engine", engine)
    return broker
