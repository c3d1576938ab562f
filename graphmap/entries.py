"""An entry of ``graphmap.toml``: every key is read once, checked, and named where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


T = TypeVar("T")
N = TypeVar("N", bound=int | None)


class Entry:
    """The keys of an entry.

    Parameters
    ----------
    place
        File and entry, for errors.
    values
        Its keys as they are written.
    folder
        What relative paths are relative to.
    """

    def __init__(self, place: str, values: dict[str, Any], folder: Path) -> None:
        self.name = place
        self._values = values
        self._folder = folder
        self._asked: dict[str, None] = {}

    def place(self, key: str) -> str:
        """File, entry and key."""
        return f"{self.name}.{key}"

    def wrong(self, key: str, problem: str, hint: str | None = None) -> NoReturn:
        """Raise what is wrong with a key."""
        raise InputError(f"{self.place(key)}: {problem}", hint=hint)

    def given(self, key: str) -> bool:
        """Whether there is such a key."""
        self._asked[key] = None
        return key in self._values

    def text(self, key: str) -> str | None:
        """Text that is not empty; None where the key is absent."""
        value: object = self._value(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self.wrong(key, "must be text in quotes")
        return value if isinstance(value, str) else None

    def needed(self, key: str, hint: str) -> str:
        """Text that must be there."""
        value = self.text(key)
        return self.wrong(key, "is missing", hint) if value is None else value

    def choice(self, key: str, among: Sequence[str], default: str) -> str:
        """One of some words."""
        value = self.text(key) or default
        return value if value in among else self.wrong(key, f"{value!r} is not known", f"one of: {', '.join(among)}")

    def number(self, key: str, default: N, most: int, least: int = 1) -> int | N:
        """A whole number."""
        value: object = self._value(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.wrong(key, f"must be a whole number from {least} to {most:,}")
        return value

    def amount(self, key: str, most: float) -> float | None:
        """A number from 0, whole or not; None where the key is absent."""
        value: object = self._value(key)
        if value is not None and (
            not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most
        ):
            self.wrong(key, f"must be a number from 0 to {most:,}")
        return None if value is None else float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value: object = self._value(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "must be true or false")
        return default if value is None else bool(value)

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Some texts, at least one."""
        value: object = self._value(key)
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            self.wrong(key, "must be a list of texts", 'write ["one", "another"]')
        return tuple(value)

    def table(self, key: str) -> dict[str, str]:
        """Texts by their names."""
        value: object = self._value(key)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self.wrong(key, "must be a table of texts")
        return dict(value)

    def read(self, key: str, parse: Callable[[str], T]) -> T | None:
        """What `parse` makes of a text; what it raises gets the place."""
        value = self.text(key)
        try:
            return None if value is None else parse(value)
        except InputError as error:
            self.wrong(key, error.message, error.hint)

    def path(self, key: str) -> Path | None:
        """A path; relative ones start in the home folder."""
        value = self.text(key)
        return None if value is None else self._folder / Path(value).expanduser()

    def paths(self, key: str) -> tuple[Path, ...]:
        """Some paths; none where the key is absent."""
        return tuple(self._folder / Path(text).expanduser() for text in self.texts(key) or ())

    def done(self) -> None:
        """Say which key is none, once all have been asked for."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, "no such key", f"one of: {', '.join(sorted(self._asked))}")

    def _value(self, key: str) -> Any:
        self._asked[key] = None
        return self._values.get(key)
