"""A time limit for calls that wait for others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from graphmap.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def within(seconds: float, where: str, call: Callable[[], T]) -> T:
    """Give what a call gives, or raise what it raises.

    The limits of sockets are for each step: a receiver that sends a byte now and then is never late. Such a call is
    left alone in its thread, which ends with the process.

    Raises
    ------
    DeliveryError
        It takes longer than `seconds`.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 # it is raised where it is waited for
            errors.append(error)

    thread = threading.Thread(target=work, name=f"alert to {where}", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise DeliveryError(f"{where}: no end within {seconds:g} s")
    return results[0]
