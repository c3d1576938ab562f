"""What is in a zip or tar archive: names, sizes, and how to read each member where it lies.

Nothing is unpacked by name, so a member called ``../../etc/passwd`` is only called that. Headers are believed for how
much there is to read and no further: a member never gives more bytes than its header says.

Sources: APPNOTE.TXT 6.3.10 (PKWARE) for zip; POSIX.1-2017 pax and the GNU tar manual for tar.
"""

from __future__ import annotations

import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from graphmap.readers.compression import CutStreamError, Inflated, zip_inflater
from graphmap.readers.slices import Bounded, Slice

if TYPE_CHECKING:
    from typing import Self

Open = Callable[[], BinaryIO]

LONGEST_HEADER = 1 << 20
"""Bytes of a tar extension (long names, pax records) that are believed; tarfile reads them into memory."""
TAR_MAGIC = (257, b"ustar")
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_STORED = 0
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_EXTENSIONS = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)
_DOCUMENTS = frozenset({"[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype", "AndroidManifest.xml"})
"""Names that tell a document or a program from a collection of files."""
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, CutStreamError, OSError, EOFError, ValueError, NotImplementedError,
    struct.error, OverflowError, IndexError,
)  # fmt: skip
"""What zipfile and tarfile raise on archives that are damaged or forged."""


class ArchiveError(Exception):
    """An archive, or what is left of it, cannot be listed; its members before that point were given."""


class Member(NamedTuple):
    """A file in an archive.

    `size` is that of the file and `packed` the bytes it takes in the archive; `problem` says why it cannot be read.
    """

    name: str
    size: int
    packed: int
    modified: datetime | None
    open: Open
    problem: str | None = None


def archive_kind(head: bytes) -> str | None:
    """Tell by its first 512 bytes what kind of archive a file is: zip, tar, or None."""
    start, magic = TAR_MAGIC
    if head[start : start + len(magic)] == magic:
        return "tar"
    return "zip" if head.startswith(_ZIP_MAGIC) else None


def members(kind: str, open_archive: Open) -> Iterator[Member]:
    """List the files of an archive in its order. Folders, links and devices are left out.

    Parameters
    ----------
    kind
        As `archive_kind` says.
    open_archive
        Opens the archive, seekable.

    Raises
    ------
    ArchiveError
        It is damaged.
    """
    try:
        yield from (_zip_members if kind == "zip" else _tar_members)(open_archive)
    except _DAMAGE as error:
        raise ArchiveError(f"the archive is damaged: {error}") from error


def is_document(names: set[str]) -> bool:
    """Whether an archive with these members is a document or a program, such as .docx or .jar."""
    return not names.isdisjoint(_DOCUMENTS)


def _zip_members(open_archive: Open) -> Iterator[Member]:
    with open_archive() as stream, zipfile.ZipFile(stream) as archive:
        entries = archive.infolist()
    for entry in entries:
        if not entry.is_dir():
            name = entry.orig_filename.encode("utf-8", "backslashreplace").decode()
            modified, problem = _zip_time(entry), _zip_problem(entry)
            opened = _zip_opener(open_archive, entry)
            yield Member(name, entry.file_size, entry.compress_size, modified, opened, problem)


def _zip_problem(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted; unpack it with its password"
    if entry.compress_type != _STORED and zip_inflater(entry.compress_type) is None:
        name = zipfile.compressor_names.get(entry.compress_type, "unknown")  # type: ignore[attr-defined]
        return f"is compressed by method {entry.compress_type} ({name}), which is not read; unpack it"
    return None


def _zip_time(entry: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _zip_opener(open_archive: Open, entry: zipfile.ZipInfo) -> Open:
    offset, packed, size, method = entry.header_offset, entry.compress_size, entry.file_size, entry.compress_type

    def open_member() -> BinaryIO:
        raw = open_archive()
        header = b""
        if offset >= 0:  # a damaged directory can lead before the beginning
            raw.seek(offset)
            header = raw.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(_ZIP_MAGIC[0]):
            raw.close()
            raise CutStreamError("the archive is damaged: a member is not where it should be")
        _, name, extra = _LOCAL_HEADER.unpack(header)
        data = cast("BinaryIO", Slice(raw, offset + _LOCAL_HEADER.size + name + extra, packed))
        inflate = zip_inflater(method)
        if inflate is None:
            return data
        inflated = cast("BinaryIO", Inflated(data, inflate))
        return cast("BinaryIO", Bounded(inflated, size, "it is longer than the archive says", exact=True))

    return open_member


class _Entry(tarfile.TarInfo):
    """A tar header that is not believed in everything."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a header; extensions longer than `LONGEST_HEADER` and sizes below zero are damage."""
        entry = super().frombuf(buf, encoding, errors)
        if entry.size < 0 or (entry.type in _EXTENSIONS and entry.size > LONGEST_HEADER):
            raise tarfile.ReadError("a header has an impossible size")
        return entry


def _tar_members(open_archive: Open) -> Iterator[Member]:
    with open_archive() as stream, tarfile.open(fileobj=stream, mode="r:", tarinfo=_Entry) as archive:
        while entry := archive.next():
            archive.members = []  # type: ignore[attr-defined]  # tarfile would keep every header in memory
            if entry.isreg() and not entry.issparse():
                yield _tar_member(open_archive, entry)
            elif entry.issparse():
                yield _tar_member(open_archive, entry)._replace(problem="is a sparse file, which is not read")
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise ArchiveError(f"the archive is damaged at byte {archive.offset:,}")


def _tar_member(open_archive: Open, entry: tarfile.TarInfo) -> Member:
    start, size = entry.offset_data, entry.size

    def open_member() -> BinaryIO:
        return cast("BinaryIO", Slice(open_archive(), start, size))

    name = entry.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Member(name, size, size, _tar_time(entry), open_member)


def _tar_time(entry: tarfile.TarInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(entry.mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
