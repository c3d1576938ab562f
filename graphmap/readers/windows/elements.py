"""Cuts a stream of XML into its Event elements, in bounded memory, whatever stands between them."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.compression import CutStreamError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

ELEMENT_CHARACTERS = 1 << 20
"""A longer event is none: it becomes one reject."""

_BLOCK = 1 << 18
_EDGE = re.compile(r"</Event>|<Event(?=[\s>])")
_LONGEST_EDGE = len("</Event>")
_BETWEEN = re.compile(r"(?:[\s\0-]|<\?[^<>]*\?>|</?Events(?:\s[^<>]*)?>)*")  # a browser's "-" is copied with the text
_MARKS = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_ORDER_MARK = "\ufeff"


class Element(NamedTuple):
    """An Event as text; or with a `problem`, text that is none."""

    text: str
    problem: str | None = None


def text_decoder(head: bytes) -> codecs.IncrementalDecoder:
    r"""Choose a decoder by the first bytes of a text: UTF-16 where they are marked so, else UTF-8.

    What is wrongly encoded becomes ``\xNN``.
    """
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    return codecs.getincrementaldecoder(encoding)("backslashreplace")


class Elements:
    """The elements of a stream, in its order; `position` tells how many bytes of it were read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.position = 0
        self._stream = stream
        self._text = ""
        self._inside = False  # `_text` begins with a start tag
        self._strange = False  # the text between elements has been reported

    def __iter__(self) -> Iterator[Element]:
        """Give the elements. A last one without its end, and text that is neither white nor a root's tag, are problems.

        Cost: linear.
        """
        decoder, problem = None, None
        while problem is None:
            try:
                block = self._stream.read(_BLOCK)
            except (CutStreamError, OSError) as error:
                block, problem = b"", str(error)
            if decoder is None:
                decoder = text_decoder(block)
                text = decoder.decode(block, final=not block).removeprefix(_ORDER_MARK)
            else:
                text = decoder.decode(block, final=not block)
            self.position += len(block)
            yield from self._cut(text)
            if not block:
                break
        yield from self._rest(problem)

    def _cut(self, more: str) -> Iterator[Element]:
        """Give the elements that end in what has been read; keep the rest."""
        scanned = max(0, len(self._text) - _LONGEST_EDGE) if self._inside else 0
        text = self._text + more
        begin = 0
        for edge in _EDGE.finditer(text, max(scanned, 1 if self._inside else 0)):
            if edge[0] == "</Event>":
                if self._inside:
                    yield _limited(text[begin : edge.end()])
                    self._inside, self._strange, begin = False, False, edge.end()
                continue
            if self._inside:
                yield Element(text[begin : edge.start()], "event has no end")
            else:
                yield from self._between(text[begin : edge.start()])
            self._inside, self._strange, begin = True, False, edge.start()
        if self._inside and len(text) - begin > ELEMENT_CHARACTERS:
            yield _limited(text[begin:])
            self._inside, self._strange, begin = False, True, len(text)
        elif not self._inside:
            tag = text.rfind("<", max(begin, len(text) - _LONGEST_EDGE))  # may be the beginning of one
            end = len(text) if tag < 0 else tag
            yield from self._between(text[begin:end])
            begin = end
        self._text = text[begin:]

    def _rest(self, problem: str | None) -> Iterator[Element]:
        if self._inside:
            yield Element(self._text, problem or "event has no end")
        else:
            yield from self._between(self._text)
            if problem:
                yield Element("", problem)

    def _between(self, text: str) -> Iterator[Element]:
        """Report strange text between elements once, however long it is."""
        if not self._strange and not _BETWEEN.fullmatch(text):
            self._strange = True
            yield Element(text.strip(), "text that is no event")


def _limited(text: str) -> Element:
    return Element(text, "event is longer than 1 MiB" if len(text) > ELEMENT_CHARACTERS else None)
