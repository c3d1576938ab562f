"""M1042, disable or remove a feature or program: SSH servers that nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.reports.base import ACCEPTED, SSH, Section

if TYPE_CHECKING:
    from collections.abc import Iterable


def unused_servers(edges: pl.DataFrame, servers: Iterable[str]) -> Section:
    """Hosts whose SSH server nobody logs on to, or only from one place.

    Parameters
    ----------
    edges
        EDGES; those of other services do not count.
    servers
        Canonical names of the hosts whose sshd logs.

    Returns
    -------
    Section, those that nobody uses first, then by name: `source` is the only one there is, None where there is none.
    """
    known = pl.DataFrame({"dst": sorted(set(servers))}, schema={"dst": pl.String})
    accepted = pl.col("src").filter(ACCEPTED)
    used = (
        edges.filter(SSH)
        .group_by("dst")
        .agg(
            sources=accepted.n_unique(),
            source=accepted.first(),
            logons=pl.col("count").sum(),
            refused=pl.col("failures").sum(),
            last=pl.col("last").filter(ACCEPTED).max(),
        )
    )
    found = (
        known.join(used, on="dst", how="left")
        .with_columns(pl.col("sources", "logons", "refused").fill_null(0))
        .filter(pl.col("sources") <= 1)
        .sort("sources", "dst")
    )
    return Section(
        name="unused_servers",
        title="SSH servers that nobody uses, or only from one place",
        mitigation="M1042",
        says="Switch the server off where nobody needs it; else let it listen to that one source only.",
        columns=("host", "source", "logons", "refused", "last"),
        rows=tuple(found.select("dst", "source", "logons", "refused", "last").iter_rows()),
        missing=None if known.height else "no log of an SSH server was read",
    )
