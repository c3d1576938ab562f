"""Settings: where the state lives, and how time is read. One frozen object, made once at the start of a command."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, timedelta, timezone, tzinfo
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphmap.entries import Entry
from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

E = TypeVar("E", bound=Entry)

PRIVATE = 0o700
"""Mode of a home folder that graphmap makes: its findings are for those who hunt."""

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_LONGEST_DAYS = 36_500
_MOST_BITS = 1000.0

SCHEMES = ("s3", "gs", "abfs", "abfss", "az")
"""How addresses of object stores begin: S3 and what speaks its language, Google's, Azure's."""

_FOLDERS = r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._=-]+)*/?"
_ADDRESSES = (
    re.compile(rf"(?:s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._-]+{_FOLDERS}", re.ASCII),
    re.compile(rf"abfss?://[A-Za-z0-9][A-Za-z0-9-]+(?:@[a-z0-9.-]+)?{_FOLDERS}", re.ASCII),
)
_EXAMPLE = "write s3://BUCKET/FOLDER, gs://BUCKET/FOLDER or abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER"

SECTIONS = ("alerts", "jobs", "spark", "watch")
"""Tables of ``graphmap.toml``, each read by those who use it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every command needs to know.

    Parameters
    ----------
    home
        The folder that holds all state; made when something is first written.
    timezone
        Zone of the stamps that carry no offset.
    gap
        How long after its start a session without a known end may still be the origin of a hop.
    database
        Address of the PostgreSQL database that is the ledger; None for a file in `home`.
    least_bits
        The least score of stories that are told, where the past before them is long enough to say as much
        (`graphmap.detect.stories.choose`).
    lake_url
        Address of the lake in an object store; None for a folder in `home`.
    engine
        What does the work of a hunt and an ingest: ``local``, or Spark (`graphmap.spark.engines.read_engine`).
    debug
        Let a bug in a reader escape with its stack trace, where it would be reported beside its file.
    """

    home: Path
    timezone: tzinfo = UTC
    gap: timedelta = timedelta(hours=1)
    least_bits: float = 4.0
    database: str | None = None
    lake_url: str | None = None
    engine: str = "local"
    debug: bool = False

    @property
    def lake(self) -> Path | str:
        """Where the Delta tables `events` and `rejects` are: a folder, or an address in an object store."""
        return self.lake_url or self.home / "lake"

    @property
    def cache(self) -> Path:
        """Folder of what is made from the lake and may be removed at any time."""
        return self.home / "cache"

    @property
    def ledger(self) -> Path | str:
        """Where the ledger is: a SQLite file, or the address of a PostgreSQL database."""
        return self.database or self.home / "ledger.sqlite"

    @property
    def inventory(self) -> Path:
        """Copy of the inventory that was given last."""
        return self.home / "inventory.yaml"

    @property
    def policy(self) -> Path:
        """Copy of the segment policy that is in force."""
        return self.home / "policy.yaml"

    def apart(self, home: Path) -> Settings:
        """The same, of another home folder that has all its state in itself."""
        return replace(self, home=home, database=None, lake_url=None)


def load_settings(home: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Settings:
    """Gather the settings: the argument, then ``GRAPHMAP_*``, then ``graphmap.toml`` in the home folder, then defaults.

    Parameters
    ----------
    home
        The home folder where the user named one; None for ``GRAPHMAP_HOME`` or the user's data folder.
    environ
        The environment; None for that of this process.

    Raises
    ------
    InputError
        A value or key that cannot be used; the message names the variable, or the file and key.
    """
    env = os.environ if environ is None else environ
    folder = home if home is not None else _home(env)
    values = _from_file(folder / "graphmap.toml")
    for key, read in _READ.items():
        variable = f"GRAPHMAP_{key.upper()}"
        if variable in env:
            values[key] = _named(variable, read, env[variable])
    return Settings(home=folder, lake_url=values.pop("lake", None), **values)


def load_entries(settings: Settings, section: str, kind: type[E]) -> dict[str, E]:
    """Read the entries of a table such as ``[jobs.NAME]`` of ``graphmap.toml``, by name in the order of the file.

    Parameters
    ----------
    kind
        What they are read as.

    Raises
    ------
    InputError
        The file cannot be read, or an entry is no table; what is in an entry is for the caller to judge.
    """
    path = settings.home / "graphmap.toml"
    tables = _toml(path).get(section, {})
    hint = f"write [{section}.NAME] and its keys below"
    if not isinstance(tables, dict):
        raise InputError(f"{path}: {section}: must be tables", hint=hint)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InputError(f"{path}: {section}.{name}: must be a table", hint=hint)
    return {name: kind(f"{path}: {section}.{name}", table, settings.home) for name, table in tables.items()}


def load_properties(settings: Settings, section: str, *, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read the values of a table such as ``[spark]`` of ``graphmap.toml``, by their dotted names with the section's.

    Words ``NAME=VALUE`` in the variable ``GRAPHMAP_SPARK`` come after them, and win.

    Examples
    --------
    ``executor.memory = "8g"`` below ``[spark]``, or ``GRAPHMAP_SPARK="executor.memory=8g"``, is the property
    ``spark.executor.memory``.

    Raises
    ------
    InputError
        The file cannot be read, or a value is neither text, number, yes nor no.
    """
    env = os.environ if environ is None else environ
    path = settings.home / "graphmap.toml"
    table = _toml(path).get(section, {})
    if not isinstance(table, dict):
        raise InputError(f"{path}: {section}: must be a table", hint=f"write [{section}] and its keys below")
    found = dict(_flat(f"{path}: {section}", section, table))
    variable = f"GRAPHMAP_{section.upper()}"
    try:
        words = shlex.split(env.get(variable, ""))
    except ValueError as error:
        raise InputError(f"{variable}: {error}", hint="write NAME=VALUE, with a space between two") from error
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise InputError(f"{variable}: {word!r} is no NAME=VALUE", hint="a value with spaces needs quotes")
        found[f"{section}.{name.removeprefix(f'{section}.')}"] = value
    return found


