"""Shapes of the bulk tables. Columns not marked "never null" may be null, which always means: the log does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME = pl.Datetime("us", "UTC")
LINES = pl.List(pl.Struct({"file": pl.String, "line": pl.Int64}))


def schema(columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.Schema:
    """Make a schema of types and their parametrised instances, which type checkers cannot join by themselves."""
    return pl.Schema(columns)


EVENTS = schema(
    {
        "time": TIME,  # when it happened; never null; whole seconds where the log has no finer stamp
        "action": pl.String,  # model.Action; never null
        "outcome": pl.String,  # model.Outcome; never null; success only on a completed logon
        "service": pl.String,  # ssh, rdp, smb, ...; never null
        "kind": pl.String,  # the reader's own word for the line: accepted, failed, invalid-user ...; never null
        "user": pl.String,  # account as logged, without its domain
        "domain": pl.String,  # the part before the backslash of DOMAIN\user
        "src_ip": pl.String,  # canonical text; IPv4-mapped IPv6 as IPv4, no zone
        "src_port": pl.Int32,  # 1..65535
        "src_host": pl.String,  # the peer's name, where the log has one; of a client's connection who logged it
        "dst_host": pl.String,  # the host that was reached, as logged: mostly the one that logged the line
        "dst_ip": pl.String,  # canonical text, where the log has it
        "dst_port": pl.Int32,  # 1..65535
        "method": pl.String,  # password, publickey, keyboard-interactive, gssapi-with-mic, hostbased ...
        "key": pl.String,  # SHA256:... or MD5:... as OpenSSH prints them
        "cert_id": pl.String,  # key id of a user certificate
        "session": pl.String,  # what joins a logon to its logoff on the host that logged it
        "pid": pl.Int64,  # of the process that wrote the line, or that it tells of, on the host that logged it
        "command": pl.String,  # what was started: shell, command, subsystem:sftp ...
        "bytes_in": pl.Int64,  # to the destination
        "bytes_out": pl.Int64,  # from the destination
        "duration": pl.Int64,  # microseconds from `time` to the end, where one line reports a whole connection
        "client": pl.String,  # the client's software as it names itself, or the program that was started
        "hassh": pl.String,  # fingerprint of the client's key exchange (MD5, hexadecimal), where a sensor computed it
        "server": pl.String,  # the server's software as it names itself
        "host_key": pl.String,  # fingerprint of the server's key, as logged
        "attempts": pl.Int64,  # to log on, as a sensor counted them: more than refusals, also of a success
        "direction": pl.String,  # as a sensor sees its own network: inbound, outbound, bidirectional ...
        "witness": pl.String,  # model.Witness: whose word the line is; never null
        "repeat": pl.Int32,  # 0 for the first of identical lines in one second on one host, then 1, 2 ...; never null
        "reader": pl.String,  # name of the reader; never null
        "file": pl.String,  # as given, and the member inside an archive; never null
        "line": pl.Int64,  # from 1 in the decompressed text, of the record where a format has no lines; never null
    }
)

EVENT_KEY = (
    "dst_host", "second", "action", "outcome", "service", "kind", "user", "domain", "src_ip", "src_port", "src_host",
    "dst_ip", "dst_port", "method", "key", "cert_id", "session", "pid", "command", "repeat",
)  # fmt: skip
"""What makes two rows of EVENTS one event; `second` is `time` cut to the second, since formats differ in precision."""

REJECTS = schema(
    {
        "reason": pl.String,  # why the line was not understood; never null
        "text": pl.String,  # the line, cut at 500 characters, bytes that are not UTF-8 as \xNN; never null
        "repeat": pl.Int32,  # 0 for the first of equal lines in a row in a file, then 1, 2 ...; never null
        "reader": pl.String,  # never null
        "file": pl.String,  # never null
        "line": pl.Int64,  # from 1; never null
    }
)

SESSIONS = schema(
    {
        "start": TIME,  # the accepted logon; never null
        "end": TIME,  # null where the log shows no end
        "last": TIME,  # the last line of this session; never null
        "host": pl.String,  # canonical name of the destination, its address where it is no known host; never null
        "src": pl.String,  # canonical host name, else address or logged name; null where the log has no source
        "src_known": pl.Boolean,  # src is a host; never null
        "src_ip": pl.String,
        "src_port": pl.Int32,
        "user": pl.String,  # as logged; never null
        "account": pl.String,  # canonical account of user; never null
        "service": pl.String,  # never null
        "method": pl.String,
        "key": pl.String,
        "cert_id": pl.String,
        "command": pl.String,  # what was started first: shell, command, subsystem:sftp; null where the log shows none
        "bytes_in": pl.Int64,  # to the destination
        "bytes_out": pl.Int64,  # from the destination
        "client": pl.String,  # the client's software as it names itself, or the program that was started
        "witnesses": pl.List(pl.String),  # model.Witness, sorted: who reported it; never null
        "missing": pl.List(pl.String),  # model.Witness, sorted: who should have and did not; never null
        "lines": LINES,  # of the logon, of what told its source, of the end, of other witnesses; never null
    }
)

FAILURES = schema(
    {
        "time": TIME,  # never null
        "host": pl.String,  # canonical name of the destination; never null
        "src": pl.String,  # as in SESSIONS
        "src_known": pl.Boolean,  # never null
        "src_ip": pl.String,
        "user": pl.String,  # as logged; never null
        "account": pl.String,  # never null
        "service": pl.String,  # never null
        "method": pl.String,
        "key": pl.String,
        "line": pl.Struct({"file": pl.String, "line": pl.Int64}),  # never null
    }
)

HOPS = schema(
    {
        "start": TIME,  # never null
        "end": TIME,  # null where the log shows no end
        "until": TIME,  # last moment at which the hop may be followed; never null
        "src": pl.String,  # never null
        "src_known": pl.Boolean,  # src is a host, else an address or a name; never null
        "dst": pl.String,  # never null
        "user": pl.String,  # never null
        "account": pl.String,  # never null
        "service": pl.String,  # never null
        "method": pl.String,
        "key": pl.String,
        "src_port": pl.Int32,
        "command": pl.String,
        "origins": pl.Int32,  # sessions that could have been the origin; never null
        "certainty": pl.Float64,  # of the preferred origin, 1.0 where there is none to choose; never null
        "basis": pl.String,  # model.Basis; never null
        "witnesses": pl.List(pl.String),  # as in SESSIONS
        "missing": pl.List(pl.String),  # as in SESSIONS
        "lines": LINES,  # never null
    }
)

EDGES = schema(
    {
        "src": pl.String,  # never null
        "src_known": pl.Boolean,  # never null
        "user": pl.String,  # never null
        "dst": pl.String,  # never null
        "service": pl.String,  # never null
        "method": pl.String,
        "count": pl.UInt32,  # successful logons; never null
        "failures": pl.UInt32,  # refused logons; never null
        "first": TIME,  # of any attempt; never null
        "last": TIME,  # never null
        "days": pl.UInt32,  # distinct UTC days with a successful logon; never null
    }
)
