"""osquery's answers about logins: the tables ``last`` and ``logged_in_users``, as logged by a schedule or by hand.

Source: osquery's schema (specs/posix/last.table, specs/logged_in_users.table) and its page "Logging"; utmp(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.json_lines import Document, text, whole
from graphmap.readers.json_reader import OTHER, JsonReader, Meaning, NotReadableError, made, moment
from graphmap.readers.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.moments import Moments
    from graphmap.readers.records import Record

KINDS = {
    "login": Kind(Action.LOGON, Outcome.SUCCESS, "somebody logged in (`last`)"),
    "logout": Kind(Action.LOGOFF, Outcome.UNKNOWN, "the login on that terminal ended (`last`)"),
    "logged-in": Kind(Action.LOGON, Outcome.SUCCESS, "somebody is logged in, since then (`logged_in_users`)"),
    "gone": Kind(Action.LOGOFF, Outcome.UNKNOWN, "somebody is not logged in any more (`logged_in_users`)"),
}
"""Every kind that this reader gives."""

_LAST = frozenset({"username", "tty", "type", "time", "host"})
_USERS = frozenset({"user", "tty", "type", "time", "host"})
_USER_PROCESS, _DEAD_PROCESS = ("7", "user-process"), ("8", "dead-process")  # utmp(5)
_PSEUDO = ("pts", "ttyp", "ttys")
_HERE = frozenset({"", "localhost", "-"})


class OsqueryReader(JsonReader):
    """Reads what osqueryd logs (differential, batched, snapshots) and ``osqueryi --json``; not other tables."""

    name = "osquery"
    of_host = True
    title = "osquery results: last, logged_in_users"

    def knows(self, document: Document) -> bool:
        """Tell by the keys of a result, or by the columns of a row."""
        if "hostIdentifier" in document or "host_identifier" in document:
            return not document.keys().isdisjoint({"columns", "snapshot", "diffResults"})
        return document.keys() >= _LAST or document.keys() >= _USERS

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what a result means: all of its rows, or none where one of them cannot be read."""
        host = text(document, "decorations.hostname", "decorations.host_name", "hostIdentifier", "host_identifier")
        records: list[Record] = []
        known = False
        for row, removed in _rows(document):
            if not (row.keys() >= _LAST or row.keys() >= _USERS):
                continue
            known = True
            asked = moments.read(text(document, "unixTime") or "") if removed else None
            records += _row(row, host, moments, asked) if not removed or asked is not None else []
        return records or (None if known else OTHER)


def _rows(document: Document) -> Iterator[tuple[Document, bool]]:
    """The rows of a result, and whether they are gone since the last one."""
    if "columns" in document:
        yield from _documents([document["columns"]], removed=document.get("action") == "removed")
    elif "snapshot" in document:
        yield from _documents(document["snapshot"], removed=False)
    elif isinstance(results := document.get("diffResults"), dict):
        yield from _documents(results.get("added"), removed=False)
        yield from _documents(results.get("removed"), removed=True)
    else:
        yield document, False


def _documents(found: object, *, removed: bool) -> Iterator[tuple[Document, bool]]:
    for row in found if isinstance(found, list) else ():
        if not isinstance(row, dict):
            raise NotReadableError("a row is not a JSON object")
        yield row, removed


def _row(row: Document, host: str | None, moments: Moments, gone: int | None) -> list[Record]:
    last = "username" in row
    kind = _kind_of_last(row) if last else _kind_of_user(row, gone)
    if kind is None or (last and gone is not None):
        return []
    source, terminal = text(row, "host") or "", text(row, "tty") or ""
    remote = source not in _HERE and not source.startswith(":")
    columns = {
        "service": "terminal" if remote or terminal.startswith(_PSEUDO) else "console",
        "witness": Witness.SERVER,
        "user": text(row, "username", "user"),
        "src": source if remote else None,
        "dst_host": host,
        "pid": whole(row, "pid"),
        "session": terminal or None,
    }
    return made(KINDS, kind, gone if gone is not None else moment(moments, text(row, "time")), columns)


def _kind_of_last(row: Document) -> str | None:
    types = {text(row, "type"), text(row, "type_name")}
    if not types.isdisjoint(_USER_PROCESS):
        return "login"
    return None if types.isdisjoint(_DEAD_PROCESS) else "logout"


def _kind_of_user(row: Document, gone: int | None) -> str | None:
    if text(row, "type") not in {"user", "active"}:
        return None
    return "logged-in" if gone is None else "gone"
