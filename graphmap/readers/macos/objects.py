"""JSON objects of a log whose lines are objects (ndjson), or parts of them (json, printed with indentation)."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}]')  # possessive: a match keeps no state for each character
_LINES = 1000
_CHARACTERS = 1 << 20


class Verdict(IntEnum):
    """Where an object belongs; of several on one line the greatest counts."""

    OTHER = 0
    CONTEXT = 1
    REJECT = 2
    EVENT = 3


class Objects:
    """Finds the outermost objects and sees to it that each line ends in one place.

    A line belongs to the object that begins on it. The further lines of an object are context, or other if it is. An
    object of more than 1,000 lines or 1 MiB, or without an end where the next line begins one, is given up.

    Parameters
    ----------
    judge
        Is given the text of an object and the number of its first line; adds its events.
    place
        Is given every line's number, where it belongs and, for a reject, its beginning.
    """

    def __init__(self, judge: Callable[[int, str], Verdict], place: Callable[[int, Verdict, str], None]) -> None:
        self._judge = judge
        self._place = place
        self._depth = 0
        self._parts: list[str] = []
        self._size = 0
        self._waiting: dict[int, Verdict | None] = {}
        self._start = 0
        self._text = ""

    @property
    def idle(self) -> bool:
        """No object is open."""
        return not self._depth

    def scan(self, number: int, line: str) -> None:
        """Take the next line."""
        if self._depth and line.startswith('{"'):
            self.finish()
        self._waiting[number] = None
        begin = 0
        for match in _TOKEN.finditer(line):
            if match[0] == "{":
                if not self._depth:
                    self._start, begin = number, match.start()
                self._depth += 1
            elif match[0] == "}" and self._depth:
                self._depth -= 1
                if not self._depth:
                    self._complete(number, "\n".join([*self._parts, line[begin : match.end()]]))
        if not self._depth:
            self._flush(Verdict.OTHER)
            return
        self._parts.append(line[begin:])
        self._size += len(line) - begin
        if len(self._parts) >= _LINES or self._size > _CHARACTERS:
            self.finish()

    def finish(self) -> None:
        """Give up the object that is not complete."""
        if self._depth:
            self._waiting[self._start] = Verdict.REJECT
            self._text = "\n".join(self._parts)
            self._flush(Verdict.CONTEXT)
        self._depth = 0

    def _complete(self, number: int, text: str) -> None:
        verdict = self._judge(self._start, text)
        self._waiting[self._start] = max(verdict, self._waiting.get(self._start) or Verdict.OTHER)
        self._text = text
        last = self._waiting.pop(number)  # another object may begin on this line
        self._flush(min(verdict, Verdict.CONTEXT))
        self._waiting[number] = last

    def _flush(self, rest: Verdict) -> None:
        """Place the lines that wait; those on which no object began as `rest`."""
        for number, verdict in self._waiting.items():
            self._place(number, rest if verdict is None else verdict, self._text)
        self._waiting.clear()
        self._parts, self._size = [], 0
