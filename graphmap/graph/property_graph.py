"""The graph that is kept in graph databases, as tables: one a kind of node, one a kind of relationship.

What is declared here is the model: `docs/graph-model.md` shows it as a picture, `cypher/schema` and `cypher/write` have
one file for each kind. A store takes the tables as they are, in batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.graph.hops import stamps
from graphmap.graph.links import MOST_ORIGINS, build_links
from graphmap.graph.relations import hosts, names_of, relations, sources, users
from graphmap.model import NodeKind
from graphmap.tables import HOPS, TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Columns = Mapping[str, pl.DataType | type[pl.DataType]]

    from graphmap.graph.walks import Walks
    from graphmap.identity import Identity
    from graphmap.model import Finding

LONGEST_NAME = 1_000
"""Characters of a name that is kept whole. An index of Neo4j takes 8 kB of UTF-8, and a log may name anybody."""


def _schema(columns: Columns) -> pl.Schema:
    """Make a schema of types and their parametrised instances, which type checkers cannot join by themselves."""
    return pl.Schema(columns)


_COUNTED: Columns = {"count": pl.UInt32, "failures": pl.UInt32, "first": TIME, "last": TIME, "days": pl.UInt32}
_PLACED: Columns = {"name": pl.String, "segment": pl.String, "restricted": pl.Boolean}

NODES: Mapping[str, pl.Schema] = {
    "User": _schema({"name": pl.String, "account": pl.String, "service": pl.Boolean}),
    "Host": _schema({**_PLACED, "roles": pl.List(pl.String), "owner": pl.String}),
    "Source": _schema(_PLACED),
    "Key": _schema({"name": pl.String}),
    "Segment": _schema({"name": pl.String, "restricted": pl.Boolean, "allowed_from": pl.List(pl.String)}),
    "Session": _schema(
        {
            "id": pl.String,
            **{name: HOPS[name] for name in ("start", "end", "src", "src_known", "dst", "user", "account")},
            **{name: HOPS[name] for name in ("service", "method", "key", "command", "origins", "certainty", "basis")},
            "latest": TIME,  # the last moment at which it may have started
            "open": TIME,  # the last moment at which it may have led to another session
            "lines": pl.List(pl.String),  # file:line
        }
    ),
    "Finding": _schema(
        {
            "id": pl.String, "detector": pl.String, "technique": pl.String, "severity": pl.String,
            "score": pl.Float64, "title": pl.String, "why": pl.List(pl.String), "hosts": pl.List(pl.String),
            "users": pl.List(pl.String),
        }
    ),
}  # fmt: skip
"""Properties of each kind of node; the first one tells it from others of its kind."""

_ENDS: Columns = {"src": pl.String, "dst": pl.String}


class Relationship(NamedTuple):
    """A kind of relationship: its type, from which kind of node to which it goes, and its columns.

    `src` and `dst` hold the first properties of its ends; `id` tells it from others between the same two.
    """

    type: str
    start: str
    end: str
    schema: pl.Schema


_MOVED = _schema({**_ENDS, "id": pl.String, "user": pl.String, "service": pl.String, "method": pl.String, **_COUNTED})
_LED = _schema({**_ENDS, "certainty": pl.Float64, "basis": pl.String, "tied": pl.Boolean})

RELATIONSHIPS: Mapping[str, Relationship] = {
    "logged_on_to": Relationship("LOGGED_ON_TO", "User", "Host", _schema({**_ENDS, **_COUNTED})),
    "connected_to": Relationship("CONNECTED_TO", "Source", "Host", _schema({**_ENDS, **_COUNTED})),
    "moved_to": Relationship("MOVED_TO", "Host", "Host", _MOVED),
    "opened": Relationship("OPENED", "Key", "Host", _schema({**_ENDS, **_COUNTED, "users": pl.List(pl.String)})),
    "address_of": Relationship(
        "ADDRESS_OF", "Source", "Host", _schema({**_ENDS, "id": pl.String, "from": TIME, "until": TIME})
    ),
    "host_in_segment": Relationship("IN_SEGMENT", "Host", "Segment", _schema(_ENDS)),
    "source_in_segment": Relationship("IN_SEGMENT", "Source", "Segment", _schema(_ENDS)),
    "led_to": Relationship("LED_TO", "Session", "Session", _LED),
    "shows": Relationship("SHOWS", "Finding", "Session", _schema(_ENDS)),
}
"""The kinds of relationship, in an order in which they can be written."""


@dataclass(frozen=True, slots=True)
class PropertyGraph:
    """The tables of a graph, by the names of NODES and RELATIONSHIPS.

    A hop may have more possible origins than are listed (`graphmap.graph.links`): `unlisted` counts those that are not.
    The sessions are of the window ``since <= start < until``.
    """

    nodes: Mapping[str, pl.DataFrame]
    relationships: Mapping[str, pl.DataFrame]
    unlisted: int = 0
    since: datetime | None = None
    until: datetime | None = None


def build_property_graph(  # noqa: PLR0913 - a graph has five sources and two bounds
    hops: pl.LazyFrame,
    failures: pl.LazyFrame,
    identity: Identity,
    walks: Walks,
    findings: Sequence[Finding] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most_origins: int = MOST_ORIGINS,
) -> PropertyGraph:
    """Make the tables.

    Parameters
    ----------
    hops
        HOPS, in the order that `walks` has them.
    failures
        FAILURES of the same time.
    identity
        Gives hosts and addresses their segments, roles and owners.
    walks
        The hops, to find origins.
    findings
        What detectors found in them.
    since, until
        The hunting window: hops with ``since <= start < until`` become sessions; None is open. Edges are of all hops.
    most_origins
        How many origins of one hop become LED_TO.

    Notes
    -----
    Memory: that of the edges, and about 1 kB a session of the window.
    """
    edges = relations(hops, failures)
    window = _rows(walks, since, until)
    rows = _sessions(hops, window)
    links = build_links(walks, window, most=most_origins)
    named = rows.select("row", "id").cast({"row": pl.Int32})
    led = links.join(named.rename({"row": "before", "id": "src"}), on="before", maintain_order="left").join(
        named.rename({"row": "after", "id": "dst"}), on="after", maintain_order="left"
    )
    owners = identity.owners().rename({"ip": "src", "host": "dst", "since": "from"})
    host_table = hosts(sorted({*names_of(edges, NodeKind.HOST), *identity.hosts()}), identity)
    source_names = sorted({*names_of(edges, NodeKind.SOURCE), *owners["src"].to_list()})
    source_table = sources(source_names, identity)
    nodes = {
        "User": users(names_of(edges, NodeKind.USER), identity),
        "Host": host_table,
        "Source": source_table,
        "Key": pl.DataFrame({"name": names_of(edges, NodeKind.KEY)}, schema=NODES["Key"]),
        "Segment": _segments(identity),
        "Session": rows,
        "Finding": _findings(findings),
    }
    relationships = {
        **{kind.lower(): table for kind, table in edges.items()},
        "address_of": owners,
        "host_in_segment": _within(host_table),
        "source_in_segment": _within(source_table),
        "led_to": led,
        "shows": _shown(findings, rows),
    }
    return PropertyGraph(
        {label: _shaped(nodes[label], schema) for label, schema in NODES.items()},
        {name: _shaped(relationships[name], kind.schema) for name, kind in RELATIONSHIPS.items()},
        int(walks.hops.origins[window.start : window.stop].sum()) - links.height,
        since,
        until,
    )


def edge_tables(hops: pl.LazyFrame, failures: pl.LazyFrame) -> dict[str, pl.DataFrame]:
    """The relationships that aggregate hops and refused logons, by their names in RELATIONSHIPS."""
    return {
        kind.lower(): _shaped(edges, RELATIONSHIPS[kind.lower()].schema)
        for kind, edges in relations(hops, failures).items()
    }


def _rows(walks: Walks, since: datetime | None, until: datetime | None) -> range:
    """The rows of the hops of a window; hops are in order of their starts."""
    ends = [None if time is None else pl.Series([time], dtype=TIME).to_physical().item() for time in (since, until)]
    first, stop = (
        default if end is None else int(np.searchsorted(walks.index.earliest, end))
        for end, default in zip(ends, (0, len(walks.index)), strict=True)
    )
    return range(first, max(first, stop))


def _sessions(hops: pl.LazyFrame, window: range) -> pl.DataFrame:
    """The columns of Session, and `row`."""
    found = hops.with_row_index("row").slice(window.start, len(window)).collect()
    times = stamps(found).cast(TIME).select("latest", "open")
    return pl.concat([found.with_columns(_lines(), id=_session_ids(found)), times], how="horizontal")


def _shaped(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The columns of a schema, with an `id` for relationships that need one, and no name too long for an index."""
    if "id" in schema and "id" not in frame.columns:
        parts = [name for name in ("src", "dst", "user", "service", "method", "from") if name in frame.columns]
        frame = frame.with_columns(id=_digests(frame, parts))
    indexed = [name for name in ("name", "src", "dst", "user", "account", "key", "segment") if name in schema]
    return frame.select(_bounded(pl.col(name)) if name in indexed else name for name in schema).cast(schema)


