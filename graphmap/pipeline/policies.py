"""The policy in force, and what a policy would have said of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmap.model import Verdict
from graphmap.pipeline.written import read_text, replace_text
from graphmap.policy.judge import VERDICTS
from graphmap.policy.rules import NO_POLICY
from graphmap.policy.rulings import Rulings
from graphmap.policy.yaml_form import parse_policy
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.identity import Identity
    from graphmap.pipeline.estate import Estate
    from graphmap.policy.rules import Policy

BY = ["src_zones", "dst_zones", "account", "verdict"]


def read_policy(path: Path) -> Policy:
    """Read a segment policy.

    Raises
    ------
    InputError
        The file cannot be read or is no policy; the message names path, line and column.
    """
    return parse_policy(read_text(path, "policy"), str(path))


def load_policy(settings: Settings) -> Policy:
    """The policy in force; one that states nothing where none is.

    Raises
    ------
    InputError
        It cannot be read, or somebody edited it into something that is no policy.
    """
    return read_policy(settings.policy) if settings.policy.exists() else NO_POLICY


def put_in_force(settings: Settings, path: Path) -> Policy:
    """Keep a policy as that of the home folder, as it is written. It replaces the one before, whole.

    Raises
    ------
    InputError
        As for `read_policy`; then the one before stays.
    """
    return keep_policy(settings, read_text(path, "policy"), str(path))


def keep_policy(settings: Settings, text: str, name: str) -> Policy:
    """Keep the text of a policy as that of the home folder. It replaces the one before, whole.

    Raises
    ------
    PolicyError
        It is no policy; `name` stands for the file in the message. Then the one before stays.
    """
    policy = parse_policy(text, name)
    replace_text(settings.policy, text)
    return policy


def remarks(policy: Policy, identity: Identity) -> Iterator[str]:
    """The names in a policy that the inventory does not have: no mistake, but hardly meant."""
    segments = {segment.name for segment in identity.inventory.segments}
    roles = {role for host in identity.inventory.hosts for role in identity.roles(host.name)}
    for zone in policy.zones:
        yield from _unknown(policy, zone.line, "segment", set(zone.segments) - segments)
        yield from _unknown(policy, zone.line, "role", set(zone.roles) - roles)
        yield from _unknown(policy, zone.line, "host", {host for host in zone.hosts if identity.host(host) is None})


def _unknown(policy: Policy, line: int | None, kind: str, names: set[str]) -> Iterator[str]:
    for name in sorted(names):
        yield f"{policy.path}:{line}: the inventory has no {kind} {name!r}"


def dry_run(estate: Estate, policy: Policy) -> pl.DataFrame:
    """The logons of the past that a policy, with the inventory's `allowed_from`, does not permit.

    Returns
    -------
    DataFrame, the most logons first: `src_zones` and `dst_zones` (names, sorted; empty where none holds the node),
    `account`, `verdict` (model.Verdict: violation or both), `count`, `first` and `last` (TIME), `src`, `dst`, `why`
    (of the first of them).
    """
    rulings = Rulings(policy, estate.identity, estate.index, estate.table)
    rows = np.flatnonzero(rulings.bits >= VERDICTS.index(Verdict.VIOLATION))
    logons = rulings.logons
    held, of_node = rulings.judge.zones(logons.nodes)
    zones = pl.Series(held, dtype=pl.List(pl.String))
    accounts = pl.Series(logons.account.names, dtype=pl.String)
    found = (
        pl.DataFrame(
            {
                "row": pl.Series(rows, dtype=pl.Int64),
                "src_zones": zones.gather(of_node[logons.src[rows]]),
                "dst_zones": zones.gather(of_node[logons.dst[rows]]),
                "account": accounts.gather(logons.account.codes[rows]),
                "verdict": pl.Series([str(one) for one in VERDICTS]).gather(rulings.bits[rows]),
                "time": pl.Series(logons.time[rows]).cast(TIME),
            }
        )
        .group_by(BY)
        .agg(pl.len().alias("count"), first=pl.col("time").min(), last=pl.col("time").max(), row=pl.col("row").min())
        .sort("count", "row", descending=[True, False])
    )
    shown = [logons.at(row) for row in found["row"]]
    return found.drop("row").with_columns(
        src=pl.Series([one.src for one in shown], dtype=pl.String),
        dst=pl.Series([one.dst for one in shown], dtype=pl.String),
        why=pl.Series(["; ".join(d.text for d in rulings.judge.denials(one)) for one in shown], dtype=pl.String),
    )
