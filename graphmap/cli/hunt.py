"""Hunt: run the detectors, list and show what they found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import (
    author_option,
    engine_option,
    gap_option,
    home_option,
    json_option,
    limit_option,
    mapping_option,
    settings_of,
    since_option,
    until_option,
)
from graphmap.cli.output import note, print_finding, print_json, print_judgements, print_table
from graphmap.cli.progress import working
from graphmap.cli.stories import choosing_options, print_stories, stories_counted, tell_held
from graphmap.documents import number_of, some_of
from graphmap.model import TriageState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from graphmap.pipeline.cases import Case
    from graphmap.pipeline.coverage import Unseen, Young

NAMED = 3
"""How many hosts a sentence names."""

FOUND = 4
"""Exit code of `hunt --exit-code` where there is something new to read."""

STATE = click.Choice([state.value for state in TriageState])


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
@choosing_options
@click.option("--parts", is_flag=True, help="Print the findings themselves, the parts of the stories, as --json does.")
@click.option("--exit-code", is_flag=True, help=f"Exit with {FOUND} where something told is new or has changed.")
@click.option("--alert", is_flag=True, help="Tell the outputs of graphmap.toml what is new in it (docs/alerts.md).")
@limit_option
@gap_option
@engine_option
@json_option
@home_option
@click.pass_context
def hunt(
    ctx: click.Context,
    names: tuple[str, ...],
    min_hops: int,
    rate: float | None,
    a_day: int | None,
    parts: bool,
    exit_code: bool,
    alert: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Run the detectors over the lake, store what they find and tell it as stories.

    Findings about one path are one story, the first to read first. Stories that weigh little are kept and counted, but
    not told (--least-bits). The same events give the same findings with the same ids: run it as often as you like.

    \b
    Examples:
      graphmap hunt
      graphmap hunt --detector brute-force-success --detector fan-out
      graphmap hunt --alerts-per-day 5 --fdr 0.1
      graphmap hunt --least-bits 0
      graphmap hunt --json --exit-code > new.ndjson
      graphmap hunt --alert
    """
    from graphmap.cli.alerts import tell_outputs
    from graphmap.detect import DETECTORS, MultiHop
    from graphmap.detect.stories import choose
    from graphmap.pipeline.alerting import load_outputs
    from graphmap.pipeline.hunt import hunt as run
    from graphmap.pipeline.interesting import MOST
    from graphmap.spark.engines import maker_of

    chosen = [DETECTORS[name] for name in names] or list(DETECTORS)
    chosen = [MultiHop(min_hops=min_hops) if isinstance(d, MultiHop) else d for d in chosen]
    settings = settings_of(ctx)
    if alert:
        _ = load_outputs(settings)  # what is wrong there is told before the work
    with working("hunting"):
        hunted = run(settings, chosen, maker=maker_of(settings))
    found, saved = hunted.shown, hunted.saved
    told = choose(hunted.stories, least_bits=settings.least_bits, rate=rate, per_day=a_day)
    chosen_parts = hunted.parts_of(told.every)
    if parts or as_json:
        print_cases(chosen_parts, limit=limit, as_json=as_json)
    else:
        print_stories(told, limit=limit)
    tell_held(told, settings, rate=rate, a_day=a_day)
    note(
        f"{stories_counted(len(hunted.stories))} of {number_of(len(found), 'finding')}: {saved.new:,} new,"
        f" {saved.updated:,} changed, {saved.unchanged:,} known"
    )
    _tell_hidden(len(hunted.cases) - len(found))
    if hunted.bounded:
        note(f"too many hops to list every chain: of these, the {MOST:,} most surprising were looked at")
    if hunted.unseen:
        said = (f"{', '.join(one.detectors)} on {_hosts(one)}" for one in hunted.unseen)
        note(f"not evaluable (graphmap coverage says why): {'; '.join(said)}")
    if hunted.young:
        said = (f"{one.detector} needs {one.learns}{_on_some(one)}" for one in hunted.young)
        note(f"too little to compare with yet: {'; '.join(said)}")
    if alert:
        tell_outputs(settings, chosen_parts, told.every)
    ctx.exit(FOUND if exit_code and any(case.finding.id in saved.fresh for case in chosen_parts) else 0)


def _on_some(one: Young) -> str:
    return "" if len(one.hosts) == one.of else f" (on {_hosts(one)})"


def _hosts(missed: Unseen | Young) -> str:
    """On how many hosts detectors could not look; which ones, where they are few."""
    count = len(missed.hosts)
    if count == missed.of:
        return f"all {number_of(count, 'host')}" if count > 1 else f"the only host, {missed.hosts[0]}"
    return f"{some_of(missed.hosts, NAMED)} ({count:,} of {number_of(missed.of, 'host')})"


def _tell_hidden(count: int) -> None:
    if count:
        note(f"{number_of(count, 'more finding')} hidden by suppressions: graphmap findings list --suppressed")


