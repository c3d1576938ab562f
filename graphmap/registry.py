"""A named set of plug-ins: what the package brings, and what other packages add by entry point."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from graphmap.errors import GraphmapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Named(Protocol):
    """Anything with a name that is unique among its kind."""

    @property
    def name(self) -> str:
        """What it is called."""


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Plug-ins by name, built-ins first, then the entry points of `group`.

    Parameters
    ----------
    group
        Entry-point group, such as ``graphmap.readers``. An entry point names a class or a callable without
        parameters that gives the plug-in.
    builtin
        The plug-ins that come with the package, in the order in which they are tried.

    Raises
    ------
    GraphmapError
        Two plug-ins share a name, or an entry point cannot be loaded.
    """

    def __init__(self, group: str, builtin: Iterable[T]) -> None:
        self.group = group
        self._items: dict[str, T] = {}
        for item in builtin:
            self._add(item)
        for point in sorted(entry_points(group=group), key=lambda p: p.name):
            try:
                item = point.load()()
            except Exception as error:  # a plug-in may fail in any way; the user must learn which one did
                raise GraphmapError(
                    f"plug-in {point.value} of {group} cannot be loaded: {error}", hint="uninstall or mend it"
                ) from error
            self._add(item)

    def _add(self, item: T) -> None:
        if item.name in self._items:
            raise GraphmapError(f"two plug-ins of {self.group} are named {item.name}")
        self._items[item.name] = item

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __getitem__(self, name: str) -> T:
        try:
            return self._items[name]
        except KeyError:
            raise GraphmapError(f"no {name!r} in {self.group}", hint=f"one of: {', '.join(self._items)}") from None

    def __len__(self) -> int:
        return len(self._items)
