"""The recorded range of nine hosts, through the command line: everything that happened, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Document, Inside, Program

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("auth.log", "auth-iso.log")


@pytest.fixture(scope="module")
def truth(shared: Path) -> Document:
    return json.loads((shared / "sshrange/truth.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def ranges(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    """Each format alone, and both together, each with its own home."""
    folder = tmp_path_factory.mktemp("range")
    runs = {name: Inside(folder / name) for name in (*FORMATS, "both")}
    inventory = shared / "sshrange/inventory.yaml"
    for name, run in runs.items():
        chosen = [f"{shared}/sshrange/*/{file}" for file in FORMATS if name in {file, "both"}]
        run.ok("ingest", *chosen, "--inventory", inventory)
    return runs


def _hop(document: Document) -> tuple[str, ...]:
    return tuple(document[field] for field in ("src", "dst", "user", "method"))


@pytest.mark.parametrize("name", [*FORMATS, "both"])
def test_hops_are_those_of_the_truth(ranges: dict[str, Program], truth: Document, name: str) -> None:
    found = ranges[name].ok("hops", "--json").documents()
    assert len(truth["hops"]) == 47
    assert Counter(map(_hop, found)) == Counter(map(_hop, truth["hops"]))


@pytest.mark.parametrize("name", [*FORMATS, "both"])
def test_each_chain_of_the_truth_is_found_whole_and_in_order(
    ranges: dict[str, Program], truth: Document, name: str
) -> None:
    found = ranges[name].ok("chains", "--json").documents()
    assert len(truth["chains"]) == 3
    for chain in truth["chains"]:
        (match,) = (c for c in found if c["hosts"] == chain["hosts"] and c["users"] == chain["users"])
        starts = [hop["start"] for hop in match["hops"]]
        assert starts == sorted(starts)
        assert [(hop["src"], hop["dst"], hop["user"]) for hop in match["hops"]] == list(
            zip(chain["hosts"], chain["hosts"][1:], chain["users"], strict=False)
        )


@pytest.mark.parametrize("name", FORMATS)
def test_the_failures_are_those_of_the_truth(ranges: dict[str, Program], truth: Document, name: str) -> None:
    (found,) = _findings(ranges[name], "brute-force-success")
    assert found["title"] == f"{truth['failures']} refused logons, then labdeploy got in: ws1 -> web1"


@pytest.mark.parametrize("name", FORMATS)
def test_the_fan_out_is_found(ranges: dict[str, Program], truth: Document, name: str) -> None:
    (found,) = _findings(ranges[name], "fan-out")
    burst = [hop for hop in found["hops"] if hop["user"] == truth["fanout"]["user"]]
    assert {hop["src"] for hop in found["hops"]} == {truth["fanout"]["src"]}
    assert {hop["dst"] for hop in burst} == {"ws1", "ws2", "jump1", "web1", "app2", "vcs1", "db1", "esx1"}
    assert truth["fanout"]["n"] == 8


def _findings(run: Program, detector: str) -> list[Document]:
    found = run.ok("hunt", "--json", "--detector", detector).documents()
    assert {finding["detector"] for finding in found} <= {detector}
    return found


def test_both_formats_give_each_event_once(ranges: dict[str, Program]) -> None:
    counts = {name: run.ok("status", "--json").document()["events"] for name, run in ranges.items()}
    assert len(set(counts.values())) == 1, counts


def test_a_chain_has_the_same_id_in_both_formats(ranges: dict[str, Program], truth: Document) -> None:
    hosts = [chain["hosts"] for chain in truth["chains"]]
    ids = {
        name: {c["id"] for c in run.ok("chains", "--json").documents() if c["hosts"] in hosts}
        for name, run in ranges.items()
    }
    assert ids["auth.log"] == ids["auth-iso.log"] == ids["both"]
    assert len(ids["both"]) == 3
