"""Keys that are made once and kept for their owner only."""

import os
import pathlib
import stat
import threading

import pytest

from teahouse.site.secrets import kept_key


def test_a_key_is_made_once_and_found_again(tmp_path: pathlib.Path) -> None:
    key = kept_key(tmp_path, "secret-key")

    assert len(key) >= 64
    assert key == kept_key(tmp_path, "secret-key")
    assert key != kept_key(tmp_path, "token-key")
    assert key != kept_key(tmp_path / "another", "secret-key")


def test_only_its_owner_can_read_it_and_nothing_else_is_left(tmp_path: pathlib.Path) -> None:
    kept_key(tmp_path, "secret-key")
    folder = tmp_path / "keys"

    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert [("secret-key", 0o600)] == [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()]


def test_whoever_asks_at_the_same_moment_gets_the_same_key(tmp_path: pathlib.Path) -> None:
    keys: list[str] = []
    barrier = threading.Barrier(8, timeout=30)

    def ask() -> None:
        barrier.wait()
        keys.append(kept_key(tmp_path, "secret-key"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 8 == len(keys)
    assert 1 == len(set(keys))
    assert ["secret-key"] == [path.name for path in (tmp_path / "keys").iterdir()]


def test_a_key_that_is_there_is_read_and_nothing_is_written(tmp_path: pathlib.Path) -> None:
    key = kept_key(tmp_path, "secret-key")
    folder = tmp_path / "keys"
    os.utime(folder, ns=(1, 1))

    assert key == kept_key(tmp_path, "secret-key")
    # A file that had been made there, and removed, would show.
    assert 1 == folder.stat().st_mtime_ns


def test_a_key_that_was_put_there_is_taken_as_it_is(tmp_path: pathlib.Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "secret-key").write_text("k" * 32 + "\n")

    assert "k" * 32 == kept_key(tmp_path, "secret-key")


@pytest.mark.parametrize("content", ["", "\n", "k" * 31], ids=["empty", "blank", "31 characters"])
def test_a_key_that_is_too_short_is_refused_and_not_replaced(tmp_path: pathlib.Path, content: str) -> None:
    path = tmp_path / "keys" / "secret-key"
    path.parent.mkdir()
    path.write_text(content)

    with pytest.raises(ValueError, match="secret-key"):
        kept_key(tmp_path, "secret-key")
    assert content == path.read_text()
