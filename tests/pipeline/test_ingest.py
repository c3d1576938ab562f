from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.config import Settings, parse_zone
from graphmap.errors import InputError, StoreError
from graphmap.pipeline import reading
from graphmap.pipeline.ingest import IngestReport, Progress, Stage, Status, ingest
from graphmap.pipeline.reading import UNRECOGNISED, parse
from graphmap.readers import detect
from graphmap.readers.base import Batch, Reader, ReadOptions, Source
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger
from tests.pipeline.logs import OPTIONS, content, lines, reject_table, table, take, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LOG = lines(60)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def expected(tmp_path: Path) -> list[tuple[Any, ...]]:
    """What LOG holds, ingested once and undisturbed."""
    take(tmp_path / "expected", write(tmp_path / "once.log", LOG))
    return content(tmp_path / "expected")


def counts(report: IngestReport) -> tuple[int, int, int]:
    return report.total("events"), report.total("added"), report.total("duplicates")


def test_a_log_is_accounted_for_line_by_line(home: Path, logs: Path) -> None:
    path = write(logs / "auth.log", [*LOG, "Mar  2 00:01:00 db1 cron[1]: (root) CMD (true)\n"])
    (file,) = take(home, path).files
    assert (file.file, file.status, file.reader, file.problem) == (str(path), Status.ADDED, "sshd", None)
    assert (file.lines, file.events, file.added, file.duplicates, file.rejects, file.other) == (61, 52, 52, 0, 8, 1)
    events = table(home, "time")
    assert (file.first, file.last) == (events[0][0], events[-1][0])
    assert len(events) == 52
    assert sorted(row[5] for row in reject_table(home)) == list(range(7, 60, 7))


def test_the_same_file_again_is_not_read_again(home: Path, logs: Path) -> None:
    path = write(logs / "auth.log", LOG)
    first = take(home, path)
    version = Lake(home / "lake").version()
    again = take(home, path)
    assert [file.status for file in again.files] == [Status.ALREADY]
    assert counts(again) == (0, 0, 0)
    assert (again.files[0].first, again.files[0].last) == (first.files[0].first, first.files[0].last)
    assert Lake(home / "lake").version() == version


@pytest.mark.parametrize(
    "options", [{"options": ReadOptions(year=2025)}, {"options": ReadOptions(2026, parse_zone("+02:00"))}]
)
def test_other_options_are_another_meaning(home: Path, logs: Path, options: dict[str, Any]) -> None:
    path = write(logs / "auth.log", lines(10, fine=False))
    take(home, path)
    assert counts(take(home, path, **options)) == (9, 9, 0)
    assert take(home, path, **options).files[0].status is Status.ALREADY


def test_a_host_for_lines_without_one_is_another_meaning(home: Path, logs: Path) -> None:
    path = write(logs / "auth.log", lines(10))
    take(home, path)
    assert take(home, path, host="other").files[0].status is Status.ADDED


def test_a_grown_log_adds_its_new_lines(home: Path, logs: Path, expected: list[tuple[Any, ...]]) -> None:
    path = logs / "auth.log"
    added = [counts(take(home, write(path, LOG[:end])))[1] for end in (20, 21, 60)]
    assert added == [18, 0, 34]
    assert content(home) == expected


def test_rotation_renames_and_adds_nothing_twice(home: Path, logs: Path, expected: list[tuple[Any, ...]]) -> None:
    path = write(logs / "auth.log", LOG[:30])
    take(home, logs)
    path.rename(logs / "auth.log.1")
    write(path, LOG[30:])
    report = take(home, logs)
    assert {file.file: file.status for file in report.files} == {str(path): Status.ADDED, f"{path}.1": Status.ALREADY}
    assert content(home) == expected


