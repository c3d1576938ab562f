"""A server of a version that graphmap refuses. No such server is at hand, so this says no more than what it is."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING = 20
"""Bytes of the magic number and the four versions that a client offers (Neo4j, "Bolt Protocol Handshake")."""


class _Bolt(socketserver.StreamRequestHandler):
    """Agrees to one version of Bolt and answers every message with SUCCESS and the name of the server."""

    version: ClassVar[tuple[int, int]]
    agent: ClassVar[str]

    def handle(self) -> None:
        self.rfile.read(OPENING)
        major, minor = self.version
        self.wfile.write(bytes([0, 0, minor, major]))
        about = b"\xb1\x70\xa2" + _text("server") + _text(self.agent) + _text("connection_id") + _text("bolt-1")
        while self._message():
            self.wfile.write(len(about).to_bytes(2) + about + b"\0\0")

    def _message(self) -> bytes:
        message = b""
        while size := int.from_bytes(self.rfile.read(2)):
            message += self.rfile.read(size)
        return message


def _text(text: str) -> bytes:
    return b"\xd0" + len(text).to_bytes(1) + text.encode()


@contextmanager
def old_server(agent: str, version: tuple[int, int]) -> Iterator[str]:
    """A server that calls itself so and speaks that version of Bolt; gives its address."""
    handler = type("Handler", (_Bolt,), {"agent": agent, "version": version})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"bolt://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
