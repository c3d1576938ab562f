"""What the compiled pass is told: the slots of each log, its columns in a TSV log and its keys in JSON."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from graphmap.readers.blocks import padded
from graphmap.readers.ndjson.kernels import UNWANTED, wanted
from graphmap.readers.zeek import kernels, logs
from graphmap.readers.zeek.kernels import Marks, Names, Program

if TYPE_CHECKING:
    from graphmap.readers.zeek.header import Header

_SEPARATORS = frozenset("\t,;|~^\x01 ")
_PORTS = {logs.SOURCE_PORT: "src_port", logs.DESTINATION_PORT: "dst_port"}


class Layout(NamedTuple):
    """Of one log: the fields in the order of their slots, and what becomes of them."""

    fields: tuple[str, ...]
    program: Program
    numbers: tuple[str, ...]
    """The columns of EVENTS of the slots with a number."""
    texts: tuple[str, ...]
    """The fields of the slots with a text."""
    spaces: tuple[int, ...]
    """The spaces of these."""


NOTHING = Layout((), Program(*(np.empty(0, np.int64) for _ in Program._fields)), (), (), ())
"""Of a log that is not read."""


@cache
def layout(path: str) -> Layout:
    """Lay out the slots of a log that is read."""
    log = logs.LOGS[path]
    holds: list[tuple[str, int]] = [(logs.TIME, kernels.TIME), (logs.UID, kernels.UID)]
    holds += [(name, kernels.PORT) for name in _PORTS]
    if log.interval:
        holds.append((log.interval, kernels.INTERVAL))
    holds += [(name, kernels.COUNT) for name in log.counts]
    texts = tuple(dict.fromkeys([*log.texts, *log.judged]))
    spaces = {name: 0 if name in logs.ENDS else 1 + number for number, name in enumerate(texts)}
    holds += [(name, kernels.TEXT) for name in texts]
    holds.append(("", kernels.PATH))
    fields = tuple(name for name, _ in holds)
    columns = {logs.TIME: "time", log.interval or "": "duration", **_PORTS, **log.counts}
    return Layout(
        fields,
        Program(
            np.array([kind for _, kind in holds], np.int64),
            np.array([spaces.get(name, 0) for name in fields], np.int64),
            np.array([texts.index(name) for name in log.judged], np.int64),
        ),
        tuple(columns[name] for name, kind in holds if kind not in {kernels.UID, kernels.TEXT, kernels.PATH}),
        texts,
        tuple(spaces[name] for name in texts),
    )


@lru_cache(maxsize=64)
def marks(header: Header) -> tuple[Layout, Marks] | None:
    """What the pass is told of a TSV log; None where it is written in a way that is left to `rows`."""
    if header.prefix != "#" or header.separator not in _SEPARATORS or header.fields[:1] != (logs.TIME,):
        return None
    if header.set_separator != "," or not all(mark.isascii() for mark in (header.unset, header.empty)):
        return None
    chosen = layout(header.path) if header.path in logs.LOGS else NOTHING
    if any(header.fields.count(name) > 1 for name in chosen.fields):
        return None
    places = [chosen.fields.index(name) if name in chosen.fields else -1 for name in header.fields]
    unset, empty = header.unset.encode(), header.empty.encode()
    return chosen, Marks(
        ord(header.separator),
        np.array(places, np.int64),
        max((column for column, slot in enumerate(places) if slot >= 0), default=-1),
        padded(unset),
        len(unset),
        padded(empty),
        len(empty),
    )


@cache
def names(path: str) -> Names:
    """How the pass tells a log that is read in JSON. The logs of `others` are those of LOGS without it."""
    slots = {name: slot for slot, name in enumerate(layout(path).fields) if name}
    bits = {mark: kernels.FOREIGN for other, log in logs.LOGS.items() if other != path for mark in log.marks}
    bits |= dict.fromkeys(logs.LOGS[path].marks, kernels.OWN)
    keys = {name: (slots.get(name, UNWANTED), bits.get(name, 0)) for name in {*slots, *bits}}
    keys |= {name.replace("id.", "id_"): value for name, value in keys.items() if name.startswith("id.")}
    slot = len(layout(path).fields) - 1
    keys |= dict.fromkeys(logs.PATHS, (slot, 0))
    others = [other.encode() for other in logs.LOGS if other != path]
    rows = np.zeros((len(others), 64), np.uint8)
    for row, other in zip(rows, others, strict=True):
        row[: len(other)] = np.frombuffer(other, np.uint8)
    return Names(
        wanted(keys), padded(path.encode()), len(path), rows, np.array([len(other) for other in others], np.int64), slot
    )
