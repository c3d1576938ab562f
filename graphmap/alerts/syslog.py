"""Syslog: RFC 5424 messages over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS (RFC 5425).

Syslog has no acknowledgement. Over TCP and TLS a message counts as sent once the receiver has closed the connection
after us, or said nothing for a while; over UDP once the network took it.
"""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmap.alerts.address import Place, parse_place
from graphmap.alerts.forms import LINES, line_of
from graphmap.alerts.tls import SYSTEM, Trust, read_trust
from graphmap.documents import time_text
from graphmap.errors import DeliveryError
from graphmap.model import Severity

if TYPE_CHECKING:
    from graphmap.alerts.entry import Entry
    from graphmap.alerts.message import Message

PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
FACILITIES = {"user": 1, "daemon": 3, "auth": 4, "authpriv": 10, "audit": 13} | {f"local{n}": 16 + n for n in range(8)}
SEVERITY = {Severity.INFO: 6, Severity.LOW: 5, Severity.MEDIUM: 4, Severity.HIGH: 3, Severity.CRITICAL: 2}
"""Section 6.2.1: 2 critical, 3 error, 4 warning, 5 notice, 6 informational."""
DATAGRAM = 65_000
"""Bytes that a UDP datagram can carry, with some to spare."""
PATIENCE = 1.0
"""Seconds that a receiver has to close the connection after us, or to refuse what it got."""

MOMENT, MOMENTS = 0.02, 25
"""Seconds of a step of waiting, and how many of them."""


@dataclass(frozen=True, slots=True)
class Syslog:
    """Where to, in which shape."""

    place: Place
    format: str = "cef"
    facility: int = FACILITIES["local0"]
    trust: Trust = SYSTEM

    @property
    def where(self) -> str:
        """The address."""
        return str(self.place)

    @property
    def together(self) -> int:
        """A message for each finding."""
        return 1

    def send(self, message: Message, timeout: float) -> str:
        """Send it.

        Raises
        ------
        DeliveryError
            There is no way there, or it is too long for a datagram.
        """
        frame = syslog_frame(message, self.format, self.facility)
        try:
            if self.place.scheme == "udp":
                return self._datagram(frame)
            return self._stream(b"%d %s" % (len(frame), frame), timeout)
        except TimeoutError as error:
            raise DeliveryError(f"{self.where}: no answer within {timeout:g} s") from error
        except OSError as error:
            raise DeliveryError(f"{self.where}: {error.strerror or error}") from error

    def _datagram(self, frame: bytes) -> str:
        if len(frame) > DATAGRAM:
            raise DeliveryError(f"{self.where}: {len(frame):,} bytes do not fit into a datagram: use tcp", lasting=True)
        host, port = self.place.host, self.place.port
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as sender:
            sender.connect(address)
            sender.send(frame)
        return f"{len(frame):,} bytes sent; over UDP nobody answers"

    def _stream(self, frame: bytes, timeout: float) -> str:
        context = self.trust.context() if self.place.scheme == "tls" else None
        with socket.create_connection((self.place.host, self.place.port), timeout) as plain:
            if context is None:
                plain.sendall(frame)
                plain.shutdown(socket.SHUT_WR)
                _wait_for_end(plain)
            else:
                with context.wrap_socket(plain, server_hostname=self.place.host) as secure:
                    _wait_for_welcome(secure)
                    secure.settimeout(timeout)
                    secure.sendall(frame)
                    _part(secure)
        return f"{len(frame):,} bytes sent"


def _wait_for_end(connection: socket.socket) -> None:
    """Until the receiver has closed, too; a reset is an error, silence is none."""
    connection.settimeout(PATIENCE)
    with suppress(TimeoutError):
        connection.recv(1)


def _wait_for_welcome(connection: ssl.SSLSocket) -> None:
    """Until the receiver has looked at our certificate, or the lack of one.

    Over TLS 1.3 our side of the handshake ends before that (RFC 8446, section 4.4.2.4), and what was sent meanwhile is
    lost without a word. A session ticket says that we are welcome; a receiver that gives none has half a second.
    """
    connection.settimeout(MOMENT)
    for _ in range(MOMENTS if connection.version() == "TLSv1.3" else 0):
        with suppress(TimeoutError):
            if not connection.recv(1):
                raise ConnectionAbortedError(errno.ECONNABORTED, "closed after the handshake")
        if connection.session is not None and connection.session.has_ticket:
            break


def _part(connection: ssl.SSLSocket) -> None:
    """Say that nothing more comes.

    Some receivers close the connection at once, without their part of the farewell: they have it all the same.
    """
    connection.settimeout(PATIENCE)
    with suppress(TimeoutError, ssl.SSLEOFError):
        connection.unwrap()


def syslog_frame(message: Message, form: str, facility: int) -> bytes:
    """The message as section 6 has it: ``<PRI>1 TIME HOST graphmap - alert - MSG``, without framing."""
    priority = facility * 8 + SEVERITY[message.severity]
    host = "".join(c for c in socket.gethostname() if "!" <= c <= "~")[:255] or "-"
    line = line_of(form, message)
    return f"<{priority}>1 {time_text(message.created)} {host} graphmap - alert - {line}".encode(errors="replace")


def read_syslog(entry: Entry) -> Syslog:
    """Read an entry of kind ``syslog``."""
    entry.needed("url", "write it like tls://siem.example:6514")
    place = entry.read("url", lambda text: parse_place(text, PORTS))
    form = entry.choice("format", LINES, "cef")
    facility = FACILITIES[entry.choice("facility", tuple(FACILITIES), "local0")]
    trust = read_trust(entry)
    if place is None:
        raise AssertionError("a needed key is there")
    return Syslog(place, form, facility, trust)
