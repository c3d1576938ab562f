"""What sshd and Dropbear wrote to the systemd journal, exported by ``journalctl -o json``: one JSON object a line.

Any user may write to the journal in sshd's name (``logger -t sshd``). Fields whose names begin with an underscore are
added by journald itself (systemd.journal-fields(7)); only these say who wrote an entry.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmap.readers.batches import BatchBuilder
from graphmap.readers.fields import Fields, Meaning
from graphmap.readers.linewise import read_linewise
from graphmap.readers.sshd import DROPBEAR, OPENSSH, Conversations, read_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch, ReadOptions, Source

_SERVERS = OPENSSH | DROPBEAR
_STAMPS = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_ANYONE_WRITES = ("/home/", "/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/")  # noqa: S108 - where users keep programs
ENTRY_FIELDS = frozenset({*_STAMPS, "_HOSTNAME", "_PID", "_UID", "_COMM", "_EXE", "SYSLOG_IDENTIFIER", "MESSAGE"})
"""The journal's fields that an entry is made of."""
_MARKS = (b'"__REALTIME_TIMESTAMP"', b'"_SOURCE_REALTIME_TIMESTAMP"')


class Entry(NamedTuple):
    """One entry of the journal: journald's own fields, and what the writer claims (`identifier`, `message`)."""

    time: int | None
    host: str | None
    pid: str | None
    uid: str | None
    comm: str | None
    exe: str | None
    identifier: str | None
    message: str | None


class JournaldReader:
    """Reads ``journalctl -o json``; entries of other programs are counted and left alone."""

    name = "journald"
    title = "OpenSSH and Dropbear in the systemd journal: journalctl -o json"

    def sniff(self, head: bytes) -> bool:
        """Tell whether the first line is a JSON object with a journal's time stamp."""
        first = head.lstrip().partition(b"\n")[0]
        return first.startswith(b"{") and any(mark in first for mark in _MARKS)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: the journal's stamps are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = BatchBuilder(self.name, source)
        conversations = Conversations()
        yield from read_linewise(source, batch, lambda number, line: _scan(batch, conversations, number, line))


def parse_entry(line: str) -> Entry | None:
    """Parse one line; None where it is not a JSON object."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    return entry_of(fields)


def entry_of(fields: dict[str, Any]) -> Entry:
    """Make an entry of the journal's fields: text, bytes as an array, or an array of either."""
    own, received = _STAMPS
    time = _number(fields.get(own))
    return Entry(
        time=time if time is not None else _number(fields.get(received)),
        host=_text(fields.get("_HOSTNAME")),
        pid=_text(fields.get("_PID")),
        uid=_text(fields.get("_UID")),
        comm=_text(fields.get("_COMM")),
        exe=_text(fields.get("_EXE")),
        identifier=_text(fields.get("SYSLOG_IDENTIFIER")),
        message=_text(fields.get("MESSAGE")),
    )


def writer(entry: Entry) -> str | None:
    """Name the SSH server that wrote an entry, by journald's own fields; None for any other program.

    A program's path is journald's own word, its `_COMM` can be set by the program itself. So for a process that is
    not root's the path decides; where it is missing, as for a process that ended at once, the name does. For root's
    processes the name does: root could write anything anyway.
    """
    path = entry.exe or ""
    of_path = path.rpartition("/")[2]
    if entry.uid != "0" and path:
        return of_path if of_path in _SERVERS and not path.startswith(_ANYONE_WRITES) else None
    for name in (of_path, entry.comm):
        if name in _SERVERS:
            return name
    unnamed = entry.uid == "0" and not path and entry.comm is None
    return entry.identifier if unnamed and entry.identifier in _SERVERS else None


def read_entry(entry: Entry) -> Meaning:
    """Read an entry as `graphmap.readers.sshd.read_program` does, with a reason for one in a false name."""
    program = writer(entry)
    claimed = entry.identifier in _SERVERS
    if program is None:
        return f"forged: written by {entry.exe or entry.comm or f'user {entry.uid}'}" if claimed else "other"
    if entry.identifier is not None and not claimed:
        return "other"
    if entry.message is None:
        return "message is missing or too large for the export"
    meaning = read_program(program, entry.message)
    by_name_only = entry.uid != "0" and not entry.exe
    if by_name_only and isinstance(meaning, Fields) and meaning.kind == "accepted":
        return "forged: logons are reported by root's process"
    return meaning


def _scan(batch: BatchBuilder, conversations: Conversations, number: int, line: str) -> None:
    entry = parse_entry(line)
    if entry is None:
        if line.strip():
            batch.reject(number, "not a JSON object", line)
        else:
            batch.other += 1
        return
    put_entry(batch, conversations, number, entry, line)


def put_entry(batch: BatchBuilder, conversations: Conversations, number: int, entry: Entry, text: str) -> None:
    """Put an entry where it belongs: events, rejects (with its `text`), context or other."""
    meaning = read_entry(entry)
    if meaning == "other":
        batch.other += 1
    elif meaning is None:
        batch.context += 1
    elif isinstance(meaning, str):
        batch.reject(number, meaning, text)
    elif entry.time is None:
        batch.reject(number, "time stamp does not exist", text)
    else:
        fields = conversations.judge(entry.host, entry.pid, entry.message or "", meaning)
        batch.event((entry.time, entry.host, entry.pid, number, 1), fields)


def _text(value: object) -> str | None:
    """Read a field: text, an array of byte values (text that is not UTF-8), or an array of either (a field twice)."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        if all(isinstance(item, int) and 0 <= item <= 255 for item in value):  # noqa: PLR2004 - the values of a byte
            return bytes(value).decode("utf-8", "backslashreplace")
        return _text(value[0])
    return None


def _number(value: object) -> int | None:
    text = _text(value)
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:  # noqa: PLR2004 - beyond any date
        return None
    return int(text)
