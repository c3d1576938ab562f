"""The audit trail: who asked what, when, and with which answer. Lines of JSON in the home folder, in a bounded number.

It is not in the ledger, whose every change makes the answers of the API new: asking must not change what is answered.
What people said and changed is in the ledger with their names besides.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from graphmap.config import PRIVATE
from graphmap.documents import time_text

BYTES = 4_000_000
"""Size from which a file is full."""

FILES = 4
"""Files that are kept of each trail; the oldest gives way."""

LONGEST = 1_000
"""Characters of an address that are kept."""


class Entry(NamedTuple):
    """A request, and the status that it was answered with; `who` and `role` are None where nobody is known."""

    at: datetime
    who: str | None
    role: str | None
    method: str
    address: str
    status: int


def address_of(path: str, query: str) -> str:
    """The address of a request as it is kept: without a token that somebody put there, and not longer than LONGEST."""
    asked = [(name, "..." if name == "token" else value) for name, value in parse_qsl(query, keep_blank_values=True)]
    return f"{path}?{urlencode(asked)}"[:LONGEST] if asked else path[:LONGEST]


class Trail:
    """A trail on disk.

    Parameters
    ----------
    file
        The newest part; the older ones beside it have a number at the end.
    full
        Bytes from which a new part is begun.
    """

    def __init__(self, file: Path, full: int = BYTES) -> None:
        self._file = file
        self._full = full
        self._lock = threading.Lock()

    def note(self, entry: Entry) -> None:
        """Add an entry.

        Raises
        ------
        OSError
            It cannot be written.
        """
        line = json.dumps(entry._replace(at=time_text(entry.at)))  # type: ignore[arg-type]  # JSON knows no times
        with self._lock:
            self._file.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, f"{line}\n".encode())
                full = os.fstat(descriptor).st_size >= self._full
            finally:
                os.close(descriptor)
            if full:
                self._turn()

    def newest(self, most: int, *, who: str | None = None) -> list[Entry]:
        """The newest entries, the newest first; only those of somebody where `who` names them."""
        return list(islice((one for one in self._entries() if who is None or one.who == who), most))

    def _entries(self) -> Iterator[Entry]:
        for file in self._files():
            try:
                lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            except FileNotFoundError:
                continue
            for line in reversed(lines):
                if entry := _entry(line):
                    yield entry

    def _files(self) -> list[Path]:
        return [self._file, *(self._file.with_name(f"{self._file.name}.{n}") for n in range(1, FILES))]

    def _turn(self) -> None:
        files = self._files()
        for older, newer in zip(reversed(files), reversed(files[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)


def _entry(line: str) -> Entry | None:
    """An entry; None where a disk that was full cut its line."""
    try:
        at, *rest = json.loads(line)
        return Entry(datetime.fromisoformat(at).astimezone(UTC), *rest)
    except (ValueError, TypeError):
        return None


class Trails(NamedTuple):
    """What known callers asked, and what was refused to unknown ones, which so push nothing out of the other."""

    known: Trail
    refused: Trail

    @classmethod
    def of(cls, home: Path) -> Trails:
        """Those of a home folder."""
        folder = home / "audit"
        return cls(Trail(folder / "known.jsonl"), Trail(folder / "refused.jsonl"))

    def note(self, who: Any, method: str, address: str, status: int) -> None:
        """Note a request of a `graphmap_api.rights.Caller`, or of nobody."""
        name, role = (None, None) if who is None else (who.name, str(who.role))
        trail = self.refused if who is None else self.known
        try:
            trail.note(Entry(datetime.now(UTC), name, role, method, address, status))
        except OSError:  # a disk that is full is no reason to keep hunters from reading
            logging.getLogger(__name__).exception("the audit trail cannot be written")
