"""Paths to sources, and what is compressed in them."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import lzma
import os
import socket
import sys
import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import InputError
from graphmap.readers import Source, find_sources, read_head
from graphmap.readers.compression import CutStreamError, open_inflated
from tests.readers.reading import read_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE = b"Feb 12 21:01:21 app1 sshd[7]: Invalid user a from 1.2.3.4\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


def names(*paths: Path | str, host: str | None = None) -> list[str]:
    return [source.name for source in find_sources([str(path) for path in paths], host=host)]


def put(path: Path, data: bytes = LINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    paths = [put(tmp_path / name) for name in ("a.log", "b/1.log", "b/2/x", "c.log")]
    put(tmp_path / "empty.log", b"")
    assert names(tmp_path) == [str(path) for path in paths]


def test_first_sub_folder_is_the_host(tmp_path: Path) -> None:
    for name in ("auth.log", "web1/auth.log", "web1/old/auth.log.1", "db1/auth.log"):
        put(tmp_path / name)
    hosts = {source.name.removeprefix(f"{tmp_path}/"): source.host for source in find_sources([str(tmp_path)])}
    assert hosts == {
        "auth.log": None, "web1/auth.log": "web1", "web1/old/auth.log.1": "web1", "db1/auth.log": "db1",
    }  # fmt: skip
    assert {source.host for source in find_sources([str(tmp_path)], host="x")} == {"x"}
    assert [source.host for source in find_sources([str(tmp_path / "web1" / "auth.log")])] == [None]


def test_patterns_that_the_shell_left(tmp_path: Path) -> None:
    one, two = put(tmp_path / "auth.log"), put(tmp_path / "auth.log.1")
    strange = put(tmp_path / "x[1].log")
    assert names(tmp_path / "auth*") == [str(one), str(two)]
    assert names(strange) == [str(strange)]
    with pytest.raises(InputError, match="no file fits"):
        find_sources([str(tmp_path / "*.gz")])


def test_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a.log")
    (tmp_path / "link.log").symlink_to(path)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert names(path, tmp_path, path) == [str(path)]


def test_missing_path_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match="does not exist"):
        find_sources([str(put(tmp_path / "a.log")), str(tmp_path / "b.log")])
    with pytest.raises(InputError, match="symbolic link to nothing"):
        find_sources([str(tmp_path / "dangling")])


def test_what_is_no_file_does_not_stop_a_folder(tmp_path: Path) -> None:
    path = put(tmp_path / "z.log")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "socket"))
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    sources = list(find_sources([str(tmp_path)]))
    assert [source.name for source in sources] == [str(tmp_path / "dangling"), str(path)]
    with pytest.raises(InputError, match="dangling cannot be read"):
        sources[0].open()
    with pytest.raises(InputError, match="neither a file nor a folder"):
        find_sources([str(tmp_path / "pipe")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    put(tmp_path / "a.log").chmod(0)
    (source,) = find_sources([str(tmp_path)])
    with pytest.raises(InputError, match="Permission denied") as error:
        source.open()
    assert error.value.hint


def test_file_that_is_gone_when_it_is_opened(tmp_path: Path) -> None:
    path = put(tmp_path / "a.log")
    (source,) = find_sources([str(tmp_path)])
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        source.open()


def test_modified_is_that_of_the_file(tmp_path: Path) -> None:
    path = put(tmp_path / "a.log")
    os.utime(path, (0, 1_000_000_000))
    (source,) = find_sources([str(path)])
    assert source.modified == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(LINE * 3))))
    (source,) = find_sources(["-"])
    assert source.name == "-"
    assert [read_source(source).lines, read_source(source).lines] == [3, 3]
    assert read_head(source) == LINE * 3


def test_copy_of_standard_input_is_gone_with_its_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE)))
    sources = list(find_sources(["-"]))
    assert len(list(tmp_path.iterdir())) == 1
    sources.clear()
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", COMPRESS)
def test_content_decides_not_the_name(tmp_path: Path, kind: str) -> None:
    path = put(tmp_path / "auth.log", COMPRESS[kind](LINE * 2) + COMPRESS[kind](LINE))
    (source,) = find_sources([str(path)])
    reading = read_source(source)
    assert (reading.lines, len(reading.events), len(reading.rejects)) == (3, 3, 0)
    assert read_head(source) == LINE * 3


def inflate(data: bytes) -> tuple[bytes, str | None]:
    """Everything that can be read, and how it ended."""
    given, stream = b"", open_inflated(io.BytesIO(data))
    try:
        while piece := stream.read(1 << 20):
            given += piece
    except CutStreamError as error:
        return given, str(error)
    return given, None


@given(
    kind=st.sampled_from(sorted(COMPRESS)),
    members=st.lists(st.binary(max_size=200), min_size=1, max_size=3),
    padding=st.integers(0, 2).map(lambda blocks: b"\0" * 4 * blocks),
)
def test_members_in_a_row(kind: str, members: list[bytes], padding: bytes) -> None:
    assert inflate(padding.join(map(COMPRESS[kind], members)) + padding) == (b"".join(members), None)


@given(kind=st.sampled_from(sorted(COMPRESS)), cut=st.integers(1, 1000))
def test_stream_that_ends_early(kind: str, cut: int) -> None:
    plain = b"".join(b"%x%x" % (number * 7919, number**3) for number in range(3000))
    data = COMPRESS[kind](plain)
    read, end = inflate(data[: len(data) - min(cut, len(data) - 6)])
    assert end == "compressed stream ends early"
    assert plain.startswith(read)


@given(kind=st.sampled_from(sorted(COMPRESS)), place=st.integers(0, 100), value=st.integers(0, 255))
def test_damage_never_escapes(kind: str, place: int, value: int) -> None:
    data = bytearray(COMPRESS[kind](LINE * 5))
    data[place % len(data)] = value
    inflate(bytes(data))


@given(st.sampled_from(sorted(COMPRESS)))
def test_other_bytes_behind_a_stream_are_told(kind: str) -> None:
    assert inflate(COMPRESS[kind](LINE) + b"garbage") == (LINE, "bytes after the compressed stream are not read")


@pytest.mark.parametrize("kind", COMPRESS)
def test_cut_log_gives_its_whole_lines_and_a_reject(kind: str) -> None:
    plain = b"".join(LINE.replace(b"1.2.3.4", b"1.2.%d.%d" % divmod(number, 250)) for number in range(9000))
    data = COMPRESS[kind](plain)[:-300]
    whole, _ = inflate(data)
    reading = read_source(Source("x", lambda: open_inflated(io.BytesIO(data))))
    assert len(reading.events) == whole.count(b"\n")
    assert reading.rejects.select("reason", "line", "text").rows() == [
        ("compressed stream ends early", whole.count(b"\n") + 1, whole.rpartition(b"\n")[2].decode())
    ]


def test_small_file_that_inflates_a_thousandfold_is_read_in_steps() -> None:
    stream = open_inflated(io.BytesIO(gzip.compress(b"\0" * (64 << 20))))
    sizes = []
    while piece := stream.read(1 << 30):
        sizes.append(len(piece))
    assert (sum(sizes), max(sizes) <= 1 << 20) == (64 << 20, True)
