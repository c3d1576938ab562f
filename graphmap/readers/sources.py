"""From paths as the user gives them to the logs behind them.

Files, folders (with everything below, sorted by name), patterns that the shell did not expand, and `-` for standard
input. Symbolic links are followed; a file or folder that is reached twice is read once.
"""

from __future__ import annotations

import glob
import shutil
import stat
import sys
import tempfile
import weakref
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from graphmap.errors import InputError
from graphmap.readers.base import HEAD_BYTES, Source
from graphmap.readers.compression import CutStreamError, open_inflated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STANDARD_INPUT = "-"
_Identity = tuple[int, int]


def find_sources(paths: Iterable[str], *, host: str | None = None) -> Iterator[Source]:
    """Find the logs that `paths` name, in a fixed order.

    Parameters
    ----------
    paths
        Files, folders, glob patterns (``**`` crosses folders), or ``-`` for standard input, which is copied to a
        temporary file because it may have to be read twice.
    host
        The host whose logs these are, or None. Without it, a file in a sub-folder of a given folder is taken for a
        log of the host that the first sub-folder is named after; lines that name a host themselves are not affected.

    Yields
    ------
    Source
        One for each regular file that is not empty. A file inside a folder that cannot be opened is yielded too: its
        `open` raises InputError, so one such file does not keep the others from being read.

    Raises
    ------
    InputError
        Before the first source: a path does not exist, a pattern fits nothing, a path is no file and no folder.
    """
    expanded = [name for path in paths for name in _expand(path)]
    seen: set[_Identity] = set()
    return (source for name in expanded for source in _sources(name, host, seen))


def read_head(source: Source) -> bytes:
    """Give the first HEAD_BYTES of a source (fewer where it is shorter or its compressed stream ends early).

    Raises
    ------
    InputError
        The source cannot be opened or read.
    """
    head = b""
    with source.open() as stream:
        try:
            while len(head) < HEAD_BYTES and (data := stream.read(HEAD_BYTES - len(head))):
                head += data
        except CutStreamError:
            pass
        except OSError as error:
            raise InputError(f"{source.name} cannot be read: {error.strerror or error}") from error
    return head


def _expand(path: str) -> list[str]:
    """Check one path of the user's, and expand it where it is a pattern and not also the name of a file."""
    place = Path(path)
    if path == STANDARD_INPUT or place.is_dir() or place.is_file():
        return [path]
    if place.exists():
        raise InputError(f"{path} is neither a file nor a folder", hint="pipe it in: graphmap ... - < PATH")
    if glob.has_magic(path):
        if found := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            return found
        raise InputError(f"no file fits the pattern {path}", hint="check the pattern and the folder it starts in")
    kind = "is a symbolic link to nothing" if place.is_symlink() else "does not exist"
    raise InputError(f"{path} {kind}", hint="check the path; a folder or a quoted pattern may be given as well")


def _sources(name: str, host: str | None, seen: set[_Identity]) -> Iterator[Source]:
    if name == STANDARD_INPUT:
        yield from _standard_input(host)
    elif Path(name).is_dir():
        yield from _folder(Path(name), Path(name), host, seen)
    else:
        yield from _file(Path(name), host, seen)


def _folder(folder: Path, top: Path, host: str | None, seen: set[_Identity]) -> Iterator[Source]:
    try:
        if not _is_new(folder, seen):
            return
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield _unreadable(folder, error, host)
        return
    for entry in entries:
        if _is_folder(entry):
            yield from _folder(entry, top, host, seen)
        else:
            parts = entry.relative_to(top).parts
            yield from _file(entry, host or (parts[0] if len(parts) > 1 else None), seen)


def _file(path: Path, host: str | None, seen: set[_Identity]) -> Iterator[Source]:
    try:
        status = path.stat()
    except OSError as error:
        yield _unreadable(path, error, host)
        return
    if stat.S_ISREG(status.st_mode) and status.st_size and _is_new(path, seen):
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        yield Source(name=_name(path), open=_opener(path), modified=modified, host=host)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder that may be listed and not entered; `_file` reports what is in it
        return False


def _is_new(path: Path, seen: set[_Identity]) -> bool:
    status = path.stat()
    identity = (status.st_dev, status.st_ino)
    new = identity not in seen
    seen.add(identity)
    return new


def _opener(path: Path) -> Callable[[], BinaryIO]:
    def open_source() -> BinaryIO:
        try:
            return open_inflated(path.open("rb"))
        except OSError as error:
            raise _problem(path, error) from error

    return open_source


def _problem(path: Path, error: OSError) -> InputError:
    hint = "read it as a user who may" if isinstance(error, PermissionError) else None
    return InputError(f"{path} cannot be read: {error.strerror or error}", hint=hint)


def _unreadable(path: Path, error: OSError, host: str | None) -> Source:
    problem = _problem(path, error)

    def open_source() -> BinaryIO:
        raise problem

    return Source(name=_name(path), open=open_source, host=host)


def _name(path: Path) -> str:
    r"""The path as text: bytes that are not UTF-8, which no table can hold, as ``\xNN``."""
    return bytes(path).decode("utf-8", "backslashreplace")


def _standard_input(host: str | None) -> Iterator[Source]:
    """Copy standard input to a file that is there as long as the source that reads it."""
    descriptor, name = tempfile.mkstemp(prefix="graphmap-")
    open_source = _opener(Path(name))
    weakref.finalize(open_source, Path(name).unlink, missing_ok=True)
    with open(descriptor, "wb") as spool:  # noqa: PTH123 - a descriptor has no path
        shutil.copyfileobj(sys.stdin.buffer, spool)
        size = spool.tell()
    if size:
        yield Source(STANDARD_INPUT, open_source, datetime.now(UTC), host)
