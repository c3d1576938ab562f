"""What to watch: as the command line says, or as ``[watch.NAME]`` of graphmap.toml does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from graphmap.config import load_entries, parse_duration, parse_zone
from graphmap.entries import Entry
from graphmap.errors import InputError
from graphmap.pipeline.reading import read_mappings
from graphmap.readers.base import ReadOptions
from graphmap.readers.sources import STANDARD_INPUT
from graphmap.watch.addresses import HTTP, parse_address

if TYPE_CHECKING:
    from graphmap.config import Settings
    from graphmap.watch.addresses import Address

USUAL_NAME = "watch"
EVERY = 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one process follows, and how.

    Parameters
    ----------
    name
        Of the process, for its state and lock in the home folder: letters, digits, ``-`` and ``_``.
    paths
        Files, folders, patterns, and ``-`` for standard input.
    syslog
        Where to listen for syslog: ``udp://HOST:PORT``, ``tcp://`` or ``tls://``.
    http
        Where to take lines by requests: ``http://HOST:PORT`` or ``https://``.
    token_file
        Holds what such requests must show (``Authorization: Bearer ...``).
    cert, key, client_ca
        PEM files of TLS: the certificate with its chain, its key, and the authorities whose clients alone may speak.
    host, year, timezone, mapping
        What is known of the logs, as for ``graphmap ingest``.
    every
        Seconds: what is new is read and written so often; in quiet times, at once.
    poll
        Look at the files each second instead of being told by the system.
    """

    name: str = USUAL_NAME
    paths: tuple[str, ...] = ()
    syslog: tuple[str, ...] = ()
    http: tuple[str, ...] = ()
    token_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    host: str | None = None
    year: int | None = None
    timezone: tzinfo | None = None
    mapping: tuple[Path, ...] = ()
    every: float = EVERY
    poll: bool = False

    def options(self, settings: Settings) -> ReadOptions:
        """What the readers are told.

        Raises
        ------
        InputError
            A mapping cannot be read.
        """
        zone = self.timezone or settings.timezone
        return ReadOptions(year=self.year, zone=zone, readers=read_mappings(self.mapping))

    def addresses(self) -> list[Address]:
        """Where to listen.

        Raises
        ------
        InputError
            A place is none.
        """
        return [*map(parse_address, self.syslog), *(parse_address(text, HTTP) for text in self.http)]

    def token(self) -> str | None:
        """What requests must show; None where they need not.

        Raises
        ------
        InputError
            The file cannot be read, or is empty.
        """
        if self.token_file is None:
            return None
        try:
            found = self.token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise InputError(f"{self.token_file}: {error}", hint="give a file with the token, ASCII") from error
        if not found:
            raise InputError(f"{self.token_file}: no token in it", hint="give a file with the token, ASCII")
        return found

    @property
    def files(self) -> tuple[str, ...]:
        """The paths but for standard input."""
        return tuple(path for path in self.paths if path != STANDARD_INPUT)


def named_wishes(settings: Settings, name: str | None = None) -> Wishes:
    """What ``[watch.NAME]`` of graphmap.toml says; the only such table where no name is given.

    Raises
    ------
    InputError
        There is none of that name, or several and no name, or a value that cannot be used.
    """
    place = settings.home / "graphmap.toml"
    tables = load_entries(settings, "watch", Entry)
    if name is None:
        if len(tables) != 1:
            named = f"name one of: {', '.join(tables)}" if tables else f"name paths, or write [watch.NAME] in {place}"
            raise InputError("nothing to watch" if not tables else f"{place} names several", hint=named)
        (name,) = tables
    if name not in tables:
        raise InputError(f"{place}: no [watch.{name}]", hint=f"there are: {', '.join(tables) or 'none'}")
    return _wishes(tables[name], name)


def checked(wishes: Wishes) -> Wishes:
    """The same, if it can be done.

    Raises
    ------
    InputError
        It has nothing to follow, or its name cannot be that of a file.
    """
    if not wishes.name.replace("-", "").replace("_", "").isalnum() or not wishes.name.isascii():
        raise InputError(f"{wishes.name!r} cannot be a name", hint="use letters, digits, - and _")
    if not (wishes.paths or wishes.syslog or wishes.http):
        raise InputError(f"{wishes.name}: nothing to watch", hint="give paths, syslog, http, or several of them")
    return wishes


def _wishes(entry: Entry, name: str) -> Wishes:
    every = entry.read("every", parse_duration)
    wishes = Wishes(
        name,
        paths=entry.texts("paths") or (),
        syslog=entry.texts("syslog") or (),
        http=entry.texts("http") or (),
        token_file=entry.path("token_file"),
        cert=entry.path("cert"),
        key=entry.path("key"),
        client_ca=entry.path("client_ca"),
        host=entry.text("host"),
        year=entry.number("year", None, 9999, least=1970),
        timezone=entry.read("timezone", parse_zone),
        mapping=entry.paths("mapping"),
        every=EVERY if every is None else every.total_seconds(),
        poll=entry.flag("poll", default=False),
    )
    entry.done()
    return checked(wishes)
