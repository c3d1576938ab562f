"""From paths to numbered batches: which reader takes a source, and what content it was that was read."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import polars as pl

from graphmap.errors import GraphmapError, InputError
from graphmap.pipeline.repeats import EventRepeats, RejectRepeats
from graphmap.readers import READERS, detect
from graphmap.readers.base import Batch, Reader, ReadOptions, Source
from graphmap.readers.compression import CutStreamError
from graphmap.readers.mapping import MappingReader, parse_mapping
from graphmap.readers.sources import find_sources, read_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from typing_extensions import Buffer

_CHUNK = 1 << 20

UNRECOGNISED = "no reader knows this format"

DAMAGED = (OSError, CutStreamError, GraphmapError)
"""What opening and decompressing raise on a source that cannot be read; anything else is a bug."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A part of one log, read.

    `reader` is None, and `batch` empty, for a source that no reader takes; `problem` then says so. A problem beside a
    batch is what ended the reading of that source.
    """

    file: str
    reader: str | None
    batch: Batch
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """A source and the reader that takes it.

    `head` is the fingerprint of its first bytes, `fine` tells that its stamps are finer than a second.
    """

    source: Source
    reader: Reader
    options: ReadOptions
    head: str
    fine: bool

    def fingerprint(self) -> str:
        """Hash the whole content with all that changes its meaning. Cost: one pass over it, decompressed."""
        digest = self.digest()
        with self.source.open() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def read(self, done: Callable[[str], None] = lambda _: None) -> Iterator[Batch]:
        """Read the source from its start, repeats counted.

        Parameters
        ----------
        done
            Told the fingerprint of what was read, after the last batch. It is taken from the very bytes that the
            reader saw: a live log may have changed since anyone else looked.

        Raises
        ------
        OSError, CutStreamError
            The source cannot be read to its end; after the last batch of what could be read.
        """
        opened: list[_Hashed] = []
        source = replace(self.source, open=lambda: self._hashed(opened), tail=None)
        events, rejects = EventRepeats(), RejectRepeats()
        for batch in self.reader.read(source, self.options):
            yield replace(batch, events=events.number(batch.events), rejects=rejects.number(batch.rejects))
        last = opened[-1]  # a reader may look through a source before it reads it
        if last.broken is not None:
            raise last.broken
        done(last.digest.hexdigest())

    def _hashed(self, opened: list[_Hashed]) -> BinaryIO:
        opened.append(_Hashed(self.source.open(), self.digest()))
        return cast("BinaryIO", opened[-1])

    def digest(self) -> hashlib.blake2b:
        """The beginning of its fingerprint: the hash to give the content to."""
        return _digest(self.source, self.reader, self.options)


def look(source: Source, options: ReadOptions) -> Log | None:
    """Find the reader of a source by its first bytes; None where no reader takes it.

    Raises
    ------
    InputError
        It cannot be opened.
    """
    head = read_head(source)
    reader = detect(head, options.readers)
    if reader is None:
        return None
    digest = _digest(source, reader, options)
    digest.update(head)
    fine = _is_fine(reader, replace(source, open=lambda: io.BytesIO(head), tail=None), options)
    return Log(source, reader, options, digest.hexdigest(), fine)


def parse(
    paths: Sequence[Path | str], *, options: ReadOptions | None = None, host: str | None = None
) -> Iterator[Parsed]:
    """Read logs without any store, in the order in which they were found.

    Parameters
    ----------
    paths
        Files, folders, patterns, and ``-`` for standard input (`graphmap.readers.sources`).
    options, host
        What the user says about the logs.

    Raises
    ------
    InputError
        A path that leads to nothing.
    """
    for source in find_sources(map(str, paths), host=host):
        yield from _parse(source, options or ReadOptions())


def read_mappings(paths: Sequence[Path]) -> tuple[Reader, ...]:
    """Make readers of mapping files (docs/mappings.md), in their order.

    Raises
    ------
    InputError
        A file cannot be read or is no mapping (the message names path, line and column), or takes a name that a
        reader has.
    """
    found: dict[str, Reader] = {}
    for path in paths:
        try:
            reader = MappingReader(parse_mapping(path.read_text(encoding="utf-8-sig"), str(path)))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: byte {error.start} is not UTF-8", hint="save the mapping as UTF-8") from error
        if reader.name in {*found, *(built_in.name for built_in in READERS)}:
            raise InputError(f"{path}: there is a reader named {reader.name}", hint="give the mapping another name")
        found[reader.name] = reader
    return tuple(found.values())


def explain(error: Exception) -> str:
    """Say in one line why a log could not be read; a reader's bug is called one."""
    if isinstance(error, GraphmapError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    kind = type(error).__name__
    return str(error) if isinstance(error, DAMAGED) else f"the reader failed: {kind}: {error}"


def _parse(source: Source, options: ReadOptions) -> Iterator[Parsed]:
    name = None
    try:
        log = look(source, options)
        if log is None:
            yield Parsed(source.name, None, Batch(), UNRECOGNISED)
            return
        name = log.reader.name
        for batch in log.read():
            yield Parsed(source.name, name, batch)
    except DAMAGED as error:
        yield Parsed(source.name, name, Batch(), explain(error))


def _is_fine(reader: Reader, beginning: Source, options: ReadOptions) -> bool:
    fraction = (pl.col("time").dt.microsecond() != 0).any()
    try:
        return any(batch.events.select(fraction).item() for batch in reader.read(beginning, options))
    except Exception:  # noqa: BLE001 # this is but a look; the reading comes upon it too, and reports it
        return False


def _digest(source: Source, reader: Reader, options: ReadOptions) -> hashlib.blake2b:
    """A hash that has already taken in what, besides the content, decides what events a source gives."""
    digest = hashlib.blake2b(digest_size=20)
    meaning = (reader.name, getattr(reader, "version", 1), options.year, options.zone, source.host)
    digest.update("\0".join(map(str, meaning)).encode() + b"\0\0")
    return digest


class _Hashed(io.RawIOBase):
    """Passes bytes on, hashes them, and keeps what stopped the reading: readers only make a reject of that."""

    def __init__(self, stream: BinaryIO, digest: hashlib.blake2b) -> None:
        super().__init__()
        self.digest = digest
        self.broken: Exception | None = None
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except Exception as error:
            self.broken = error
            raise
        self.digest.update(data)
        return data

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
