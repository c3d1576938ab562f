"""Where to listen: for syslog ``udp://HOST:PORT``, ``tcp://`` and ``tls://``, for requests ``http://`` and ``https://``."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SYSLOG = {"udp": 514, "tcp": 601, "tls": 6514}
"""Where senders of syslog look by default: RFC 5426, RFC 6587 and RFC 5425."""
HTTP = {"http": 80, "https": 443}
"""Where senders of requests do: RFC 9110, section 4.2."""
_FORMS = {
    "udp": "write udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT, such as udp://127.0.0.1:5514",
    "http": "write http://HOST:PORT or https://HOST:PORT, such as http://127.0.0.1:8088",
}


class Address(NamedTuple):
    """A place to listen at. Port 0 stands for any that is free."""

    scheme: str
    host: str
    port: int

    @property
    def secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.scheme in {"tls", "https"}

    @property
    def url(self) -> str:
        """As it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_address(text: str, ports: Mapping[str, int] = SYSLOG) -> Address:
    """Read a place to listen at. The host has to be named, so that nobody listens to the world unawares.

    Parameters
    ----------
    ports
        The schemes that may be given, and their ports: SYSLOG or HTTP.

    Raises
    ------
    InputError
        It is none.
    """
    form = _FORMS[next(iter(ports))]
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InputError(f"{text!r}: {error}", hint=form) from error
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ports or not parts.hostname or not plain:
        raise InputError(f"{text!r} is no place to listen at", hint=form)
    return Address(parts.scheme, parts.hostname, ports[parts.scheme] if port is None else port)


def server_tls(cert: Path | None, key: Path | None, client_ca: Path | None) -> ssl.SSLContext:
    """What a TLS listener shows, and whom it believes: TLS 1.2 or newer.

    Parameters
    ----------
    cert, key
        PEM files; the key may stand in the certificate's.
    client_ca
        Where given, only clients with a certificate of these authorities may speak (RFC 5425, section 4.2).

    Raises
    ------
    InputError
        There is no certificate, or a file cannot be used.
    """
    if cert is None:
        raise InputError("a tls:// or https:// listener needs a certificate", hint="give --cert and --key, PEM files")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:  # an SSLError is one
        raise InputError(f"{cert}: {error.strerror or error}", hint="give PEM files that belong together") from error
    return context
