"""A recording: the topology of a seed, running and played, as a folder of logs with an inventory and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from tests.range import namespaces, topology
from tests.range.actions import Player
from tests.range.hosts import Estate
from tests.range.scenario import Scenario
from tests.range.truth import Truth

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 2
LIMIT = 240.0
"""Seconds after which a recording is given up; it takes a tenth of that on an idle machine."""


def record(seed: int, out: Path, *, rounds: int = ROUNDS) -> None:
    """Record a seed into `out`, an empty or new folder.

    Raises
    ------
    RangeError
        Something did not go as the scenario says; nothing in `out` is to be used then.
    """
    arguments = ["inside", "--seed", str(seed), "--out", str(out.resolve()), "--rounds", str(rounds)]
    namespaces.run_apart(arguments, seconds=LIMIT)


def play(seed: int, out: Path, *, rounds: int) -> None:
    """The part of `record` that runs set apart."""
    namespaces.end_with_parent()
    namespaces.hide_run()
    plan = topology.build(seed)
    estate = Estate(plan)
    truth = Truth(seed)
    Scenario(Player(estate, truth), rounds).play()
    estate.collect(out)
    truth.write(out / "truth.json")
    text = yaml.safe_dump(plan.inventory(), sort_keys=False, default_flow_style=None, width=120)
    (out / "inventory.yaml").write_text(text, encoding="utf-8")
