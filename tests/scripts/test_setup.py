"""When `./run` builds the client: when its sources changed, when nothing was built, and not else."""

import pathlib
import subprocess

import pytest

_SETUP = pathlib.Path(__file__).parents[2] / "scripts" / "setup.sh"
_BUILT = "src/teahouse/web/static/teahouse"
# Instead of Node, its packages and Vite.
_ENSURE = f"""
set -eu
. {_SETUP}
ensure_node() {{ :; }}
ensure_client_packages() {{ mkdir -p client/node_modules; }}
npm() {{ mkdir -p ../{_BUILT} && touch ../{_BUILT}/manifest.json && echo x >>../builds; }}
ensure_client
"""


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("client/src/main.ts", "client/public/favicon.svg", "client/package.json", "client/vite.config.ts"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def builds(checkout: pathlib.Path) -> bool:
    (checkout / "builds").unlink(missing_ok=True)
    subprocess.run(["sh", "-c", _ENSURE], cwd=checkout, check=True, capture_output=True)
    return (checkout / "builds").exists()


def test_the_client_is_built_once(checkout: pathlib.Path) -> None:
    assert [True, False, False] == [builds(checkout) for _ in range(3)]


def test_the_client_is_built_again_when_a_source_changed(checkout: pathlib.Path) -> None:
    builds(checkout)
    (checkout / "client/src/main.ts").write_text("changed")

    assert [True, False] == [builds(checkout), builds(checkout)]


def test_the_client_is_built_again_when_it_is_not_there(checkout: pathlib.Path) -> None:
    builds(checkout)
    (checkout / _BUILT / "manifest.json").unlink()

    assert [True, False] == [builds(checkout), builds(checkout)]


def test_nothing_but_what_was_built_is_in_the_folder_that_is_served(checkout: pathlib.Path) -> None:
    builds(checkout)

    assert ["manifest.json"] == [path.name for path in (checkout / _BUILT).iterdir()]
