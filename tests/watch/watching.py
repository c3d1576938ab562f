"""Watches in this process and in one of their own, and logs that are written while they look."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphmap
from graphmap.config import Settings
from graphmap.watch.finding import Search
from graphmap.watch.pace import Pace
from graphmap.watch.standing import Standing
from graphmap.watch.watcher import Logs, Watcher, Written
from tests.pipeline.logs import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmap.readers.base import ReadOptions

CODE = Path(graphmap.__file__).parents[1]
AT_ONCE = Pace(every=0, search=0, still=0, spacing=0, linger=0)
"""Waits for nothing."""
PATIENCE = 60.0


class Watch:
    """A watch of some paths in this process, one round at a time."""

    def __init__(
        self,
        home: Path,
        *paths: Path,
        pace: Pace = AT_ONCE,
        options: ReadOptions = OPTIONS,
        host: str | None = None,
        rotated_since: float = float("inf"),
    ) -> None:
        now = datetime.now(UTC)
        self.standing = Standing("test", os.getpid(), now, now)
        self.written: list[Written] = []
        search = Search([str(path) for path in paths], home, rotated_since)
        self.watcher = Watcher(
            Settings(home=home, debug=True),
            Logs(search, options, host),
            self.standing,
            pace=pace,
            written=self.written.append,
        )

    def step(self) -> None:
        self.watcher.step()

    def settle(self) -> None:
        """Go on until all that is there is in the lake, and once more: what was found last is looked at then."""
        for _ in range(50):
            self.watcher.step()
            if self.watcher.caught_up:
                break
        else:
            raise AssertionError(self.standing)
        self.watcher.step()

    def stop(self) -> None:
        self.watcher.finish()

    def kill(self) -> None:
        """Leave it where it is, with nothing written or noted."""
        self.watcher._files.close()
        self.watcher._writer.close()


def append(path: Path, text: str | bytes) -> None:
    """Write at the end of a log, as a daemon does."""
    with path.open("ab") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


class Rotation:
    """A log that is rotated as logrotate does: its former contents are ``NAME.1``, ``NAME.2`` ... in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = 0

    def _next(self) -> Path:
        self._number += 1
        return self.path.with_name(f"{self.path.name}.{self._number}")

    def rename(self) -> None:
        """logrotate's ``create``."""
        if self.path.exists():
            self.path.rename(self._next())

    def copytruncate(self) -> None:
        if self.path.exists():
            shutil.copyfile(self.path, self._next())
            os.truncate(self.path, 0)

    def compress(self) -> None:
        """``create`` and ``compress`` without ``delaycompress``."""
        if self.path.exists():
            former = self._next()
            former.with_name(f"{former.name}.gz").write_bytes(gzip.compress(self.path.read_bytes()))
            self.path.unlink()


class Process:
    """``graphmap watch`` in a process of its own."""

    def __init__(self, home: Path, process: subprocess.Popen[bytes], err: Path) -> None:
        self.home, self.process, self._err = home, process, err

    def standing(self, name: str = "watch") -> dict[str, Any]:
        """What it said last; empty before that."""
        try:
            found = json.loads((self.home / "watch" / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found if found["pid"] == self.process.pid else {}

    def error(self) -> str:
        return self._err.read_text()

    def follows(self, size: int = 0) -> bool:
        """Whether all is in the lake that is at its paths, and that is so many bytes at least."""
        standing = self.standing()
        read = sum(file["read"] for file in standing.get("files", []))
        return standing.get("state") == "following" and read >= size

    def terminate(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def running(home: Path, *words: str | Path, stdin: int = subprocess.DEVNULL) -> Iterator[Process]:
    """Run it; what is not stopped by then is killed."""
    home.parent.mkdir(parents=True, exist_ok=True)
    err = home.with_name(f"{home.name}.err")
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(CODE), "GRAPHMAP_HOME": str(home)}
    with (
        err.open("ab") as told,
        subprocess.Popen(command(*words), stdin=stdin, stdout=subprocess.DEVNULL, stderr=told, env=environ) as process,
    ):
        try:
            yield Process(home, process, err)
        finally:
            process.kill()


def command(*words: str | Path) -> Sequence[str]:
    return [sys.executable, "-W", "error", "-m", "graphmap", "watch", *map(str, words)]
