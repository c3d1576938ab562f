"""From paths as the user gives them to the logs behind them.

Files, folders (with everything below, sorted by name), patterns that the shell did not expand, archives and single
members of them (``ARCHIVE!MEMBER``), and `-` for standard input. Symbolic links are followed; a file or folder that is
reached twice is read once.
"""

from __future__ import annotations

import glob
import shutil
import stat
import sys
import tempfile
import weakref
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from graphmap.errors import InputError
from graphmap.readers.base import HEAD_BYTES, Source
from graphmap.readers.collectors import CLIENT_INFO, METADATA_BYTES, named_host, told_host
from graphmap.readers.compression import CutStreamError
from graphmap.readers.spools import Spools
from graphmap.readers.unpacking import SEPARATOR, Place, Unpacker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from graphmap.readers.unpacking import Limits

STANDARD_INPUT = "-"
_Identity = tuple[int, int]


class Found(NamedTuple):
    """A file that may be a log or an archive, and the host whose log it is by the place where it lies."""

    path: Path
    host: str | None


def find_sources(
    paths: Iterable[str], *, host: str | None = None, limits: Limits | None = None, spools: Spools | None = None
) -> Iterator[Source]:
    """Find the logs that `paths` name, in a fixed order.

    Parameters
    ----------
    paths
        Files, folders, glob patterns (``**`` crosses folders), members of archives, or ``-`` for standard input,
        which is copied to a temporary file because it may have to be read twice. A zip or tar archive stands for the
        files in it (`graphmap.readers.unpacking`).
    host
        The host whose logs these are, or None. Without it, a file in a sub-folder of a given folder is taken for a
        log of the host that the first sub-folder is named after, or that a collector's metadata in it names; lines
        that name a host themselves are not affected.
    limits
        Of archives.
    spools
        Keeps what has to be unpacked before it can be read; for callers that ask for one archive several times.

    Yields
    ------
    Source
        One for each regular file that is not empty. A file inside a folder that cannot be opened is yielded too: its
        `open` raises InputError, so one such file does not keep the others from being read. So does an archive that
        is damaged or breaks a limit, after those of its members that can be read.

    Raises
    ------
    InputError
        Before the first source: a path does not exist, a pattern fits nothing, a path is no file and no folder.
    """
    expanded = [name for path in paths for name in _expand(path)]
    search = _Search(host, limits, spools or Spools())
    return (source for name in expanded for source in search.sources(name))


def find_files(paths: Iterable[str], *, skip: Collection[Path] = ()) -> Iterator[Found]:
    """Find the files that `paths` name now, as `find_sources` does, but leave archives and logs unopened.

    For callers that look again and again: a path that leads nowhere gives nothing, and so do an empty file and one
    that cannot be looked at.

    Parameters
    ----------
    paths
        Files, folders and glob patterns.
    skip
        Folders that are not entered.
    """
    search = _Search(None, None, Spools())
    for folder in skip:
        with suppress(OSError):
            search.is_new(folder)
    for path in paths:
        place = Path(path)
        if place.is_dir() or place.is_file() or not glob.has_magic(path):
            yield from search.files(path)
        else:
            for name in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
                yield from search.files(name)


def list_files(paths: Iterable[str], *, host: str | None = None) -> Iterator[Found | Source]:
    """Find the files that `paths` name, as `find_sources` does, but leave archives and logs unopened.

    For callers that have them opened elsewhere (`file_sources`).

    Parameters
    ----------
    paths
        Files, folders and glob patterns.
    host
        See `find_sources`.

    Yields
    ------
    Found or Source
        A Source for what cannot be looked at: its `open` raises InputError and says why.

    Raises
    ------
    InputError
        As `find_sources`; and of standard input and members of archives, which have no file of their own.
    """
    expanded = [name for path in paths for name in _expand(path)]
    for name in expanded:
        if name == STANDARD_INPUT or not Path(name).exists():
            what = "standard input" if name == STANDARD_INPUT else name
            raise InputError(f"{what} is no file that others could open", hint="give files, folders or whole archives")
    search = _Search(host, None, Spools())
    return (found for name in expanded for found in search.listed(name))


def file_sources(found: Found, *, host: str | None = None, spools: Spools | None = None) -> Iterator[Source]:
    """The logs behind a file that `find_files` found: itself, or those in the archive that it is."""
    return _Search(host, None, spools or Spools()).unpacked(found.path, found.host)


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
    if _archive_of(path) is not None:
        return [path]
    kind = "is a symbolic link to nothing" if place.is_symlink() else "does not exist"
    raise InputError(f"{path} {kind}", hint="check the path; a folder or a quoted pattern may be given as well")


