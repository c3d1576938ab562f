"""Sockets for syslog and requests, and standard input: an event loop in a thread of its own, which only spools.

A TCP sender waits while the disk does: its connection is read on, or its request answered, when what it sent is on
disk. UDP knows no waiting: what the system had no room for is lost, and where it counts that (Linux,
``/proc/net/udp``) the count is shown.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmap.errors import InputError
from graphmap.watch.addresses import HTTP, Address
from graphmap.watch.framing import Framing, FramingError, Newlines
from graphmap.watch.posts import take_requests
from graphmap.watch.receiving import Receiver

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine

    from graphmap.watch.spool import Spool

    Take = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Receiver], Coroutine[Any, Any, None]]
    """Takes what comes over a connection, to its end."""

_READ = 1 << 16
_DATAGRAMS = 512
"""Datagrams that are read before others get their turn."""
_BUFFER = 32 << 20
"""Bytes that the system is asked to keep for a UDP socket; it may allow less (net.core.rmem_max)."""
CONNECTIONS = 1024
"""At one time and listener; more are refused."""
_FAREWELL = 5.0


class Listeners:
    """All listeners of a watch.

    Parameters
    ----------
    wake
        Called when there is more in a spool.

    Use `listen` and `read_stdin` for each, then `start`; `stop` ends them, when what they have is on disk.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="listeners")
        self._stopped = asyncio.Event()
        self._starts: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._receivers: list[Receiver] = []
        self._sockets: list[tuple[Receiver, socket.socket]] = []
        self._inputs = 0
        self.urls: list[str] = []
        """Where it listens: with the port that was free, where any was asked for."""

    def listen(
        self, address: Address, spool: Spool, tls: ssl.SSLContext | None = None, token: str | None = None
    ) -> None:
        """Open a socket.

        Parameters
        ----------
        tls
            Where the address is secure.
        token
            What requests must show; None for nothing.

        Raises
        ------
        InputError
            It cannot be opened.
        """
        kind = socket.SOCK_DGRAM if address.scheme == "udp" else socket.SOCK_STREAM
        try:
            (family, _, _, _, place), *_ = socket.getaddrinfo(address.host, address.port, type=kind)
            opened = _open(family, kind, place)
        except OSError as error:
            hint = "use a port above 1023, or let the system allow it" if isinstance(error, PermissionError) else None
            raise InputError(f"{address.url}: {error.strerror or error}", hint=hint) from error
        receiver = Receiver(address._replace(port=opened.getsockname()[1]).url, spool, self._wake)
        self.urls.append(receiver.url)
        self._receivers.append(receiver)
        self._sockets.append((receiver, opened))
        if kind == socket.SOCK_DGRAM:
            self._starts.append(lambda: self._datagrams(opened, receiver))
        else:
            take = partial(take_requests, token=token) if address.scheme in HTTP else _take
            self._starts.append(lambda: self._streams(opened, receiver, tls, take))

    def read_stdin(self, spool: Spool) -> None:
        """Take lines from standard input, to its end."""
        receiver = Receiver("stdin", spool, self._wake)
        self._receivers.append(receiver)
        self._inputs += 1
        threading.Thread(target=self._stdin, args=(receiver,), daemon=True, name="stdin").start()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End: take no more, and return when what was taken is on disk."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(2 * _FAREWELL)
        elif self._thread.ident is None:
            for _, opened in self._sockets:
                opened.close()
            self._loop.close()
        for receiver in self._receivers:
            receiver.spool.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more can come: there are no sockets, and standard input is at its end and on disk."""
        return not self._sockets and self._inputs == 0

    @property
    def problem(self) -> str | None:
        """Why something cannot be written to disk, where it cannot."""
        return next((receiver.problem for receiver in self._receivers if receiver.problem), None)

    def documents(self) -> list[dict[str, Any]]:
        """What each received."""
        drops = _drops() if any(opened.type == socket.SOCK_DGRAM for _, opened in self._sockets) else {}
        for receiver, opened in self._sockets:
            if opened.type == socket.SOCK_DGRAM and opened.fileno() >= 0:
                receiver.dropped = drops.get(_number(opened))
        return [receiver.document() for receiver in self._receivers]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        writers = [asyncio.create_task(receiver.write()) for receiver in self._receivers]
        servers = [asyncio.create_task(start()) for start in self._starts]
        await self._stopped.wait()
        for task in (*servers, *self._tasks):
            task.cancel()
        await asyncio.gather(*servers, *self._tasks, return_exceptions=True)
        for receiver in self._receivers:
            receiver.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*writers, return_exceptions=True), _FAREWELL)

    async def _datagrams(self, opened: socket.socket, receiver: Receiver) -> None:
        """Read datagrams as long as there is room for them; what comes meanwhile is the system's to keep or drop."""
        ready = asyncio.Event()
        self._loop.add_reader(opened, ready.set)
        try:
            while True:
                await ready.wait()
                if receiver.full:
                    self._loop.remove_reader(opened)
                    await receiver.room()
                    self._loop.add_reader(opened, ready.set)
                receiver.put(_received(opened))
                ready.clear()
                await asyncio.sleep(0)
        finally:
            self._loop.remove_reader(opened)
            receiver.put(_received(opened))
            receiver.dropped = _drops().get(_number(opened))
            opened.close()

    async def _streams(self, opened: socket.socket, receiver: Receiver, tls: ssl.SSLContext | None, take: Take) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is None or receiver.connections >= CONNECTIONS:
                writer.close()
                return
            self._tasks.add(task)
            receiver.connections += 1
            try:
                await take(reader, writer, receiver)
            except asyncio.CancelledError:
                pass  # Python 3.11 would report a connection that was cut by us as a fault of its callback
            finally:
                receiver.connections -= 1
                self._tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(serve, sock=opened, ssl=tls)
        async with server:
            await server.serve_forever()

    def _stdin(self, receiver: Receiver) -> None:
        """Read standard input; a line counts when it is whole, and the last one when there is no more."""
        lines = Newlines()
        while data := os.read(sys.stdin.fileno(), _READ):  # a buffer would be locked when the process ends
            self._give(receiver, lines.feed(data))
        self._give(receiver, lines.end())
        self._inputs -= 1
        self._wake()

    def _give(self, receiver: Receiver, lines: list[bytes]) -> None:
        async def give() -> None:
            await receiver.kept(receiver.put(lines))

        with suppress(RuntimeError):  # the loop has ended
            asyncio.run_coroutine_threadsafe(give(), self._loop).result()


