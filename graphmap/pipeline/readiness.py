"""Whether a server or a daemon can do its work, for whoever starts and watches it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from graphmap.errors import GraphmapError
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.config import Settings

LEFT = 2**30
"""Bytes that are left free on the disk: with less, nothing more is taken in."""

LOOK_EVERY = 2.0
"""Seconds for which what was found holds: whoever asks needs no token, and may ask often."""


class Readiness:
    """Looks whether lake and ledger can be read, and the home folder be written.

    Parameters
    ----------
    settings
        Where they are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._lacking: tuple[str, ...] = ()

    def lacking(self) -> tuple[str, ...]:
        """What keeps it from its work, in words that tell nothing of this machine; none where nothing does."""
        with self._lock:
            if time.monotonic() - self._looked > LOOK_EVERY:
                self._lacking = tuple(self._look())
                self._looked = time.monotonic()
            return self._lacking

    def _look(self) -> Iterator[str]:
        try:
            Lake(self._settings.lake).version()
        except GraphmapError:
            yield "the lake cannot be read"
        try:
            with Ledger(self._settings.ledger) as ledger:
                ledger.marks()
        except GraphmapError:
            yield "the ledger cannot be read, or is of another version of graphmap"
        try:
            with tempfile.TemporaryFile(dir=self._settings.home) as file:
                file.write(b"\0")
            free = shutil.disk_usage(self._settings.home).free
        except OSError:
            yield "the home folder cannot be written"
        else:
            if free < LEFT:
                yield "the disk is nearly full"
