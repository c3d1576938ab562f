"""Lines that come by requests: a POST whose body is a log, answered with 204 when all of it is on disk.

A sender that got no such answer sends the body again; the lake knows the events that it has. The only door to h11.

References
----------
RFC 9110 (methods, statuses, Expect), RFC 9112 (HTTP/1.1, chunked), RFC 6750 (bearer tokens).
"""

from __future__ import annotations

import asyncio
import hmac
import zlib
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11

from graphmap.watch.framing import Newlines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.watch.receiving import Receiver

PATIENCE = 60.0
"""Seconds that a connection may say nothing."""

_READ = 1 << 16
_HEADERS = 1 << 14
_FAREWELL = 2.0
_GZIP = 16 + zlib.MAX_WBITS

Heard = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]
"""NEED_DATA is never among it."""


class RefusedError(Exception):
    """A request that nothing is taken of."""

    def __init__(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


async def take_requests(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, receiver: Receiver, *, token: str | None
) -> None:
    """Take the requests of a connection, until it is closed or says what is none.

    Parameters
    ----------
    token
        What each must show; None for nothing.
    """
    talk = _Talk(reader, writer)
    try:
        while await _take(talk, receiver, token):
            talk.again()
    except RefusedError as refused:
        await talk.refuse(refused.status, *refused.headers)
    except h11.RemoteProtocolError as error:
        receiver.broken += 1
        await talk.refuse(HTTPStatus(error.error_status_hint))
    except (OSError, TimeoutError):
        receiver.broken += 1


async def _take(talk: _Talk, receiver: Receiver, token: str | None) -> bool:
    """Take one request; False where the connection ends, there or behind it."""
    request = await talk.hear()
    if not isinstance(request, h11.Request):
        return False
    unpack = _judged(request, token)
    lines = Newlines()
    while isinstance(part := await talk.hear(), h11.Data):
        for data in unpack(bytes(part.data)):
            await receiver.kept(receiver.put(lines.feed(data)))
    await receiver.kept(receiver.put(lines.end()))
    if not unpack.whole:
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    await talk.answer(HTTPStatus.NO_CONTENT)
    return talk.goes_on


def _judged(request: h11.Request, token: str | None) -> _Plain | _Gzip:
    """How to unpack the body of a request that may send.

    Raises
    ------
    RefusedError
        It may not. A browser says for which page it asks, and no page has a log to send: what is open in a hunter's
        browser writes nothing here.
    """
    headers = {name: value for name, value in request.headers}  # noqa: C416 - h11 has its own kind of pairs
    if token is not None and not hmac.compare_digest(headers.get(b"authorization", b""), f"Bearer {token}".encode()):
        raise RefusedError(HTTPStatus.UNAUTHORIZED, ("WWW-Authenticate", "Bearer"))
    if b"origin" in headers or b"sec-fetch-site" in headers:
        raise RefusedError(HTTPStatus.FORBIDDEN)
    if request.method != b"POST":
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "POST"))
    coding = headers.get(b"content-encoding", b"identity").lower()
    if coding not in {b"identity", b"gzip"}:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ("Accept-Encoding", "gzip"))
    return _Gzip() if coding == b"gzip" else _Plain()


class _Plain:
    """A body as it is."""

    whole = True

    def __call__(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    """Unpacks a body in parts, so that a small one that unpacks to much takes no more memory than another."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    @property
    def whole(self) -> bool:
        """Whether it came to its end."""
        return self._member.eof

    def __call__(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            try:
                yield self._member.decompress(data, _READ)
            except zlib.error as error:
                raise RefusedError(HTTPStatus.BAD_REQUEST) from error
            data = self._member.unconsumed_tail or self._member.unused_data


class _Talk:
    """One connection: what is heard, and what is answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._state = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADERS)

    @property
    def goes_on(self) -> bool:
        """Whether another request may follow."""
        return self._state.our_state is h11.DONE and self._state.their_state is h11.DONE

    def again(self) -> None:
        """Be ready for another request."""
        self._state.start_next_cycle()

    async def hear(self) -> Heard:
        """The next part of what is said."""
        while (event := self._state.next_event()) is h11.NEED_DATA:
            if self._state.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[]))
            async with asyncio.timeout(PATIENCE):
                self._state.receive_data(await self._reader.read(_READ))
        return event

    async def answer(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        """Say what became of a request; nothing where it is too late to say it."""
        if self._state.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            said = [*headers, ("Content-Length", "0")] if status is not HTTPStatus.NO_CONTENT else list(headers)
            await self._send(h11.Response(status_code=status, headers=said, reason=status.phrase))
            await self._send(h11.EndOfMessage())

    async def refuse(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        """Say so, and end. What is still on its way is read for a moment: the answer would be lost with it."""
        with suppress(OSError, TimeoutError):
            await self.answer(status, *headers, ("Connection", "close"))
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(_FAREWELL):
                while await self._reader.read(_READ):
                    pass

    async def _send(self, event: h11.Event) -> None:
        if data := self._state.send(event):
            self._writer.write(data)
            await self._writer.drain()
