"""Addresses of receivers, as URLs, and how they are shown: without anything that could be a secret."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}", re.ASCII)


class Place(NamedTuple):
    """A way and an end of it: scheme, host, port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_place(text: str, ports: Mapping[str, int]) -> Place:
    """Read ``scheme://host:port`` and nothing more; without a port it is that of the scheme in `ports`.

    Raises
    ------
    InputError
        It is written otherwise; the message does not repeat it.
    """
    parts = _split(text, ports)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise InputError("has more than a host and a port", hint=f"write it like {_example(ports)}")
    return _place(parts, ports)


def check_web(text: str) -> Place:
    """Check the URL of a webhook, and give what of it may be shown: its path is often the secret.

    Raises
    ------
    InputError
        It is no URL of http or https, or has a user's name or a password in it.
    """
    ports = {"https": 443, "http": 80}
    return _place(_split(text, ports), ports)


def _split(text: str, ports: Mapping[str, int]) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise InputError("is no URL", hint=f"write it like {_example(ports)}") from None
    hidden = any(unicodedata.category(c) in {"Cc", "Cf", "Zs", "Zl", "Zp", "Cs"} for c in text)
    if hidden or parts.scheme not in ports or not _HOST.fullmatch(parts.hostname or ""):
        raise InputError("is no URL of a kind that is known here", hint=f"write it like {_example(ports)}")
    if "@" in parts.netloc:
        raise InputError("has a user in it", hint="use secret_file or secret_env (docs/alerts.md)")
    return parts


def _place(parts: SplitResult, ports: Mapping[str, int]) -> Place:
    return Place(parts.scheme, parts.hostname or "", parts.port or ports[parts.scheme])


def _example(ports: Mapping[str, int]) -> str:
    scheme, port = next(iter(ports.items()))
    return f"{scheme}://host.example:{port}"
