"""When the compiled scanner pays, and how it is loaded.

Loading what numba compiled before takes about a second, compiling it the first time many. A process that reads little
does neither: it reads with care until it has read so much that the rest is worth it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

LOADED_FROM = 16 << 20
"""Bytes that a process reads with care before it loads a scanner that was compiled before."""
COMPILED_FROM = 256 << 20
"""The same where the scanner has to be compiled."""
SMALL = 16 << 10
"""Bytes of a block that is read with care even where the scanner is loaded."""

LISTENERS: list[Callable[[str], None]] = []
"""Whoever wants to hear when it compiles."""


class Meter:
    """What a process has read of some formats, and their scanner once it is loaded.

    Parameters
    ----------
    scanner, kernels
        The module of the scanner, which has `warm_up`, and that of its compiled functions, which has `is_kept`.
    """

    def __init__(self, scanner: str = "graphmap.readers.scanner", kernels: str = "graphmap.readers.kernels") -> None:
        self._name, self._kernels = scanner, kernels
        self._read = 0
        self._scanner: ModuleType | None = None
        self._kept: bool | None = None

    def scanner(self, size: int) -> Any | None:
        """Give the module of the scanner where it pays for the next `size` bytes and what may follow."""
        if self._scanner is None:
            self._read += size
            if self._read > LOADED_FROM and (self._is_kept() or self._read > COMPILED_FROM):
                return self.load()
        return self._scanner if size > SMALL else None

    def load(self) -> Any:
        """Give the module, compiled; this is what takes the time."""
        if self._scanner is None:
            if not self._is_kept():
                for tell in LISTENERS:
                    tell("compiling the scanners (once)")
            scanner = importlib.import_module(self._name)
            scanner.warm_up()
            self._scanner = scanner
        return self._scanner

    def _is_kept(self) -> bool:
        if self._kept is None:
            self._kept = bool(importlib.import_module(self._kernels).is_kept())
        return self._kept


METER = Meter()
"""Of sshd's text in this process."""
ZEEK_METER = Meter("graphmap.readers.zeek.scanner", "graphmap.readers.zeek.kernels")
"""Of Zeek's logs."""
METERS = (METER, ZEEK_METER)
