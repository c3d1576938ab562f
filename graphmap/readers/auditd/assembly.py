"""Records of the kernel come one to a line, several to an event: here they are put together again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.auditd.grammar import AuditRecord

_OPEN_EVENTS = 256
_OPEN_CHARACTERS = 1 << 22
_RECORDS = 256
_COMPLETE_AFTER = 2_000_000  # us; libauparse's own measure (auparse.c, au_check_events)


class Numbered(NamedTuple):
    """A record and the number of its line."""

    line: int
    record: AuditRecord


class Assembly:
    """Gathers records by node, stamp and serial number, and gives an event when it must be complete.

    An event is complete when a record two seconds younger has been seen, or when too much is held: then the oldest is
    given. Records that come later still, and those beyond the 256th of one event, are an event of their own.
    """

    def __init__(self) -> None:
        self._events: OrderedDict[tuple[str | None, int, str], list[Numbered]] = OrderedDict()
        self._held = 0

    def add(self, line: int, record: AuditRecord) -> Iterator[list[Numbered]]:
        """Take a record; give the events that are complete by it."""
        key = (record.node, record.time, record.serial)
        records = self._events.setdefault(key, [])
        records.append(Numbered(line, record))
        self._held += len(record.body)
        if len(records) >= _RECORDS:
            yield self._give(key)
        while self._events:
            oldest = next(iter(self._events))
            late = oldest[0] == record.node and record.time - oldest[1] > _COMPLETE_AFTER
            if not (late or len(self._events) > _OPEN_EVENTS or self._held > _OPEN_CHARACTERS):
                break
            yield self._give(oldest)

    def rest(self) -> Iterator[list[Numbered]]:
        """Give all events that are left."""
        while self._events:
            yield self._give(next(iter(self._events)))

    def _give(self, key: tuple[str | None, int, str]) -> list[Numbered]:
        records = self._events.pop(key)
        self._held -= sum(len(record.body) for _, record in records)
        return records
