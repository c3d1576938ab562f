"""Logs of sensors and of clients as they write them, for small estates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from graphmap.readers import Source
from tests.readers.reading import read_source

if TYPE_CHECKING:
    import polars as pl


def moment(text: str) -> datetime:
    """A moment of 2026-03-01, or with a date."""
    return datetime.fromisoformat(text if "T" in text else f"2026-03-01T{text}").replace(tzinfo=UTC)


def zeek(log: str, *lines: dict[str, Any], file: str | None = None) -> pl.DataFrame:
    """The EVENTS of a Zeek log in JSON: `at`, `src`, `port`, `dst` and further fields of each line."""
    text = "".join(json.dumps(_line(log, number, **line)) + "\n" for number, line in enumerate(lines))
    return read_source(Source(file or f"{log}.log", partial(BytesIO, text.encode())), reader="zeek").events


def _line(log: str, number: int, *, at: str, src: str, port: int, dst: str, **others: Any) -> dict[str, Any]:
    ends = {"id.orig_h": src, "id.orig_p": port, "id.resp_h": dst, "id.resp_p": 22}
    return {"_path": log, "ts": moment(at).timestamp(), "uid": f"C{number}", **ends, **others}


def sysmon(host: str, *lines: dict[str, Any]) -> pl.DataFrame:
    """The EVENTS of Sysmon for Linux (event 3, a connection by ssh) on a host: `at`, `src`, `port`, `dst`."""
    text = "".join(_connection(host, **line) for line in lines)
    return read_source(Source(f"{host}-sysmon.log", partial(BytesIO, text.encode())), reader="sysmon-linux").events


def _connection(host: str, *, at: str, src: str, port: int, dst: str) -> str:
    data = {
        "UtcTime": f"{moment(at):%Y-%m-%d %H:%M:%S.%f}", "ProcessId": "70", "Image": "/usr/bin/ssh", "User": "bob",
        "Protocol": "tcp", "Initiated": "true", "SourceIp": src, "SourcePort": port, "DestinationIp": dst,
        "DestinationPort": 22,
    }  # fmt: skip
    fields = "".join(f'<Data Name="{name}">{value}</Data>' for name, value in data.items())
    return (
        f"Mar  1 10:00:00 {host} sysmon: <Event><System><EventID>3</EventID><Computer>{host}</Computer></System>"
        f"<EventData>{fields}</EventData></Event>\n"
    )


def audit(host: str, *lines: dict[str, Any]) -> pl.DataFrame:
    """The EVENTS of auditd on a host where bob starts clients: `at`, `pid`, `words`, and `dst` where it connects."""
    text = "".join(started(host, number, **line) for number, line in enumerate(lines, 1))
    return read_source(Source(f"{host}-audit.log", partial(BytesIO, text.encode())), reader="auditd").events


def started(host: str, serial: int, *, at: str, pid: int, words: str, dst: str | None = None) -> str:
    """What auditd writes of a client that is started and, 0.1 s later, connects to port 22 of an IPv4 address."""
    arguments = words.split()
    begin = f"node={host} type="
    call = f'success=yes exit=0 items=2 ppid=9 pid={pid} auid=1000 uid=1000 tty=pts0 ses=5 comm="{arguments[0]}" '
    call += f'exe="/usr/bin/{arguments[0]}" key="x"\x1dAUID="bob" UID="bob"\n'
    first, then = (
        f"msg=audit({moment(at).timestamp() + later:.3f}:{serial}{part}): " for part, later in ((0, 0), (1, 0.1))
    )
    text = f"{begin}SYSCALL {first}arch=c000003e syscall=59 {call}{begin}EXECVE {first}argc={len(arguments)} "
    text += " ".join(f'a{number}="{word}"' for number, word in enumerate(arguments)) + "\n"
    if dst is not None:
        address = "".join(f"{int(part):02X}" for part in dst.split("."))
        text += f"{begin}SYSCALL {then}arch=c000003e syscall=42 {call}"
        text += f"{begin}SOCKADDR {then}saddr=02000016{address}0000000000000000\n"
    return text
