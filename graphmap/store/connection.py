"""Where the graph server is, and who asks: from the environment or a file, never from a command line."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

URI, USER, PASSWORD, DATABASE = (f"GRAPHMAP_NEO4J_{name}" for name in ("URI", "USER", "PASSWORD", "DATABASE"))
PASSWORD_FILE = f"{PASSWORD}_FILE"

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
"""What the drivers of Neo4j take: with +s the server's certificate is checked, with +ssc it is not."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An address and credentials. The password is never shown.

    Parameters
    ----------
    uri
        As in ``neo4j://graph.example:7687``.
    user, password
        None for a server that asks for neither.
    database
        Its name; None for the server's default.
    """

    uri: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None


def find_connection(uri: str | None = None, environ: Mapping[str, str] | None = None) -> Connection:
    """Gather where the server is and who asks.

    Parameters
    ----------
    uri
        The address where the user named one; None for ``GRAPHMAP_NEO4J_URI``.
    environ
        The environment; None for that of this process. ``GRAPHMAP_NEO4J_PASSWORD_FILE`` names a file whose first line
        is the password, in place of ``GRAPHMAP_NEO4J_PASSWORD``.

    Raises
    ------
    InputError
        There is no address or it is none, it holds a password, or the file cannot be read.
    """
    env = os.environ if environ is None else environ
    address = uri or env.get(URI)
    if not address:
        raise InputError("no graph server is named", hint=f"set {URI}, or give --graph neo4j://HOST:7687")
    _check(address)
    password = _password(env)
    user = env.get(USER) or ("neo4j" if password is not None else None)
    return Connection(address, user, password, env.get(DATABASE) or None)


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise InputError("the address of the graph server cannot be read", hint="neo4j://HOST:7687") from error
    if parts.username is not None or parts.password is not None:
        raise InputError(
            "the address of the graph server holds a user or password", hint=f"set {USER} and {PASSWORD_FILE} instead"
        )
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise InputError(f"{address!r} is no address of a Neo4j server", hint="neo4j://HOST:7687")


def _password(env: Mapping[str, str]) -> str | None:
    if PASSWORD_FILE not in env:
        return env.get(PASSWORD)
    if PASSWORD in env:
        raise InputError(f"both {PASSWORD} and {PASSWORD_FILE} are set", hint="unset one of them")
    path = Path(env[PASSWORD_FILE])
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{PASSWORD_FILE}: {path} cannot be read") from error