def _flat(place: str, name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _flat(f"{place}.{key}", f"{name}.{key}", inner)
        case bool():
            yield name, str(value).lower()
        case str() | int() | float():
            yield name, str(value)
        case _:
            raise InputError(f"{place}: must be text, a number, true or false")


def parse_zone(text: str) -> tzinfo:
    """Read a time zone: ``UTC``, an offset such as ``+02:00``, or an IANA name.

    Raises
    ------
    InputError
        There is no such zone on this system.
    """
    if text.upper() in {"UTC", "Z"}:
        return UTC
    if offset := _OFFSET.fullmatch(text):
        sign, hours, minutes = offset.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes))
        if shift < timedelta(days=1) and int(minutes) < 60:  # noqa: PLR2004 # minutes of an hour
            return timezone(shift if sign == "+" else -shift)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"no time zone {text!r}", hint="write UTC, an offset such as +02:00, or a name such as Europe/Berlin"
        ) from error


def parse_duration(text: str) -> timedelta:
    """Read a length of time such as ``90s``, ``15m``, ``24h``, ``1h30m`` or ``7d``.

    Raises
    ------
    InputError
        The text is no such length, is zero, or is longer than a hundred years.
    """
    parts = _DURATION.fullmatch(text)
    digits = [(group or "0")[:18] for group in parts.groups()] if parts else ["0"] * 4
    days, hours, minutes, seconds = map(int, digits)
    total = days * 86_400 + hours * 3600 + minutes * 60 + seconds
    if not 0 < total <= _LONGEST_DAYS * 86_400:
        raise InputError(f"{text!r} is no length of time", hint="write it like 90s, 15m, 24h, 1h30m or 7d")
    return timedelta(seconds=total)


def parse_bits(text: str) -> float:
    """Read a score of stories, such as ``4`` or ``2.5``.

    Raises
    ------
    InputError
        It is no number of bits from 0 to 1000.
    """
    try:
        bits = float(text)
    except ValueError:
        bits = nan
    if not 0 <= bits <= _MOST_BITS:
        raise InputError(f"{text!r} is no number of bits", hint="write a number from 0, which tells all, to 1000")
    return bits


def _database(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise InputError("no address of a PostgreSQL database", hint="write postgresql://USER@HOST/NAME")
    return text


def _lake(text: str) -> str:
    if any(pattern.fullmatch(text) for pattern in _ADDRESSES):
        return text.rstrip("/")
    scheme, found, _ = text.partition("://")
    if not found:
        raise InputError("no address of an object store", hint=_EXAMPLE)
    if scheme not in SCHEMES:
        raise InputError(f"no object store is known by {scheme[:20]!r}", hint=_EXAMPLE)
    # It is not repeated: somebody may have put a password into it.
    raise InputError(
        f"no address of {scheme}",
        hint=f"{_EXAMPLE}; folders of letters, digits and . _ = -; credentials come from the environment alone",
    )


def _flag(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    try:
        return known[text.lower()]
    except KeyError:
        raise InputError(f"{text!r} is neither yes nor no", hint="write 1 or 0") from None


_READ: dict[str, Callable[[str], Any]] = {
    "timezone": parse_zone,
    "gap": parse_duration,
    "least_bits": parse_bits,
    "database": _database,
    "lake": _lake,
    "engine": str,
    "debug": _flag,
}


def _home(env: Mapping[str, str]) -> Path:
    if named := env.get("GRAPHMAP_HOME"):
        return Path(named).expanduser()
    return _data_folder(env) / "graphmap"


def _data_folder(env: Mapping[str, str]) -> Path:
    """Where this platform keeps a user's data (XDG Base Directory Specification; a relative value is ignored there)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    named = Path(env.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {error}") from error


def _from_file(path: Path) -> dict[str, Any]:
    content = {key: value for key, value in _toml(path).items() if key not in SECTIONS}
    return {key: _setting(f"{path}: {key}", key, value) for key, value in content.items()}


def _setting(place: str, key: str, value: object) -> Any:
    if key not in _READ:
        raise InputError(f"{place}: no such setting", hint=f"one of: {', '.join(_READ)}")
    if isinstance(value, bool) and key == "debug":
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and key == "least_bits":
        value = str(value)
    if not isinstance(value, str):
        raise InputError(f"{place}: must be text in quotes")
    return _named(place, _READ[key], value)


def _named(place: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from error
