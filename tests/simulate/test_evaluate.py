"""An evaluation finds what a detector shows, and says nothing of one that shows nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graphmap.detect.base import finding
from graphmap.errors import InputError
from graphmap.graph.explain import hop_at
from graphmap.model import Severity
from graphmap.simulate.evaluate import HUNT, LAKE, evaluate
from graphmap.simulate.truth import load_truth, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.detect import Evidence
    from graphmap.model import Finding


@dataclass(frozen=True, slots=True)
class Knowing:
    """A detector that was told the lines of intruders: one finding for each hop that has one."""

    lines: frozenset[tuple[str, int]]
    name: str = "knowing"
    title: str = "What was told"
    technique: str = "T1021.004"
    thresholds: dict[str, int] = field(default_factory=dict)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Tell it."""
        rows = evidence.hops.take(range(len(evidence.hops)))
        for row, record in rows.items():
            if any((place(line["file"]), line["line"]) in self.lines for line in record["lines"]):
                hops = (hop_at(rows, row),)
                yield finding(self, (row,), severity=Severity.LOW, score=1.0, title="", why=(), hops=hops)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A detector that speaks once, of the last moment of the logs, and so says more than one that speaks often."""

    name: str
    title: str = "Something that is nothing"
    technique: str = "T1021.004"
    thresholds: dict[str, int] = field(default_factory=dict)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Tell it."""
        last = evidence.hops.scan().select(pl.col("start").max()).collect().item()
        yield finding(self, (), severity=Severity.LOW, score=1.0, title="", why=(), hosts=("x", "y"), times=[last])


@pytest.fixture(scope="module")
def lines(enterprise: Path) -> frozenset[tuple[str, int]]:
    """The lines of all intruders."""
    return frozenset(line for attack in load_truth(enterprise).attacks for hop in attack.hops for line in hop.lines)


def test_a_detector_that_knows_finds_all(
    enterprise: Path, settings: Settings, lines: frozenset[tuple[str, int]]
) -> None:
    said = evaluate(enterprise, settings, [Knowing(lines)])
    hunt = said.figures[0]
    assert (hunt.name, said.hidden) == (HUNT, 0)
    assert (hunt.ceiling, hunt.average_precision, hunt.at[1].detection, hunt.at[1].purity) == (1, 1, 1, 1)
    assert hunt.at[1].false == 0
    assert hunt.clean == 0
    assert [one.name for one in said.figures] == [HUNT, "novelty", "sessionless", "hopper"]
    assert 0 < said.novel < 0.5


def test_false_alerts_above_the_attacks_cost_them(
    enterprise: Path, settings: Settings, lines: frozenset[tuple[str, int]]
) -> None:
    wrong = [Wrong(f"wrong-{number}") for number in range(10)]  # in 4 days, on the last of them
    hunt = evaluate(enterprise, settings, [Knowing(lines), *wrong]).figures[0]
    assert (hunt.at[1].detection, hunt.at[2].detection, hunt.at[5].detection) == (0, 0, 1)
    assert hunt.at[5].clean == 10
    assert hunt.precision_at[10] == 0


def test_a_second_evaluation_reads_no_logs(enterprise: Path, settings: Settings, tmp_path: Path) -> None:
    first = evaluate(enterprise, settings, [])
    other = tmp_path / "moved"
    other.mkdir()
    for name in (LAKE, "truth.json"):
        (other / name).symlink_to(enterprise / name)
    assert evaluate(other, settings, []) == first
    assert first.figures[0].ceiling == 0


@pytest.mark.parametrize("text", [None, "{}", "[", '{"attacks": 1}'])
def test_a_folder_without_truth_is_refused(tmp_path: Path, settings: Settings, text: str | None) -> None:
    if text is not None:
        (tmp_path / "truth.json").write_text(text)
    with pytest.raises(InputError, match=r"truth\.json"):
        evaluate(tmp_path, settings, [])
