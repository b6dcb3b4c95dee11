"""The documentation against the code: links, tests and files that are named, settings, metrics (row 14)."""

import ast
import functools
import pathlib
import re
from collections.abc import Iterator

import pytest

from teahouse.site.env import Env

_ROOT = pathlib.Path(__file__).parents[2]
_REFERENCE = _ROOT / "docs" / "reference"
_PAGES = sorted([*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED_TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
_FIRST_COLUMN = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


@functools.cache
def _prose(page: pathlib.Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: pathlib.Path) -> set[str]:
    """The names that a hosting platform gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(_ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page: pathlib.Path) -> None:
    for link in _LINK.findall(_prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(_ROOT), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_can_be_found_from_the_readme() -> None:
    found, waiting = set(), [_ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in found:
            continue
        found.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(_prose(page)))
        waiting += [(page.parent / link).resolve() for link in links if link.endswith(".md") and ":" not in link]

    assert set() == set(_PAGES) - found


@functools.cache
def _tests_in(path: pathlib.Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: str(page.relative_to(_ROOT)))
def test_every_test_that_is_named_exists(page: pathlib.Path) -> None:
    for path, name in _NAMED_TEST.findall(page.read_text()):
        assert (_ROOT / path).is_file(), path
        assert name in _tests_in(_ROOT / path), f"{path}::{name}"


def test_every_row_and_defect_of_the_article_is_listed_with_what_rules_it_out() -> None:
    text = (_REFERENCE / "article.md").read_text()
    rows = re.findall(r"^\| (\d+)\. .+`tests/.+ \|$", text, re.MULTILINE)
    defects = re.findall(r"^\| (\d+) \| .+ \| .*(?:tests?\b.*:|design|wire).+ \|$", text, re.MULTILINE)

    assert [str(number) for number in range(1, 14)] == rows
    assert [str(number) for number in range(1, 48)] == defects


@pytest.mark.parametrize("name", ["article.md", "layout.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    below = [_ROOT, _ROOT / "src/teahouse"]
    for path in re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", (_REFERENCE / name).read_text()):
        assert any((folder / path).exists() for folder in below), path


def _variables() -> Iterator[str]:
    for field in Env.__struct_fields__:
        variable = field.upper()
        yield variable if variable in ("DATABASE_URL", "REDIS_URL") else f"TEAHOUSE_{variable}"


def test_every_setting_is_described_and_nothing_else_is() -> None:
    described = _FIRST_COLUMN.findall((_REFERENCE / "configuration.md").read_text())

    assert sorted(_variables()) == sorted(name for name in described if name.isupper())


def test_every_metric_is_described_and_nothing_else_is() -> None:
    code = ast.parse((_ROOT / "src/teahouse/realtime/metrics.py").read_text())
    calls = [node for node in ast.walk(code) if isinstance(node, ast.Call)]
    metrics = [
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in ("Counter", "Gauge", "Histogram")
        and isinstance(call.args[0], ast.Constant)
    ]

    assert metrics
    assert sorted(metrics) == sorted(_FIRST_COLUMN.findall((_REFERENCE / "metrics.md").read_text()))
