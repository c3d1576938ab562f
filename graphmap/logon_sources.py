"""Where a logon came from, when its own record does not say and another one does.

Windows writes many network logons without an address (WinRM, much of what goes over Kerberos). The same host then often
logs the use of a share in that very session with one (5140, 5145), the domain controller logged the ticket that the
account asked for to reach that host (4769), and for accounts of its own the host logged the check of the password with
the name of the client (4776).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

TICKET_AGE = timedelta(minutes=1)
"""How old a ticket may be that a logon used. One is good for hours: the older, the more may have changed since."""
CLOCKS = timedelta(seconds=2)
"""How far the clocks of a controller and a member may be apart."""
SHARE_USE = timedelta(hours=1)
"""How long after a logon the use of a share in its session still tells of it."""

_SHARES = ("share", "share-file")
_TICKETS = ("ticket", "ntlm")
_SOURCE = ("src_ip", "src_host")
_ACCOUNT = pl.col("user").str.to_lowercase()


def with_sources(logons: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Give successful network logons without a source that of the records beside them.

    Parameters
    ----------
    logons
        Successful logons, columns of EVENTS and `host`.
    events
        All events of these hosts.

    Returns
    -------
    `logons` in their order, `src_ip` and `src_host` filled where exactly one source can be meant, and `told_by`, the
    line (`file`, `line`) that told it, else null. Two tickets from two addresses within `TICKET_AGE` tell nothing.

    Notes
    -----
    Cost: two as-of joins over the logons that lack a source.
    """
    line = pl.struct("file", "line")
    lacking = (pl.col("service") == "network") & pl.all_horizontal(pl.col(_SOURCE).is_null())
    rows = logons.with_row_index("row").with_columns(account=_ACCOUNT)
    told = events.filter(pl.any_horizontal(pl.col(_SOURCE).is_not_null())).with_columns(account=_ACCOUNT, told_by=line)
    shares, tickets = (told.filter(pl.col("kind").is_in(kinds)) for kinds in (_SHARES, _TICKETS))
    wanted = rows.filter(lacking)
    by_session = _only_source(wanted, shares, ("host", "session"), CLOCKS, SHARE_USE)
    rest = wanted.join(by_session, on="row", how="anti")
    found = pl.concat([by_session, _only_source(rest, tickets, ("host", "account"), TICKET_AGE, CLOCKS)])
    joined = rows.join(found, on="row", how="left", suffix="_told", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"{name}_told").alias(name) for name in _SOURCE).select(
        *logons.columns, "told_by"
    )


def _only_source(
    logons: pl.DataFrame, told: pl.DataFrame, shared: Sequence[str], before: timedelta, after: timedelta
) -> pl.DataFrame:
    """The source that all records with the same `shared` name, from `before` a logon to `after` it: `row` and more."""
    source = pl.concat_str(*_SOURCE, separator=" ", ignore_nulls=True)
    anew = pl.col("source") != pl.col("source").shift(1).over(shared)
    told = (
        told.filter(pl.all_horizontal(pl.col(shared).is_not_null()))
        .sort("time")
        .with_columns(source=source)
        .with_columns(other=pl.when(anew).then(pl.col("time").shift(1).over(shared)).forward_fill().over(shared))
        .select(*shared, "time", "other", "told_by", *_SOURCE)
    )
    from_when = pl.col("asked") - before
    return (
        logons.select("row", *shared, asked="time", until=pl.col("time") + after)
        .sort("until")
        .join_asof(told, left_on="until", right_on="time", by=list(shared), check_sortedness=False, coalesce=False)
        .filter((pl.col("time") >= from_when) & (pl.col("other") < from_when).fill_null(value=True))
        .select("row", "told_by", *_SOURCE)
    )
