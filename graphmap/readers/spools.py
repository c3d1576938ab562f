"""Copies, in temporary files, of what can be read forwards only."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from graphmap.readers.compression import CutStreamError
from graphmap.readers.slices import Bounded

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = 8
"""Copies that are there at one time; an older one is made again when it is needed."""
_PIECE = 1 << 20


class Spools:
    """Makes and keeps the copies. They are deleted with this object, and at the end of the program."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Path] = OrderedDict()
        self._problems: dict[str, str] = {}
        weakref.finalize(self, _forget, self._kept)

    def open(self, name: str, make: Callable[[], BinaryIO]) -> BinaryIO:
        """Open a seekable copy of what `make` opens; of a stream that breaks off, what there is before.

        Raises
        ------
        OSError, InputError
            It cannot be opened, or the copy cannot be written.
        """
        path = self._kept.get(name)
        if path is None:
            while len(self._kept) >= KEPT:
                self._kept.popitem(last=False)[1].unlink(missing_ok=True)
            path = self._kept[name] = self._copy(name, make)
        self._kept.move_to_end(name)
        return path.open("rb")

    def problem(self, name: str) -> str | None:
        """Why a copy is not whole; None where it is."""
        return self._problems.get(name)

    def _copy(self, name: str, make: Callable[[], BinaryIO]) -> Path:
        with make() as stream, tempfile.NamedTemporaryFile(prefix="graphmap-", delete=False) as copy:
            path = Path(copy.name)
            room = shutil.disk_usage(path.parent).free // 2
            bounded = Bounded(stream, room, f"no room to unpack it in {path.parent}")
            try:
                while data := bounded.read(_PIECE):
                    copy.write(data)
            except CutStreamError as error:
                self._problems[name] = str(error)
            except BaseException:
                path.unlink()
                raise
        return path


def _forget(kept: OrderedDict[str, Path]) -> None:
    while kept:
        kept.popitem()[1].unlink(missing_ok=True)