def test_copytruncate_loses_nothing(home: Path, logs: Path, expected: list[tuple[Any, ...]]) -> None:
    """The log grew after it was ingested, was copied away, cut to nothing and written to again."""
    path = write(logs / "auth.log", LOG[:30])
    take(home, logs)
    write(path, LOG[:45])
    shutil.copyfile(path, logs / "auth.log.1")
    write(path, LOG[45:])
    take(home, logs)
    assert content(home) == expected


@pytest.mark.parametrize(
    "compress",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        lambda data: gzip.compress(data[:2000]) + gzip.compress(data[2000:]),
    ],
    ids=["gz", "bz2", "xz", "zst", "gz in two members"],
)
def test_a_compressed_copy_is_the_same_content(home: Path, logs: Path, compress: Callable[[bytes], bytes]) -> None:
    path = write(logs / "auth.log", LOG)
    take(home, path)
    packed = logs / "auth.log.1.gz"
    packed.write_bytes(compress(path.read_bytes()))
    assert take(home, packed).files[0].status is Status.ALREADY


def test_both_header_formats_are_one_event_and_the_finer_time_stays(
    home: Path, logs: Path, expected: list[tuple[Any, ...]]
) -> None:
    write(logs / "a-coarse.log", lines(60, fine=False))
    write(logs / "b-fine.log", LOG)
    report = take(home, logs)
    assert [(file.added, file.duplicates) for file in report.files] == [(0, 52), (52, 0)]
    assert content(home) == expected


def test_the_coarse_format_afterwards_adds_nothing(home: Path, logs: Path, expected: list[tuple[Any, ...]]) -> None:
    take(home, write(logs / "fine.log", LOG))
    assert counts(take(home, write(logs / "coarse.log", lines(60, fine=False)))) == (52, 0, 52)
    assert content(home) == expected


def test_a_log_appended_to_itself_adds_nothing(home: Path, logs: Path, expected: list[tuple[Any, ...]]) -> None:
    report = take(home, write(logs / "auth.log", LOG + LOG))
    assert counts(report) == (104, 52, 52)
    assert content(home) == expected
    assert len(reject_table(home)) == 8


def test_lines_repeated_within_a_second_are_events_of_their_own(home: Path, logs: Path) -> None:
    path = write(logs / "auth.log", [LOG[0]] * 3 + LOG[1:3] + [LOG[6]] * 2)
    take(home, path)
    assert sorted(row[0] for row in table(home, "repeat")) == [0, 0, 0, 1, 2]
    assert sorted(row[2] for row in reject_table(home)) == [0, 1]
    assert counts(take(home, write(path, [*path.read_text().splitlines(keepends=True), LOG[7]]))) == (6, 1, 5)


@settings(max_examples=settings().max_examples // 4)
@given(
    cuts=st.lists(st.integers(0, 60), max_size=4),
    order=st.randoms(use_true_random=False),
    fine=st.lists(st.booleans(), min_size=5, max_size=5),
    rows=st.integers(1, 30),
)
def test_however_a_log_is_cut_and_given_it_is_the_same_table(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], order: Any, fine: list[bool], rows: int
) -> None:
    """Overlapping pieces, in any order and either format, over several runs: the events of the whole, each once."""
    folder = tmp_path_factory.mktemp("cut")
    ends = [0, *sorted(cuts), 60]
    pieces = [
        write(folder / f"{n}.log", lines(max(0, min(60, end + 5) - start), first=start, fine=fine[n]))
        for n, (start, end) in enumerate(pairwise(ends))
    ]
    pieces = [piece for piece in pieces if piece.stat().st_size]
    order.shuffle(pieces)
    for start in range(0, len(pieces), 2):
        take(folder / "home", *pieces[start : start + 2], rows=rows)
    take(folder / "once", write(folder / "whole", LOG))
    keyed = [[(row[0].replace(microsecond=0), *row[1:]) for row in content(folder / name)] for name in ("home", "once")]
    assert keyed[0] == keyed[1]


