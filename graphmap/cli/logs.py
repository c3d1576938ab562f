"""Logs in: ingest, readers, status, and the shell's completion."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.options import engine_option, home_option, json_option, limit_option, reading_options, settings_of
from graphmap.cli.output import documents_of, note, print_json, print_table, shown
from graphmap.cli.progress import working
from graphmap.documents import number_of, some_of, time_text
from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from graphmap.config import Settings
    from graphmap.pipeline.ingest import FileReport, IngestReport
    from graphmap.readers.base import ReadOptions
    from graphmap.store.lake import Lake

IN_PART = 3
"""Exit code where some inputs could not be read."""

NAMED = 5
"""How many reasons or files a summary names."""

READER_COUNTS = ("files", "events", "logons", "failures", "rejects", "hosts")
REJECT_COLUMNS = ("file", "line", "reason", "text")


def read_options(
    settings: Settings, year: int | None, zone: tzinfo | None, mappings: Sequence[Path] = ()
) -> ReadOptions:
    """What the user says about the logs, and the settings where they say nothing."""
    from graphmap.pipeline.reading import read_mappings
    from graphmap.readers.base import ReadOptions

    return ReadOptions(year=year, zone=zone or settings.timezone, readers=read_mappings(mappings))


def counted(counts: Mapping[str, int], news: str = "") -> str:
    """Say what the lines of logs were. Events are not counted in lines: one line may stand for several."""
    return (
        f"{number_of(counts['lines'], 'line')}: {number_of(counts['events'], 'event')}{news},"
        f" {counts['context']:,} without an event,"
        f" {counts['other']:,} of other programs, {counts['rejects']:,} not understood"
    )


def note_unused(options: ReadOptions, used: set[str | None]) -> None:
    """Say which mappings of the user's fit no log."""
    for reader in options.readers:
        if reader.name not in used:
            note(f"no log fits the mapping {reader.name} (docs/mappings.md says which logs one takes)")


@click.command()
@reading_options
@click.option(
    "--inventory",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Hosts, segments and accounts, YAML or CSV (docs/inventory.md). Replaces the one given before.",
)
@engine_option
@json_option
@home_option
@click.pass_context
def ingest(
    ctx: click.Context,
    paths: tuple[str, ...],
    year: int | None,
    zone: tzinfo | None,
    host: str | None,
    mappings: tuple[Path, ...],
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
      graphmap ingest collections/ --mapping firewall.yaml
      graphmap ingest /mnt/logs/ --home /mnt/graphmap --engine spark://10.0.0.5:7077
    """
    from graphmap.cli.progress import ingest_progress
    from graphmap.cli.warmup import compiling_notice
    from graphmap.pipeline.estate import keep_inventory, read_inventory
    from graphmap.spark.engines import ingest as ingest_logs

    settings = settings_of(ctx)
    known = read_inventory(inventory) if inventory else None
    options = read_options(settings, year, zone, mappings)
    with ingest_progress() as progress, compiling_notice():
        report = ingest_logs(paths, settings=settings, options=options, host=host, progress=progress)
    if known is not None:
        keep_inventory(settings, known)
    if as_json:
        print_json(map(_file_document, report.files))
    else:
        print_report(report)
    note_unused(options, {file.reader for file in report.files})
    ctx.exit(IN_PART if _in_part(report) else 0)


def _file_document(file: FileReport) -> dict[str, Any]:
    return {
        "file": file.file,
        "status": str(file.status),
        "reader": file.reader,
        "problem": file.problem,
        "lines": file.lines,
        "events": file.events,
        "logons": file.logons,
        "failures": file.failures,
        "added": file.added,
        "duplicates": file.duplicates,
        "context": file.context,
        "other": file.other,
        "rejects": file.rejects,
        "first": file.first,
        "last": file.last,
    }


def _in_part(report: IngestReport) -> bool:
    """Whether a log could not be read whole; files that are no logs do not matter, unless there is nothing else."""
    from graphmap.pipeline.ingest import Status

    unknown = report.count(Status.UNRECOGNISED)
    broken = report.count(Status.UNREADABLE) + report.count(Status.PARTIAL)
    return bool(broken) or unknown == len(report.files)


def print_report(report: IngestReport) -> None:
    """Say what an ingest did: the sums on standard output, what went wrong on standard error."""
    from graphmap.pipeline.ingest import Status

    parts = [f"{report.count(status):,} {status}" for status in Status if report.count(status)]
    click.echo(f"{number_of(len(report.files), 'file')}: {', '.join(parts) or 'none'}")
    totals = {column: report.total(column) for column in ("lines", "events", "context", "other", "rejects")}
    news = f" ({report.total('added'):,} new, {report.total('duplicates'):,} known)"
    if totals["lines"]:
        click.echo(counted(totals, news))
        rows = [astuple(reader) for reader in report.by_reader()]
        print_table(rows, ("reader", *(f"{name}#" for name in READER_COUNTS), "first", "last"))
    for file in report.files:
        if file.problem and file.status is not Status.UNRECOGNISED:
            note(f"{file.status}: {file.file}: {file.problem}")
    strangers = [file.file for file in report.files if file.status is Status.UNRECOGNISED]
    if strangers:
        hint = " (--json names all)" if len(strangers) > NAMED else ""
        note(f"no reader knows the format of {some_of(strangers, NAMED)}{hint}")
    if totals["rejects"]:
        note("graphmap status --rejects shows the lines that were not understood")


@click.command()
@json_option
@home_option
def readers(as_json: bool) -> None:
    """List the log formats that can be read.

    \b
    Examples:
      graphmap readers
      graphmap readers --json
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
    from graphmap.pipeline.status import clock_sentences, overview
    from graphmap.store.lake import Lake

    settings = settings_of(ctx)
    if rejects:
        _print_rejects(Lake(settings.lake), limit, as_json=as_json)
        return
    with working("looking at the lake"):
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
    hidden = f", of which {state.hidden:,} hidden by suppressions" if state.hidden else ""
    click.echo(f"findings    {state.findings:,}{hidden}")
    click.echo(f"inventory   {state.inventory}\n")
    rows = [(c.host, c.first, c.last, c.days, c.events) for c in state.summary.hosts]
    print_table(rows[: limit or None], ("host", "first", "last", "days#", "events#"), total=len(rows))
    for blind in state.blind:
        note(f"cannot see: {blind}")
    for sentence in clock_sentences(state.clocks):
        note(f"clocks: {sentence}")


def _print_rejects(lake: Lake, limit: int, *, as_json: bool) -> None:
    frame = lake.rejects(None if as_json else limit or None).select(REJECT_COLUMNS)
    if as_json:
        print_json(documents_of(frame))
    else:
        print_table(
            frame.iter_rows(),
            ("file", "line#", "reason", "text"),
            total=lake.count_rejects(),
            none="every line was understood",
        )


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


COMMANDS = (ingest, readers, status, completion)
