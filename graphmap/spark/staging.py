"""A folder of the home folder for what a run of Spark has read and not yet committed; that of a killed run goes."""

from __future__ import annotations

import fcntl
import shutil
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphmap.config import PRIVATE
from graphmap.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "lock"
"""A file that the driver holds locked while it lives: whoever can lock it knows that the driver does not."""


@contextmanager
def staging(home: Path) -> Iterator[Path]:
    """A folder that all executors see, empty at first and gone in the end. Those of dead drivers are removed.

    Raises
    ------
    StoreError
        It cannot be made.
    """
    place = home / "staging"
    folder = place / uuid.uuid4().hex
    try:
        _clean(place)
        folder.mkdir(mode=PRIVATE, parents=True)
        lock = (folder / LOCK).open("wb")
    except OSError as error:
        raise StoreError(f"{place}: {error.strerror}", hint="check the permissions of the home folder") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clean(place: Path) -> None:
    for lock in place.glob(f"*/{LOCK}"):
        with lock.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(lock.parent, ignore_errors=True)
