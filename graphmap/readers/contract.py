"""What every reader promises, as questions to one: for the tests of readers, those of other packages too."""

from __future__ import annotations

import codecs
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.base import ReadOptions, Source
from graphmap.tables import EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch, Reader

NEVER_NULL = (
    "time", "action", "outcome", "service", "kind", "witness", "repeat", "reader", "file", "line",
)  # fmt: skip
"""The columns of EVENTS that are never null."""

TEXT_CHARACTERS = 500
"""Most characters that a reject keeps of its line."""

_NAME = "contract.log"


def breaches(reader: Reader, data: bytes, *, host: str | None = None) -> list[str]:
    """Say which promises of `graphmap.readers.base` a reader breaks on some bytes.

    Give it samples, samples that are cut or have bytes changed, and noise: a reader has to keep its promises on any.

    Parameters
    ----------
    reader
        The reader.
    data
        A log, decompressed; a log of nothing is asked of every reader besides.
    host
        Whose log it is.

    Returns
    -------
    A sentence for each promise that is broken; empty where all are kept. What the reader raises is a sentence, too.

    Examples
    --------
    >>> from graphmap.readers import READERS
    >>> breaches(READERS["sshd"], b"Mar  1 10:00:00 srv sshd[7]: Accepted password for")
    []
    """
    return [
        *_of_itself(reader),
        *(found for log in (b"", data) for found in _of_a_log(reader, log, host)),
    ]


def _of_itself(reader: Reader) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", reader.name):
        yield f"the name is not lower-case letters, digits and hyphens: {reader.name!r}"
    if not reader.title or "\n" in reader.title:
        yield f"the title is not one line: {reader.title!r}"
    if reader.sniff(b""):
        yield "it takes an empty file for its own"


def _of_a_log(reader: Reader, data: bytes, host: str | None) -> list[str]:
    try:
        reader.sniff(data)
        batches, again = (
            list(reader.read(Source(_NAME, lambda: io.BytesIO(data), host=host), ReadOptions())) for _ in range(2)
        )
    except Exception as error:  # noqa: BLE001 - the promise is that there is none
        return [f"it raises {error!r}"]
    if not batches:
        return ["it gives no batch"]
    schemas = {(batch.events.schema == EVENTS, batch.rejects.schema == REJECTS) for batch in batches}
    if schemas != {(True, True)}:
        return ["events or rejects have other columns than EVENTS and REJECTS, or other types"]
    return [*_of_rows(reader, batches), *_of_counts(batches, data), *_of_twice(batches, again)]


def _of_rows(reader: Reader, batches: list[Batch]) -> Iterator[str]:
    events = pl.concat(batch.events for batch in batches)
    rejects = pl.concat(batch.rejects for batch in batches)
    empty = [name for name in NEVER_NULL if events[name].has_nulls()]
    empty += [name for name in REJECTS if rejects[name].has_nulls()]
    if empty:
        yield f"null where none may be: {', '.join(empty)}"
    for name, words in (("action", Action), ("outcome", Outcome), ("witness", Witness)):
        strange = set(events[name].drop_nulls()) - set(words)
        if strange:
            yield f"no {name}: {', '.join(sorted(strange))}"
    for name, value in (("reader", reader.name), ("file", _NAME), ("repeat", 0)):
        if {*events[name].drop_nulls(), *rejects[name].drop_nulls()} - {value}:
            yield f"{name} is not {value!r} everywhere"
    if (rejects["text"].str.len_chars() > TEXT_CHARACTERS).any():
        yield f"a reject has more than {TEXT_CHARACTERS} characters"
    if events.filter((pl.col("outcome") == Outcome.SUCCESS) & (pl.col("action") != Action.LOGON)).height:
        yield "success of something that is no logon"


def _of_counts(batches: list[Batch], data: bytes) -> Iterator[str]:
    lines = pl.concat(batch.events["line"] for batch in batches).n_unique()
    placed = lines + sum(len(batch.rejects) + batch.context + batch.other for batch in batches)
    read = sum(batch.lines for batch in batches)
    if placed != read:
        yield f"{read} lines were read, and {placed} are events, rejects, context or other"
    if any(one.position > other.position for one, other in pairwise(batches)):
        yield "batches are not in the order of the file"
    if batches[-1].position not in {len(data), len(data.removeprefix(codecs.BOM_UTF8))}:
        yield f"it ends at byte {batches[-1].position} of {len(data)}"


def _of_twice(batches: list[Batch], again: list[Batch]) -> Iterator[str]:
    one, other = (pl.concat(batch.events for batch in found) for found in (batches, again))
    if not one.equals(other):
        yield "it gives other events when it reads the same log again"
