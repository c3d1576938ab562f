"""How well a hunt finds the attacks of a simulation, beside the plain rules."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.detect.stories import is_clear, stories, told_at
from graphmap.errors import InputError
from graphmap.model import Basis
from graphmap.pipeline.estate import keep_inventory, load_estate, read_inventory
from graphmap.pipeline.ingest import Status, ingest
from graphmap.simulate import rivals
from graphmap.simulate.metrics import Alert, Figures, Known, Span, measure
from graphmap.simulate.truth import ROOTS, Truth, load_truth, place
from graphmap.spark.engines import maker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from graphmap.config import Settings
    from graphmap.detect import Detector
    from graphmap.model import Finding, Story
    from graphmap.pipeline.estate import Estate
    from graphmap.pipeline.ingest import Progress
    from graphmap.simulate.rivals import Alerts

HUNT = "hunt"
LAKE = "lake"
"""Folder of a simulation in which its events are kept, so that a second evaluation reads no logs."""
ROWS = 500_000
"""Events that are gathered before they are written: every file of a simulation covers all days."""
READ = "read"
"""File beside it that tells that all logs were read."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of the hunt and of the plain rules, and how hard the background was for the novelty rule.

    `novel` is the share of logons of people that are first seen, `hops` the number of all hops, `hidden` the number of
    attacks of which no hop is in the tables.
    """

    figures: tuple[Figures, ...]
    novel: float
    hops: int
    hidden: int


def prepare(folder: Path, settings: Settings, progress: Callable[[Progress], None] | None = None) -> Settings:
    """Read the logs of a simulation into a lake beside them, if that was not done before.

    Raises
    ------
    InputError
        A log could not be read, or there is none.
    """
    kept = settings.apart(folder / LAKE)
    done = kept.home / READ
    if done.exists():
        return kept
    logs = [str(folder / root) for root in ROOTS if (folder / root).exists()]
    if not logs:
        raise InputError(f"{folder} holds no logs of a simulation", hint="graphmap simulate writes such a folder")
    report = ingest(logs, settings=kept, progress=progress, rows=ROWS)
    bad = [file for file in report.files if file.status not in {Status.ADDED, Status.ALREADY} or file.rejects]
    if bad:
        raise InputError(f"{bad[0].file}: {bad[0].problem or f'{bad[0].rejects} lines were not understood'}")
    if (folder / "inventory.yaml").exists():
        keep_inventory(kept, read_inventory(folder / "inventory.yaml"))
    done.touch()
    return kept


def evaluate(
    folder: Path,
    settings: Settings,
    detectors: Iterable[Detector] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Evaluation:
    """Run a hunt over a simulation and compare what it finds with the truth.

    Parameters
    ----------
    folder
        A folder that `graphmap.simulate.enterprise.simulate` wrote.
    settings
        The gap counts, and the least score that is told by default; the lake is that of the folder.
    detectors
        Which ones; None for all.

    Raises
    ------
    InputError
        The folder is no simulation.
    StoreError
        Its lake cannot be read or written.
    """
    truth = load_truth(folder)
    prepared = prepare(folder, settings, progress)
    estate = load_estate(prepared, maker=maker_of(prepared))
    marks = Marks(truth, settings.least_bits)
    attacks = [Known(a.id, a.family, a.stealth, marks.starts[a.id]) for a in truth.attacks]
    span = Span(*(_micro(time) for time in (truth.history_until, truth.clean_from, truth.end)))
    lists = {HUNT: marks.of_findings(estate.hunt(detectors))}
    caused = marks.of_hops(estate)
    for name, alerts in _rules(estate, span.begin).items():
        lists[name] = alerts_of(name, alerts, estate.index.earliest, caused)
    figures = tuple(measure(name, alerts, attacks, span) for name, alerts in lists.items())
    hidden = len(attacks) - len({attack for attack, _ in caused.values()})
    return Evaluation(figures, _novel_share(estate, truth, span.begin, caused), len(estate.index), hidden)


def _rules(estate: Estate, until: int) -> dict[str, Alerts]:
    alone = estate.table.scan().select(pl.col("basis").is_in([Basis.START, Basis.OPEN])).collect().to_series()
    return {
        "novelty": rivals.novelty(estate.index),
        "sessionless": rivals.sessionless(estate.index, alone.to_numpy()),
        "hopper": rivals.hopper(estate.index, estate.identity, until),
    }


def _novel_share(estate: Estate, truth: Truth, begin: int, caused: dict[int, tuple[str, int]]) -> float:
    """The share of logons of people after the history that the novelty rule speaks of."""
    index = estate.index
    robots = [code for code, name in enumerate(index.names.accounts) if name in truth.robots]
    counted = (index.earliest >= begin) & ~np.isin(index.account, robots)
    counted[list(caused)] = False
    fresh = np.zeros(len(index), dtype=np.bool_)
    fresh[rivals.novelty(index).rows] = True
    return float(fresh[counted].mean()) if counted.any() else 0.0


def _micro(time: object) -> int:
    return int(pl.Series([time]).cast(pl.Datetime("us", "UTC")).to_physical()[0])


class Marks:
    """Which lines are an intruder's, and what an alert is: `starts` are the first moments of attacks, us since 1970.

    `least_bits` is the score from which on stories are told by default.
    """

    def __init__(self, truth: Truth, least_bits: float) -> None:
        self._least_bits = least_bits
        self.starts = {attack.id: _micro(attack.start) for attack in truth.attacks}
        self._lines = {
            line: (attack.id, _micro(hop.time)) for attack in truth.attacks for hop in attack.hops for line in hop.lines
        }

    def of_findings(self, findings: Sequence[Finding]) -> list[Alert]:
        """The alerts that findings are: one for each story that they tell."""
        return [self._alert(story) for story in stories(findings)]

    def _alert(self, story: Story) -> Alert:
        shows: dict[str, int] = {}
        right = 0
        for hop in story.hops:
            found = [self._lines[key] for line in hop.lines if (key := (place(line.file), line.line)) in self._lines]
            right += bool(found)
            _show(shows, found)
        _show(
            shows, [self._lines[key] for line in story.lines if (key := (place(line.file), line.line)) in self._lines]
        )
        return Alert(
            name=story.id,
            score=story.score,
            time=_micro(told_at(story)),
            shows=shows,
            purity=right / len(story.hops) if story.hops else 1.0,
            clear=is_clear(story, self._least_bits),
        )

    def of_hops(self, estate: Estate) -> dict[int, tuple[str, int]]:
        """The rows of HOPS that are an intruder's, with the attack and its moment."""
        files = sorted({file for file, _ in self._lines})
        rows = (
            estate.table.scan()
            .select("lines")
            .with_row_index("row")
            .explode("lines")
            .unnest("lines")
            .filter(pl.col("line").is_in(sorted({line for _, line in self._lines})))
            .collect()
        )
        known = set(files)
        return {
            row: self._lines[key]
            for row, file, line in rows.iter_rows()
            if (short := place(file)) in known and (key := (short, line)) in self._lines
        }


def alerts_of(
    name: str, alerts: Alerts, earliest: NDArray[np.int64], caused: Mapping[int, tuple[str, int]]
) -> list[Alert]:
    """The alerts of a rule about hops: one for each group, at the time of its first hop.

    Parameters
    ----------
    name, alerts
        The rule, and what it says.
    earliest
        When each hop started, us since 1970.
    caused
        The hops that are an intruder's, with the attack and its moment.
    """
    groups: dict[int, list[tuple[int, float]]] = {}
    for row, score, group in zip(*(column.tolist() for column in alerts), strict=True):
        groups.setdefault(group, []).append((row, score))
    found = []
    for group, members in groups.items():
        shows: dict[str, int] = {}
        right = [caused[row] for row, _ in members if row in caused]
        _show(shows, right)
        lot = blake2b(f"{name}{group}".encode(), digest_size=8).hexdigest()
        first = int(earliest[min(row for row, _ in members)])
        found.append(Alert(lot, max(score for _, score in members), first, shows, len(right) / len(members)))
    return found


def _show(shows: dict[str, int], found: Iterable[tuple[str, int]]) -> None:
    for attack, moment in found:
        shows[attack] = min(shows.get(attack, moment), moment)
