"""The graph of a home folder on a server: push it, compare it, clear it away."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.errors import InputError, QueryError
from graphmap.graph.property_graph import PropertyGraph, build_property_graph, edge_tables
from graphmap.store.connection import find_connection
from graphmap.store.graph import Difference, differences
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from graphmap.config import Settings
    from graphmap.pipeline.estate import Estate
    from graphmap.store.graph import Pushed
    from graphmap.store.neo4j import Neo4jStore


class Sent(NamedTuple):
    """What a push did, how many possible origins of hops had no place among the links, and seconds of writing."""

    pushed: Pushed
    unlisted: int
    seconds: float


@contextmanager
def open_store(uri: str | None) -> Iterator[Neo4jStore]:
    """The store at an address, or at that of the environment (`graphmap.store.connection`).

    Raises
    ------
    InputError
        No server is named, or its driver is not installed.
    StoreError
        The server cannot be used.
    """
    connection = find_connection(uri)
    try:
        from graphmap.store.neo4j import Neo4jStore  # noqa: PLC0415 - an extra, which need not be there
    except ModuleNotFoundError as error:
        raise InputError("the driver of Neo4j is not installed", hint="pip install 'graphmap[neo4j]'") from error
    with Neo4jStore(connection) as store:
        yield store


def graph_of(
    estate: Estate, settings: Settings, *, since: datetime | None = None, until: datetime | None = None
) -> PropertyGraph:
    """The graph of an estate, with the sessions of a window and the findings of the ledger."""
    with Ledger(settings.ledger) as ledger:
        findings = ledger.findings()
    return build_property_graph(
        estate.table.scan(), estate.scan_failures(), estate.identity, estate.walks, findings, since=since, until=until
    )  # fmt: skip


def push(
    store: Neo4jStore,
    estate: Estate,
    settings: Settings,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Sent:
    """Make the graph of an estate what the server holds.

    Raises
    ------
    StoreError
        It could not be done to its end; the same push again goes on.
    """
    graph = graph_of(estate, settings, since=since, until=until)
    begun = time.perf_counter()
    pushed = store.push(graph, progress=progress)
    return Sent(pushed, graph.unlisted, time.perf_counter() - begun)


def compare(store: Neo4jStore, estate: Estate, settings: Settings) -> dict[str, Difference]:
    """How what the server holds differs from the lake, for the window of the last push.

    Raises
    ------
    QueryError
        Nothing was pushed there.
    """
    state = store.state()
    if state is None:
        raise QueryError("nothing was pushed to this server", hint="graphmap graph push")
    wanted = graph_of(estate, settings, since=state["since"], until=state["until"])
    return differences(wanted, store.held())


def compare_dates(estate: Estate, earlier: datetime, later: datetime) -> dict[str, Difference]:
    """Which relationships the events before `later` show that those before `earlier` do not, and which had grown."""
    return differences(_edges_before(estate, later), _edges_before(estate, earlier))


def _edges_before(estate: Estate, moment: datetime) -> PropertyGraph:
    """The edges of what happened before a moment."""
    hops = estate.table.scan().filter(pl.col("start") < moment)
    failures = estate.scan_failures().filter(pl.col("time") < moment)
    return PropertyGraph({}, edge_tables(hops, failures))
