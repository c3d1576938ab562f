"""Audit records as auditbeat ships them: the records of one event in one document, under ``auditd`` and in ECS fields.

Source: auditbeat's exported fields (auditd.*, process.*, source.*, destination.*), aucoalesce of go-libaudit, which
joins the records. What they mean is what the audit daemon's own log means.
"""

from __future__ import annotations

from typing import Any

from graphmap.model import Witness
from graphmap.readers.auditd.calls import CHANGES, opens_for_writing
from graphmap.readers.auditd.grammar import UNSET, base_name
from graphmap.readers.auditd.kinds import AUDITD_KINDS
from graphmap.readers.clients import CLIENTS, COMMAND_CHARACTERS
from graphmap.readers.json_lines import Document, pick, text, whole
from graphmap.readers.json_reader import OTHER, Meaning, made
from graphmap.readers.watched import watched

_WORDS = ("connect", "connect-failed", "accept", "keys-written", "keys-write-failed", "log-written",
          "log-write-failed", "audit-changed", "audit-change-failed", "audit-started", "audit-ended")  # fmt: skip
KINDS = {name: AUDITD_KINDS[name] for name in _WORDS}
"""Every kind that such a document can be, besides logins and programs that were started."""

_DAEMON = {
    "daemon_start": "audit-started", "daemon_resume": "audit-started", "daemon_end": "audit-ended", "daemon_abort":
    "audit-ended", "daemon_config": "audit-changed", "config_change": "audit-changed",
}  # fmt: skip
_SSHD = frozenset({"sshd", "sshd-session", "sshd-auth"})
_STARTS = frozenset({"execve", "execveat"})


def read_audit(document: Document, time: int) -> Meaning:
    """Read a document about a system call or the audit system itself; `OTHER` for one about anything else."""
    record = (text(document, "auditd.message_type") or "").casefold()
    if record in _DAEMON:
        return _daemon(document, time, _DAEMON[record])
    call = text(document, "auditd.data.syscall")
    if call is None or call in _STARTS:
        return OTHER
    if call in {"connect", "accept", "accept4"}:
        return _connection(document, time, "connect" if call == "connect" else "accept")
    return _written(document, time, call)


def session_of(document: Document) -> str | None:
    """The audit session, written as the reader of audit logs does."""
    session = text(document, "auditd.session")
    return None if session is None or session in UNSET else f"audit:{session}"


def _daemon(document: Document, time: int, kind: str) -> Meaning:
    if kind == "audit-changed" and _failed(document):
        kind = "audit-change-failed"
    told = pick(document, "auditd.data")
    said = " ".join(f"{name}={value}" for name, value in told.items()) if isinstance(told, dict) else ""
    columns = {"service": "audit", "witness": Witness.SERVER, "dst_host": _host(document)}
    return made(KINDS, kind, time, {**_who(document), **columns, "command": said[:COMMAND_CHARACTERS] or None})


def _connection(document: Document, time: int, kind: str) -> Meaning:
    program = _program(document)
    end = "destination" if kind == "connect" else "source"
    address = text(document, f"{end}.ip")
    if address is None or (program not in CLIENTS and program not in _SSHD):
        return None
    columns: dict[str, Any] = {**_who(document), "service": "ssh", "client": program}
    if kind == "accept":
        columns |= {"witness": Witness.SERVER, "dst_host": _host(document)}
        return made(KINDS, kind, time, {**columns, "src": address, "src_port": whole(document, "source.port")})
    columns |= {"witness": Witness.CLIENT, "src_host": _host(document)}
    kind = "connect-failed" if _failed(document) and text(document, "auditd.data.exit") != "EINPROGRESS" else kind
    return made(KINDS, kind, time, {**columns, "dst": address, "dst_port": whole(document, "destination.port")})


def _written(document: Document, time: int, call: str) -> Meaning:
    data = pick(document, "auditd.data")
    fields = {name: str(value) for name, value in data.items()} if isinstance(data, dict) else {}
    changes = call in CHANGES or opens_for_writing(fields, call)
    for path, made_by in _paths(document):
        what = watched(path)
        if what and (changes or made_by in {"CREATE", "DELETE"}):
            kind = f"{what}-{'write-failed' if _failed(document) else 'written'}"
            columns = {
                "service": "audit" if what == "log" else "ssh", "witness": Witness.SERVER, "dst_host": _host(document),
                "client": _program(document), "command": f"{call} {path}"[:COMMAND_CHARACTERS],
            }  # fmt: skip
            return made(KINDS, kind, time, {**_who(document), **columns})
    return None


def _paths(document: Document) -> list[tuple[str, str | None]]:
    """The paths of an event, and what became of each."""
    told = pick(document, "auditd.paths")
    items = [item for item in told if isinstance(item, dict)] if isinstance(told, list) else []
    found = [(path, text(item, "nametype", "objtype")) for item in items if (path := text(item, "name"))]
    alone = text(document, "file.path")
    return found or ([(alone, None)] if alone else [])


def _who(document: Document) -> dict[str, Any]:
    return {
        "user": text(document, "user.audit.name", "user.name_map.auid", "user.name"),
        "session": session_of(document),
        "pid": whole(document, "process.pid"),
    }


def _host(document: Document) -> str | None:
    return text(document, "host.hostname", "host.name", "agent.hostname")


def _program(document: Document) -> str | None:
    return base_name(text(document, "process.executable")) or text(document, "process.name")


def _failed(document: Document) -> bool:
    return "fail" in {text(document, "auditd.result"), (text(document, "event.outcome") or "")[:4]}
