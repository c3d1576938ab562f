"""What is extended by later days, against what is made of all of them at once: the same in every table and answer."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.config import Settings
from graphmap.identity import EMPTY
from graphmap.pipeline.estate import COLUMNS, Estate, StoredEstate, load_estate
from graphmap.pipeline.extending import SEAM, STABLE, TELLERS
from graphmap.pipeline.made import Made, context_of
from graphmap.pipeline.making import Sizes, make
from graphmap.reports import influence
from graphmap.store.cache import Entry
from graphmap.store.lake import Lake
from tests.estates import read
from tests.pipeline.test_making import ADDRESSES, GAP, INVENTORY, SAYINGS, assert_same
from tests.sensors import zeek

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.identity import Inventory

DAYS = 9
SMALL = Sizes(4, 1000, 1)
"""A file a day."""
MORE = (
    "User child is on pid {child}",
    "Starting session: shell on pts/0 for {user} from {source} port {port} id 0",
    "pam_unix(sshd:session): session closed for user {user}",
)
START = datetime(2026, 3, 1, tzinfo=UTC)


@st.composite
def lines(draw: st.DrawFn) -> list[tuple[int, str]]:
    """Day and line; few hosts, ports and processes, so that much belongs together, also over many days."""
    found = []
    for _ in range(draw(st.integers(1, 24))):
        day = draw(st.integers(1, DAYS))
        stamp = draw(st.sampled_from(["00:00:00", "10:00:00", "10:00:00.5", "10:00:01", "10:20:00", "23:59:59.9"]))
        message = draw(st.sampled_from((*SAYINGS, *MORE))).format(
            source=draw(ADDRESSES),
            own=draw(ADDRESSES),
            port=50000 + draw(st.integers(0, 1)),
            user=draw(st.sampled_from(["ann", "adm-ann", "root"])),
            child=draw(st.integers(1, 3)),
        )
        host = draw(st.sampled_from(["web1", "www", "db1", "app1", "10.0.0.2", "10.0.0.3"]))
        found.append((
            day,
            f"2026-03-0{day}T{stamp}+00:00 {host} sshd[{draw(st.integers(1, 3))}]: {message}\n",
        ))  # fmt: skip
    return found


@st.composite
def deliveries(draw: st.DrawFn) -> list[pl.DataFrame]:
    """Events as they come in, most by day and some late; some logons are told by a second log, which says less."""
    every = draw(lines())
    came = sorted(((day if draw(st.integers(0, 5)) else DAYS), text) for day, text in every)
    cuts = sorted(draw(st.sets(st.integers(2, DAYS), min_size=1, max_size=3)))
    frames = []
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, DAYS + 1], strict=True)):
        log = read("".join(text for day, text in came if low <= day < high), file=f"{number}.log")
        told_twice = pl.Series([draw(st.booleans()) for _ in range(log.height)], dtype=pl.Boolean)
        second = log.filter(told_twice & (log["action"] == "logon")).with_columns(
            pl.lit("utmp").alias("reader"),
            pl.lit("login").alias("kind"),
            pl.lit(None, pl.String).alias("session"),
            pl.lit(None, pl.String).alias("method"),
            pl.lit(None, pl.Int32).alias("src_port"),
            time=pl.col("time") + draw(st.sampled_from([timedelta(0), timedelta(seconds=2), timedelta(minutes=4)])),
        )
        frames.append(pl.concat([log, second]))
    return frames


def opened(folder: Path) -> Entry:
    return Entry(folder, os.open(folder, os.O_RDONLY))


def extended(folder: Path, deliveries: Sequence[pl.DataFrame], inventory: Inventory, sizes: Sizes) -> StoredEstate:
    """The estate of events that came in one delivery after another, each of which extended what was there."""
    former, lake = None, Lake(folder / "lake")
    for number, events in enumerate(deliveries):
        lake.append_events(events)
        target = folder / f"made-{number}"
        target.mkdir()
        make(lake.snapshot(), inventory, GAP, target, sizes, former)
        former = Made(opened(target))
    return StoredEstate(lake.snapshot(), opened(folder / f"made-{len(deliveries) - 1}"), inventory, GAP)


@settings(max_examples=12)
@given(deliveries(), st.booleans(), st.sampled_from([SMALL, Sizes(1, 1, 1), Sizes(5, 1000, 3)]))
def test_extended_is_what_is_made_anew(deliveries: list[pl.DataFrame], listed: bool, sizes: Sizes) -> None:
    with TemporaryDirectory() as temporary:
        inventory = INVENTORY if listed else EMPTY
        estate = extended(Path(temporary), deliveries, inventory, sizes)
        events = Lake(Path(temporary) / "lake").snapshot().scan(COLUMNS).collect()
        assert_same(estate, Estate(events, inventory, GAP))


def day(number: int, host: str, message: str, stamp: str = "10:00:00.5") -> str:
    return f"2026-03-{number:02}T{stamp}+00:00 {host} sshd[{number}]: {message}\n"


def month(days: range, *, hosts: Sequence[str] = ("app1", "db1")) -> str:
    """On each day one logon on each host, which comes from the one before it, and its end."""
    return "".join(
        day(number, host, f"{said} bob from 10.0.0.{place} port {50000 + number}{rest}", stamp)
        for number in days
        for place, host in enumerate(hosts)
        for said, rest, stamp in (
            ("Accepted password for", " ssh2", f"10:0{place}:00.5"),
            ("Disconnected from user", "", f"11:0{place}:00.5"),
        )
    )


def inodes(folder: Path, name: str) -> list[int]:
    """Which file each part of a table is."""
    return [path.stat().st_ino for path in Made(opened(folder)).files(name)]


@pytest.mark.parametrize(
    ("late", "stay"),
    [
        pytest.param(month(range(11, 12)), 8, id="a day"),
        pytest.param(
            day(11, "db1", "Disconnected from user eve 10.0.0.9 port 4000"), 7, id="the end of a long session"
        ),
        pytest.param(month(range(6, 7), hosts=["web1"]), 3, id="an old log"),
        pytest.param(month(range(11, 12), hosts=["10.0.0.0"]), 0, id="a source that is a host now"),
        pytest.param(
            day(11, "app1", "Connection from 10.0.0.5 port 5 on 10.0.0.1 port 22"), 0, id="an owner of an address"
        ),
        pytest.param(
            day(11, "app1", "Connection from 10.0.0.5 port 5 on 10.0.0.77 port 22"), 8, id="an address unheard of"
        ),
    ],
)
def test_files_that_stay_are_not_made_again(tmp_path: Path, late: str, stay: int) -> None:
    first = month(range(1, 11)) + day(3, "db1", "Accepted password for eve from 10.0.0.9 port 4000 ssh2", "09:00:00.5")
    estate = extended(tmp_path, [read(first), read(late, file="late.log")], EMPTY, Sizes(file=1))
    assert_same(estate, Estate(Lake(tmp_path / "lake").snapshot().scan(COLUMNS).collect(), EMPTY, GAP))
    for name in ("sessions", "hops"):
        before, after = (inodes(tmp_path / f"made-{number}", name) for number in (0, 1))
        assert len(before) == 10
        assert len(set(before) & set(after)) == stay


def test_where_a_sensor_reports_all_is_made_anew(tmp_path: Path) -> None:
    """Its clock is compared with the hosts' on any day, and decides about pairs on others."""
    sensor = zeek("ssh", {"at": "2026-03-02T10:00:00.1", "src": "10.0.0.1", "port": 50002, "dst": "10.0.0.9"})
    deliveries = [pl.concat([read(month(range(1, 11))), sensor]), read(month(range(11, 12)), file="late.log")]
    estate = extended(tmp_path, deliveries, EMPTY, Sizes(file=1))
    assert_same(estate, Estate(Lake(tmp_path / "lake").snapshot().scan(COLUMNS).collect(), EMPTY, GAP))
    assert not set(inodes(tmp_path / "made-0", "sessions")) & set(inodes(tmp_path / "made-1", "sessions"))


