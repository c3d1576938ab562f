"""What the cache gives, against what the events give in memory: the same tables, arrays and answers."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmap.config import Settings
from graphmap.graph.walks import Walks
from graphmap.identity import EMPTY, parse_inventory
from graphmap.pipeline.estate import COLUMNS, Estate, StoredEstate, keep_inventory, load_estate
from graphmap.pipeline.making import Sizes, make
from graphmap.store.cache import Entry
from graphmap.store.lake import Lake
from tests.estates import read
from tests.sensors import audit, sysmon, zeek

if TYPE_CHECKING:
    from graphmap.identity import Inventory

GAP = timedelta(hours=1)
INVENTORY = parse_inventory(
    """
    hosts:
      - {name: web1, addresses: [10.0.0.1], aliases: [www]}
      - {name: db1, addresses: [{address: 10.0.0.2, until: 2026-03-02T00:00:00Z}]}
      - {name: db2, addresses: [{address: 10.0.0.2, from: 2026-03-02T00:00:00Z}]}
    accounts: [{name: ann, aliases: [adm-ann]}]
    """,
    "inventory.yaml",
)
SAYINGS = (
    "Connection from {source} port {port} on {own} port 22",
    "Accepted password for {user} from {source} port {port} ssh2",
    "Accepted publickey for {user} from {source} port {port} ssh2: ED25519 SHA256:{user}",
    "Failed password for {user} from {source} port {port} ssh2",
    "Disconnected from user {user} {source} port {port}",
)
ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "198.51.100.7", "127.0.0.1"])


@st.composite
def logs(draw: st.DrawFn) -> str:
    """A crowded log of two days: hosts named by name, alias and address; addresses that change hands."""
    lines = []
    for number in range(draw(st.integers(0, 16))):
        stamp = draw(st.sampled_from(["10:00:00", "10:00:00.5", "10:00:01", "10:20:00"]))
        message = draw(st.sampled_from(SAYINGS)).format(
            source=draw(ADDRESSES),
            own=draw(ADDRESSES),
            port=50000 + draw(st.integers(0, 3)),
            user=draw(st.sampled_from(["ann", "adm-ann", "root"])),
        )
        host = draw(st.sampled_from(["web1", "www", "db1", "app1", "10.0.0.2", "10.0.0.3"]))
        lines.append(f"2026-03-0{draw(st.integers(1, 2))}T{stamp}+00:00 {host} sshd[{number}]: {message}\n")
    return "".join(lines)


def made(events: pl.DataFrame, inventory: Inventory, folder: Path, sizes: Sizes) -> tuple[StoredEstate, Estate]:
    """The estate in parts, and whole."""
    Lake(folder / "lake").append_events(events)
    snapshot = Lake(folder / "lake").snapshot()
    target = folder / "made"
    target.mkdir()
    make(snapshot, inventory, GAP, target, sizes)
    entry = Entry(target, os.open(target, os.O_RDONLY))
    return StoredEstate(snapshot, entry, inventory, GAP), Estate(snapshot.scan(COLUMNS).collect(), inventory, GAP)


def assert_same(stored: Estate, plain: Estate) -> None:
    """Every table and array, value by value, and every answer."""
    assert_frame_equal(stored.sessions, plain.sessions)
    assert_frame_equal(stored.failures, plain.failures)
    assert_frame_equal(stored.hops, plain.hops)
    assert_frame_equal(stored.clocks, plain.clocks)
    assert_frame_equal(stored.edges, plain.edges)
    assert stored.identity.hosts() == plain.identity.hosts()
    assert_frame_equal(stored.identity.ambiguous(), plain.identity.ambiguous())
    assert stored.index.names == plain.index.names
    for name in ("src", "dst", "account", "key", "earliest", "open", "leaving", "arriving", "blocks"):
        np.testing.assert_equal(getattr(stored.index, name), getattr(plain.index, name))
    np.testing.assert_equal(tuple(stored.past), tuple(plain.past))
    np.testing.assert_equal(tuple(stored.walks.hops), tuple(Walks.over(plain.index).hops))
    assert stored.table.take(range(len(stored.table))) == dict(enumerate(plain.hops.iter_rows(named=True)))
    assert stored.is_empty == plain.is_empty
    assert stored.chains() == plain.chains()
    assert stored.hunt() == plain.hunt()


@st.composite
def seen(draw: st.DrawFn) -> list[pl.DataFrame]:
    """What a sensor and some clients saw of those two days: the same hosts, and one that has no log."""
    frames = []
    for number in range(draw(st.integers(0, 6))):
        ends = {
            "at": f"2026-03-0{draw(st.integers(1, 2))}T{draw(st.sampled_from(['10:00:00.5', '10:00:01', '10:20:00']))}",
            "src": draw(ADDRESSES),
            "port": 50000 + draw(st.integers(0, 3)),
            "dst": draw(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.9.9.9"])),
        }
        judged = draw(st.sampled_from([{"auth_success": True}, {"auth_success": False}, {}]))
        client = draw(st.sampled_from(["web1", "ws7", None]))
        named = draw(st.sampled_from([None, "www", "DB1", "app1"]))
        told = sysmon(client, ends) if client else zeek("ssh", ends | judged, file=f"ssh{number}.log")
        frames.append(told.with_columns(dst_host=pl.lit(named), dst_ip=pl.lit(None)) if client and named else told)
    for number in range(draw(st.integers(0, 4))):
        start = {
            "at": f"2026-03-0{draw(st.integers(1, 2))}T{draw(st.sampled_from(['09:59:59', '10:00:00', '23:59:59.95']))}",
            "pid": 70 + draw(st.integers(0, 1)),
            "words": draw(st.sampled_from(["ssh {}", "scp x {}:", "sshpass -p x ssh {}"])).format(
                draw(st.sampled_from(["ann@db1", "root@10.0.0.2", "www", "nobody.knows", "10.9.9.9"]))
            ),
            "dst": draw(st.sampled_from([None, "10.0.0.2", "10.9.9.9"])),
        }
        frames.append(
            audit(draw(st.sampled_from(["www", "app1", "ws7"])), start).with_columns(file=pl.lit(f"{number}.log"))
        )
    return frames


@settings(max_examples=25)
@given(logs(), seen(), st.booleans(), st.sampled_from([Sizes(1, 1, 1), Sizes(5, 1000, 2), Sizes()]))
def test_parts_give_what_the_whole_gives(log: str, others: list[pl.DataFrame], listed: bool, sizes: Sizes) -> None:
    with TemporaryDirectory() as folder:
        events = pl.concat([read(log), *others])
        assert_same(*made(events, INVENTORY if listed else EMPTY, Path(folder), sizes))


def test_a_client_may_call_a_host_by_another_name_than_the_host_itself(tmp_path: Path) -> None:
    log = read("2026-03-01T10:00:01.5+00:00 web1 sshd[3]: Accepted password for ann from 10.0.0.3 port 50000 ssh2")
    seen = sysmon("app1", {"at": "10:00:00.5", "src": "10.0.0.3", "port": 50000, "dst": "10.0.0.1"})
    named = seen.with_columns(dst_host=pl.lit("WWW"), dst_ip=pl.lit(None, pl.String))
    stored, plain = made(pl.concat([log, named]), INVENTORY, tmp_path, Sizes(1, 1, 1))
    assert stored.sessions["witnesses"].to_list() == [["client", "server"]]
    assert_same(stored, plain)


def test_a_client_may_be_started_on_one_day_and_connect_on_the_next(tmp_path: Path) -> None:
    log = read("2026-03-02T00:00:02.5+00:00 web1 sshd[3]: Accepted password for ann from 10.0.0.2 port 50000 ssh2")
    begun = {"at": "2026-03-01T23:59:59.95", "pid": 70, "words": "ssh prod", "dst": "10.0.0.1"}
    stored, plain = made(pl.concat([log, audit("db2", begun)]), INVENTORY, tmp_path, Sizes(1, 1, 1))
    assert stored.sessions.select("witnesses", pl.col("lines").list.len()).rows() == [(["client", "server"], 3)]
    assert_same(stored, plain)


LOG = """
    2026-03-01T10:00:00.300000+00:00 web1 sshd[30]: Accepted publickey for bob from 198.51.100.7 port 50000 ssh2: ED25519 SHA256:k
    2026-03-01T10:00:09.100000+00:00 db1 sshd[71]: Failed password for root from 10.0.0.1 port 50001 ssh2
    2026-03-01T10:00:12.400000+00:00 db1 sshd[72]: Accepted publickey for bob from 10.0.0.1 port 50002 ssh2: ED25519 SHA256:k
