"""An archive of logs is the logs: the same events, lines to quote, and a word for what could not be read."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Line
from graphmap.pipeline.ingest import Status
from graphmap.pipeline.lines import FORGOTTEN, Quotation, quote
from graphmap.pipeline.reading import parse
from graphmap.readers.base import ReadOptions
from graphmap.store.lake import Lake
from tests.pipeline.logs import lines, take, write

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("time", "dst_host", "user", "src_ip", "line")


def pack(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, arcname=".")
    return archive


def test_an_archive_holds_what_its_folder_holds(tmp_path: Path) -> None:
    for host in ("db1", "db2"):
        write(tmp_path / "logs" / host / "auth.log", lines(20, host=host))
    archive = pack(tmp_path / "logs", tmp_path / "all.tar.gz")
    report = take(tmp_path / "home", archive)
    assert [(file.file, file.status) for file in report.files] == [
        (f"{archive}!./db1/auth.log", Status.ADDED),
        (f"{archive}!./db2/auth.log", Status.ADDED),
    ]
    assert take(tmp_path / "home", archive).count(Status.ALREADY) == 2
    again = take(tmp_path / "home", tmp_path / "logs")
    assert (again.total("events"), again.total("added")) == (0, 0)


def test_lines_of_a_member_can_be_quoted(tmp_path: Path) -> None:
    told = lines(5)
    write(tmp_path / "logs" / "auth.log", told)
    archive = pack(tmp_path / "logs", tmp_path / "all.tar.gz")
    take(tmp_path / "home", archive)
    line = Line(f"{archive}!./auth.log", 3)
    none = Line(f"{archive}!./gone", 1)
    assert quote([line, none], Lake(tmp_path / "home" / "lake")) == {
        line: Quotation(told[2].rstrip("\n")),
        none: Quotation(None, FORGOTTEN),
    }
    archive.unlink()
    assert quote([line], Lake(tmp_path / "home" / "lake")) == {
        line: Quotation(None, f"it cannot be shown: {line.file} does not exist")
    }


def test_a_bad_archive_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a.log", lines(5))
    stream = io.BytesIO(pack(tmp_path / "logs", tmp_path / "x.tgz").read_bytes())
    (tmp_path / "logs" / "x.tgz").write_bytes(stream.getvalue()[:-30])
    report = take(tmp_path / "home", tmp_path / "logs")
    states = {file.file.removeprefix(f"{tmp_path}/logs/"): (file.status, file.problem) for file in report.files}
    assert states["a.log"] == (Status.ADDED, None)
    assert states["x.tgz"] == (Status.UNREADABLE, f"{tmp_path}/logs/x.tgz: compressed stream ends early")


def test_a_recorded_estate_is_the_same_in_an_archive(shared: Path, tmp_path: Path) -> None:
    def events(path: Path) -> pl.DataFrame:
        parts = parse([path], options=ReadOptions(year=2026))
        return pl.concat(part.batch.events.drop("file") for part in parts)

    folder = events(shared / "sshrange")
    assert events(pack(shared / "sshrange", tmp_path / "range.tgz")).sort(pl.all()).equals(folder.sort(pl.all()))
    assert len(folder)