@pytest.mark.parametrize("rows", [1, 7, 52, 1000])
def test_the_table_does_not_depend_on_the_batches(tmp_path: Path, logs: Path, rows: int) -> None:
    write(logs / "a.log", lines(60, fine=False))
    write(logs / "b.log", lines(60))
    write(logs / "c.log", lines(60, host="web", fine=False))
    for home, size in (("whole", 10**6), ("parts", rows)):
        take(tmp_path / home, logs, rows=size)
    assert table(tmp_path / "parts") == table(tmp_path / "whole")
    assert reject_table(tmp_path / "parts") == reject_table(tmp_path / "whole")


def test_a_log_that_changes_while_it_is_read_is_known_by_what_was_read(home: Path, logs: Path) -> None:
    """Between the look at its head and the reading the log is replaced: the old content must not count as ingested."""
    path = write(logs / "auth.log", LOG[:30])

    look = reading.look

    def look_then_change(source: Source, options: ReadOptions) -> reading.Log | None:
        log = look(source, options)
        write(path, LOG[30:])
        return log

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphmap.pipeline.ingest.look", look_then_change)
        take(home, path)
    assert take(home, write(logs / "old.log", LOG[:30])).files[0].status is Status.ADDED
    assert len(content(home)) == 52


def test_what_no_reader_knows_is_reported(home: Path, logs: Path) -> None:
    write(logs / "auth.log", LOG)
    (logs / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    report = take(home, logs)
    assert [(file.status, file.problem) for file in report.files] == [
        (Status.ADDED, None),
        (Status.UNRECOGNISED, UNRECOGNISED),
    ]
    assert (report.count(Status.ADDED), report.count(Status.UNRECOGNISED), report.count(Status.PARTIAL)) == (1, 1, 0)
    assert [(read.reader, read.events) for read in report.by_reader()] == [("sshd", 52)]


def test_a_cut_compressed_log_gives_what_it_has_and_is_tried_again(
    home: Path, logs: Path, expected: list[tuple[Any, ...]]
) -> None:
    packed = gzip.compress("".join(LOG).encode())
    path = logs / "auth.log.gz"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    (file,) = take(home, path).files
    assert (file.status, file.problem) == (Status.PARTIAL, "compressed stream ends early")
    assert 0 < file.added < 52
    assert take(home, path).files[0].status is Status.PARTIAL
    path.write_bytes(packed)
    assert counts(take(home, path)) == (52, 52 - file.added, file.added)
    assert content(home) == expected


class Faulty:
    """A reader with a bug at some place."""

    name = "faulty"
    title = "Fails"

    def __init__(self, reader: Reader, where: str) -> None:
        self.reader = reader
        self.where = where

    def sniff(self, head: bytes) -> bool:
        raise NotImplementedError

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        if self.where == "start":
            raise ZeroDivisionError("oops")
        yield from self.reader.read(source, options)
        if self.where == "end":
            raise ZeroDivisionError("oops")


@pytest.mark.parametrize(("where", "status"), [("start", Status.UNREADABLE), ("end", Status.PARTIAL)])
def test_a_readers_bug_does_not_lose_the_other_logs(
    home: Path, logs: Path, monkeypatch: pytest.MonkeyPatch, where: str, status: Status
) -> None:
    write(logs / "bad.log", lines(60, host="bad"))
    write(logs / "good.log", LOG)

    def detect_faulty(head: bytes, own: Iterable[Reader] = ()) -> Reader | None:
        reader = detect(head, own)
        return Faulty(reader, where) if reader and b" bad " in head else reader

    monkeypatch.setattr("graphmap.pipeline.reading.detect", detect_faulty)
    with pytest.raises(ZeroDivisionError):
        take(home, logs)
    report = ingest([logs], settings=Settings(home), options=OPTIONS)
    assert [(file.status, file.problem) for file in report.files] == [
        (status, "the reader failed: ZeroDivisionError: oops"),
        (Status.ADDED, None),
    ]
    assert [row for row in table(home, "dst_host") if row != ("bad",)] == [("db1",)] * 52
    with Ledger(home / "ledger.sqlite") as ledger:
        assert [record.name for record in ledger.files()] == [str(logs / "good.log")]


def test_standard_input_is_a_log_like_any_other(
    home: Path, logs: Path, expected: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(logs / "auth.log", LOG[30:])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("".join(LOG[:30]).encode())))
    report = take(home, Path("-"), path)
    assert [(file.file, file.status) for file in report.files] == [("-", Status.ADDED), (str(path), Status.ADDED)]
    assert content(home) == expected


