"""What every reader of JSON logs shares: from lines to documents, from what a document means to a batch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphmap.model import Witness
from graphmap.readers.json_lines import Document, documents, first_documents
from graphmap.readers.linewise import read_linewise
from graphmap.readers.moments import Moments
from graphmap.readers.records import Record, RecordBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphmap.readers.base import Batch, ReadOptions, Source
    from graphmap.readers.kinds import Kind

OTHER = "other"
"""The meaning of a document that is none of the reader's business."""

Meaning = list[Record] | str | None
"""Events, `OTHER`, why a document cannot be read, or None for one that reports nothing of anybody's."""


class NotReadableError(Exception):
    """A document lacks what its kind must have; the text says what."""


class JsonReader:
    """One JSON log format: a subclass says which documents are its own and what they mean.

    A line with several documents (an array, a snapshot) is rejected whole where one of them cannot be read.
    """

    name = ""
    title = ""
    of_host = False
    """The log is written on the host that it tells of, so where it names none the host of the source is meant."""

    def knows(self, document: Document) -> bool:
        """Tell whether a document is of this format."""
        raise NotImplementedError

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what a document means.

        Raises
        ------
        NotReadableError
            It lacks what it must have.
        """
        raise NotImplementedError

    def sniff(self, head: bytes) -> bool:
        """Tell whether one of the first documents is of this format."""
        return any(map(self.knows, first_documents(head)))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        batch = RecordBuilder(self.name, replace(source, host=None))  # `_at_home` knows which events are of that host
        moments = Moments(source, options)
        host = source.host if self.of_host else None
        yield from read_linewise(
            source, batch, lambda number, line: self._place(batch, number, line, self._line(line, moments), host)
        )

    def _line(self, line: str, moments: Moments) -> Meaning:
        if not line.strip():
            return OTHER
        found = documents(line)
        if not isinstance(found, list):
            return found
        meanings = [self._document(document, moments) for document in found]
        wrong = [meaning for meaning in meanings if isinstance(meaning, str) and meaning != OTHER]
        if wrong:
            return wrong[0]
        events = [record for meaning in meanings if isinstance(meaning, list) for record in meaning]
        return events or (None if None in meanings or [] in meanings else OTHER)

    def _document(self, document: Document, moments: Moments) -> Meaning:
        try:
            return self.mean(document, moments)
        except NotReadableError as error:
            return str(error)

    @staticmethod
    def _place(batch: RecordBuilder, number: int, line: str, meaning: Meaning, host: str | None) -> None:
        if meaning == OTHER:
            batch.other += 1
        elif meaning is None:
            batch.context += 1
        elif isinstance(meaning, str):
            batch.reject(number, meaning, line)
        else:
            for record in meaning:
                batch.event(number, _at_home(record, host))


def _at_home(record: Record, host: str | None) -> Record:
    """Give an event of a server's or a client's own log the host of the source, where it names none itself."""
    own = record["witness"] in {Witness.SERVER, Witness.CLIENT}
    if host is not None and own and not any(record.get(key) for key in ("dst", "dst_host", "dst_ip")):
        record["dst_host"] = host
    return record


def made(kinds: Mapping[str, Kind], kind: str, time: int, columns: dict[str, Any]) -> list[Record]:
    """The event of a kind, with the columns that the log fills."""
    means = kinds[kind]
    base: dict[str, Any] = {"time": time, "kind": kind, "action": means.action, "outcome": means.outcome}
    return [Record(**base, **{name: value for name, value in columns.items() if value is not None})]  # type: ignore[typeddict-item]


def moment(moments: Moments, text: str | None) -> int:
    """The time of a document.

    Raises
    ------
    NotReadableError
        It has none, or none that a log can hold.
    """
    if text is None:
        raise NotReadableError("time: the document has none")
    found = moments.read(text)
    if found is None or not RecordBuilder.is_time(found):
        raise NotReadableError(f"time: {text[:60]!r} is none")
    return found
