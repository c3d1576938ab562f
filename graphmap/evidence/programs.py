"""SSH clients that were started, as reports of the connections that they opened.

The record of a process (auditd EXECVE, Windows 4688, Sysmon 1, a shell's log) is an event of the host on which it was
started, and names its destination in its arguments only. Where those name a known host, or where the same process is
seen connecting soon after, it is the client's word on that connection.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.evidence.command_lines import destination
from graphmap.evidence.sightings import elsewhere, is_client_connection
from graphmap.model import Action, Witness

if TYPE_CHECKING:
    from graphmap.identity import Identity

CONNECTS = timedelta(minutes=1)
"""From the start of a client to its connection. An agent or a hardware token may ask a person first."""

CHILD = timedelta(seconds=10)
"""From the start of a client to that of the one that it starts for the connection."""

_LED = pl.Struct({"to": pl.String, "account": pl.String, "by_child": pl.Boolean})


def is_program() -> pl.Expr:
    """Whether an event of EVENTS is the start of an SSH client with its arguments."""
    return (
        (pl.col("action") == Action.PROCESS)
        & (pl.col("witness") == Witness.CLIENT)
        & (pl.col("service") == "ssh")
        & pl.all_horizontal(pl.col("dst_host", "client", "command").is_not_null())
        & pl.col("src_host").is_null()
    )


def tells_of_programs() -> pl.Expr:
    """Whether `programs` looks at an event of EVENTS."""
    return is_program() | (elsewhere() & is_client_connection())


def programs(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """Reports of the clients that were started, as a connection that a host opened is reported.

    Parameters
    ----------
    events
        EVENTS, at least the columns `graphmap.sessions.SESSION_EVENTS`, in any order; those that do not
        `tells_of_programs` are left out.
    identity
        Gives hosts their canonical names.

    Returns
    -------
    Rows with the columns of `events`, one a client that is taken to have gone to another host: `src_host` is the host
    on which it was started, `dst_host` or `dst_ip` where it went, `user` the account on that host where the arguments
    name one (without its domain), `src_ip` and `src_port` those of the connection that it was seen opening; `session`
    is null.

    A client that no connection follows within `CONNECTS` goes where its arguments say; if that is no known host, or
    the client left the connection to another one within `CHILD`, nothing is told.

    Notes
    -----
    Cost: Python once for each different command line, two as-of joins.
    """
    started = events.filter(is_program()).sort("time", "dst_host", "reader", "kind", "file", "line")
    started = identity.hosts_of(started, into="logger").with_row_index("program")
    if started.is_empty():
        return events.clear()
    connected = identity.hosts_of(events.filter(elsewhere() & is_client_connection()), "src_host", "logger")
    told = (
        started.join(_first_connections(started, connected), on="program", how="left", maintain_order="left")
        .with_columns(_destinations(started).struct.unnest())
        .with_columns(seen=pl.any_horizontal(pl.col("seen_dst_host", "seen_dst_ip").is_not_null()))
        .with_columns(
            dst_host=pl.when("seen").then("seen_dst_host").otherwise("to"),
            dst_ip=pl.when("seen").then("seen_dst_ip"),
            src_host="dst_host",
            src_ip="seen_src_ip",
            src_port="seen_src_port",
            user=pl.col("account").str.replace(r"^.*\\", ""),
            session=pl.lit(None, pl.String),
        )
        .filter(pl.coalesce("dst_host", "dst_ip").is_not_null())
        .with_columns(aim=pl.coalesce("dst_host", "dst_ip"))
    )
    aimed = identity.hosts_of(told, "aim", "reached")
    aimed = aimed.filter(pl.col("seen") | pl.col("reached").is_in(identity.hosts()))
    return aimed.filter(~aimed["program"].is_in(_left_to_children(aimed).implode())).select(events.columns)


def _destinations(started: pl.DataFrame) -> pl.Series:
    """Where the command lines lead: `to`, `account` and `by_child`, null where they do not tell."""
    lines = started.select("client", "command").unique(maintain_order=True)
    found = [destination(client, command) for client, command in lines.iter_rows()]
    led = pl.Series("led", [one and dict(zip(("to", "account", "by_child"), one, strict=True)) for one in found], _LED)
    return started.join(lines.with_columns(led), on=["client", "command"], how="left", maintain_order="left")["led"]


def _first_connections(started: pl.DataFrame, connected: pl.DataFrame) -> pl.DataFrame:
    """Of each process the first connection that it was seen opening: `program`, `seen_` and the column's name."""
    process = ["logger", "pid"]
    ends = [pl.col(name).alias(f"seen_{name}") for name in ("dst_host", "dst_ip", "src_ip", "src_port")]
    owners = started.select("program", *process, since="time").drop_nulls().sort("since", "program")
    return (
        connected.select("time", *process, *ends, "reader", "kind", "file", "line")
        .drop_nulls(process)
        .sort("time", "reader", "kind", "file", "line")
        .join_asof(owners, left_on="time", right_on="since", by=process, tolerance=CONNECTS, check_sortedness=False)
        .drop_nulls("program")
        .unique("program", keep="first", maintain_order=True)
        .select("program", "^seen_.*$")
    )


def _left_to_children(aimed: pl.DataFrame) -> pl.Series:
    """The numbers of those clients that started another one for the connection, which has a row of its own."""
    way = ["logger", "reached"]
    own = aimed.filter(~pl.col("by_child").fill_null(value=False)).select("time", *way, child="program").sort("time")
    left = aimed.filter(pl.col("by_child") & ~pl.col("seen")).select("time", *way, "program").sort("time")
    followed = left.join_asof(own, on="time", by=way, strategy="forward", tolerance=CHILD, check_sortedness=False)
    return followed.drop_nulls("child")["program"]
