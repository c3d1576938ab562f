"""Where a logon came from, when its own record does not say and another one does.

Windows writes many network logons without an address (WinRM, much of what goes over Kerberos). The same host then often
logs the use of a share in that very session with one (5140, 5145), the domain controller logged the ticket that the
account asked for to reach that host (4769), and for accounts of its own the host logged the check of the password with
the name of the client (4776).

A Remote Desktop logon has the address and not the port, by which the client's own host knows the connection. The
service that carries it logs both when the client connects (RdpCoreTS 131).
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

CONNECTED = timedelta(minutes=1)
"""How long after its connection a Remote Desktop logon may come: a person may have to type a password first."""

_SHARES = ("share", "share-file")
_TICKETS = ("ticket", "ntlm")
_CONNECTIONS = ("rdp-connection",)
_SOURCE = ("src_ip", "src_host")
_PORT = ("src_port",)
_ACCOUNT = pl.col("user").str.to_lowercase()


def with_sources(logons: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Give successful network logons without a source that of the records beside them, and desktop logons their port.

    Parameters
    ----------
    logons
        Successful logons, columns of EVENTS and `host`.
    events
        All events of these hosts.

    Returns
    -------
    `logons` in their order, `src_ip`, `src_host` and `src_port` filled where exactly one can be meant, and `told_by`,
    the line (`file`, `line`) that told it, else null. Two tickets from two addresses within `TICKET_AGE` tell nothing.

    Notes
    -----
    Cost: three as-of joins over the logons that lack something.
    """
    rows = logons.with_row_index("row").with_columns(account=_ACCOUNT)
    told = events.with_columns(account=_ACCOUNT, told_by=pl.struct("file", "line"))
    shares, tickets, connections = (
        told.filter(pl.col("kind").is_in(kinds)) for kinds in (_SHARES, _TICKETS, _CONNECTIONS)
    )
    wanted = rows.filter((pl.col("service") == "network") & pl.all_horizontal(pl.col(_SOURCE).is_null()))
    by_session = _only(wanted, shares, ("host", "session"), _SOURCE, CLOCKS, SHARE_USE)
    rest = wanted.join(by_session, on="row", how="anti")
    desktops = rows.filter((pl.col("service") == "rdp") & pl.col("src_port").is_null())
    found = [
        by_session,
        _only(rest, tickets, ("host", "account"), _SOURCE, TICKET_AGE, CLOCKS),
        _only(desktops, connections, ("host", "src_ip"), _PORT, CONNECTED, timedelta()),
    ]
    joined = rows.join(pl.concat(found, how="diagonal"), on="row", how="left", maintain_order="left")
    filled = [pl.coalesce(name, f"{name}_told").alias(name) for name in (*_SOURCE, *_PORT)]
    return joined.with_columns(filled).select(*logons.columns, "told_by")


def _only(
    logons: pl.DataFrame,
    told: pl.DataFrame,
    shared: Sequence[str],
    says: Sequence[str],
    before: timedelta,
    after: timedelta,
) -> pl.DataFrame:
    """What all records with the same `shared` say, from `before` a logon to `after` it: `row`, `told_by` and `says`."""
    said = pl.concat_str(*says, separator=" ", ignore_nulls=True)
    anew = pl.col("said") != pl.col("said").shift(1).over(shared)
    told = (
        told.filter(pl.all_horizontal(pl.col(shared).is_not_null()) & pl.any_horizontal(pl.col(says).is_not_null()))
        .sort("time")
        .with_columns(said=said)
        .with_columns(other=pl.when(anew).then(pl.col("time").shift(1).over(shared)).forward_fill().over(shared))
        .select(*shared, "time", "other", "told_by", *(pl.col(name).alias(f"{name}_told") for name in says))
    )
    from_when = pl.col("asked") - before
    return (
        logons.select("row", *shared, asked="time", until=pl.col("time") + after)
        .sort("until")
        .join_asof(told, left_on="until", right_on="time", by=list(shared), check_sortedness=False, coalesce=False)
        .filter((pl.col("time") >= from_when) & (pl.col("other") < from_when).fill_null(value=True))
        .select("row", "told_by", *(f"{name}_told" for name in says))
    )
