"""What listeners receive, on its way to a spool: gathered, written together, and held back where the disk is full."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from graphmap.watch.framing import line_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.watch.spool import Spool

ROOM = 8 << 20
"""Bytes that wait for the disk; a listener that has more reads no further."""
_RETRY = 1.0


class Receiver:
    """Takes messages of one listener, and says when they are on disk. All of it runs in one event loop.

    Parameters
    ----------
    url
        The listener, for its report.
    spool
        Where the lines go.
    wake
        Called, from a thread of the loop, when there is more on disk.
    """

    def __init__(self, url: str, spool: Spool, wake: Callable[[], None]) -> None:
        self.url = url
        self.spool = spool
        self.problem: str | None = None
        self.messages = self.bytes = self.connections = self.broken = 0
        self.dropped: int | None = None
        self._wake = wake
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._more = asyncio.Event()
        self._moved = asyncio.Condition()
        self._given = self._kept = 0
        self._closing = False

    @property
    def full(self) -> bool:
        """Whether so much waits for the disk that no more should be read."""
        return self._size >= ROOM

    def put(self, messages: list[bytes]) -> int:
        """Take messages; gives the number to wait for, with `kept`, where the sender should wait."""
        for message in messages:
            if line := line_of(message):
                self._waiting.append(line)
                self._size += len(line)
                self._given += 1
        if self._waiting:
            self._more.set()
        return self._given

    async def kept(self, number: int) -> None:
        """Wait until that many messages are on disk."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._kept >= number)

    async def room(self) -> None:
        """Wait until there is room for more."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self.full)

    async def write(self) -> None:
        """Write what was taken, again and again, all that waits at a time; until `close`."""
        while not (self._closing and not self._waiting):
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                count, lines = len(self._waiting), b"".join(self._waiting)
                if await self._append(lines):
                    for _ in range(count):
                        self._waiting.popleft()
                    self._size -= len(lines)
                    self._kept += count
                    self.messages += count
                    self.bytes += len(lines)
                    async with self._moved:
                        self._moved.notify_all()
                    self._wake()
                elif self._closing:
                    return
                else:
                    await asyncio.sleep(_RETRY)

    def close(self) -> None:
        """Write what is there, then no more."""
        self._closing = True
        self._more.set()

    async def _append(self, lines: bytes) -> bool:
        try:
            await asyncio.to_thread(self.spool.append, lines)
        except OSError as error:
            self.problem = f"{self.spool.folder}: {error.strerror or error}"
            return False
        self.problem = None
        return True

    def document(self) -> dict[str, Any]:
        """What it received, for a standing. `dropped` is null where the system does not say."""
        return {
            "url": self.url,
            "messages": self.messages,
            "bytes": self.bytes,
            "waiting": len(self._waiting),
            "connections": self.connections,
            "broken": self.broken,
            "dropped": self.dropped,
            "problem": self.problem,
        }
