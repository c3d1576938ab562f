"""What people said of findings, as far as it says what may become usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.model import TriageState
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from graphmap.graph.table import HopTable
    from graphmap.model import Finding, Hop

Logon = tuple["datetime", str, str, str, str]
"""Moment, source, destination, account and service: what makes a hop the same, whatever chain it is shown in."""

_KEY = pl.Schema({"start": TIME, "src": pl.String(), "dst": pl.String(), "user": pl.String(), "service": pl.String()})


class Judged(NamedTuple):
    """The logons of findings that people judged. What is in both was confirmed: one judge was wrong, and saw less."""

    benign: frozenset[Logon] = frozenset()
    confirmed: frozenset[Logon] = frozenset()

    @classmethod
    def of(cls, findings: Iterable[tuple[Finding, TriageState]]) -> Judged:
        """The logons of findings, by what was said last of each; of those that nobody judged, or not yet, none."""
        logons: dict[TriageState, set[Logon]] = {state: set() for state in TriageState}
        for finding, state in findings:
            logons[state].update(map(_logon, finding.hops))
        return cls(frozenset(logons[TriageState.BENIGN]), frozenset(logons[TriageState.CONFIRMED]))


NOBODY = Judged()
"""Nobody judged anything."""


def rows_of(logons: Iterable[Logon], hops: HopTable) -> NDArray[np.int64]:
    """The rows of HOPS that are some logons, in order; logons that are there no more have none. One pass, if any."""
    wanted = pl.DataFrame(list(logons), _KEY, orient="row")
    if wanted.is_empty():
        return np.empty(0, np.int64)
    rows = hops.scan().select(_KEY.names()).with_row_index("row").join(wanted.lazy(), on=_KEY.names(), how="semi")
    return rows.select("row").collect(engine="streaming")["row"].sort().cast(pl.Int64).to_numpy()


def _logon(hop: Hop) -> Logon:
    return hop.start, hop.src, hop.dst, hop.user, hop.service
