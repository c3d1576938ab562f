"""The graph on a Neo4j server: the only door to the driver.

A push writes with ``MERGE`` on keys and marks all it writes with its number, then removes what earlier pushes left
behind. So it may be broken off anywhere and run again, and the same graph pushed twice changes nothing. Every query is
a file of `cypher/`. docs/decisions/0008-graph-server.md has the reasons and the price.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from logging import NullHandler, getLogger
from typing import TYPE_CHECKING, Any, NamedTuple

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    TransientError,
)
from neo4j.time import DateTime
from polars import selectors as cs

from graphmap.errors import StoreError
from graphmap.graph.property_graph import RELATIONSHIPS
from graphmap.store.batches import node_batches, relationship_batches
from graphmap.store.closing import Closing
from graphmap.store.connection import DATABASE, PASSWORD, URI, USER
from graphmap.store.cypher import load, names
from graphmap.store.graph import Pushed, by_name, tables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from neo4j import Driver, Result, Session

    from graphmap.graph.property_graph import PropertyGraph
    from graphmap.store.connection import Connection
    from graphmap.store.graph import Row

BATCH = 5_000
"""Rows of one transaction."""
WRITERS = 2
"""Batches that are written at the same time."""
PATIENCE = 120.0
"""Seconds for which a lost server is waited for."""
OLDEST = (5, 23)
"""The first version that takes these queries."""
NEEDED = f"graphmap needs Neo4j {'.'.join(map(str, OLDEST))} or later"

getLogger("neo4j").addHandler(NullHandler())  # else what the driver tries again is printed where nobody set logging up


class Plan(NamedTuple):
    """The operators of a plan, the last one first, and the columns of the answer."""

    operators: list[str]
    columns: list[str]


class Neo4jStore(Closing):
    """A graph on a server; close it, or use it in a ``with`` statement.

    Parameters
    ----------
    connection
        Where, and as whom.
    patience
        Seconds for which a write is tried again while the server is lost, restarts or is out of breath.
    batch
        Rows of one transaction.
    writers
        Batches that are written at the same time; no two of them lock the same nodes (`graphmap.store.batches`).

    Raises
    ------
    StoreError
        Nothing answers there, it does not let us in, or it is no Neo4j of a version that will do.
    """

    def __init__(
        self, connection: Connection, *, patience: float = PATIENCE, batch: int = BATCH, writers: int = WRITERS
    ) -> None:
        self._connection = connection
        self._patience = patience
        self._batch = batch
        self._writers = writers
        self._prepared = False
        auth = None if connection.password is None else (connection.user or "", connection.password)
        with self._errors():
            self._driver: Driver = GraphDatabase.driver(
                connection.uri, auth=auth, max_transaction_retry_time=patience, connection_timeout=10,
                user_agent="graphmap",
            )  # fmt: skip
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def push(self, graph: PropertyGraph, *, progress: Callable[[str, int], None] | None = None) -> Pushed:
        """Make this graph what the server holds.

        Parameters
        ----------
        graph
            The tables.
        progress
            Told the name of a table and how many rows were written, after each batch.

        Raises
        ------
        StoreError
            The database holds somebody else's graph or is read-only, the server stayed lost for longer than
            `patience`, or another push began meanwhile. What was written stays, and the next push goes over it.
        """
        self._prepare()
        (begun,) = self._write("write/begin", since=graph.since, until=graph.until)
        written = {name: self._put(name, table, begun["run"], progress) for name, table in tables_of(graph)}
        (whole,) = self._write("write/finish", run=begun["run"]) or ({},)
        if whole.get("run") != begun["run"]:
            raise StoreError("another push began meanwhile", hint="let it end, or run the same command again")
        removed = self._age(begun["run"])
        edges = sum(written[name] for name in RELATIONSHIPS)
        return Pushed(sum(written.values()) - edges, edges, removed)

    def ask(self, question: str, **params: Any) -> list[Row]:
        """Answer a query of `cypher/` that only reads, such as ``hunt/fan_out``.

        Raises
        ------
        QueryError
            There is no such query, or it takes other parameters.
        StoreError
            The server cannot answer.
        """
        query = load(question)
        values = query.checked(params)
        if query.access != "read":
            raise StoreError(f"{question} writes", hint="only queries that read can be asked")
        with self._errors(), self._session(READ_ACCESS) as session:
            return session.execute_read(lambda tx: [_native(dict(row)) for row in tx.run(_text(query.text), values)])

    def plan(self, question: str) -> Plan:
        """How the server would answer a query, parameters left open. Nothing is done."""
        query = load(question)
        with self._errors(), self._session(READ_ACCESS) as session:
            result = session.run(_text(f"EXPLAIN {query.text}"), dict.fromkeys(query.params))
            columns = list(result.keys())
            return Plan(list(_operators(result.consume().plan)), columns)

    def stats(self) -> dict[str, int]:
        """How many there are of each kind of node and type of relationship."""
        return {row["kind"]: row["number"] for row in self.ask("read/stats")}

    def state(self) -> Row | None:
        """The columns of `read/state`; None where nothing was pushed. `finished` is None until a push is whole."""
        return next(iter(self.ask("read/state")), None)

    def held(self) -> PropertyGraph:
        """All that was pushed and is still there."""
        tables = {(kind.type, kind.start): name for name, kind in RELATIONSHIPS.items()}

        def rows() -> Iterator[tuple[str, Row]]:
            for row in self._stream("read/nodes"):
                yield row["label"], _native(row["properties"])
            for row in self._stream("read/relationships"):
                ends = {"src": row["src"], "dst": row["dst"]}
                yield tables[row["type"], row["start"]], {**_native(row["properties"]), **ends}

        with self._errors():
            return by_name(rows())

    def clear(self) -> int:
        """Remove all that was pushed, and nothing else; the indexes stay."""
        removed = self._age(2**62)
        self._write("write/forget")
        return removed

    def _greet(self) -> None:
        """Make sure that it is a server that will do."""
        with self._errors():
            self._driver.verify_connectivity()
            agent = self._driver.get_server_info().agent
        version = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
        if not version or (int(version[1]), int(version[2])) < OLDEST:
            raise StoreError(f"{self._connection.uri} is {agent}", hint=NEEDED)

    def _prepare(self) -> None:
        """Make the indexes, once; refuse a database that holds another's graph: labels such as User are everybody's."""
        if self._prepared:
            return
        if self.state() is None and self.ask("read/size")[0]["nodes"]:
            raise StoreError(
                f"the database at {self._connection.uri} holds a graph that graphmap did not make",
                hint=f"give graphmap a database of its own ({DATABASE})",
            )
        for name in names("schema"):
            self._write(name)
        self._prepared = True

    def _put(self, name: str, table: pl.DataFrame, run: int, progress: Callable[[str, int], None] | None) -> int:
        """Write a table, some batches at a time; at most twice as many are in memory."""
        total = 0
        rounds = relationship_batches if name in RELATIONSHIPS else node_batches
        with ThreadPoolExecutor(self._writers) as pool:
            for batches in rounds(table, self._batch):
                waiting = deque[Any]()
                for batch in batches:
                    waiting.append(pool.submit(self._put_batch, f"write/{name.lower()}", batch, run))
                    while len(waiting) > self._writers:
                        total += waiting.popleft().result()
                        if progress:
                            progress(name, total)
                total += sum(one.result() for one in waiting)
                if progress:
                    progress(name, total)
        return total

    def _put_batch(self, query: str, part: pl.DataFrame, run: int) -> int:
        """Write a batch. Times go as microseconds, which are times on the server: the driver takes 0.2 ms for one."""
        rows = part.with_columns(cs.datetime().to_physical()).to_dicts()
        (answer,) = self._write(query, rows=rows, run=run)
        if answer["written"] != part.height:
            raise StoreError(
                f"{query}: {part.height - answer['written']} rows found no node to start or end at",
                hint="somebody removed nodes meanwhile; run the same command again",
            )
        return part.height

    def _age(self, run: int) -> int:
        """Remove what has a lower number."""
        ways = ("write/age_relationships", "write/age_nodes")
        return sum(int(row["removed"]) for way in ways for row in self._alone(way, run=run))

    def _write(self, name: str, **params: Any) -> list[Row]:
        """Run a query that writes, until it is done or patience ends; all of ours may run twice."""
        query = load(name)
        values = query.checked(params)

        def work(tx: ManagedTransaction) -> list[Row]:
            return [dict(row) for row in tx.run(_text(query.text), values)]

        def attempt() -> list[Row]:
            with self._session(WRITE_ACCESS) as session:
                return session.execute_write(work)

        with self._errors():
            return self._patiently(attempt)

    def _alone(self, name: str, **params: Any) -> list[Row]:
        """Run a query that makes transactions of its own."""
        query = load(name)
        values = query.checked(params)

        def attempt() -> list[Row]:
            with self._session(WRITE_ACCESS) as session:
                return [dict(row) for row in session.run(_text(query.text), values)]

        with self._errors():
            return self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], list[Row]]) -> list[Row]:
        """Try again while that can help: also where it is unknown whether a commit was the last that got through."""
        end, pause = time.monotonic() + self._patience, 0.2
        while True:
            try:
                return attempt()
            except (DriverError, TransientError, ServiceUnavailable) as error:
                if isinstance(error, ConfigurationError) or time.monotonic() + pause > end:
                    raise
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 # spreads the attempts, no secret
            pause = min(2 * pause, 5.0)

    def _stream(self, name: str) -> Iterator[Row]:
        with self._session(READ_ACCESS) as session:
            result: Result = session.run(_text(load(name).text))
            for row in result:
                yield dict(row)

    def _session(self, access: str) -> Session:
        return self._driver.session(database=self._connection.database, default_access_mode=access, fetch_size=5000)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say what a person can do about an error of the driver."""
        uri = self._connection.uri
        try:
            yield
        except AuthError as error:
            raise StoreError(
                f"{uri} does not accept the user or password", hint=f"check {USER} and {PASSWORD}, or its _FILE"
            ) from error
        except ServiceUnavailable as error:
            raise StoreError(
                f"no Neo4j server answers at {uri}", hint=f"check {URI}, and that the server runs"
            ) from error
        except ConfigurationError as error:
            raise StoreError(f"{uri}: {error}", hint=NEEDED) from error
        except ClientError as error:
            raise _refusal(error, uri) from error
        except (Neo4jError, DriverError) as error:
            raise StoreError(f"{uri}: {getattr(error, 'message', None) or error}") from error
        except (OSError, ValueError) as error:
            raise StoreError(f"{uri}: {error}", hint=f"check {URI}") from error


def _refusal(error: ClientError, uri: str) -> StoreError:
    code = error.code or ""
    if "ReadOnly" in code or "WriteOn" in code:
        return StoreError(f"the database at {uri} is read-only", hint="push to the server that takes writes")
    if code.endswith("DatabaseNotFound"):
        return StoreError(f"{uri} has no such database", hint=f"check {DATABASE}")
    if code.endswith("Forbidden"):
        return StoreError(f"the user may not do that at {uri}: {error.message}", hint=f"check {USER} and its roles")
    return StoreError(f"{uri}: {error.message}")


def _text(text: str) -> Any:
    """A query for the driver, which wants literals of the code: ours are of files, and their values beside them."""
    return text


def _native(value: Any) -> Any:
    """A value of the driver as one of Python."""
    if isinstance(value, DateTime):
        return value.to_native()
    if isinstance(value, dict):
        return {key: _native(one) for key, one in value.items()}
    return [_native(one) for one in value] if isinstance(value, list) else value


def _operators(plan: Any) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)
