"""Logs in, storing nothing: parse."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.logs import IN_PART, NAMED, REJECT_COLUMNS, counted, note_unused, read_options
from graphmap.cli.options import home_option, json_option, reading_options, settings_of
from graphmap.cli.output import documents_of, note, print_json, shown
from graphmap.errors import InputError
from graphmap.export.spreadsheet import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    import polars as pl

    from graphmap.pipeline.reading import Parsed


@click.command()
@reading_options
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Write the lines not understood there, as CSV."
)
@json_option
@home_option
@click.pass_context
def parse(
    ctx: click.Context,
    paths: tuple[str, ...],
    year: int | None,
    zone: tzinfo | None,
    host: str | None,
    mappings: tuple[Path, ...],
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Print the events of logs, storing nothing.

    Events go to standard output, a summary of the lines that were not understood to standard error.

    \b
    Examples:
      graphmap parse /var/log/auth.log
      graphmap parse --json --timezone Europe/Berlin logs/ | jq .user
      graphmap parse --mapping firewall.yaml firewall.log
      zcat secure.gz | graphmap parse --host web1 --rejects rejects.csv -
    """
    from graphmap.cli.warmup import compiling_notice
    from graphmap.pipeline.reading import parse as parse_logs

    options = read_options(settings_of(ctx), year, zone, mappings)
    summary = _Summary()
    with ExitStack() as stack:
        keep = stack.enter_context(_rejects_file(rejects)) if rejects is not None else None
        stack.enter_context(compiling_notice())
        for part in parse_logs(paths, options=options, host=host):
            summary.take(part)
            if keep is not None:
                keep(part.batch.rejects)
            _print_events(part.batch.events, as_json=as_json)
    summary.tell()
    note_unused(options, summary.readers)
    ctx.exit(IN_PART if summary.problems else 0)


@contextmanager
def _rejects_file(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """A CSV file for rejects; gives what writes them."""
    try:
        stream = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="choose another file for --rejects") from error
    with stream:
        write = csv.writer(stream)
        write.writerow(REJECT_COLUMNS)

        def keep(rejects: pl.DataFrame) -> None:
            write.writerows(map(_cells, rejects.select(REJECT_COLUMNS).iter_rows()))

        yield keep


def _cells(row: tuple[Any, ...]) -> list[Any]:
    """A CSV row that no spreadsheet takes for a formula (OWASP, CSV injection) and no terminal for an order."""
    return [inert(shown(cell)) if isinstance(cell, str) else cell for cell in row]


def _print_events(events: pl.DataFrame, *, as_json: bool) -> None:
    if as_json:
        print_json(documents_of(events))
        return
    for row in events.iter_rows(named=True):
        source = row["src_ip"] or row["src_host"]
        port = f" port {row['src_port']}" if row["src_port"] else ""
        cells = (row["time"], row["dst_host"], row["kind"], row["outcome"], row["user"])
        tail = f"from {shown(source)}{port}" if source else "-"
        click.echo("  ".join([*map(shown, cells), tail, shown(row["method"]), shown(row["key"])]))


class _Summary:
    """What `parse` has read so far."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.readers: set[str | None] = set()
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def take(self, part: Parsed) -> None:
        batch = part.batch
        self.readers.add(part.reader)
        if part.problem:
            self.problems.append(f"{part.file}: {part.problem}")
        self._counts.update(lines=batch.lines, events=batch.events.height, context=batch.context)
        self._counts.update(other=batch.other, rejects=batch.rejects.height)
        for file, line, reason in batch.rejects.select("file", "line", "reason").iter_rows():
            self._reasons[reason] += 1
            self._first.setdefault(reason, f"{file}:{line}")

    def tell(self) -> None:
        note(counted(self._counts))
        for reason, number in self._reasons.most_common(NAMED):
            note(f"  {number:,} x {reason}, first at {self._first[reason]}")
        if len(self._reasons) > NAMED:
            note(f"  and {len(self._reasons) - NAMED:,} more reasons; --rejects FILE has all")
        for problem in self.problems:
            note(f"not read: {problem}")


COMMANDS = (parse,)