def print_cases(cases: Sequence[Case], *, limit: int, as_json: bool) -> None:
    """Print findings with what people said of them: a table of the first `limit` (0 for all), or every one as JSON."""
    if as_json:
        print_json(case.document() for case in cases)
        return
    told = any(case.triage.at or case.hidden_by for case in cases)
    rows = [
        (f.id, str(f.severity), f.score, *((_opinion(case),) if told else ()), f.detector, f.title)
        for case in cases[: limit or None]
        for f in [case.finding]
    ]
    if rows:
        columns = ("id", "severity", "score#", *(("state",) if told else ()), "detector", "title")
        print_table(rows, columns, total=len(cases))


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def findings(ctx: click.Context) -> None:
    """List stored findings, show one, or say what you think of it.

    \b
    Examples:
      graphmap findings
      graphmap findings list --since 2026-03-01 --json
      graphmap findings show f-1a2b3c
      graphmap findings triage f-1a2b3c --state benign --note "a restore test"
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_findings)


@findings.command("list")
@click.option("--detector", metavar="NAME", help="Only this detector's.")
@click.option(
    "--state", "states", type=STATE, multiple=True, help="Only those in this state; may be given several times."
)
@click.option("--marked", is_flag=True, help="Only those that somebody marked.")
@click.option("--suppressed", is_flag=True, help="Those that suppressions hide, too.")
@since_option
@until_option
@limit_option
@json_option
@home_option
@click.pass_context
def list_findings(
    ctx: click.Context,
    detector: str | None = None,
    states: tuple[str, ...] = (),
    marked: bool = False,
    suppressed: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    as_json: bool = False,
) -> None:
    """List the stored findings, the highest score first.

    A finding is of a time if its evidence is, or begins before and ends after it. JSON says of each what people think
    of it and which suppression hides it.

    \b
    Examples:
      graphmap findings list --detector fan-out
      graphmap findings list --state open --state investigating
      graphmap findings list --since 2026-03-01 --suppressed --json
    """
    from graphmap.detect import DETECTORS
    from graphmap.pipeline.cases import load_cases

    if detector is not None:
        _ = DETECTORS[detector]
    found = [
        case
        for case in load_cases(settings_of(ctx).ledger, detector=detector, since=since, until=until)
        if (not states or case.triage.state in states) and (case.triage.marked or not marked)
    ]
    listed = [case for case in found if suppressed or case.hidden_by is None]
    print_cases(listed, limit=limit, as_json=as_json)
    if not found:
        asked = detector or since or until or states or marked
        note("no finding matches" if asked else "no findings stored: graphmap hunt looks for some")
    _tell_hidden(len(found) - len(listed))


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
    from graphmap.pipeline.cases import cases_of
    from graphmap.pipeline.lines import quote
    from graphmap.pipeline.reading import read_mappings
    from graphmap.store.lake import Lake
    from graphmap.store.ledger import Ledger

    settings = settings_of(ctx)
    with Ledger(settings.ledger) as ledger:
        (case,) = cases_of([ledger.finding(finding_id)], ledger)
        said = ledger.judgements(case.finding.id)
    quotations = quote(case.finding.lines, Lake(settings.lake), read_mappings(mappings))
    if as_json:
        lines = [asdict(line) | asdict(quotations[line]) for line in case.finding.lines]
        print_json([case.document() | {"lines": lines}])
        return
    print_finding(case.finding, quotations)
    print_judgements(said)
    if case.hidden_by is not None:
        note(f"hidden by suppression {case.hidden_by}")


@findings.command()
@click.argument("finding_id", metavar="ID")
@click.option("--state", type=STATE, help="What you think of it.")
@click.option("--assignee", metavar="NAME", help="Who looks after it; an empty name for nobody.")
@click.option("--note", "remark", metavar="TEXT", help="What there is to say about it.")
@click.option("--mark/--no-mark", "marked", default=None, help="Mark it, so that --marked finds it again.")
@author_option
@json_option
@home_option
@click.pass_context
def triage(
    ctx: click.Context,
    finding_id: str,
    state: str | None,
    assignee: str | None,
    remark: str | None,
    marked: bool | None,
    author: str,
    as_json: bool,
) -> None:
    """Say what you think of a finding. What was said before is kept, and `findings show` lists it.

    \b
    Examples:
      graphmap findings triage f-1a2b --state investigating --assignee ann
      graphmap findings triage f-1a2b --state benign --note "a restore test"
    """
    from graphmap.pipeline.cases import cases_of
    from graphmap.store.ledger import Ledger, Opinion

    if state is None and assignee is None and remark is None and marked is None:
        raise click.UsageError("say something: --state, --assignee, --note or --mark")
    with Ledger(settings_of(ctx).ledger) as ledger:
        found = ledger.finding(finding_id)
        said = Opinion(None if state is None else TriageState(state), assignee, remark, marked)
        ledger.judge(found.id, said, author=author)
        (case,) = cases_of([found], ledger)
    print_cases([case], limit=0, as_json=as_json)


def _opinion(case: Case) -> str:
    said = [str(case.triage.state), case.triage.assignee, "marked" if case.triage.marked else None]
    hidden = None if case.hidden_by is None else f"hidden by {case.hidden_by}"
    return ", ".join(part for part in (*said, hidden) if part)


COMMANDS = (hunt, findings)
