"""From the bytes of a connection to messages, and from a message to a line of a log.

References
----------
RFC 6587, section 3.4: octet counting (``LENGTH SP MESSAGE``) and non-transparent framing (a trailer, nearly always LF,
behind each message). A sender that counts begins with a digit other than 0, and one that does not with ``<``; section
3.4.1. RFC 5426, section 3.1: one message a datagram.
rsyslog, "Input: escape control characters": a control character is ``#`` and three octal digits, so a newline ``#012``.
"""

from __future__ import annotations

import re

from graphmap.readers.lines import LINE_BYTES

MOST = LINE_BYTES
"""Bytes of a message; no reader takes a longer line."""

_COUNTED = re.compile(rb"[1-9][0-9]{0,7}(?: |$)")
_DIGITS = 8
"""Of the length of a message: more are none."""


class FramingError(Exception):
    """What a sender sent is in no framing; the message says what it was. Nothing behind it can be told apart."""


class Framing:
    """The messages of one connection, however its bytes were split into packets.

    Memory: one message. Each message is judged by itself: a sender may go from one framing to the other.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes, give the messages that are complete.

        Raises
        ------
        FramingError
            A length that is none, or longer than MOST.
        """
        self._rest += data
        found: list[bytes] = []
        at = 0
        while at < len(self._rest):
            message, behind = self._next(at)
            if behind == at:
                break
            at = behind
            if message is not None:
                found.append(message)
        self._rest = self._rest[at:]
        return found

    def end(self) -> bytes | None:
        """The message that a connection without counting leaves unfinished when it is closed; None where there is none.

        Raises
        ------
        FramingError
            A message that was counted is not complete.
        """
        rest, self._rest = self._rest, b""
        if _COUNTED.match(rest):
            raise FramingError("a message that ends early")
        return None if self._skipping or not rest.strip(b"\0\r\n") else rest

    def _next(self, at: int) -> tuple[bytes | None, int]:
        """The message at a place, and where the next one begins: at the same place, where this one is not complete."""
        first = self._rest[at : at + 1]
        if not self._skipping and first.isdigit() and first != b"0":
            return self._counted(at)
        end = self._rest.find(b"\n", at)
        if end < 0 and self._skipping:
            return None, len(self._rest)
        if end < 0 and len(self._rest) - at <= MOST:
            return None, at
        if end < 0:
            self._skipping = True
            return self._rest[at : at + MOST], len(self._rest)
        message = self._rest[at:end]
        if self._skipping:
            self._skipping = False
            return None, end + 1
        return message, end + 1

    def _counted(self, at: int) -> tuple[bytes | None, int]:
        space = self._rest.find(b" ", at, at + _DIGITS + 1)
        digits = self._rest[at : space if space >= 0 else at + _DIGITS + 1]
        if space < 0 and len(digits) <= _DIGITS and digits.isdigit():
            return None, at
        if space < 0 or not digits.isdigit():
            return self._uncounted(at)
        size = int(digits)
        if size > MOST:
            raise FramingError(f"a message of {size:,} bytes")
        behind = space + 1 + size
        return (self._rest[space + 1 : behind], behind) if len(self._rest) >= behind else (None, at)

    def _uncounted(self, at: int) -> tuple[bytes | None, int]:
        """A line that begins with a digit, such as a stamp without a priority before it."""
        end = self._rest.find(b"\n", at)
        if end < 0:
            if len(self._rest) - at > MOST:
                raise FramingError("a line without an end")
            return None, at
        return self._rest[at:end], end + 1


class Newlines:
    """The lines of standard input or of the body of a request, however their bytes were split.

    Memory: one line. Of a line longer than MOST, so much is given, and the rest left out.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes, give the lines that are complete."""
        *lines, rest = (self._rest + data).split(b"\n")
        if self._skipping and lines:
            del lines[0]
            self._skipping = False
        if self._skipping:
            rest = b""
        elif len(rest) > MOST:
            lines.append(rest[:MOST])
            rest, self._skipping = b"", True
        self._rest = rest
        return lines

    def end(self) -> list[bytes]:
        """The last line, where it has no newline."""
        rest, self._rest, self._skipping = self._rest, b"", False
        return [rest] if rest else []


def line_of(message: bytes) -> bytes:
    """A message as one line of a log, its newline behind it; empty for a message without text."""
    text = message.rstrip(b"\0\r\n")
    return text.replace(b"\n", b"#012") + b"\n" if text.strip() else b""
