"""Hunt: run the detectors, list and show what they found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import (
    gap_option,
    home_option,
    json_option,
    limit_option,
    mapping_option,
    settings_of,
    since_option,
    until_option,
)
from graphmap.cli.output import note, print_finding, print_json, print_table
from graphmap.cli.progress import working
from graphmap.documents import finding_document, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from graphmap.model import Finding

FOUND = 4
"""Exit code of `hunt --exit-code` where there is something new to read."""


@click.command()
@click.option(
    "--detector", "names", metavar="NAME", multiple=True, help="Only this detector; may be given several times."
)
@click.option(
    "--min-hops",
    type=click.IntRange(min=2),
    metavar="N",
    default=2,
    show_default="2",
    help="Shortest chain that is a finding of its own.",
)
@click.option("--exit-code", is_flag=True, help=f"Exit with {FOUND} where a finding is new or has changed.")
@limit_option
@gap_option
@json_option
@home_option
@click.pass_context
def hunt(ctx: click.Context, names: tuple[str, ...], min_hops: int, exit_code: bool, limit: int, as_json: bool) -> None:
    """Run the detectors over the lake and store what they find.

    The same events give the same findings with the same ids: run it as often as you like.

    \b
    Examples:
      graphmap hunt
      graphmap hunt --detector brute-force-success --detector fan-out
      graphmap hunt --json --exit-code > new.ndjson
    """
    from graphmap.detect import DETECTORS, MultiHop
    from graphmap.pipeline.hunt import hunt as run
    from graphmap.pipeline.interesting import MOST

    chosen = [DETECTORS[name] for name in names] or list(DETECTORS)
    chosen = [MultiHop(min_hops=min_hops) if isinstance(d, MultiHop) else d for d in chosen]
    with working("hunting"):
        found, saved, bounded = run(settings_of(ctx), chosen)
    print_findings(found, limit=limit, as_json=as_json)
    note(f"{number_of(len(found), 'finding')}: {saved.new:,} new, {saved.updated:,} changed, {saved.unchanged:,} known")
    if bounded:
        note(f"too many hops to list every chain: of these, the {MOST:,} most surprising were looked at")
    ctx.exit(FOUND if exit_code and (saved.new or saved.updated) else 0)


def print_findings(found: Sequence[Finding], *, limit: int, as_json: bool) -> None:
    """Print findings: a table of the first `limit` of them (0 for all), or every one as JSON."""
    if as_json:
        print_json(map(finding_document, found))
        return
    rows = [(f.id, str(f.severity), f.score, f.detector, f.title) for f in found[: limit or None]]
    if rows:
        print_table(rows, ("id", "severity", "score#", "detector", "title"), total=len(found))


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def findings(ctx: click.Context) -> None:
    """List stored findings, or show one.

    \b
    Examples:
      graphmap findings
      graphmap findings list --since 2026-03-01 --json
      graphmap findings show f-1a2b3c
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_findings)


@findings.command("list")
@click.option("--detector", metavar="NAME", help="Only this detector's.")
@since_option
@until_option
@limit_option
@json_option
@home_option
@click.pass_context
def list_findings(
    ctx: click.Context,
    detector: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    as_json: bool = False,
) -> None:
    """List the stored findings, the highest score first.

    A finding is of a time if its evidence is, or begins before and ends after it.

    \b
    Examples:
      graphmap findings list --detector fan-out
      graphmap findings list --since 2026-03-01 --json
    """
    from graphmap.detect import DETECTORS
    from graphmap.store.ledger import Ledger

    if detector is not None:
        _ = DETECTORS[detector]
    with Ledger(settings_of(ctx).ledger) as ledger:
        found = ledger.findings(detector=detector, since=since, until=until)
    print_findings(found, limit=limit, as_json=as_json)
    if not found:
        asked = detector or since or until
        note("no finding matches" if asked else "no findings stored: graphmap hunt looks for some")


@findings.command()
@click.argument("finding_id", metavar="ID")
@mapping_option
@json_option
@home_option
@click.pass_context
def show(ctx: click.Context, finding_id: str, mappings: tuple[Path, ...], as_json: bool) -> None:
    """Show a finding whole: why, the hops, the log lines. The beginning of its id is enough.

    A record is quoted where its file still holds what was read from it; else it is said why it is not.

    \b
    Examples:
      graphmap findings show f-1a2b
      graphmap findings show f-1a2b --json
    """
    from graphmap.pipeline.lines import quote
    from graphmap.pipeline.reading import read_mappings
    from graphmap.store.lake import Lake
    from graphmap.store.ledger import Ledger

    settings = settings_of(ctx)
    with Ledger(settings.ledger) as ledger:
        found = ledger.finding(finding_id)
    quotations = quote(found.lines, Lake(settings.lake), read_mappings(mappings))
    if as_json:
        lines = [asdict(line) | asdict(quotations[line]) for line in found.lines]
        print_json([finding_document(found) | {"lines": lines}])
    else:
        print_finding(found, quotations)


COMMANDS = (hunt, findings)
