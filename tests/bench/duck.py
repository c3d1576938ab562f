"""DuckDB's answers. It is used as its documentation advises: columns in its own tables, sorted by time, one query a
question, all cores; recursion by ``WITH RECURSIVE``, range joins by buckets of time.

The tie rule of `graphmap.graph.hops` is spelt out, so every answer is exact.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.bench.answers import Moments

if TYPE_CHECKING:
    from tests.bench.inputs import Inputs, Question

BUCKET = 10 * 60 * 1_000_000
"""Microseconds of a bucket of time; from 5 to 60 minutes all are as fast."""

REACH = """
WITH RECURSIVE
hop AS MATERIALIZED (
    SELECT row, src, dst, earliest, latest, open FROM hops WHERE earliest <= $end AND latest >= $begin
),
reached (row, dst, moment, open) AS (
    SELECT row, dst, greatest(earliest, $begin), open FROM hop WHERE src = $host
    UNION
    SELECT hop.row, hop.dst, greatest(moment, earliest), hop.open
    FROM reached JOIN hop ON hop.src = reached.dst
    WHERE earliest <= reached.open AND moment <= least(latest, reached.open) AND hop.row <> reached.row
)
SELECT row, min(moment) AS moment FROM reached GROUP BY row
"""

PROVENANCE = """
WITH RECURSIVE
hop AS MATERIALIZED (
    SELECT row, src, dst, earliest, latest, open FROM hops WHERE earliest <= $end AND latest >= $begin
),
led (row, src, moment, earliest) AS (
    SELECT row, src, least(latest, $end), earliest FROM hop WHERE dst = $host
    UNION
    SELECT hop.row, hop.src, least(hop.latest, moment, open), hop.earliest
    FROM led JOIN hop ON hop.dst = led.src
    WHERE led.earliest <= open AND hop.earliest <= least(moment, open) AND hop.row <> led.row
)
SELECT row, max(moment) AS moment FROM led GROUP BY row
"""

STAMPS = """
    SELECT file_row_number AS row, CASE WHEN src_known THEN src END AS src, dst,
           epoch_us(start) AS earliest,
           earliest + CASE WHEN earliest % 1000000 = 0 THEN 999999 ELSE 0 END AS latest,
           epoch_us(until) + CASE WHEN epoch_us(until) % 1000000 = 0 THEN 999999 ELSE 0 END AS open
    FROM read_parquet($table, file_row_number = true)
"""

CHAINS = f"""
WITH
hop AS MATERIALIZED ({STAMPS}),
pair AS MATERIALIZED (
    SELECT a.row AS a, b.row AS b, a.earliest AS earliest, b.latest AS latest, a.latest >= b.earliest AS tied
    FROM (SELECT *, unnest(range((earliest - 999999) // $bucket, open // $bucket + 1)) AS bucket FROM hop) AS a
    JOIN hop AS b ON b.src = a.dst AND b.earliest // $bucket = a.bucket
    WHERE b.earliest <= a.open AND b.latest >= a.earliest AND a.row <> b.row
),
before AS (SELECT b AS row, count(*) AS number FROM pair GROUP BY b),
after AS (SELECT a AS row, count(*) AS number FROM pair GROUP BY a),
-- each pair is possible, but not all three, or the third is the first again
apart AS (
    SELECT count(*) AS number
    FROM (FROM pair WHERE tied) AS p JOIN (FROM pair WHERE tied) AS q ON p.b = q.a
    WHERE q.b = p.a OR p.earliest > q.latest
)
SELECT (SELECT coalesce(sum(before.number * after.number), 0) FROM before JOIN after USING (row))
       - (SELECT number FROM apart)
"""

EDGES = """
SELECT src, account, dst,
       count(*) FILTER (success) AS count, count(*) FILTER (NOT success) AS failures,
       min(time) AS first, max(time) AS last,
       bit_count(coalesce(bit_or(1 << (time // 86400000000 - $day)) FILTER (success), 0)) AS days
FROM (
    SELECT src, account, dst, epoch_us(start) AS time, true AS success FROM read_parquet($table)
    UNION ALL
    SELECT src, account, host, epoch_us(time), false FROM read_parquet($refused)
)
GROUP BY ALL
"""


def connect() -> Any:
    """An empty database in memory."""
    return import_module("duckdb").connect()


def load(inputs: Inputs) -> Any:
    """The hops as a table of numbers, in order of start."""
    database = connect()
    database.execute(
        "CREATE TABLE hops AS SELECT file_row_number::INTEGER AS row, * EXCLUDE file_row_number "
        "FROM read_parquet($codes, file_row_number = true) ORDER BY row",
        {"codes": str(inputs.codes)},
    )
    return database


def reach(database: Any, asked: Question) -> Moments:
    """Forward reach of a host."""
    return _moments(database, REACH, asked)


def provenance(database: Any, asked: Question) -> Moments:
    """Backward provenance of a host."""
    return _moments(database, PROVENANCE, asked)


def _moments(database: Any, query: str, asked: Question) -> Moments:
    found = database.execute(query, asked._asdict()).fetchnumpy()
    return Moments(found["row"], found["moment"])


def chains(inputs: Inputs, bucket: int = BUCKET) -> int:
    """How many chains of three hops a file has."""
    return int(connect().execute(CHAINS, {"table": str(inputs.table), "bucket": bucket}).fetchone()[0])


def edges(inputs: Inputs) -> pl.DataFrame:
    """The edge table by source, account and destination."""
    first_day = inputs.whole.begin // 86_400_000_000 - 1
    asked = {"table": str(inputs.table), "refused": str(inputs.refused), "day": first_day}
    return pl.DataFrame(connect().sql(EDGES, params=asked))