def test_a_question_extends_what_the_one_before_it_made(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    for number, text in enumerate((month(range(1, 6)), month(range(6, 9)), month(range(9, 11)))):
        Lake(home.lake).append_events(read(text, file=f"{number}.log"))
        estate = load_estate(home, cached_from=0)
        assert_same(estate, Estate(estate.events))
    assert len(list(home.cache.iterdir())) == 2


def test_folders_of_other_versions_are_let_be(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    for name, said in (("old", None), ("odd", "[]"), ("broken", "{")):
        (home.cache / name).mkdir(parents=True)
        if said:
            (home.cache / name / "manifest.json").write_text(said)
    Lake(home.lake).append_events(read(month(range(1, 3))))
    assert len(load_estate(home, cached_from=0).hops) == 4


def test_events_are_read_from_far_enough_before() -> None:
    assert influence(TELLERS) < SEAM
    assert influence(TELLERS) < STABLE


def test_another_inventory_or_gap_extends_nothing(tmp_path: Path) -> None:
    Lake(tmp_path).append_events(read(month(range(1, 3))))
    snapshot = Lake(tmp_path).snapshot()
    (tmp_path / "made").mkdir()
    make(snapshot, EMPTY, GAP, tmp_path / "made")
    former = Made(opened(tmp_path / "made"))
    assert former.is_before(snapshot, context_of(EMPTY, GAP))
    assert not former.is_before(snapshot, context_of(INVENTORY, GAP))
    assert not former.is_before(snapshot, context_of(EMPTY, timedelta(0)))
    (tmp_path / "other").mkdir()
    Lake(tmp_path / "other").append_events(read(month(range(1, 3))))
    assert not former.is_before(Lake(tmp_path / "other").snapshot(), context_of(EMPTY, GAP))
