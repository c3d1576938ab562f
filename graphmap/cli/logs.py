"""Logs in: parse, ingest, readers, status, and the shell's completion."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.options import home_option, json_option, limit_option, reading_options, settings_of
from graphmap.cli.output import documents_of, note, print_json, print_table, shown
from graphmap.documents import time_text
from graphmap.errors import InputError

if TYPE_CHECKING:
    from datetime import tzinfo

    from graphmap.config import Settings
    from graphmap.pipeline.ingest import FileReport, IngestReport
    from graphmap.readers.base import ReadOptions

IN_PART = 3
"""Exit code where some inputs could not be read."""

SAMPLES = 5
"""How many rejects of a kind `parse` quotes."""


def _read_options(settings: Settings, year: int | None, zone: tzinfo | None) -> ReadOptions:
    from graphmap.readers.base import ReadOptions

    return ReadOptions(year=year, zone=zone or settings.timezone)


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
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Print the events of logs, storing nothing.

    Events go to standard output, a summary of the lines that were not understood to standard error.

    \b
    Examples:
      graphmap parse /var/log/auth.log
      graphmap parse --json --timezone Europe/Berlin logs/ | jq .user
      zcat secure.gz | graphmap parse --host web1 --rejects rejects.csv -
    """
    from graphmap.pipeline.reading import parse as parse_logs

    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    problems: list[str] = []
    with ExitStack() as stack:
        write = None
        if rejects is not None:
            try:
                write = csv.writer(stack.enter_context(rejects.open("w", encoding="utf-8", newline="")))
            except OSError as error:
                raise InputError(f"{rejects}: {error.strerror}") from error
            write.writerow(["file", "line", "reason", "text"])
        for part in parse_logs(paths, options=_read_options(settings_of(ctx), year, zone), host=host):
            if part.problem:
                problems.append(f"{part.file}: {part.problem}")
            batch = part.batch
            counts.update(
                lines=batch.lines,
                events=batch.events.height,
                context=batch.context,
                other=batch.other,
                rejects=batch.rejects.height,
            )
            reasons.update(batch.rejects["reason"].to_list())
            if write is not None:
                write.writerows(map(_cells, batch.rejects.select("file", "line", "reason", "text").iter_rows()))
            _print_events(batch.events, as_json=as_json)
    _summarise(counts, reasons, problems)
    ctx.exit(IN_PART if problems else 0)


