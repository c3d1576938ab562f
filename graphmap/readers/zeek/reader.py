"""The reader of Zeek's logs: which of them are known, and which way each block is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.readers.lines import BadLine, split_lines
from graphmap.readers.sources import read_head
from graphmap.readers.zeek.header import Header
from graphmap.readers.zeek.logs import PATHS, SOURCE, TIME
from graphmap.readers.zeek.objects import read_object, usual_log
from graphmap.readers.zeek.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch, ReadOptions, Source

_FIRST_LINES = 32
_HEADER = re.compile(r"^(\S{1,16}?)separator \S+\n\1set_separator", re.MULTILINE)


class ZeekReader:
    """Reads conn, ssh, kerberos, ntlm, rdp, smb_mapping and dce_rpc; Zeek's other logs are counted and left alone."""

    name = "zeek"
    title = "Zeek's conn, ssh, kerberos, ntlm, rdp, smb_mapping and dce_rpc logs: TSV or JSON"

    def sniff(self, head: bytes) -> bool:
        """Tell whether one of the first lines is a header of Zeek's or a JSON object with Zeek's fields."""
        lines = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace").split("\n")[:_FIRST_LINES]
        plain = [line.removesuffix("\r") for line in lines]
        return _HEADER.search("\n".join(plain)) is not None or any(_is_object(x) or _names_columns(x) for x in plain)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: Zeek's times are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        with source.open() as stream:
            rows = Rows(self.name, source, usual_log(read_head(source)))
            position = 0
            for part in split_lines(stream):
                position = part.position
                if isinstance(part, BadLine):
                    rows.batch.lines += 1
                    rows.batch.reject(part.line, part.reason, part.text)
                    continue
                for number, line in enumerate(part.lines, part.first):
                    rows.scan(number, line)
                    if rows.batch.full:
                        yield from rows.batch.take(position)
        yield from rows.batch.take(position)


def _is_object(line: str) -> bool:
    fields = read_object(line) if line.startswith("{") else None
    return fields is not None and TIME in fields and (SOURCE in fields or any(name in fields for name in PATHS))


def _names_columns(line: str) -> bool:
    header = Header().after(line)
    return header is not None and TIME in header.fields
