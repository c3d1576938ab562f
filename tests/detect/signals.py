"""Small stories told by other lines than logons: sshd at LogLevel VERBOSE, the audit log, login records, sensors."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from graphmap.identity import EMPTY, parse_inventory
from graphmap.model import Line
from graphmap.pipeline.estate import Estate
from graphmap.pipeline.lines import Quotation
from graphmap.readers import Source
from tests.detect.story import ADDRESSES, INVENTORY, log_of
from tests.estates import read
from tests.readers.reading import read_source
from tests.readers.test_utmp import record

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLS = {"execve": 59, "connect": 42, "openat": 257, "truncate": 76, "unlink": 87, "rename": 82}


def moment(stamp: str) -> datetime:
    """A moment of March 2026: ``[MM-DD ]TIME``, on the first where no day is given."""
    day, _, time = stamp.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '03-01'}T{time}").replace(tzinfo=UTC)


class Story(NamedTuple):
    """Lines of sshd (auth.log), of the audit log (audit.log) and of Zeek (zeek.log), and what other readers gave."""

    sshd: Sequence[str] = ()
    audit: Sequence[str] = ()
    zeek: Sequence[str] = ()
    others: Sequence[pl.DataFrame] = ()

    def estate(self, *, inventory: bool = True) -> Estate:
        events = [
            read("".join(self.sshd)),
            _read("audit.log", "".join(self.audit).encode(), "auditd"),
            _read("zeek.log", "".join(self.zeek).encode(), "zeek"),
            *self.others,
        ]
        return Estate(pl.concat(events), parse_inventory(INVENTORY % "", "inventory.yaml") if inventory else EMPTY)

    def quotations(self) -> dict[Line, Quotation]:
        """The text of every line."""
        files = {"auth.log": self.sshd, "audit.log": self.audit, "zeek.log": self.zeek}
        return {
            Line(file, number): Quotation(text)
            for file, told in files.items()
            for number, text in enumerate("".join(told).split("\n"), 1)
        }


def _read(file: str, data: bytes, reader: str, host: str | None = None) -> pl.DataFrame:
    return read_source(Source(file, partial(BytesIO, data), None, host), reader=reader).events


def deeds(*told: str) -> list[str]:
    """Lines of sshd of deeds (`tests.detect.story.told`)."""
    return log_of(*told)


def said(stamp: str, host: str, message: str, pid: int = 7) -> str:
    """A line of sshd."""
    return f"{moment(stamp).isoformat()} {host} sshd[{pid}]: {message}\n"


def opened(stamp: str, way: str, user: str, port: int, what: str = "shell on pts/0") -> str:
    """A session that is started on a connection: ``SOURCE>HOST``."""
    source, host = way.split(">")
    return said(
        stamp, host, f"Starting session: {what} for {user} from {ADDRESSES.get(source, source)} port {port} id 0"
    )


def _audit(stamp: str, host: str, user: str | None, call: str, program: str, *records: str, arguments: str = "") -> str:
    """The records of one system call, enriched; `user` is None for a daemon."""
    time = f"{moment(stamp).timestamp():.3f}:{int(moment(stamp).timestamp() * 10) % 1_000_000}"
    who = f'AUID="{user}" UID="{user}"' if user else 'AUID="unset" UID="root"'
    ids = "auid=1000 uid=1000 ses=5" if user else "auid=4294967295 uid=0 ses=4294967295"
    lines = [
        (
            f"type=SYSCALL msg=audit({time}): arch=c000003e syscall={CALLS[call]} success=yes exit=0 {arguments}items=1 ppid=1"
            f' pid=70 {ids} comm="{program}" exe="/usr/bin/{program}" key="k" ARCH=x86_64 SYSCALL={call} {who}'
        ),
        *(one.replace("@", f"msg=audit({time}):") for one in records),
    ]
    return "".join(f"node={host} {line}\n" for line in lines)


def started(stamp: str, host: str, user: str, command: str, program: str | None = None) -> str:
    """A program that is started."""
    words = shlex.split(command)
    arguments = " ".join(f"a{number}={word.encode().hex().upper()}" for number, word in enumerate(words))
    return _audit(stamp, host, user, "execve", program or words[0], f"type=EXECVE @ argc={len(words)} {arguments}")


def connected(stamp: str, host: str, user: str | None, address: str, port: int, program: str = "sshd") -> str:
    """A connection that a program opens."""
    packed = bytes(map(int, address.split("."))).hex().upper()
    return _audit(stamp, host, user, "connect", program, f"type=SOCKADDR @ saddr=0200{port:04X}{packed}{'0' * 16}")


def wrote(stamp: str, host: str, user: str | None, path: str, program: str, call: str = "openat") -> str:
    """A file that a program changes."""
    made = "DELETE" if call == "unlink" else "NORMAL"
    return _audit(
        stamp, host, user, call, program, f'type=PATH @ item=0 name="{path}" inode=9 nametype={made}',
        arguments="a1=55d0 a2=441 " if call == "openat" else "",
    )  # fmt: skip


def audit_line(stamp: str, host: str, text: str) -> str:
    """A single record: ``TYPE rest``."""
    kind, _, rest = text.partition(" ")
    return f"node={host} type={kind} msg=audit({moment(stamp).timestamp():.3f}:9): {rest}\n"


def logins(host: str, *records: tuple[str, str, str]) -> pl.DataFrame:
    """Login records (wtmp) of a host: stamp, user, address."""
    data = b"".join(
        record(
            user=user,
            host=address,
            address=map(int, address.split(".")),
            second=int(moment(stamp).timestamp()),
            pid=900 + n,
        )
        for n, (stamp, user, address) in enumerate(records)
    )
    return _read(f"{host}-wtmp", data, "utmp", host)


def sensed(stamp: str, way: str, port: int, log: str = "ssh", **fields: Any) -> str:
    """A line of Zeek about ``SOURCE>HOST``."""
    source, target = (ADDRESSES.get(name, name) for name in way.split(">"))
    ends = {"id.orig_h": source, "id.orig_p": port, "id.resp_h": target, "id.resp_p": 22}
    return json.dumps({"_path": log, "ts": moment(stamp).timestamp(), "uid": f"C{port}", **ends, **fields}) + "\n"


def certified(stamp: str, way: str, user: str, port: int, key: str = "c", name: str = "bob@corp") -> str:
    """A logon by certificate."""
    source, host = way.split(">")
    return said(
        stamp, host,
        f"Accepted publickey for {user} from {ADDRESSES[source]} port {port} ssh2:"
        f" ED25519-CERT SHA256:{key} ID {name} (serial 7) CA ED25519 SHA256:ca",
    )  # fmt: skip