def test_a_path_to_nothing_makes_no_home(home: Path, logs: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        take(home, logs / "none.log")
    assert not home.exists()


def test_a_home_that_is_a_file_is_the_users_to_know(home: Path, logs: Path) -> None:
    home.write_text("")
    with pytest.raises(StoreError, match="home"):
        take(home, write(logs / "auth.log", LOG))


class Stop:
    """Interrupts an ingest at the n-th word of progress."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, _progress: Progress) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_an_interrupted_ingest_is_completed_by_the_next(tmp_path: Path, logs: Path) -> None:
    for host in ("a", "b", "c"):
        write(logs / f"{host}.log", lines(40, host=host))
    take(tmp_path / "whole", logs, rows=20)
    for after in range(10**6):
        home = tmp_path / f"home{after}"
        stop = Stop(after)
        try:
            take(home, logs, rows=20, progress=stop)
        except KeyboardInterrupt:
            take(home, logs, rows=20)
            assert table(home) == table(tmp_path / "whole")
            assert reject_table(home) == reject_table(tmp_path / "whole")
        else:
            assert after > 6
            break


def test_progress_goes_forward_to_the_end(home: Path, logs: Path) -> None:
    for host in ("a", "b"):
        write(logs / f"{host}.log", lines(40, host=host))
    told: list[Progress] = []
    take(home, logs, rows=20, progress=told.append)
    again: list[Progress] = []
    take(home, logs, progress=again.append)
    assert [(step.stage, step.file[-5:], step.done) for step in told if step.stage is not Stage.WRITE] == [
        (Stage.LOOK, "a.log", 0), (Stage.LOOK, "b.log", 0), (Stage.READ, "a.log", 0), (Stage.READ, "b.log", 1),
    ]  # fmt: skip
    assert {step.files for step in told} == {2}
    assert (told[-1].lines, told[-1].events, told[-1].position) == (80, 70, (logs / "b.log").stat().st_size)
    assert [step.stage for step in again] == [Stage.LOOK, Stage.LOOK, Stage.CHECK, Stage.CHECK]


def test_parse_gives_what_ingest_stores(home: Path, logs: Path) -> None:
    write(logs / "auth.log", [LOG[0], *LOG])
    (logs / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    take(home, logs)
    parts = list(parse([logs], options=OPTIONS))
    assert [(part.file, part.reader, part.problem) for part in parts] == [
        (str(logs / "auth.log"), "sshd", None),
        (str(logs / "image.png"), None, UNRECOGNISED),
    ]
    assert sorted(parts[0].batch.events.rows(), key=str) == sorted(table(home), key=str)
    assert sorted(parts[0].batch.rejects.rows()) == sorted(reject_table(home))


def test_parse_says_where_a_log_breaks_off(logs: Path) -> None:
    packed = gzip.compress("".join(LOG).encode())
    (logs / "auth.log.gz").write_bytes(packed[:-20])
    *_, last = parse([logs], options=OPTIONS)
    assert (last.reader, last.batch.lines, last.problem) == ("sshd", 0, "compressed stream ends early")


def test_real_logs_in_both_formats_are_each_event_once(home: Path, shared: Path) -> None:
    report = take(home, shared / "sshrange", options=ReadOptions())
    assert report.total("added") == report.total("duplicates") == report.total("events") / 2 == 462
    assert not [row for row in table(home, "file") if not row[0].endswith("auth-iso.log")]
    assert counts(take(home, shared / "sshrange", options=ReadOptions())) == (0, 0, 0)