def _archive_of(path: str) -> str | None:
    """The file in ``FILE!MEMBER``; None where the text before no exclamation mark is one."""
    cuts = (index for index, character in enumerate(path) if character == SEPARATOR)
    return next((path[:cut] for cut in cuts if Path(path[:cut]).is_file()), None)


class _Search:
    """One call of `find_sources`."""

    def __init__(self, host: str | None, limits: Limits | None, spools: Spools) -> None:
        self.host = host
        self.limits = limits
        self.spools = spools
        self.seen: set[_Identity] = set()

    def sources(self, name: str) -> Iterator[Source]:
        if name == STANDARD_INPUT:
            yield from self._standard_input()
        elif Path(name).is_dir():
            yield from self._opened(self._folder(Path(name), Path(name), None))
        elif not Path(name).is_file() and (archive := _archive_of(name)):
            found = list(self.unpacked(Path(archive), None, only=name))
            yield from found or [_unreadable(Path(name), FileNotFoundError(0, "the archive has no such member"), None)]
        else:
            yield from self._opened(self._file(Path(name), None))

    def files(self, name: str) -> Iterator[Found]:
        """The files behind a path that can be looked at."""
        return (found for found in self.listed(name) if not isinstance(found, Source))

    def listed(self, name: str) -> Iterator[Found | Source]:
        """The files behind a path, and what of it cannot be looked at."""
        path = Path(name)
        return self._folder(path, path, None) if path.is_dir() else self._file(path, None)

    def _opened(self, files: Iterator[Found | Source]) -> Iterator[Source]:
        for found in files:
            if isinstance(found, Source):
                yield found
            else:
                yield from self.unpacked(*found)

    def _folder(self, folder: Path, top: Path, told: str | None) -> Iterator[Found | Source]:
        """The files below a folder; `told` is the host that a collector's metadata further up names."""
        try:
            if not self.is_new(folder):
                return
            entries = sorted(folder.iterdir())
        except OSError as error:
            yield _unreadable(folder, error, self.host)
            return
        told = _told(folder / CLIENT_INFO) or told
        for entry in entries:
            if _is_folder(entry):
                yield from self._folder(entry, top, told)
            else:
                first, *more = entry.relative_to(top).parts
                yield from self._file(entry, told or (named_host(first) or first if more else None))

    def _file(self, path: Path, host: str | None) -> Iterator[Found | Source]:
        try:
            status = path.stat()
            if not (stat.S_ISREG(status.st_mode) and status.st_size and self.is_new(path)):
                return
        except OSError as error:
            yield _unreadable(path, error, self.host or host)
            return
        yield Found(path, host)

    def unpacked(self, path: Path, host: str | None, *, only: str | None = None) -> Iterator[Source]:
        """The logs behind a file."""
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        place = Place(path_text(path), _opener(path), self.host or host, modified)
        yield from Unpacker(self.spools, host=self.host, limits=self.limits, only=only).sources(place)

    def is_new(self, path: Path) -> bool:
        """Tell whether this file or folder was not asked for before."""
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        new = identity not in self.seen
        self.seen.add(identity)
        return new

    def _standard_input(self) -> Iterator[Source]:
        """Copy standard input to a file that is there as long as the source that reads it."""
        descriptor, name = tempfile.mkstemp(prefix="graphmap-")
        open_source = _opener(Path(name))
        weakref.finalize(open_source, Path(name).unlink, missing_ok=True)
        with open(descriptor, "wb") as spool:  # noqa: PTH123 - a descriptor has no path
            shutil.copyfileobj(sys.stdin.buffer, spool)
            size = spool.tell()
        if size:
            place = Place(STANDARD_INPUT, open_source, self.host, datetime.now(UTC))
            yield from Unpacker(self.spools, host=self.host, limits=self.limits).sources(place)


def _told(path: Path) -> str | None:
    """The host that a collector's metadata names; None where there is none to read."""
    try:
        with path.open("rb") as stream:
            return told_host(stream.read(METADATA_BYTES))
    except OSError:
        return None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder that may be listed and not entered; `_file` reports what is in it
        return False


def _opener(path: Path) -> Callable[[], BinaryIO]:
    def open_source() -> BinaryIO:
        try:
            return path.open("rb")
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

    return Source(name=path_text(path), open=open_source, host=host)


def path_text(path: Path) -> str:
    r"""The path as text: bytes that are not UTF-8, which no table can hold, as ``\xNN``."""
    return bytes(path).decode("utf-8", "backslashreplace")
