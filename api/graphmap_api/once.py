"""Properties that are made once, also where many threads ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - written as a decorator, like property
    """A property that is made when it is first asked for, under `_lock` of its object: a `threading.RLock`.

    Up to Python 3.11 `functools.cached_property` takes a lock of its own before: where one property is made out of
    another, two threads would wait for each other for ever.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """The attribute that keeps it: found before this descriptor, which has no `__set__`."""
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Make it, or wait for who does."""
        kept = vars(instance)
        with kept["_lock"]:
            if self._name not in kept:
                kept[self._name] = self._make(instance)
            made: T = kept[self._name]
            return made
