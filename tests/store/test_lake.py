from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import StoreError
from graphmap.store.lake import Coverage, Lake, Summary
from graphmap.store.layout import EVENT_LAYOUT
from graphmap.tables import EVENT_KEY, EVENTS, REJECTS
from tests.store.frames import START, at, events, rejects, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from deltalake import DeltaTable


@pytest.fixture
def lake(lake_place: Path | str) -> Lake:
    return Lake(lake_place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def never(_seconds: float) -> None:
    pytest.fail("no race was expected")


def test_without_a_table_it_is_empty(lake: Lake) -> None:
    assert lake.scan().collect().schema == EVENTS
    assert lake.scan(["time"], since=START, hosts=["db1"]).collect().schema == {"time": EVENTS["time"]}
    assert lake.rejects().schema == REJECTS
    assert lake.version() is None
    assert lake.summary() == Summary(0, 0, None, None, ())
    lake.compact()
    assert lake.vacuum() == 0
    assert lake.snapshot().version is None


def test_events_come_back_as_they_were(lake: Lake) -> None:
    full = {
        name: {pl.String: f"{name} \0é\ud7ff\U0001f600", pl.Int32: 7, pl.Int64: 2**62}.get(type(dtype))
        for name, dtype in EVENTS.items()
    }
    frame = events({}, full | {"time": at(0.123457)}, {"dst_host": None, "time": at(-0.5)})
    assert lake.append_events(frame) == (3, 0, {"a.log": 2, full["file"]: 1})
    assert rows(lake.scan()) == rows(frame)
    assert lake.scan().collect().schema == EVENTS


def test_a_row_is_kept_once(lake: Lake) -> None:
    frame = events({}, {"line": 2, "file": "b.log"}, {"repeat": 1}, {"time": at(0.7)}, {"pid": 3}, {"time": at(1)})
    assert lake.append_events(frame) == (4, 2, {"a.log": 4})
    version = lake.version()
    assert lake.append_events(frame) == (0, 6, {})
    assert lake.append_events(events()) == (0, 0, {})
    assert Lake(lake.location).append_events(frame.reverse()) == (0, 6, {})
    assert lake.version() == version
    assert rows(lake.scan()) == rows(frame[[0, 2, 4, 5]])


@pytest.mark.parametrize("column", sorted(set(EVENT_KEY) - {"second", "repeat"}))
def test_every_key_column_tells_events_apart_and_null_is_a_value(folder: Path, column: str) -> None:
    lake = Lake(folder)
    values = (None, 5, 6) if EVENTS[column].is_integer() else (None, "", "x")
    frame = events(*({column: value} for value in values))
    assert lake.append_events(frame).added == 3
    assert lake.append_events(frame).added == 0
    assert rows(lake.scan()) == rows(frame)


@pytest.mark.parametrize("column", sorted(set(EVENTS) - set(EVENT_KEY) - {"time"}))
def test_the_other_columns_do_not(folder: Path, column: str) -> None:
    lake = Lake(folder)
    values = (5, 6) if EVENTS[column].is_integer() else ("x", "y")
    assert lake.append_events(events(*({column: value} for value in values))).added == 1


LONG = "h" * 70
HOSTS = st.sampled_from(
    [None, "", "a", "a\0", "b", "é", "\U0010ffff" * 9, "\U0010ffff" * 40, LONG, LONG + "a", LONG + "z", "\x7f" * 64]
)
ROWS = st.fixed_dictionaries(
    {
        "time": st.sampled_from(
            [at(0), at(0.999999), at(0.0005), at(1), at(86_399), at(-(12 * 3600)), at(-(12 * 3600) - 0.000001)]
        ),
        "dst_host": HOSTS,
        "user": st.sampled_from([None, "", "root"]),
        "repeat": st.integers(0, 1),
        "line": st.integers(1, 9),
    }
)


def twin(batches: list[list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """Exactly once, slow and obvious: a dictionary by key."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in (row for batch in batches for row in batch):
        second = row["time"].replace(microsecond=0)
        kept.setdefault((second, row["dst_host"], row["user"], row["repeat"]), row)
    return rows(events(*kept.values()))


@given(batches=st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=1, max_size=5))
def test_appends_agree_with_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[dict[str, Any]]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"), pause=never)
    for batch in batches:
        frame = events(*batch)
        result = lake.append_events(frame)
        assert result.added + result.duplicates == frame.height
    assert rows(lake.scan()) == twin(batches)
    for since, until, hosts in [
        (at(0.5), None, None),
        (None, at(0), None),
        (at(0), at(1), ["a", LONG]),
        (None, None, ["\U0010ffff" * 40]),
        (None, None, []),
    ]:
        expected = [
            row
            for row in twin(batches)
            if (since is None or row[0] >= since)
            and (until is None or row[0] < until)
            and (hosts is None or row[10] in hosts)
        ]
        assert rows(lake.scan(since=since, until=until, hosts=hosts)) == expected


TEXTS = st.tuples(
    st.sampled_from(["r", "s"]), st.sampled_from(["", "a", "a" * 100, "a" * 100 + "b", "\0"]), st.integers(0, 1)
)


@given(batches=st.lists(st.lists(TEXTS, min_size=1, max_size=6), min_size=1, max_size=4))
def test_rejects_are_kept_once(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, str, int]]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"), pause=never)
    for batch in batches:
        lake.append_rejects(
            rejects(*({"reason": reason, "text": text, "repeat": repeat} for reason, text, repeat in batch))
        )
    assert sorted(lake.rejects()["reason", "text", "repeat"].rows()) == sorted(
        {row for batch in batches for row in batch}
    )


def test_rejects_come_in_file_order_and_limited(lake: Lake) -> None:
    frame = rejects(*({"text": f"{file}{n}", "line": n, "file": file} for n in (3, 1, 2) for file in ("b", "a")))
    lake.append_rejects(frame)
    assert lake.rejects(4)["file", "line"].rows() == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert lake.rejects().height == lake.summary().rejects == 6


def test_a_scan_filters_by_action_and_kind(lake: Lake) -> None:
    lake.append_events(
        events(
            *(
                {"action": a, "kind": k, "pid": n}
                for n, (a, k) in enumerate([("logon", "accepted"), ("logon", "failed"), ("logoff", "closed")])
            )
        )
    )
    assert rows(lake.scan(["pid"], actions=["logon"])) == [(0,), (1,)]
    assert rows(lake.scan(["pid"], kinds=["failed", "closed"])) == [(1,), (2,)]
    assert rows(lake.scan(["pid", "user"], actions=["logon"], kinds=["closed"])) == []


def test_the_summary_counts_by_host(lake: Lake) -> None:
    day = 86_400
    lake.append_events(events({}, {"time": at(5)}, {"time": at(day + 0.5)}, {"dst_host": "web"}, {"dst_host": None}))
    lake.append_events(events({"time": at(2 * day + 0.000001)}, {"dst_host": "web", "user": "x"}))
    assert lake.summary() == Summary(
        events=7,
        rejects=0,
        first=START,
        last=at(2 * day + 0.000001),
        hosts=(
            Coverage("db1", START, at(2 * day + 0.000001), 4, 3),
            Coverage("web", START, START, 2, 1),
            Coverage(None, START, START, 1, 1),
        ),
    )


def test_a_new_host_reads_nothing_back(folder: Path) -> None:
    """Bulk loads stay linear: no file is opened that cannot hold the batch's hosts and times."""
    lake = Lake(folder)
    lake.append_events(events({"dst_host": "a"}, {"dst_host": "c"}))
    for file in folder.glob("events/day=*/*.parquet"):
        file.write_bytes(b"damaged")
    assert lake.append_events(events({"dst_host": "d"}, {"dst_host": "e"})).added == 2
    assert lake.append_events(events({"dst_host": "a", "time": at(7200)})).added == 1
    assert lake.scan(hosts=["e"]).collect().height == 1
    with pytest.raises(StoreError, match="events"):
        lake.append_events(events({"dst_host": "b"}))


def test_compacting_changes_no_row(lake: Lake) -> None:
    for n in range(12):
        lake.append_events(events({"pid": n}, {"pid": n, "time": at(86_400)}))
    before = rows(lake.scan())
    lake.compact()
    assert rows(Lake(lake.location).scan()) == rows(lake.scan()) == before
    assert lake.append_events(events({"pid": 3})).added == 0
    assert lake.vacuum(timedelta(0)) == 24
    assert rows(lake.scan()) == before


def test_days_before_a_moment_are_forgotten_whole(lake: Lake) -> None:
    day = 86_400
    assert lake.forget(at(day)) == 0
    lake.append_events(events({}, {"time": at(day)}, {"time": at(day), "pid": 2}, {"time": at(2 * day)}))
    before = lake.snapshot()
    assert lake.forget(at(2 * day)) == 3
    assert rows(lake.scan()) == rows(events({"time": at(2 * day)}))
    assert before.scan().collect().height == 4  # who looks at the version before goes on
    assert lake.vacuum(timedelta(0)) == 2
    assert lake.forget(at(2 * day)) == 0
    assert lake.append_events(events({"time": at(2 * day)}, {"time": at(day)})).added == 1


def test_the_loser_of_a_race_looks_again(lake_place: Path | str) -> None:
    """Another writer commits between our look and our commit: its rows are not doubled, ours not lost."""
    other = Lake(lake_place)
    other.append_events(events({"pid": 0}))
    waits: list[float] = []
    lake = Lake(lake_place, pause=waits.append)
    table = lake._events
    look = table._not_in

    def look_and_be_overtaken(table: DeltaTable, frame: pl.DataFrame) -> pl.DataFrame:
        new = look(table, frame)
        if len(waits) < 2:
            other.append_events(events({"pid": 10 + len(waits)}, {"pid": 20}))
        return new

    table._not_in = look_and_be_overtaken  # type: ignore[method-assign, assignment]
    assert lake.append_events(events({"pid": 10}, {"pid": 11}, {"pid": 12})) == (1, 2, {"a.log": 1})
    assert len(waits) == 2
    assert rows(lake.scan(["pid"])) == [(0,), (10,), (11,), (12,), (20,)]


def test_two_first_writers_make_one_table(lake_place: Path | str) -> None:
    lakes = [Lake(lake_place) for _ in range(2)]
    tables = [lake._events._create() for lake in lakes]
    assert [table.version() for table in tables] == [0, 0]
    assert [lake.append_events(events({"pid": 1})).added for lake in lakes] == [1, 0]


def test_writers_that_begin_at_once_make_one_table(tmp_path: Path) -> None:
    """The library looks for a table and then commits one: in between another may."""
    begin = Barrier(4)

    def added(lake: Lake) -> int:
        begin.wait(60)
        lake.prepare("events")
        return lake.append_events(events({"pid": 1})).added

    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            lakes = [Lake(tmp_path / str(number)) for _ in range(4)]
            assert sorted(pool.map(added, lakes)) == [0, 0, 0, 1]


@pytest.mark.parametrize("name", ["day=2020-01-01", "a b#?&", "*", "ünï", "file:", "~", "{0}", "50%"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    lake = Lake(tmp_path / name / "lake")
    assert lake.append_events(events({})).added == 1
    assert lake.append_events(events({})).added == 0
    assert rows(lake.scan()) == rows(events({}))
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


@pytest.mark.parametrize("name", ["[x]", "a\\b", "a%20b", "a^b", "a|b", "a\nb", "a\udcffb"])
def test_a_folder_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="in the name of a folder"):
        Lake(tmp_path / name / "lake")


def test_a_relative_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake(Path("lake"))
    assert lake.append_events(events({})).added == 1
    assert rows(lake.scan()) == rows(events({}))
    assert (tmp_path / "lake/events").is_dir()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match=r"home/lake/events: .*[Nn]ot a directory") as caught:
        Lake(tmp_path / "home" / "lake").append_events(events({}))
    assert caught.value.hint == "check the permissions of that folder, or choose another --home"


NEWER = ("server", "host_key", "attempts", "direction")


def test_a_lake_of_an_older_release_is_read_and_appended_to(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    older = pl.Schema({name: dtype for name, dtype in EVENTS.items() if name not in NEWER})
    with monkeypatch.context() as patch:
        patch.setattr("graphmap.store.lake.EVENT_LAYOUT", replace(EVENT_LAYOUT, schema=older))
        Lake(lake.location).append_events(events({}, {"line": 2, "time": at(1)}))
    known = [{}, {"line": 2, "time": at(1)}]
    assert rows(lake.scan()) == rows(events(*known))
    filled = {"server": "OpenSSH_9.2", "host_key": "SHA256:x", "attempts": 2, "direction": "inbound"}
    assert lake.append_events(events(*({**row, **filled} for row in known))) == (0, 2, {})
    added = {"time": at(2), **filled}
    assert lake.append_events(events(added)).added == 1
    assert rows(lake.scan()) == rows(events(*known, added))
    lake.compact()
    assert rows(Lake(lake.location).scan()) == rows(events(*known, added))
    assert lake.scan(["time", "attempts"], since=at(2)).collect()["attempts"].to_list() == [2]
    assert lake.scan().collect().schema == EVENTS


def test_a_damaged_log_is_named(folder: Path) -> None:
    lake = Lake(folder)
    lake.append_events(events({}))
    (folder / "events/_delta_log/00000000000000000000.json").write_text("{")
    asks: list[Callable[[Lake], object]] = [
        Lake.summary,
        Lake.version,
        Lake.scan,
        lambda lake: lake.append_events(events({})),
    ]
    for ask in asks:
        with pytest.raises(StoreError, match="lake/events: "):
            ask(Lake(folder))


def test_a_full_disk_leaves_the_table_as_it_was(root: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the write fails half-way, and can be made up for later."""
    script = """
import resource, signal, sys
from pathlib import Path
from threading import Barrier
import polars as pl
from graphmap.errors import StoreError
from graphmap.store.lake import Lake
from tests.store.frames import events
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
lake = Lake(Path(sys.argv[1]))
lake.append_events(events({"pid": -1}))
frame = events(*({"pid": n, "user": str(hash(n) * 7919 % 1000003)} for n in range(5000)))
resource.setrlimit(resource.RLIMIT_FSIZE, (8000, resource.RLIM_INFINITY))
try:
    lake.append_events(frame)
except StoreError as error:
    print(error.hint)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(lake.scan().collect().height, lake.append_events(frame).added)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert result.stdout.splitlines() == [
        "free some space on that disk, then run the same command again: nothing is added twice",
        "1 5000",
    ], result.stderr


def test_a_writer_killed_while_it_writes_a_checkpoint_does_no_harm(root: Path, tmp_path: Path) -> None:
    """Every hundredth commit the Delta log is summed up in a file of its own, longer than any commit."""
    script = """
import resource, signal, sys
from pathlib import Path
from threading import Barrier
from graphmap.store.lake import Lake
from tests.store.frames import events
lake = Lake(Path(sys.argv[1]))
for n in range(102):
    if lake.version() == 98:
        print("the hundredth", flush=True)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (14_000, resource.RLIM_INFINITY))
    lake.append_events(events({"pid": n, "dst_host": f"{n:03}"}))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert (result.returncode, result.stdout) == (-signal.SIGXFSZ, "the hundredth\n"), result.stderr
    lake = Lake(tmp_path)
    added = [lake.append_events(events({"pid": n, "dst_host": f"{n:03}"})).added for n in (0, 97, 98, 99, 100)]
    assert added == [0, 0, 0, 1, 1]
    assert rows(Lake(tmp_path).scan(["pid"])) == [(n,) for n in range(101)]


def test_old_and_far_times_are_kept(lake: Lake) -> None:
    frame = events(
        {"time": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)},
        {"time": datetime(2262, 1, 1, tzinfo=UTC)},
        {"time": datetime(1, 1, 2, tzinfo=UTC)},
    )
    assert lake.append_events(frame).added == 3
    assert lake.append_events(frame).added == 0
    assert rows(lake.scan()) == rows(frame)
