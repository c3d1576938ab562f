"""M1032, multi-factor authentication: where a password alone is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.reports.base import ACCEPTED, SSH, Section

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = pl.col("method") == "password"


def passwords_into_restricted(edges: pl.DataFrame, restricted: Callable[[str], str | None]) -> Section:
    """Logons with a password into restricted segments.

    Parameters
    ----------
    edges
        EDGES.
    restricted
        The restricted segment in which a host lies; None for a host that lies in none.

    Returns
    -------
    Section, one row an account and host, the most logons first.
    """
    segments = {host: segment for host in edges["dst"].unique() if (segment := restricted(host)) is not None}
    inside = edges.filter(SSH & ACCEPTED & PASSWORD & pl.col("dst").is_in(list(segments)))
    found = (
        inside.group_by("user", "dst")
        .agg(pl.col("count").sum(), sources=pl.col("src").n_unique(), last=pl.col("last").max())
        .sort("count", "user", "dst", descending=[True, False, False])
    )
    return Section(
        name="passwords_into_restricted",
        title="Logons with a password into restricted segments",
        mitigation="M1032",
        says="Ask for a key and a second factor there, and let sshd refuse passwords.",
        columns=("account", "host", "segment", "logons", "sources", "last"),
        rows=tuple((user, dst, segments[dst], *rest) for user, dst, *rest in found.iter_rows()),
    )


def password_accounts(edges: pl.DataFrame) -> Section:
    """Accounts that log on by SSH with passwords only: never with a key, a ticket or keyboard-interactive.

    Parameters
    ----------
    edges
        EDGES. A logon of which no log names the method says nothing of its account.

    Returns
    -------
    Section, the most logons first.
    """
    found = (
        edges.filter(SSH & ACCEPTED & pl.col("method").is_not_null())
        .group_by("user")
        .agg(
            pl.col("count").sum(),
            hosts=pl.col("dst").n_unique(),
            last=pl.col("last").max(),
            only=PASSWORD.all(),
        )
        .filter("only")
        .sort("count", "user", descending=[True, False])
    )
    return Section(
        name="password_accounts",
        title="Accounts that never use a key or a second factor",
        mitigation="M1032",
        says="Whoever has the password is the account: give it a key, or a second factor.",
        columns=("account", "logons", "hosts", "last"),
        rows=tuple(found.select("user", "count", "hosts", "last").iter_rows()),
    )
