"""Reports of sensors and clients, gathered by connection.

A sensor names the destination by its address, and writes several lines of one connection (Zeek: ssh.log and conn.log);
several sensors may see it. All lines with one source, source port and destination tell of one connection, as long as
no more than `SAME_CONNECTION` lie between them and no teller begins another one; a teller is a reader and a kind of
line, and it begins another one where its connection id (Zeek's uid, Suricata's flow_id) changes. Within a connection
each account that logs on is a sighting of its own (SMB carries several sessions, MS-SMB2 3.2.1.2). A client that was
started (`graphmap.evidence.programs`) and the connection that the same process then opened are one, also where the log
has no port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.identity.names import NO_HOST
from graphmap.model import Action, Outcome, Witness
from graphmap.tables import LINES, TIME

if TYPE_CHECKING:
    from graphmap.identity import Identity

STARTING = pl.duration(minutes=1)
"""From the first report of a client's process to the connection that it opens."""

SAME_CONNECTION = pl.duration(minutes=10)
"""Two reports with the same addresses and source port are of one connection within this time; ports come back later."""

WINDOWS = "windows"
"""Carries logons of many names: one of SMB is NTLM to the sensor and `network` to the host (event 4624, type 3)."""

CARRIERS = {
    **{name: name for name in ("ssh", "rdp", "vnc", "telnet", "rlogin", "rsh", "rexec", "ftp")},
    **dict.fromkeys(
        ("smb", "ntlm", "kerberos", "dce_rpc", "rpc", "wmi", "winrm", "network", "windows", "batch", "service"), WINDOWS
    ),
}
"""By service: what it is compared by between tellers. Connections of other services are no logons."""

SIGHTINGS = pl.Schema(
    {
        "row": pl.UInt32(),  # its number; never null
        "time": TIME,  # of the first report; never null
        "witness": pl.String(),  # network or client; never null
        "teller": pl.String(),  # whose clock it is: the reader of a sensor's log, or the client host; never null
        "host": pl.String(),  # the destination; never null
        "src": pl.String(),
        "src_known": pl.Boolean(),  # never null
        "src_ip": pl.String(),
        "src_port": pl.Int32(),
        "user": pl.String(),
        "account": pl.String(),  # canonical, in lower case, for comparison
        "service": pl.String(),  # of the logon, where there is one; never null
        "carrier": pl.String(),  # never null
        "method": pl.String(),
        "accepted": pl.Boolean(),  # some teller took it for an accepted logon; never null
        "refused": pl.Boolean(),  # some teller took it for a refused one, and none for an accepted one; never null
        "last": TIME,  # when it was last heard of; never null
        "end": TIME,  # where a sensor that follows connections saw it end
        "bytes_in": pl.Int64(),
        "bytes_out": pl.Int64(),
        "client": pl.String(),
        "lines": LINES,  # the first of each teller; never null
    }
)


WITNESSED = ("action", "outcome", "service", "witness", "src_host", "dst_host", "dst_ip", "client", "command")
"""The columns of EVENTS that tell what was seen from elsewhere and what is the start of a client; and the outcome."""


def elsewhere() -> pl.Expr:
    """Whether an event of EVENTS was seen from elsewhere than from the host that it is about."""
    witness = pl.col("witness")
    return (witness == Witness.NETWORK) | ((witness == Witness.CLIENT) & pl.col("src_host").is_not_null())


def useful() -> pl.Expr:
    """Whether an event that was seen from elsewhere can tell of a logon."""
    return (
        (pl.col("action") == Action.LOGON)
        | (pl.col("action").is_in([Action.CONNECTION, Action.PROCESS]) & pl.col("service").is_in(list(CARRIERS)))
    ) & (pl.coalesce("dst_host", "dst_ip").is_not_null())


def is_client_connection() -> pl.Expr:
    """Whether an event of EVENTS is a connection that an SSH client opened, in the log of its host."""
    return (
        (pl.col("action") == Action.CONNECTION) & (pl.col("witness") == Witness.CLIENT) & (pl.col("service") == "ssh")
    )


def carrier() -> pl.Expr:
    """What the service of a row is compared by."""
    return pl.col("service").replace(CARRIERS)


