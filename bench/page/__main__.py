"""
`.venv/bin/python -m bench.page [row ...] [--quick] [--keep FOLDER] [--no-result]`: the page's budgets, in a headless
Chromium with two cores against `teahouse up`. The client has to be built (`./run` and `./test` do that).
"""

import argparse
import json
import pathlib
from collections.abc import Callable

from playwright.sync_api import sync_playwright

from bench.fanout.machine import description
from bench.page.budgets import Row, table
from bench.page.house import Browsers, filled_house
from bench.page.incoming import incoming
from bench.page.lighthouse import lighthouse
from bench.page.opening import opening, weight
from bench.page.scrolling import scrolling
from bench.page.switching import palette, switching
from bench.page.talking import talking
from bench.report import write

_ROWS: dict[str, Callable[..., list[Row]]] = {
    "weight": weight,
    "opening": opening,
    "incoming": incoming,
    "scrolling": scrolling,
    "talking": talking,
    "switching": switching,
    "palette": palette,
    "lighthouse": lighthouse,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="row", help=f"{', '.join(_ROWS)}; all without any")
    parser.add_argument("--quick", action="store_true", help="says whether it works, not what it gives")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the filled house there, and take it from there")
    parser.add_argument("--no-result", action="store_true")
    options = parser.parse_args()
    names = options.rows or list(_ROWS)
    if unknown := set(names) - set(_ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    found: dict[str, list[Row]] = {}
    with filled_house(options.keep) as house, sync_playwright() as playwright:
        browsers = Browsers(playwright, house)
        for name in names:
            found[name] = _ROWS[name](browsers, is_quick=options.quick)
            print(table(found[name]), flush=True)
            if options.no_result:
                print(json.dumps([row._asdict() for row in found[name]], ensure_ascii=False)[:6_000], flush=True)
        version = browsers.version
        browsers.close()
    if options.no_result:
        return
    figures = {
        "machine": description() | {"browser": version},
        "rows": {name: [row._asdict() for row in rows] for name, rows in found.items()},
    }
    path = write("page", figures)
    path.with_suffix(".md").write_text(_report(path, version, found))
    print(path)


def _report(path: pathlib.Path, version: str, found: dict[str, list[Row]]) -> str:
    measured = json.loads(path.read_text())
    every = [row for rows in found.values() for row in rows]
    missed = sum(not row.is_met for row in every)
    return (
        f"# The page's budgets, {measured['measured'][:10]}\n\n"
        f"Commit {measured['commit'][:10]}, `{measured['command']}`, {measured['machine']['cpu']}, "
        f"{measured['machine']['cores']} cores, Chromium {version}, headless. "
        f"{len(every) - missed} of {len(every)} are met; what is bold misses. The spread is least to most, and of how "
        f"many; all figures are in `{path.name}`.\n\n{table(every)}"
    )


if __name__ == "__main__":
    main()
