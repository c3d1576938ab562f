"""One watch from start to end: its place, its listeners, its watcher, and how it is stopped."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from graphmap.readers.sources import STANDARD_INPUT
from graphmap.watch import spool
from graphmap.watch.addresses import server_tls
from graphmap.watch.finding import Search
from graphmap.watch.listeners import Listeners
from graphmap.watch.pace import Pace
from graphmap.watch.spool import Spool, listener_name
from graphmap.watch.standing import Place, Standing
from graphmap.watch.waking import Waking
from graphmap.watch.watcher import Logs, Watcher, Written
from graphmap.watch.wishes import checked

if TYPE_CHECKING:
    from threading import Event

    from graphmap.config import Settings
    from graphmap.watch.wishes import Wishes

_DOUBT = timedelta(hours=1)
"""How much older than the last time that all was read a rotated log may be that is looked at once more."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what: `started` once where it listens, `written` of each batch, `shown` each round how it stands."""

    started: Callable[[list[str]], None] = lambda _: None
    written: Callable[[Written], None] = lambda _: None
    shown: Callable[[Standing], None] = lambda _: None


def watch(
    wishes: Wishes,
    settings: Settings,
    stop: Event,
    *,
    pace: Pace | None = None,
    ears: Ears | None = None,
) -> Standing:
    """Follow what is wished for until `stop` is set; with standard input and nothing else, until that ends.

    Parameters
    ----------
    pace
        How fast; None for the usual one.
    ears
        Who is told what.

    Raises
    ------
    InputError
        There is nothing to watch, a socket cannot be opened, or a watch of this name runs already.
    StoreError
        The home folder cannot be written when it starts. Later it waits until that is possible again.
    """
    checked(wishes)
    ears = ears or Ears()
    addresses = wishes.addresses()
    secure = any(address.secure for address in addresses)
    tls = server_tls(wishes.cert, wishes.key, wishes.client_ca) if secure else None
    token = wishes.token()
    options = wishes.options(settings)
    place = Place(settings, wishes.name)
    waking = Waking(settings.home, but=settings.home / spool.FOLDER)
    listeners = Listeners(waking.wake)
    try:
        received: list[str] = []
        for address in addresses:
            kept = Spool(settings.home / spool.FOLDER / listener_name(address.url))
            received.append(str(kept.folder))
            listeners.listen(address, kept, tls if address.secure else None, token)
        if STANDARD_INPUT in wishes.paths:
            kept = Spool(settings.home / spool.FOLDER / f"stdin-{wishes.name}")
            received.append(str(kept.folder))
            listeners.read_stdin(kept)
        listeners.start()
        ears.started(listeners.urls)
        paths = (*wishes.files, *received)
        now = datetime.now(UTC)
        standing = Standing(wishes.name, os.getpid(), now, now)

        def keep(current: Standing) -> None:
            current.listeners = listeners.documents()
            current.note = waking.problem
            if listeners.problem:
                current.state, current.problem = "waiting", listeners.problem
            place.say(current)
            ears.shown(current)

        watcher = Watcher(
            settings,
            Logs(Search(paths, settings.home, _since(place.before(), now)), options, wishes.host),
            standing,
            pace=replace(pace or Pace(), every=wishes.every),
            written=ears.written,
            keep=keep,
        )
        if not wishes.poll:
            waking.over(paths)
        ends = STANDARD_INPUT in wishes.paths and not wishes.files

        try:
            watcher.run(stop, waking.wait, lambda: ends and listeners.ended)
        finally:
            listeners.stop()
            place.say(standing)
        return standing
    finally:
        listeners.stop()
        waking.close()
        place.close()


def _since(before: Standing | None, now: datetime) -> float:
    """Since when rotated logs matter, in seconds since 1970: there is nothing to catch up with in a new home."""
    if before is None:
        return now.timestamp()
    return ((before.caught_up or before.started) - _DOUBT).timestamp()
