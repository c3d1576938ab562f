"""The logs in zip and tar archives, in archives inside them too, read where they lie and within limits.

A member is called ``ARCHIVE!MEMBER``, one of an inner archive ``ARCHIVE!INNER!MEMBER``; the second of two members with
one name gets ``#2`` behind it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from graphmap.errors import InputError
from graphmap.readers.archives import ArchiveError, Member, Open, archive_kind, is_document, members
from graphmap.readers.base import Source
from graphmap.readers.collectors import CLIENT_INFO, METADATA_BYTES, MemberHosts, named_host, parts, told_host
from graphmap.readers.compression import CutStreamError, Inflated, inflater
from graphmap.readers.slices import Bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from graphmap.readers.spools import Spools

SEPARATOR = "!"
NO_YEAR = 1980
"""Archives made without times have the first moment of zip's calendar, or of Unix's, in place of one."""
_HEAD = 512


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an archive is read.

    Parameters
    ----------
    depth
        Archives in one another.
    members, expanded
        Files, and bytes of them unpacked, of one archive with all those inside it.
    ratio, small
        A member that grows more than `ratio`-fold is a bomb, unless it unpacks to no more than `small` bytes.
    """

    depth: int = 5
    members: int = 100_000
    expanded: int = 1 << 36
    ratio: int = 500
    small: int = 1 << 28


class Budget:
    """What is left of the limits of one archive."""

    def __init__(self, limits: Limits) -> None:
        self.members = limits.members
        self.expanded = limits.expanded

    def take(self, size: int) -> str | None:
        """Count a member; say which limit it breaks."""
        self.members -= 1
        self.expanded -= size
        if self.members < 0:
            return "the archive has too many files; the rest is not read"
        return "the archive unpacks to too much; the rest is not read" if self.expanded < 0 else None


class Place(NamedTuple):
    """A file that may be an archive. `packed` is how many bytes it has; None for a file outside archives."""

    name: str
    open: Open
    host: str | None
    modified: datetime | None
    packed: int | None = None

    @property
    def base(self) -> str:
        """Its own name, without folders and archives around it."""
        return (parts(self.name.rpartition(SEPARATOR)[2]) or [self.name])[-1]


class Unpacker:
    """Finds the logs in archives.

    Parameters
    ----------
    spools
        Keeps what has to be unpacked before it can be read.
    host
        The host that the user names for all of them, or None.
    limits
        Of each archive that is not inside another.
    only
        The one member to find, by its full name; None for all.
    """

    def __init__(
        self, spools: Spools, *, host: str | None = None, limits: Limits | None = None, only: str | None = None
    ) -> None:
        self._spools = spools
        self._host = host
        self._limits = limits or Limits()
        self._only = only

    def sources(self, place: Place) -> Iterator[Source]:
        """The logs behind a file: itself where it is no archive, else those in it, in the archive's order."""
        yield from self._walk(place, Budget(self._limits), 0)

    def _walk(self, place: Place, budget: Budget, depth: int) -> Iterator[Source]:
        try:
            head = _first(lambda: self._inflated(place), _HEAD)
        except (OSError, InputError, CutStreamError):
            head = b""  # whoever reads the log will come upon it, and say so
        kind = archive_kind(head)
        if kind is None:
            yield Source(place.name, lambda: self._inflated(place), place.modified, place.host)
        elif depth >= self._limits.depth:
            yield _failing(place, "too many archives in one another")
        else:
            yield from self._archive(kind, place, budget, depth)

    def _archive(self, kind: str, place: Place, budget: Budget, depth: int) -> Iterator[Source]:
        def opened() -> BinaryIO:
            return self._seekable(place)

        found: list[Member] = []
        problem: str | None = None
        try:
            for member in members(kind, opened):
                if problem := budget.take(0 if member.problem else member.size):
                    break
                found.append(member)
        except (ArchiveError, InputError) as error:
            problem = self._spools.problem(place.name) or str(error)
        if is_document({member.name for member in found}):
            yield Source(place.name, lambda: self._inflated(place), place.modified, place.host)
            return
        yield from self._members(found, place, budget, depth)
        problem = problem or self._spools.problem(place.name)
        if problem and self._only is None:
            yield _failing(place, problem)

    def _members(self, found: list[Member], place: Place, budget: Budget, depth: int) -> Iterator[Source]:
        told = dict(filter(None, map(self._told, found)))
        whole = self._host or named_host(place.base) or place.host
        hosts = MemberHosts((member.name for member in found), {} if self._host else told, whole)
        times: Counter[str] = Counter()
        for member in found:
            times[member.name] += 1
            again = f"#{times[member.name]}" if times[member.name] > 1 else ""
            name = f"{place.name}{SEPARATOR}{member.name}{again}"
            known = member.modified is not None and member.modified.year > NO_YEAR
            modified = member.modified if known else place.modified
            inner = Place(name, member.open, hosts.of(member.name), modified, member.packed)
            if not self._wanted(name) or not member.size:
                continue
            if problem := member.problem or self._bomb(member):
                yield _failing(inner, problem)
            else:
                yield from self._walk(inner, budget, depth + 1)

    def _wanted(self, name: str) -> bool:
        return self._only is None or self._only == name or self._only.startswith(f"{name}{SEPARATOR}")

    def _bomb(self, member: Member) -> str | None:
        limits = self._limits
        if member.size > limits.small and member.size > limits.ratio * member.packed:
            return f"unpacks to more than {limits.ratio} times its size; not read"
        return None

    def _told(self, member: Member) -> tuple[str, str] | None:
        """The folder and the host that a collector's metadata names."""
        *folders, base = parts(member.name) or [""]
        if base != CLIENT_INFO or member.problem or member.size > METADATA_BYTES:
            return None
        host = told_host(_first(member.open, METADATA_BYTES))
        return ("/".join(folders), host) if host else None

    def _inflated(self, place: Place) -> BinaryIO:
        """Open a file decompressed; in archives, only as much of it as is no bomb."""
        member = inflater(_first(place.open, 6))
        raw = place.open()
        if member is None:
            return raw
        inflated = cast("BinaryIO", Inflated(raw, member))
        if place.packed is None:
            return inflated
        most = min(self._limits.expanded, max(self._limits.small, self._limits.ratio * place.packed))
        return cast("BinaryIO", Bounded(inflated, most, "it unpacks to too much; not read further"))

    def _seekable(self, place: Place) -> BinaryIO:
        raw = place.open()
        if raw.seekable() and inflater(_first(place.open, 6)) is None:
            return raw
        packed = place.packed
        if packed is None:
            raw.seek(0, 2)
            packed = raw.tell()
        raw.close()
        bounded = place._replace(packed=packed)
        return self._spools.open(place.name, lambda: self._inflated(bounded))


def _first(open_stream: Open, size: int) -> bytes:
    """The first bytes of a stream, as many as can be read."""
    head = b""
    with suppress(CutStreamError), open_stream() as stream:
        while len(head) < size and (data := stream.read(size - len(head))):
            head += data
    return head


def _failing(place: Place, problem: str) -> Source:
    error = InputError(f"{place.name}: {problem}")

    def open_source() -> BinaryIO:
        raise error

    return Source(place.name, open_source, place.modified, place.host)
