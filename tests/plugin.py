"""
What has to happen before Django reads its settings: a data folder of our own, and the database that was asked for.

Loaded by `-p tests.plugin` from pyproject.toml, since a conftest comes too late.
"""

import contextlib
import os
import tempfile

import pytest

_stack = contextlib.ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=["sqlite", "postgresql"], default="sqlite", help="What the tests marked `db` run on."
    )
    parser.addoption(
        "--all-houses", action="store_true", help="Run what the live tests share on each server with each broker."
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="teahouse-tests-"))
    os.environ["TEAHOUSE_DATA"] = folder
    if "postgresql" in args or "--database=postgresql" in args:
        from tests.services import postgres_server

        os.environ["DATABASE_URL"] = _stack.enter_context(postgres_server())
    else:
        os.environ.pop("DATABASE_URL", None)


def pytest_unconfigure() -> None:
    _stack.close()