def bounded(name: str) -> str:
    """A name as the graph has it: whole, or its start and a digest of all of it."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}…{blake2b(name.encode(), digest_size=8).hexdigest()}"


def _bounded(column: pl.Expr) -> pl.Expr:
    long = column.str.len_chars() > LONGEST_NAME
    return pl.when(long).then(pl.when(long).then(column).map_elements(bounded, pl.String)).otherwise(column)


def _digests(frame: pl.DataFrame, parts: Iterable[str]) -> pl.Series:
    """A digest of some columns of each row."""
    texts = frame.select(pl.concat_list(pl.col(part).cast(pl.String) for part in parts).alias("parts"))["parts"]
    found = [blake2b(repr(text).encode(), digest_size=12).hexdigest() for text in texts.to_list()]
    return pl.Series(found, dtype=pl.String)


_SAME = ("start", "src", "src_known", "dst", "user", "service", "src_port", "method", "key", "command", "end")


def _session_ids(hops: pl.DataFrame) -> pl.Series:
    """Ids that depend on what the sessions are alone; equal ones are numbered."""
    numbered = hops.select(*_SAME, number=pl.int_range(pl.len()).over(*_SAME))
    return _digests(numbered, numbered.columns)


def _lines() -> pl.Expr:
    line = pl.element().struct.field("file") + ":" + pl.element().struct.field("line").cast(pl.String)
    return pl.col("lines").list.eval(line)


def _segments(identity: Identity) -> pl.DataFrame:
    rows = [
        (segment.name, segment.restricted, None if segment.allowed_from is None else list(segment.allowed_from))
        for segment in identity.inventory.segments
    ]
    return pl.DataFrame(rows, schema=NODES["Segment"], orient="row")


def _within(placed: pl.DataFrame) -> pl.DataFrame:
    return placed.filter(pl.col("segment").is_not_null()).select(src="name", dst="segment")


def _findings(findings: Sequence[Finding]) -> pl.DataFrame:
    rows = [
        (f.id, f.detector, f.technique, f.severity.value, f.score, f.title, list(f.why), list(f.hosts), list(f.users))
        for f in findings
    ]
    return pl.DataFrame(rows, schema=NODES["Finding"], orient="row")


def _shown(findings: Sequence[Finding], sessions: pl.DataFrame) -> pl.DataFrame:
    """Which sessions each finding shows: a hop of a finding is found again by its moment, ends, user and lines."""
    key = ("start", "src", "dst", "user", "lines")
    hops = [
        (finding.id, hop.start, hop.src, hop.dst, hop.user, [f"{line.file}:{line.line}" for line in hop.lines])
        for finding in findings
        for hop in finding.hops
    ]
    ends = {name: HOPS[name] for name in key[:-1]}
    schema = _schema({"finding": pl.String, **ends, "lines": pl.List(pl.String)})
    asked = pl.DataFrame(hops, schema=schema, orient="row")
    found = _joined(asked, ",").join(_joined(sessions.select(*key, "id"), ","), on=key, maintain_order="left")
    return found.select(src="finding", dst="id").unique(maintain_order=True)


def _joined(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    return frame.with_columns(pl.col("lines").list.join(by))