def _cells(row: tuple[Any, ...]) -> list[Any]:
    """A CSV row that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return [f"'{cell}" if isinstance(cell, str) and cell[:1] in set("=+-@\t\r") else cell for cell in row]


def _print_events(events: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(documents_of(events))
        return
    for row in events.iter_rows(named=True):
        source = row["src_ip"] or row["src_host"]
        port = f":{row['src_port']}" if row["src_port"] else ""
        cells = (row["time"], row["dst_host"], row["action"], row["outcome"], row["kind"], row["user"])
        tail = f"{shown(source)}{port}" if source else "-"
        click.echo("  ".join([*map(shown, cells), tail, shown(row["method"]), shown(row["key"])]))


def _summarise(counts: Counter[str], reasons: Counter[str], problems: list[str]) -> None:
    note(
        f"{counts['lines']:,} lines: {counts['events']:,} events, {counts['context']:,} without an event,"
        f" {counts['other']:,} of other programs, {counts['rejects']:,} not understood"
    )
    for reason, number in reasons.most_common(SAMPLES):
        note(f"  {number:,} x {reason}")
    for problem in problems:
        note(f"not read: {problem}")


@click.command()
@reading_options
@click.option(
    "--inventory",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Hosts, segments and accounts, YAML or CSV (docs/inventory.md). Replaces the one given before.",
)
@json_option
@home_option
@click.pass_context
def ingest(
    ctx: click.Context,
    paths: tuple[str, ...],
    year: int | None,
    zone: tzinfo | None,
    host: str | None,
    inventory: Path | None,
    as_json: bool,
) -> None:
    """Bring logs into the lake, each event once.

    A file that was ingested before, grown, renamed, compressed, or in another header format adds only what is new.

    \b
    Examples:
      graphmap ingest logs/ --inventory hosts.yaml
      graphmap ingest '/srv/logs/*/auth.log*' --timezone America/New_York
      journalctl -o json _COMM=sshd | graphmap ingest -
    """
    from graphmap.cli.progress import ingest_progress
    from graphmap.pipeline.estate import keep_inventory, read_inventory
    from graphmap.pipeline.ingest import ingest as ingest_logs

    settings = settings_of(ctx)
    known = read_inventory(inventory) if inventory else None
    with ingest_progress() as progress:
        report = ingest_logs(
            paths,
            settings=settings,
            options=_read_options(settings, year, zone),
            host=host,
            progress=progress,
        )
    if known is not None:
        keep_inventory(settings, known)
    if as_json:
        print_json(map(_file_document, report.files))
    else:
        print_report(report)
    ctx.exit(IN_PART if _in_part(report) else 0)


def _file_document(file: FileReport) -> dict[str, Any]:
    return {
        "file": file.file,
        "status": str(file.status),
        "reader": file.reader,
        "problem": file.problem,
        "lines": file.lines,
        "events": file.events,
        "added": file.added,
        "duplicates": file.duplicates,
        "context": file.context,
        "other": file.other,
        "rejects": file.rejects,
        "first": file.first,
        "last": file.last,
    }


def _in_part(report: IngestReport) -> bool:
    """Whether a log could not be read whole. Other files beside the logs do not matter, unless there is nothing else."""
    from graphmap.pipeline.ingest import Status

    unknown = report.count(Status.UNRECOGNISED)
    broken = report.count(Status.UNREADABLE) + report.count(Status.PARTIAL)
    return bool(broken) or unknown == len(report.files)


def print_report(report: IngestReport) -> None:
    from graphmap.pipeline.ingest import Status

    parts = [f"{report.count(status):,} {status}" for status in Status if report.count(status)]
    click.echo(f"{len(report.files):,} files: {', '.join(parts) or 'none'}")
    click.echo(
        f"{report.total('lines'):,} lines: {report.total('events'):,} events"
        f" ({report.total('added'):,} new, {report.total('duplicates'):,} known),"
        f" {report.total('context'):,} without an event, {report.total('other'):,} of other programs,"
        f" {report.total('rejects'):,} not understood"
    )
    for file in report.files:
        if file.problem:
            note(f"{file.status}: {file.file}: {file.problem}")
    if report.total("rejects"):
        note("graphmap status --rejects shows the lines that were not understood")


@click.command()
@json_option
def readers(as_json: bool) -> None:
    """List the log formats that can be read.

    \b
    Example:
      graphmap readers
    """
    from graphmap.readers import READERS

    if as_json:
        print_json({"name": reader.name, "title": reader.title} for reader in READERS)
    else:
        print_table([(reader.name, reader.title) for reader in READERS], ("reader", "reads"))


@click.command()
@click.option("--rejects", is_flag=True, help="Show the lines that were not understood instead.")
@limit_option
@json_option
@home_option
@click.pass_context
def status(ctx: click.Context, rejects: bool, limit: int, as_json: bool) -> None:
    """Say what the lake holds, and what it cannot show.

    \b
    Examples:
      graphmap status
      graphmap status --rejects --limit 0 --json
    """
    from graphmap.pipeline.status import overview
    from graphmap.store.lake import Lake

    settings = settings_of(ctx)
    if rejects:
        frame = Lake(settings.lake).rejects(limit or None).select("file", "line", "reason", "text")
        if as_json:
            print_json(documents_of(frame))
        else:
            print_table(frame.iter_rows(), frame.columns, total=Lake(settings.lake).summary().rejects)
        return
    state = overview(settings)
    if as_json:
        print_json([state.document()])
        return
    click.echo(f"home        {shown(settings.home)}")
    click.echo(f"events      {state.summary.events:,}")
    span = [time_text(t) for t in (state.summary.first, state.summary.last) if t]
    click.echo(f"time        {' to '.join(span) or '-'}")
    click.echo(f"files       {state.files:,}")
    click.echo(f"rejects     {state.summary.rejects:,}")
    click.echo(f"findings    {state.findings:,}")
    click.echo(f"inventory   {state.inventory}\n")
    rows = [(c.host, c.first, c.last, c.days, c.events) for c in state.summary.hosts]
    print_table(rows[: limit or None], ("host", "first", "last", "days#", "events#"), total=len(rows))
    for blind in state.blind:
        note(f"cannot see: {blind}")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      source <(graphmap completion bash)
      graphmap completion fish > ~/.config/fish/completions/graphmap.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise InputError(f"no completion for {shell}")
    click.echo(kind(ctx.find_root().command, {}, "graphmap", "_GRAPHMAP_COMPLETE").source())


COMMANDS = (parse, ingest, readers, status, completion)
