"""Spark's answer, on this machine: SQL with an equi-join on buckets of time, all cores, adaptive plans as by default.

Spark is given twice the partitions of the cores in place of 200, as its tuning guide advises for small machines, and
its session is not timed. The tie rule of `graphmap.graph.hops` is spelt out, so the answer is exact.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.bench.duck import BUCKET

if TYPE_CHECKING:
    from tests.bench.inputs import Inputs

THREADS = 2

CHAINS = """
WITH
pair AS (
    SELECT a.row AS a, b.row AS b, a.earliest AS earliest, b.latest AS latest, a.latest >= b.earliest AS tied
    FROM (SELECT *, explode(sequence((earliest - 999999) div {bucket}, open div {bucket})) AS bucket FROM hop) AS a
    JOIN (SELECT *, earliest div {bucket} AS bucket FROM hop) AS b ON b.src = a.dst AND b.bucket = a.bucket
    WHERE b.earliest <= a.open AND b.latest >= a.earliest AND a.row <> b.row
),
before AS (SELECT b AS row, count(*) AS number FROM pair GROUP BY b),
after AS (SELECT a AS row, count(*) AS number FROM pair GROUP BY a),
-- each pair is possible, but not all three, or the third is the first again
apart AS (
    SELECT count(*) AS number
    FROM (SELECT * FROM pair WHERE tied) AS p JOIN (SELECT * FROM pair WHERE tied) AS q ON p.b = q.a
    WHERE q.b = p.a OR p.earliest > q.latest
)
SELECT (SELECT coalesce(sum(before.number * after.number), 0) FROM before JOIN after ON before.row = after.row)
       - (SELECT number FROM apart) AS number
"""


def start(_inputs: Inputs) -> Any:
    """A session on this machine."""
    session = (
        import_module("pyspark.sql")
        .SparkSession.builder.master(f"local[{THREADS}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "8g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", str(2 * THREADS))
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def chains(session: Any, inputs: Inputs, bucket: int = BUCKET) -> int:
    """How many chains of three hops a file has."""
    stamps = session.read.parquet(str(inputs.table)).selectExpr(
        "CASE WHEN src_known THEN src END AS src",
        "dst",
        "unix_micros(start) AS earliest",
        "unix_micros(start) + IF(unix_micros(start) % 1000000 = 0, 999999, 0) AS latest",
        "unix_micros(until) + IF(unix_micros(until) % 1000000 = 0, 999999, 0) AS open",
        "monotonically_increasing_id() AS row",
    )
    stamps.cache().createOrReplaceTempView("hop")
    try:
        return int(session.sql(CHAINS.format(bucket=bucket)).first().number)
    finally:
        stamps.unpersist(blocking=True)
