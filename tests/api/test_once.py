"""Properties that are made once: threads neither make them twice nor wait for each other for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from graphmap_api.once import once


class Maker:
    """Two properties, one made out of the other."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.made: list[str] = []

    @once
    def base(self) -> int:
        """Made by itself."""
        self.made.append("base")
        return 20

    @once
    def sum(self) -> int:
        """Made out of the other, under the lock."""
        with self._lock:
            self.made.append("sum")
            return self.base + 1


def test_threads_that_ask_for_both_get_both_and_make_each_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(300):
            maker, start = Maker(), threading.Barrier(4)

            def ask(name: str, maker: Maker = maker, start: threading.Barrier = start) -> int:
                start.wait(60)
                found: int = getattr(maker, name)
                return found

            asked = [pool.submit(ask, name) for name in ("base", "sum", "base", "sum")]
            assert [one.result(60) for one in asked] == [20, 21, 20, 21]
            assert sorted(maker.made) == ["base", "sum"]
