"""What to watch: as the command line says, or as ``[watch.NAME]`` of graphmap.toml does."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmap.config import load_section, parse_duration, parse_zone
from graphmap.errors import InputError
from graphmap.pipeline.reading import read_mappings
from graphmap.readers.base import ReadOptions
from graphmap.readers.sources import STANDARD_INPUT
from graphmap.watch.addresses import HTTP, parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphmap.config import Settings
    from graphmap.watch.addresses import Address

USUAL_NAME = "watch"
_YEARS = range(1970, 10_000)


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
    every: float = 5.0
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
    tables = load_section(settings, "watch")
    if name is None:
        if len(tables) != 1:
            named = f"name one of: {', '.join(tables)}" if tables else f"name paths, or write [watch.NAME] in {place}"
            raise InputError("nothing to watch" if not tables else f"{place} names several", hint=named)
        (name,) = tables
    if name not in tables:
        raise InputError(f"{place}: no [watch.{name}]", hint=f"there are: {', '.join(tables) or 'none'}")
    return _wishes(f"{place}: watch.{name}", name, tables[name])


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


def _wishes(place: str, name: str, table: Mapping[str, Any]) -> Wishes:
    known = {field.name for field in fields(Wishes)} - {"name"}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise InputError(f"{place}.{key}: no such setting", hint=f"one of: {', '.join(sorted(known))}")
        values[key] = _value(f"{place}.{key}", key, value)
    return checked(replace(Wishes(name), **values))


def _value(place: str, key: str, value: object) -> Any:
    read = _READ.get(key, _text)
    try:
        return read(value)
    except (ValueError, TypeError):
        raise InputError(f"{place}: {value!r} cannot be used", hint=_FORMS.get(key, "write text in quotes")) from None
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _year(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in _YEARS:
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _file(value: object) -> Path:
    return Path(_text(value)).expanduser()


_READ: dict[str, Callable[[object], Any]] = {
    "paths": _texts,
    "syslog": _texts,
    "http": _texts,
    "token_file": _file,
    "mapping": lambda value: tuple(map(_file, _texts(value))),
    "cert": _file,
    "key": _file,
    "client_ca": _file,
    "year": _year,
    "timezone": lambda value: parse_zone(_text(value)),
    "every": lambda value: parse_duration(_text(value)).total_seconds(),
    "poll": _flag,
}
_FORMS = {
    "paths": 'write a list: ["/var/log"]',
    "syslog": 'write a list: ["udp://127.0.0.1:5514"]',
    "http": 'write a list: ["http://127.0.0.1:8088"]',
    "mapping": 'write a list: ["firewall.yaml"]',
    "year": "write a number such as 2026",
    "poll": "write true or false",
}