"""
LATER = """
    2026-03-02T10:00:12.400000+00:00 db1 sshd[99]: Accepted publickey for ann from 10.0.0.1 port 50009 ssh2: ED25519 SHA256:k
"""


def folders(home: Path) -> set[tuple[str, int]]:
    """The folders of the cache, and which inode each is: one that was made anew is another."""
    return {(path.name, path.stat().st_ino) for path in (home / "cache").iterdir()}


def test_a_question_on_an_unchanged_lake_opens_what_is_there(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    Lake(home.lake).append_events(read(LOG))
    first = load_estate(home, cached_from=0)
    before = folders(tmp_path)
    again = load_estate(home, cached_from=0)
    assert isinstance(again, StoredEstate)
    assert len(before) == 1
    assert folders(tmp_path) == before
    assert_same(again, Estate(first.events))


@pytest.mark.parametrize("change", ["events", "inventory", "gap"])
def test_what_it_was_made_from_has_changed(tmp_path: Path, change: str) -> None:
    home = Settings(home=tmp_path)
    Lake(home.lake).append_events(read(LOG))
    load_estate(home, cached_from=0)
    before = folders(tmp_path)
    inventory = EMPTY
    if change == "events":
        Lake(home.lake).append_events(read(LATER))
    elif change == "inventory":
        inventory = INVENTORY
        keep_inventory(home, INVENTORY)
    else:
        home = replace(home, gap=timedelta(seconds=1))
    changed = load_estate(home, cached_from=0)
    assert len(folders(tmp_path) - before) == 1
    assert_same(changed, Estate(changed.events, inventory, home.gap))


def test_few_events_need_no_cache(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    Lake(home.lake).append_events(read(LOG))
    assert len(load_estate(home).hops) == 2
    assert not home.cache.exists()


def test_a_cache_that_somebody_clears_is_made_again(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    Lake(home.lake).append_events(read(LOG))
    expected = load_estate(home, cached_from=0).chains()
    shutil.rmtree(home.cache)
    assert load_estate(home, cached_from=0).chains() == expected


def test_where_no_cache_can_be_kept_all_is_made_in_memory(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    Lake(home.lake).append_events(read(LOG))
    home.cache.write_text("a file in its place")
    estate = load_estate(home, cached_from=0)
    assert not isinstance(estate, StoredEstate)
    assert len(estate.hops) == 2


def test_an_empty_lake(tmp_path: Path) -> None:
    assert_same(load_estate(Settings(home=tmp_path), cached_from=0), Estate(read("").select(COLUMNS)))
