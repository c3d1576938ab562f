"""A folder with a log of every format, and an archive of it: one ingest reads all, each by its own reader."""

from __future__ import annotations

import shutil
from pathlib import Path

from graphmap.pipeline.ingest import Status
from tests.contracts.test_readers import SAMPLES
from tests.pipeline.logs import take


def test_every_format_at_once(tmp_path: Path) -> None:
    for name, data in SAMPLES.items():
        (tmp_path / "logs").mkdir(exist_ok=True)
        (tmp_path / "logs" / f"{name}.txt").write_bytes(data)
    (tmp_path / "logs" / "notes.txt").write_text("Nothing that a log would say.\n")
    report = take(tmp_path / "home", tmp_path / "logs")
    read = {one.reader: one for one in report.by_reader()}
    assert read.keys() == SAMPLES.keys()
    assert all((one.files, one.events > 0, one.first is not None) == (1, True, True) for one in read.values())
    assert sum(one.logons for one in read.values()) == report.total("logons")
    assert (report.count(Status.ADDED), report.count(Status.UNRECOGNISED)) == (len(SAMPLES), 1)
    assert report.total("rejects") == 0
    archive = Path(shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "logs"))
    packed = take(tmp_path / "other", archive)
    assert packed.by_reader() == report.by_reader()
