"""What is received is on disk whole, or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from graphmap.errors import StoreError
from graphmap.watch.spool import Spool, listener_name

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_file_for_each_start_day_and_size(tmp_path: Path) -> None:
    days = ["2026-03-01", "2026-03-01", "2026-03-01", "2026-03-02"]
    spool = Spool(tmp_path, most=8, today=lambda: days.pop(0))
    for text in (b"one\n", b"two\n", b"three\n", b"four\n"):
        spool.append(text)
    spool.close()
    again = Spool(tmp_path, today=lambda: "2026-03-02")
    again.append(b"five\n")
    again.close()
    assert files(tmp_path) == {
        "2026-03-01-0001.log": b"one\ntwo\n",
        "2026-03-01-0002.log": b"three\n",
        "2026-03-02-0001.log": b"four\n",
        "2026-03-02-0002.log": b"five\n",
    }
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_half_a_line_that_a_power_cut_left_never_counted(tmp_path: Path) -> None:
    (tmp_path / "2026-03-01-0001.log").write_bytes(b"one\nhal")
    Spool(tmp_path).close()
    assert files(tmp_path) == {"2026-03-01-0001.log": b"one\n"}


def test_nothing_of_what_cannot_be_written_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes some bytes and then no more; the next attempt writes all of it."""
    spool = Spool(tmp_path, today=lambda: "2026-03-01")
    spool.append(b"one\n")
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) < 6:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:3])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        spool.append(b"two\nthree\n")
    assert files(tmp_path) == {"2026-03-01-0001.log": b"one\n"}
    monkeypatch.setattr(os, "write", write)
    spool.append(b"two\nthree\n")
    spool.close()
    assert files(tmp_path) == {"2026-03-01-0001.log": b"one\ntwo\nthree\n"}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Not a directory"):
        Spool(tmp_path / "file" / "spool")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("udp://127.0.0.1:5514", "udp-127.0.0.1-5514"),
        ("tls://[::1]:6514", "tls-1-6514"),
        ("tcp://../..:1", "tcp-..-..-1"),
    ],
)
def test_a_folder_is_named_after_its_listener(url: str, name: str) -> None:
    assert listener_name(url) == name
