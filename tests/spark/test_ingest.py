"""What Spark brings into the lake is what one machine brings in: whole tables and reports compared."""

from __future__ import annotations

import fcntl
import gzip
import io
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.config import Settings
from graphmap.errors import InputError, StoreError
from graphmap.pipeline.ingest import IngestReport, Status
from graphmap.pipeline.reading import read_mappings
from graphmap.readers.base import ReadOptions
from graphmap.resources import sample
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger
from tests.objects import BUCKET
from tests.pipeline.logs import OPTIONS, lines, reject_table, table, take, write
from tests.store.frames import rows

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow


VPN = """
name: vpn
format: csv
columns:
  time: when
  action: {value: logon}
  outcome: {value: success}
  kind: {value: accepted}
  service: {value: vpn}
  user: who
  src: from
"""


def spread(spark: SparkSession, home: Path, *paths: Path, lake_url: str | None = None, **options: Any) -> IngestReport:
    """As `take`, by Spark."""
    from graphmap.spark.ingest import ingest

    arguments: dict[str, Any] = {"options": OPTIONS} | options
    return ingest(spark, paths, settings=Settings(home=home, lake_url=lake_url, debug=True), **arguments)


def state(home: Path) -> tuple[object, ...]:
    """All that a home holds; files as the ledger has them."""
    with Ledger(home / "ledger.sqlite") as ledger:
        return table(home), reject_table(home), ledger.files(), Lake(home / "lake").summary()


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of rows is much already."""
    from graphmap.spark import adding, reading

    monkeypatch.setattr(adding, "TASK_ROWS", 30)
    monkeypatch.setattr(reading, "GATHERED_ROWS", 20)


def test_the_sample_gives_the_tables_and_the_report_of_one_machine(spark: SparkSession, tmp_path: Path) -> None:
    assert spread(spark, tmp_path / "many", sample()) == take(tmp_path / "one", sample())
    assert state(tmp_path / "many") == state(tmp_path / "one")


def test_a_lake_in_an_object_store(spark: SparkSession, lake_url: str, tmp_path: Path) -> None:
    """Java of this session began without the keys of the store: Python on executors has them from the driver."""
    from graphmap.spark.session import equip

    equip(spark.sparkContext, lake_url)
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in str(spark.sparkContext.getConf().getAll())
    home = tmp_path / "many"
    assert spread(spark, home, sample(), lake_url=lake_url) == take(tmp_path / "one", sample())
    here = Lake(tmp_path / "one" / "lake")
    assert rows(Lake(lake_url).scan()) == rows(here.scan())
    assert rows(Lake(lake_url).rejects()) == rows(here.rejects())
    assert spread(spark, tmp_path / "again", sample(), lake_url=lake_url).total("added") == 0
    assert not (home / "lake").exists()
    assert list((home / "staging").iterdir()) == []
    other = lake_url.replace(BUCKET, "nothere")
    with pytest.raises(StoreError, match="there is no such bucket"):
        spread(spark, tmp_path / "other", sample(), lake_url=other)


@pytest.mark.usefixtures("small_tasks")
def test_logs_that_hold_the_same_in_other_forms_and_in_any_batches(spark: SparkSession, tmp_path: Path) -> None:
    """The finer time stays, whichever batch it comes in; of equal events that of the first log."""
    logs = tmp_path / "logs"
    write(logs / "a.log", lines(25, host="a", fine=False))
    write(logs / "b-fine.log", lines(35, host="a"))
    write(logs / "c.log", lines(20, host="a", fine=False, first=20) * 2)
    one = take(tmp_path / "one", logs)
    for number, batch_bytes in enumerate((1, 1 << 30)):
        many = spread(spark, tmp_path / f"{number}", logs, batch_bytes=batch_bytes)
        assert many.total("added") == one.total("added")
        assert table(tmp_path / f"{number}") == table(tmp_path / "one")
        assert reject_table(tmp_path / f"{number}") == reject_table(tmp_path / "one")


def test_logs_that_come_again_and_grow(spark: SparkSession, tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "db1.log", lines(20))
    home = tmp_path / "home"
    assert spread(spark, home, log).total("added") == len(table(home))
    before = state(home)
    (again,) = spread(spark, home, log).files
    assert (again.status, again.added, again.first) == (Status.ALREADY, 0, table(home, "time")[0][0])
    assert state(home) == before
    write(log, lines(45))
    grown = spread(spark, home, log)
    assert grown.total("duplicates") == len(before[0])  # type: ignore[arg-type]
    take(tmp_path / "one", log)
    assert (table(home), reject_table(home)) == (table(tmp_path / "one"), reject_table(tmp_path / "one"))
    assert spread(spark, tmp_path / "one", log).files[0].status is Status.ALREADY  # as either engine notes it


def test_bad_files_among_good_ones(spark: SparkSession, tmp_path: Path) -> None:
    """Cut, foreign, empty, gone and packed ones: each is told of as on one machine, and keeps no other from being read."""
    logs = tmp_path / "logs"
    write(logs / "a*[1]?{b}.log", lines(20, host="a"))
    packed = gzip.compress("".join(lines(4000, host="cut")).encode())
    (logs / "cut.log.gz").write_bytes(packed[: len(packed) // 2])
    (logs / "picture.png").write_bytes(bytes(range(256)) * 20)
    (logs / "empty.log").touch()
    (logs / "loop").symlink_to(logs / "loop")
    with tarfile.open(logs / "case.tar.gz", "w:gz") as archive:
        for name in ("h1", "h2"):
            text = "".join(lines(20, host=name, first=3)).encode()
            member = tarfile.TarInfo(f"{name}/auth.log")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    one, many = take(tmp_path / "one", logs), spread(spark, tmp_path / "m{a*ny", logs)
    assert many == one
    assert {file.status for file in one.files} >= {Status.ADDED, Status.UNRECOGNISED, Status.PARTIAL, Status.UNREADABLE}
    assert state(tmp_path / "m{a*ny") == state(tmp_path / "one")


def test_what_the_user_says_of_the_logs_reaches_the_executors(spark: SparkSession, tmp_path: Path) -> None:
    mapping = tmp_path / "vpn.yaml"
    mapping.write_text(VPN)
    log = write(tmp_path / "vpn.csv", ["when,who,from\n", "2026-03-01T00:00:01Z,ann,10.0.0.1\n"])
    options = ReadOptions(readers=read_mappings([mapping]))
    said: dict[str, Any] = {"options": options, "host": "gate"}
    assert spread(spark, tmp_path / "many", log, **said) == take(tmp_path / "one", log, **said)
    assert state(tmp_path / "many") == state(tmp_path / "one")
    assert table(tmp_path / "many", "user", "dst_host") == [("ann", "gate")]


def test_only_files_can_be_given(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input is no file that others could open"):
        spread(spark, tmp_path, "-")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="does not exist"):
        spread(spark, tmp_path, tmp_path / "nothing")
    assert not (tmp_path / "lake" / "events").exists()


def test_what_a_killed_driver_left_is_removed_and_what_a_live_one_holds_is_not(
    spark: SparkSession, tmp_path: Path
) -> None:
    dead, live = (tmp_path / "home" / "staging" / name for name in ("dead", "live"))
    for folder in (dead, live):
        write(folder / "lock", [])
        write(folder / "events-1.parquet", ["half"])
    log = write(tmp_path / "db1.log", lines(5))
    with (live / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        spread(spark, tmp_path / "home", log)
        assert list(dead.parent.iterdir()) == [live]
    spread(spark, tmp_path / "home", log)
    assert list(dead.parent.iterdir()) == []


def test_the_range_samples(spark: SparkSession, tmp_path: Path, shared: Path) -> None:
    """Logs of real hosts, in many formats and archives."""
    folder = shared / "sshrange"
    assert spread(spark, tmp_path / "many", folder) == take(tmp_path / "one", folder)
    assert state(tmp_path / "many") == state(tmp_path / "one")
    assert len(table(tmp_path / "one")) > 400
