"""How fast Zeek's logs become EVENTS, beside what else reads the same files: part of ``make bench``.

A seeded conn.log is written as TSV and as JSON: power-law hosts, the services of an office and a data centre, scans,
unset fields, and identifiers that are all different. Every round runs each job once, in an order that changes from
round to round, on files that are in memory by then; a job's figure is the median over the rounds of the time of the
yardstick divided by its own in the same round. The rivals read the columns that graphmap reads into a table of their
own, with the types given, as their documentation advises. A rival that is not installed (extra ``bench``) is named.
Usage: ``python -m tests.bench.zeek [--megabytes 300] [--rounds 5]``.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.zeek import ZeekReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELDS = (
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration", "orig_bytes",
    "resp_bytes", "conn_state", "local_orig", "local_resp", "missed_bytes", "history", "orig_pkts", "orig_ip_bytes",
    "resp_pkts", "resp_ip_bytes", "tunnel_parents", "ip_proto",
)  # fmt: skip
TYPES = (
    "time", "string", "addr", "port", "addr", "port", "enum", "string", "interval", "count", "count", "string", "bool",
    "bool", "count", "string", "count", "count", "count", "count", "set[string]", "count",
)  # fmt: skip
TEXTS = ("uid", "id.orig_h", "id.resp_h", "proto", "service", "conn_state")
NUMBERS = ("id.orig_p", "id.resp_p", "orig_bytes", "resp_bytes")
FRACTIONS = ("ts", "duration")
WANTED = (*FRACTIONS, *TEXTS, *NUMBERS)
SERVICES = (
    ("tcp", "ssh", 22, 6), ("tcp", "ssl", 443, 40), ("udp", "dns", 53, 30), ("tcp", "gssapi,smb", 445, 6),
    ("tcp", "http", 80, 8), ("tcp", "rdp", 3389, 2), ("tcp", "krb_tcp", 88, 2), ("tcp", "dce_rpc", 135, 2),
    ("udp", "ntp", 123, 2), ("tcp", "", 8443, 2),
)  # fmt: skip
BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Job(NamedTuple):
    """Something that reads a log and says how many lines it saw."""

    name: str
    run: Callable[[Path], int]
    needs: str | None = None


def connections(number: int) -> Iterator[tuple[Any, ...]]:
    """The fields of a conn.log; None where one is not set."""
    rng = random.Random(7)
    hosts = [f"10.{k % 7}.{k // 250 % 250}.{k % 250 + 1}" for k in range(4_000)]
    outside = [
        f"{rng.randint(11, 200)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
        for _ in range(20_000)
    ]
    weights = [share for *_, share in SERVICES]
    ts = 1_767_225_600_000_000
    for start in range(0, number, 4096):
        chosen = rng.choices(SERVICES, weights, k=min(4096, number - start))
        for proto, service, port, _ in chosen:
            ts += int(rng.expovariate(1 / 3_000))
            inside = service in {"ssl", "http"}
            source = hosts[int(rng.paretovariate(0.6)) % len(hosts)]
            target = (
                outside[int(rng.paretovariate(0.5)) % len(outside)]
                if inside
                else hosts[int(rng.paretovariate(0.8)) % 400]
            )
            dead = rng.random() < 0.06
            uid = "C" + "".join(rng.choices(BASE62, k=17 if rng.random() < 0.8 else 16))
            sent, got = (0, 0) if dead else (rng.getrandbits(11), rng.getrandbits(16))
            state = ("S0" if rng.random() < 0.5 else "REJ") if dead else rng.choice(("SF", "SF", "SF", "S1", "RSTO"))
            yield (
                ts, uid, source, rng.randint(32768, 60999), target, port, proto,
                None if dead or not service else service, None if dead else rng.getrandbits(22),
                None if dead else sent, None if dead else got, state, True, not inside, 0,
                "S" if dead else "ShADadFf", 5, sent + 260, 7, got + 372, None, 6 if proto == "tcp" else 17,
            )  # fmt: skip


def micros(value: int) -> str:
    """Seconds with six decimals, as Zeek writes them."""
    return f"{value // 1_000_000}.{value % 1_000_000:06d}"


def tsv_cell(name: str, value: object) -> str:
    """A value as Zeek's ASCII writer has it."""
    if value is None:
        return "-"
    if name in FRACTIONS:
        return micros(int(str(value)))
    return {True: "T", False: "F"}[value] if isinstance(value, bool) else str(value)