def sightings(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """Gather the reports of sensors and clients.

    Parameters
    ----------
    events
        EVENTS, at least the columns `graphmap.sessions.SESSION_EVENTS`; those not `elsewhere` and `useful` are left
        out, and so are those whose destination is no host's address (loopback, multicast).
    identity
        Gives hosts, sources and accounts their canonical names. A destination that is no known host is its address.

    Returns
    -------
    DataFrame of schema SIGHTINGS, in order of `row`, which depends on the content of the events alone.
    """
    reports = _reports(events.filter(elsewhere() & useful()), identity)
    ends = pl.col("time") + pl.duration(microseconds=pl.col("duration"))
    named = pl.col("user").is_not_null()
    logon = pl.col("action") == Action.LOGON
    accepted = (logon & (pl.col("outcome") == Outcome.SUCCESS)).any()
    return (
        reports.group_by(*_CONNECTION, "who", maintain_order=True)
        .agg(
            pl.col("time").min(),
            pl.col("witness", "teller", "host", "src", "src_known", "src_ip", "src_port").first(),
            *(_first(name, named) for name in ("user", "account")),
            *(pl.coalesce(_first(name, logon), pl.col(name).first()) for name in ("service", "method")),
            accepted=accepted,
            refused=(logon & (pl.col("outcome") == Outcome.FAILURE)).any() & ~accepted,
            last=pl.max_horizontal(pl.col("time").max(), ends.max()),
            end=ends.filter(pl.col("session").is_not_null()).max(),
            bytes_in=pl.col("bytes_in").max(),
            bytes_out=pl.col("bytes_out").max(),
            client=pl.col("client").drop_nulls().first(),
            lines=pl.struct("file", "line").filter("foremost"),
        )
        .with_columns(carrier=carrier())
        .with_row_index("row")
        .match_to_schema(SIGHTINGS, extra_columns="ignore")
    )


def _first(name: str, wanted: pl.Expr) -> pl.Expr:
    return pl.col(name).filter(wanted).drop_nulls().first()


def _reports(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The reports with canonical names, the connection (`run` and `nth`) and account (`who`) that they are of.

    `foremost` is true for the first of each teller. Who runs a client of SSH need not have that name on the other host.
    """
    placed = identity.hosts_of(
        events.with_columns(
            dst_host=pl.coalesce("dst_host", "dst_ip"),
            logger=pl.when(pl.col("witness") == Witness.CLIENT).then("src_host"),
            user=pl.when(~is_client_connection()).then("user"),
        )
    ).filter(~pl.col("host").str.contains(NO_HOST))
    named = identity.hosts_of(identity.resolve(placed), "logger", "logger")
    known = pl.when(pl.col("logger").is_not_null()).then(pl.col("logger").is_in(identity.hosts()))
    rows = _connections(
        named.with_columns(
            src=pl.coalesce("logger", "src"),
            src_known=pl.coalesce(known, "src_known"),
            account=identity.account("user").str.to_lowercase(),
            teller=pl.coalesce("logger", "reader"),
        )
    ).sort(_ORDER)
    first = rows.drop_nulls("account").unique(_CONNECTION, keep="first", maintain_order=True)
    return (
        rows.join(first.select(*_CONNECTION, who="account"), on=_CONNECTION, how="left", maintain_order="left")
        .with_columns(who=pl.coalesce("account", "who"))
        .with_columns(foremost=pl.struct(*_CONNECTION, "who", "reader", "kind").is_first_distinct())
    )


def _connections(reports: pl.DataFrame) -> pl.DataFrame:
    """Number the connections: `run` for those of one port close in time, `nth` for one after another in a run.

    Done by sorting and comparing neighbours: windows over very many connections cost many times as much.
    A report without address or port is a run of its own, but for what tells of one client's process.
    """
    unknown = pl.any_horizontal(pl.col("src_ip", "src_port").is_null())
    process = pl.when(unknown & (pl.col("witness") == Witness.CLIENT)).then(pl.struct("teller", "pid"))
    key = ["witness", "host", "src_ip", "src_port", "process"]
    alone = unknown & (pl.col("pid").is_null() | ~_goes_on())
    begins = _changes(key) | alone | (pl.col("time").diff() > SAME_CONNECTION)
    told = ["run", "reader", "kind"]
    count = pl.col("another").cum_sum()
    return (
        reports.with_columns(process=process)
        .sort(*key, *_ORDER)
        .with_columns(run=begins.fill_null(value=False).cum_sum())
        .sort(*told, *_ORDER)
        .with_columns(another=_changes(["session"]) & ~_changes(told), anew=_changes(told))
        .with_columns(nth=count - pl.when("anew").then(count).forward_fill().fill_null(0))
    )


def _goes_on() -> pl.Expr:
    """Whether a row tells on of the start of a program that the row before it reports."""
    soon = pl.col("time").diff() <= STARTING
    return (soon & (pl.col("action").shift(1) == Action.PROCESS) & _changes(["reader", "kind"])).fill_null(value=False)


def _changes(columns: list[str]) -> pl.Expr:
    """Whether a row differs from the one before it."""
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in columns)


_ORDER = ["time", "reader", "kind", "file", "line"]
_CONNECTION = ["run", "nth"]
