"""The logs of an invented enterprise: the same for the same seed, understood to the last line, and true."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graphmap.errors import InputError
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.ingest import Status, ingest
from graphmap.simulate.enterprise import Enterprise, simulate
from graphmap.simulate.evaluate import prepare
from graphmap.simulate.truth import ROOTS, load_truth, place
from tests.simulate.conftest import SMALL

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.config import Settings

TINY = dataclasses.replace(SMALL, hosts=50, days=4, history=2, attacks=2)


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate(tmp_path / name, dataclasses.replace(TINY, seed=seed))
    first, again, other = (_content(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other


def test_files_are_in_order_however_often_they_are_appended_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphmap.simulate.enterprise.AT_ONCE", 300)
    simulate(tmp_path / "pieces", TINY)
    for file in (tmp_path / "pieces").glob("hosts/*/auth.log"):
        stamps = [line.split(" ", 1)[0] for line in file.read_text().splitlines() if line.startswith("2026")]
        assert stamps == sorted(stamps)


def test_attacks_change_nothing_that_others_do() -> None:
    quiet = pl.concat(Enterprise(dataclasses.replace(TINY, attacks=0)).days())
    attacked = pl.concat(Enterprise(TINY).days())
    assert attacked.filter(pl.col("attack") >= 0).height > 0
    order = list(quiet.columns)
    assert attacked.filter(pl.col("attack") < 0).sort(order).equals(quiet.sort(order))


def test_every_line_is_understood(enterprise: Path, settings: Settings) -> None:
    report = ingest([enterprise / root for root in ROOTS], settings=settings)
    assert {file.status for file in report.files} == {Status.ADDED}
    assert (report.total("rejects"), report.total("other")) == (0, 0)
    assert {one.reader for one in report.by_reader()} == {"sshd", "winlogbeat", "zeek"}
    assert report.total("events") == report.total("added")


def test_what_the_truth_says_of_logons_is_what_graphmap_reads(enterprise: Path, settings: Settings) -> None:
    estate = load_estate(prepare(enterprise, settings))
    hops = {}
    for row in estate.hops.iter_rows(named=True):
        for line in row["lines"]:
            hops[place(line["file"]), line["line"]] = (row["src"], row["dst"], row["account"])
    account = estate.identity.account_of
    checked = 0
    for attack in load_truth(enterprise).attacks:
        for hop in attack.hops:
            found = {hops[line] for line in hop.lines if line in hops}
            assert bool(found) is (hop.accepted and bool(hop.lines))
            by_host = {one for one in found if one[2]}
            assert len(by_host) == (hop.accepted and any(not file.startswith("zeek") for file, _ in hop.lines))
            for src, dst, user in by_host:
                assert (dst, user) == (hop.dst, account(hop.account))
                assert src == hop.src or src.startswith("10.")  # an address that the inventory forgot
                checked += 1
    assert checked > 40


def test_lines_of_an_intruder_have_the_shapes_of_others(enterprise: Path) -> None:
    truth = load_truth(enterprise)
    known = {line for attack in truth.attacks for hop in attack.hops for line in hop.lines}
    ordinary: set[str] = set()
    evil: set[str] = set()
    for file in enterprise.rglob("*"):
        name = place(str(file))
        if name.split("/")[0] in ROOTS and file.is_file():
            for number, line in enumerate(file.read_text().splitlines(), 1):
                (evil if (name, number) in known else ordinary).add(_shape(line))
    assert evil
    assert evil <= ordinary


def _shape(line: str) -> str:
    """What a line looks like when the names and numbers in it are taken out."""
    if "\t" in line:  # a row of Zeek's
        return f"{len(line.split(chr(9)))} columns"
    words = re.sub(r"SHA256:\S+", "KEY", line)
    words = re.sub(r"(for|user|user=|home/)( ?)(invalid user )?[\w.-]+", r"\1\2\3U", words)
    words = re.sub(r'"(TargetUserName|computer_name)":"[^"]*"', r"\1", words)
    words = re.sub(r"\b[a-z]+\d+\b", "H", words)
    words = re.sub(r"\b(Mar|Apr)\b", "M", words)
    words = re.sub(r"[\d.]+", "9", words)
    return re.sub(r"\s+", " ", words)


def test_every_family_and_stealth_is_there_in_turn() -> None:
    enterprise = Enterprise(dataclasses.replace(SMALL, days=49, history=8, clean=9, attacks=2))
    pairs = [(family, stealth) for _, family, stealth in enterprise.intruders.plan]
    assert len(pairs) == 64
    assert {pair: pairs.count(pair) for pair in pairs} == dict.fromkeys(pairs, 2)
    assert all(8 <= day < 40 for day, *_ in enterprise.intruders.plan)


@pytest.mark.parametrize("inventory", [True, False])
def test_an_inventory_is_written_unless_none_is_wanted(inventory: bool, tmp_path: Path) -> None:
    simulate(tmp_path / "new", dataclasses.replace(TINY, inventory=inventory, attacks=0))
    assert (tmp_path / "new" / "inventory.yaml").exists() is inventory


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match="is not empty"):
        simulate(tmp_path, TINY)
    assert _content(tmp_path) == {"mine": b"x"}
