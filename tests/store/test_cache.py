from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import StoreError
from graphmap.store.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "home" / "cache")


def fill(cache: Cache, key: str, text: str = "x") -> None:
    with cache.making(key) as folder:
        (folder / "file").write_text(text)


def keys(cache: Cache) -> set[str]:
    return {path.name for path in cache.path.iterdir()}


def test_nothing_is_there_before_it_is_made(cache: Cache) -> None:
    assert cache.open("a") is None
    assert not cache.path.exists()


def test_what_was_made_is_there_for_its_owner_alone(cache: Cache) -> None:
    fill(cache, "a")
    entry = cache.open("a")
    assert entry is not None
    assert (entry.path / "file").read_text() == "x"
    assert {oct(path.stat().st_mode & 0o777) for path in (cache.path, entry.path)} == {"0o700"}


def test_looking_through_the_folders_uses_none(cache: Cache) -> None:
    assert list(cache.entries()) == []
    for age, key in enumerate(("a", "b")):
        fill(cache, key)
        os.utime(cache.path / key, (1_000_000 - age, 1_000_000 - age))
    (cache.path / ".making-half").mkdir()
    for _ in range(2):
        assert [entry.path.name for entry in cache.entries()] == ["a", "b"]
    assert cache.open("b")
    assert [entry.path.name for entry in cache.entries()] == ["b", "a"]


def test_a_maker_that_fails_leaves_nothing(cache: Cache) -> None:
    def fail() -> None:
        with cache.making("a") as folder:
            (folder / "file").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (cache.open("a"), keys(cache)) == (None, set())


def test_a_full_disk_is_told_with_what_to_do(cache: Cache) -> None:
    with pytest.raises(StoreError, match="No space left") as caught, cache.making("a"):
        raise OSError(28, "No space left on device")
    assert caught.value.hint


def test_of_two_makers_the_first_is_kept(cache: Cache) -> None:
    with cache.making("a") as slow:
        fill(cache, "a", "quick")
        (slow / "file").write_text("slow")
    entry = cache.open("a")
    assert entry is not None
    assert ((entry.path / "file").read_text(), keys(cache)) == ("quick", {"a"})


def test_the_two_used_last_stay(cache: Cache) -> None:
    for age, key in enumerate("abc"):
        fill(cache, key)
        os.utime(cache.path / key, (1000 + age, 1000 + age)) if (cache.path / key).exists() else None
    assert keys(cache) == {"b", "c"}
    assert cache.open("b") is not None  # and is now the one used last
    fill(cache, "d")
    assert keys(cache) == {"b", "d"}


def test_what_is_used_stays_however_old(cache: Cache) -> None:
    fill(cache, "a")
    used = cache.open("a")
    for age, key in enumerate("bcd"):
        os.utime(cache.path / "a", (1, 1))
        fill(cache, key)
        os.utime(cache.path / key, (1000 + age, 1000 + age))
    assert used is not None
    assert keys(cache) == {"a", "c", "d"}
    del used
    fill(cache, "e")
    assert keys(cache) == {"d", "e"}


def test_a_killed_maker_is_cleared_away(cache: Cache) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from graphmap.store.cache import Cache\n"
        "with Cache(Path(sys.argv[1])).making('a') as folder:\n"
        "    (folder / 'file').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(cache.path)], check=False)
    assert len(keys(cache)) == 1
    assert cache.open("a") is None
    fill(cache, "a")
    assert keys(cache) == {"a"}


def test_a_link_in_place_of_a_folder_is_not_followed(cache: Cache, tmp_path: Path) -> None:
    fill(cache, "a")
    (cache.path / "b").symlink_to(tmp_path)
    assert cache.open("b") is None