async def _take(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, receiver: Receiver) -> None:
    """Take the messages of a syslog connection, each part of it when the part before is on disk."""
    framing = Framing()
    try:
        while data := await reader.read(_READ):
            await receiver.kept(receiver.put(framing.feed(data)))
        if (last := framing.end()) is not None:
            receiver.put([last])
    except (FramingError, OSError):
        receiver.broken += 1


def _open(family: int, kind: int, place: Any) -> socket.socket:
    opened = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            with suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        opened.bind(place)
        if kind == socket.SOCK_STREAM:
            opened.listen(CONNECTIONS)
        opened.settimeout(0)
    except OSError:
        opened.close()
        raise
    return opened


def _received(opened: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    with suppress(OSError):
        found.extend(iter(lambda: opened.recv(_READ) if len(found) < _DATAGRAMS else None, None))
    return found


def _number(opened: socket.socket) -> int:
    """The number of a socket, by which the system's tables name it."""
    return Path(f"/proc/self/fd/{opened.fileno()}").stat().st_ino if Path("/proc/self/fd").is_dir() else 0


def _drops() -> dict[int, int]:
    """Datagrams that the system dropped for want of room, by the number of the socket (Linux, proc(5))."""
    found: dict[int, int] = {}
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        with suppress(OSError):
            for row in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                cells = row.split()
                found[int(cells[9])] = int(cells[-1])
    return found
