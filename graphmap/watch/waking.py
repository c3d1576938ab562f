"""Who says that there may be more: the system, where it tells of changes, and a clock. The only door to watchfiles."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DEBOUNCE = 100
"""Milliseconds over which changes are gathered: a busy log changes all the time."""


class Waking:
    """Wakes whoever waits when something below some folders changes.

    Parameters
    ----------
    skip
        Changes below this folder wake nobody, except those
    but
        below this one.
    """

    def __init__(self, skip: Path, *, but: Path) -> None:
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._skip, self._but = f"{skip.resolve()}/", f"{but.resolve()}/"
        self._threads: list[threading.Thread] = []
        self._places: tuple[frozenset[Path], frozenset[Path]] = (frozenset(), frozenset())
        self.problem: str | None = None
        """Why the system does not tell of changes, where it does not."""

    def wake(self) -> None:
        """Something changed."""
        self._changed.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a change, at most so long; say whether there was one."""
        changed = self._changed.wait(seconds)
        self._changed.clear()
        return changed

    def over(self, paths: Sequence[str]) -> None:
        """Be told by the system of changes at these paths from now on."""
        places = _places(paths)
        if places != self._places:
            self.close()
            self._stop = threading.Event()
            self._places = places
            for folders, recursive in zip(places, (True, False), strict=True):
                if folders:
                    self._start(folders, recursive=recursive)

    def close(self) -> None:
        """Be told no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _start(self, folders: Iterable[Path], *, recursive: bool) -> None:
        thread = threading.Thread(target=self._listen, args=(folders, self._stop), kwargs={"recursive": recursive})
        thread.daemon = True
        thread.start()
        self._threads.append(thread)

    def _listen(self, folders: Iterable[Path], stop: threading.Event, *, recursive: bool) -> None:
        try:
            for changes in watch(
                *folders,
                watch_filter=None,
                debounce=_DEBOUNCE,
                stop_event=stop,
                rust_timeout=500,
                raise_interrupt=False,
                recursive=recursive,
                ignore_permission_denied=True,
            ):
                if any(path.startswith(self._but) or not path.startswith(self._skip) for _, path in changes):
                    self.wake()
        except Exception as error:  # noqa: BLE001 # whatever the system has against it, the clock wakes us as well
            self.problem = f"the system does not tell of changes: {error}"


def _places(paths: Iterable[str]) -> tuple[frozenset[Path], frozenset[Path]]:
    """The folders of which all below matters, and those of which only what is in them does."""
    deep: set[Path] = set()
    flat: set[Path] = set()
    for text in paths:
        path = Path(text)
        if path.is_dir():
            deep.add(path.resolve())
            continue
        parent = path.parent
        while not parent.is_dir():
            parent = parent.parent
        (deep if "*" in text and parent != path.parent else flat).add(parent.resolve())
    return frozenset(deep), frozenset(flat)
