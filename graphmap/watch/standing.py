"""Where a watch stands: kept in the home folder, for whoever asks from another process."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from graphmap.config import PRIVATE
from graphmap.documents import time_text
from graphmap.errors import InputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphmap.config import Settings

FOLDER = "watch"
_SPARE = 4096
_FEW = 8
NAMED = 500
"""Files that a standing names, those that are furthest behind first."""


@dataclass(slots=True)
class Standing:
    """Where a watch stands. Counts are those since it was started; the lines of a log that is read again count again.

    `state` is ``following`` (all that is there is in the lake), ``reading``, ``waiting`` (it cannot go on, for the
    reason in `problem`, and tries again by itself), ``stopped``, or, of one that is no longer there and did not say so,
    ``gone``. `note` says what is slower than it could be. `behind` is bytes that are there and were not read, `lag` the
    seconds that a line of the last batch was there before it was in the lake, at most. `caught_up` is when the state
    was last ``following``. `rate` is lines a second over the last minute.
    `listeners` and `files` have one document each.
    """

    name: str
    pid: int
    started: datetime
    updated: datetime
    state: str = "reading"
    problem: str | None = None
    note: str | None = None
    behind: int = 0
    lag: float = 0.0
    rate: float = 0.0
    lines: int = 0
    events: int = 0
    added: int = 0
    duplicates: int = 0
    rejects: int = 0
    written: datetime | None = None
    caught_up: datetime | None = None
    listeners: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As a JSON document."""
        return {
            name: time_text(value) if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }


class Place:
    """The place of one watch in the home folder, held as long as it runs.

    Raises
    ------
    InputError
        Another process holds it.
    StoreError
        The folder cannot be written.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        folder = settings.home / FOLDER
        self.path = folder / f"{name}.json"
        try:
            settings.home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE, exist_ok=True)
            self._lock = (folder / f"{name}.lock").open("a")
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}", hint="choose another --home") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise InputError(
                f"a watch named {name} runs already", hint="stop it first, or give this one another --name"
            ) from error

    def before(self) -> Standing | None:
        """What the watch before this one said last."""
        return _read(self.path)

    def say(self, standing: Standing) -> None:
        """Keep it. On a disk that is full, what was said before is overwritten in its place."""
        text = json.dumps(standing.document())
        text += " " * (_SPARE - len(text) % _SPARE + _SPARE)  # room for what is to be said when the disk is full
        fresh = self.path.with_suffix(".new")
        try:
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                self._overwrite(standing)

    def _overwrite(self, standing: Standing) -> None:
        """Write what fits into the blocks that the file has."""
        short = standing.document() | {"files": [], "listeners": standing.listeners[:_FEW]}
        text = json.dumps(short).encode()
        with suppress(OSError), self.path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            if len(text) <= size:
                file.write(text.ljust(size))

    def close(self) -> None:
        """Give the place back."""
        self._lock.close()


def standings(settings: Settings) -> list[Standing]:
    """Where the watches of a home folder stand or stood, by name."""
    folder = settings.home / FOLDER
    return list(_standings(folder)) if folder.is_dir() else []


def _standings(folder: Path) -> Iterator[Standing]:
    for path in sorted(folder.glob("*.json")):
        standing = _read(path)
        if standing is not None:
            if standing.state != "stopped" and not _held(path.with_suffix(".lock")):
                standing.state = "gone"
            yield standing


def _held(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _read(path: Path) -> Standing | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        times = ("started", "updated", "written", "caught_up")
        return Standing(**document | {name: _time(document[name]) for name in times})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