def json_pair(name: str, value: object) -> str:
    """A key and value as Zeek's JSON formatter has them."""
    if name in FRACTIONS:
        return f'"{name}":{micros(int(str(value))).rstrip("0")}' + ("0" if int(str(value)) % 1_000_000 == 0 else "")
    if isinstance(value, bool):
        return f'"{name}":{"true" if value else "false"}'
    return f'"{name}":{value}' if isinstance(value, int) else f'"{name}":"{value}"'


def write_logs(folder: Path, megabytes: int) -> tuple[Path, Path]:
    """Write conn.log as TSV and as JSON, each of about that size."""
    tsv, ndjson = folder / "conn.log", folder / "conn.ndjson"
    with tsv.open("w") as rows:
        rows.write("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n")
        rows.write("#fields\t" + "\t".join(FIELDS) + "\n#types\t" + "\t".join(TYPES) + "\n")
        for fields in connections(megabytes * 1_000_000 // 138):
            rows.write("\t".join(map(tsv_cell, FIELDS, fields)) + "\n")
    with ndjson.open("w") as lines:
        for fields in connections(megabytes * 1_000_000 // 372):
            pairs = [json_pair(n, v) for n, v in zip(FIELDS, fields, strict=True) if v is not None]
            lines.write("{" + ",".join(pairs) + "}\n")
    return tsv, ndjson


def counted(*command: str) -> Callable[[Path], int]:
    """A program that prints a number first."""

    def run(log: Path) -> int:
        output = subprocess.run([*command, str(log)], check=True, capture_output=True, text=True).stdout
        return int(output.split()[0])

    return run


def events(log: Path) -> int:
    """graphmap's reader: all columns of EVENTS, checks on, the table kept."""
    source = Source(str(log), lambda: log.open("rb"))
    batches = list(ZeekReader(compiled=True).read(source, ReadOptions()))
    return pl.concat([batch.events for batch in batches]).height


def polars_tsv(log: Path) -> int:
    """Lazily, with the schema given."""
    types = {name: pl.Float64 if name in FRACTIONS else pl.Int64 if name in NUMBERS else pl.String for name in FIELDS}
    scan = pl.scan_csv(
        log, separator="\t", has_header=False, comment_prefix="#", quote_char=None, null_values="-", schema=types
    )
    return scan.select(WANTED).collect().height


def polars_json(log: Path) -> int:
    """Lazily, with the schema of the wanted columns given."""
    types = {name: pl.Float64 if name in FRACTIONS else pl.Int64 if name in NUMBERS else pl.String for name in WANTED}
    return pl.scan_ndjson(log, schema=types).collect().height


def duckdb_tsv(log: Path) -> int:
    """Into a table, with the dialect and the types given."""
    duckdb = importlib.import_module("duckdb")
    types = {n: "DOUBLE" if n in FRACTIONS else "BIGINT" if n in NUMBERS else "VARCHAR" for n in FIELDS}
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    wanted = ", ".join(f'"{name}"' for name in WANTED)
    with duckdb.connect() as base:
        base.execute(
            f"CREATE TABLE t AS SELECT {wanted} FROM read_csv('{log}', delim='\t', header=false, comment='#', quote='', "
            f"escape='', nullstr='-', auto_detect=false, columns={{{columns}}})"
        )
        return int(base.execute("SELECT count(*) FROM t").fetchone()[0])


def duckdb_json(log: Path) -> int:
    """Into a table, with the wanted columns and their types given."""
    duckdb = importlib.import_module("duckdb")
    types = {n: "DOUBLE" if n in FRACTIONS else "BIGINT" if n in NUMBERS else "VARCHAR" for n in WANTED}
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    with duckdb.connect() as base:
        base.execute(
            f"CREATE TABLE t AS SELECT * FROM read_json('{log}', format='newline_delimited', columns={{{columns}}})"
        )
        return int(base.execute("SELECT count(*) FROM t").fetchone()[0])


def arrow_types(pyarrow: Any) -> dict[str, Any]:
    """The types of the wanted columns."""
    fractions, numbers = dict.fromkeys(FRACTIONS, pyarrow.float64()), dict.fromkeys(NUMBERS, pyarrow.int64())
    return {**fractions, **numbers, **dict.fromkeys(TEXTS, pyarrow.string())}


def arrow_tsv(log: Path) -> int:
    """Threads and memory map on, the wanted columns with their types."""
    pyarrow, csv = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.csv")
    table = csv.read_csv(
        pyarrow.memory_map(str(log)),
        read_options=csv.ReadOptions(column_names=FIELDS, skip_rows=7),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            include_columns=WANTED, column_types=arrow_types(pyarrow), null_values=["-"], strings_can_be_null=True
        ),
    )
    return int(table.num_rows)


def arrow_json(log: Path) -> int:
    """Threads on, the wanted columns with their types, others ignored."""
    pyarrow, json = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.json")
    options = json.ParseOptions(
        explicit_schema=pyarrow.schema(arrow_types(pyarrow)), unexpected_field_behavior="ignore"
    )
    return int(json.read_json(str(log), parse_options=options).num_rows)


def orjson_loop(log: Path) -> int:
    """A loop over the lines, the wanted fields in tuples."""
    orjson = importlib.import_module("orjson")
    loads = orjson.loads
    with log.open("rb") as lines:
        return len([tuple(map(loads(line).get, WANTED)) for line in lines])


TSV_JOBS = (
    Job("wc -l", counted("wc", "-l")),
    Job("grep -c", counted("grep", "-c", "^1")),
    Job("graphmap", events),
    Job("pyarrow", arrow_tsv, "pyarrow"),
    Job("DuckDB", duckdb_tsv, "duckdb"),
    Job("Polars", polars_tsv),
)
JSON_JOBS = (
    Job("wc -l", counted("wc", "-l")),
    Job("grep -c", counted("grep", "-c", "conn_state")),
    Job("graphmap", events),
    Job("DuckDB", duckdb_json, "duckdb"),
    Job("pyarrow", arrow_json, "pyarrow"),
    Job("Polars", polars_json),
    Job("orjson loop", orjson_loop, "orjson"),
)


def measure(jobs: tuple[Job, ...], log: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each job in each round; fails where two jobs see different numbers of connections."""
    seconds: dict[str, list[float]] = {job.name: [] for job in jobs}
    for number in range(rounds):
        seen = {}
        for job in jobs[number % len(jobs) :] + jobs[: number % len(jobs)]:
            start = time.perf_counter()
            seen[job.name] = job.run(log)
            seconds[job.name].append(time.perf_counter() - start)
        if len({count for name, count in seen.items() if name != "wc -l"}) != 1:
            raise SystemExit(f"the jobs disagree: {seen}")
    return seconds


def report(title: str, seconds: dict[str, list[float]], megabytes: float, yardstick: str) -> None:
    """Print speed and ratio of each job: median, and the lowest and highest of the rounds."""
    print(f"{title:22} {'MB/s':>8}   times the speed of {yardstick} (lowest, highest)")
    for name, times in seconds.items():
        ratios = sorted(mine / own for mine, own in zip(seconds[yardstick], times, strict=True))
        speed = megabytes / statistics.median(times)
        print(f"{name:22} {speed:8,.0f}   {statistics.median(ratios):.3f} ({ratios[0]:.3f}, {ratios[-1]:.3f})")


def main() -> None:
    """Make the logs, warm up, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = write_logs(Path(folder), options.megabytes)
        for title, log, jobs, rival in zip(
            ("conn.log, TSV", "conn.log, JSON"), logs, (TSV_JOBS, JSON_JOBS), ("pyarrow", "DuckDB"), strict=True
        ):
            missing = [job.name for job in jobs if job.needs and importlib.util.find_spec(job.needs) is None]
            chosen = tuple(job for job in jobs if job.name not in missing)
            megabytes = log.stat().st_size / 1e6
            absent = f"; not installed: {', '.join(missing)}" if missing else ""
            print(f"{title}: {megabytes:,.0f} MB, {options.rounds} rounds{absent}")
            events(log)
            names = [job.name for job in chosen]
            yardstick = rival if rival in names else names[0]
            report(title, measure(chosen, log, options.rounds), megabytes, yardstick)


if __name__ == "__main__":
    main()
