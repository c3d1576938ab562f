"""Alerts: what was told to whom, and what could not be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from graphmap.cli.logs import IN_PART
from graphmap.cli.options import home_option, json_option, limit_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.documents import number_of, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.alerts import Output
    from graphmap.config import Settings
    from graphmap.documents import Document
    from graphmap.model import Story
    from graphmap.pipeline.alerting import Delivered
    from graphmap.pipeline.cases import Case
    from graphmap.store.ledger import Delivery


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def alerts(ctx: click.Context) -> None:
    """Tell others what hunts find: webhooks, Slack, syslog, e-mail, files (docs/alerts.md).

    Outputs are named in graphmap.toml, as [alerts.NAME]. Each is told of a finding once, and again when it gets graver
    or has new hosts, accounts or ways.

    \b
    Examples:
      graphmap hunt --alert
      graphmap alerts
      graphmap alerts test soc
      graphmap alerts send
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_alerts)


@alerts.command("list")
@click.option("--dead", is_flag=True, help="Only those that were given up.")
@click.option("--pending", is_flag=True, help="Only those that are still to be sent.")
@click.option("--output", metavar="NAME", help="Only those for this output.")
@limit_option
@json_option
@home_option
@click.pass_context
def list_alerts(
    ctx: click.Context,
    dead: bool = False,
    pending: bool = False,
    output: str | None = None,
    limit: int = 50,
    as_json: bool = False,
) -> None:
    """List what was sent, is to be sent, and was given up, the newest first.

    \b
    Examples:
      graphmap alerts list
      graphmap alerts list --dead --json
    """
    from graphmap.store.ledger import DeliveryState, Ledger

    if dead and pending:
        raise click.UsageError("say --dead or --pending")
    state = DeliveryState.DEAD if dead else DeliveryState.PENDING if pending else None
    with Ledger(settings_of(ctx).ledger) as ledger:
        found = ledger.deliveries(state=state, output=output)
    _print(found, limit=limit, as_json=as_json)


@alerts.command()
@json_option
@home_option
@click.pass_context
def outputs(ctx: click.Context, as_json: bool) -> None:
    """Check graphmap.toml and list its outputs. No secret is read.

    \b
    Examples:
      graphmap alerts outputs
    """
    from graphmap.pipeline.alerting import load_outputs

    found = load_outputs(settings_of(ctx)).values()
    if as_json:
        print_json(_output_document(one) for one in found)
        return
    columns = ("name", "kind", "to", "from severity", "detectors", "quiet")
    rows = [
        (one.name, one.kind, one.target.where, str(one.min_severity), _detectors(one), _quiet(one)) for one in found
    ]
    print_table(rows, columns, none="no output: write [alerts.NAME] into graphmap.toml (docs/alerts.md)")


@alerts.command()
@click.option("--now", is_flag=True, help="Also what waits for another attempt or for the end of quiet hours.")
@json_option
@home_option
@click.pass_context
def send(ctx: click.Context, now: bool, as_json: bool) -> None:
    """Send what is due. Exits with 3 where something could not be sent.

    \b
    Examples:
      graphmap alerts send
      graphmap alerts send --now
    """
    from graphmap.pipeline.alerting import deliver

    done = deliver(settings_of(ctx), early=now)
    if as_json:
        print_json([_delivered_document(done)])
    else:
        _tell(done)
    ctx.exit(IN_PART if done.failed or done.dead else 0)


@alerts.command()
@click.argument("numbers", metavar="ID...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every dead one.")
@json_option
@home_option
@click.pass_context
def retry(ctx: click.Context, numbers: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Let what was given up, or waits, be sent by the next `alerts send`. The beginning of an ID is enough.

    \b
    Examples:
      graphmap alerts retry --all && graphmap alerts send
      graphmap alerts retry a-1a2b
    """
    from graphmap.store.ledger import DeliveryState, Ledger

    if bool(numbers) == every:
        raise click.UsageError("say which: ID or --all")
    with Ledger(settings_of(ctx).ledger) as ledger:
        dead = ledger.deliveries(state=DeliveryState.DEAD) if every else []
        wanted = dead or [ledger.delivery(number) for number in numbers]
        for one in wanted:
            if one.state in {DeliveryState.SENT, DeliveryState.DROPPED}:
                raise click.UsageError(f"{one.id} was {one.state}: there is nothing to send")
        count = ledger.retry_deliveries([one.id for one in wanted], now=datetime.now(UTC))
        _print([ledger.delivery(one.id) for one in wanted], limit=0, as_json=as_json)
    note(f"{_alerts(count)} to be sent: graphmap alerts send")


@alerts.command()
@click.argument("name")
@home_option
@click.pass_context
def skip(ctx: click.Context, name: str) -> None:
    """Take all stored findings as told to an output: it gets only what comes after. For a new output of an old home.

    \b
    Examples:
      graphmap alerts skip soc
    """
    from graphmap.pipeline.alerting import find_output
    from graphmap.pipeline.alerting import skip as run
    from graphmap.pipeline.cases import load_cases

    settings = settings_of(ctx)
    count = run(settings, find_output(settings, name), load_cases(settings.ledger))
    note(f"{name} will not be told of {number_of(count, 'finding')} as they are now")


@alerts.command()
@click.argument("name")
@home_option
@click.pass_context
def test(ctx: click.Context, name: str) -> None:
    """Send an alert that says it is a test to an output, quiet hours or not, and print what the receiver answered.

    \b
    Examples:
      graphmap alerts test soc
    """
    from graphmap.pipeline.alerting import find_output, send_test

    output = find_output(settings_of(ctx), name)
    note(f"{name}: {send_test(output)}")


def tell_outputs(settings: Settings, cases: Iterable[Case], stories: Iterable[Story]) -> None:
    """Queue what is new in findings, send what is due, and tell a person about it."""
    from graphmap.pipeline.alerting import deliver, queue

    queue(settings, cases, stories=stories)
    _tell(deliver(settings))


def _tell(done: Delivered) -> None:
    for problem in done.problems:
        note(problem)
    more = {
        "held for quiet hours": done.held,
        "to be tried again": done.failed,
        "given up": done.dead,
        "dropped, as nobody needs to see them": done.dropped,
        "waiting": done.waiting,
    }
    told = "".join(f", {count:,} {what}" for what, count in more.items() if count)
    note(f"{_alerts(done.sent)} sent{told}")


def _alerts(count: int) -> str:
    return number_of(count, "alert")


def _print(found: list[Delivery], *, limit: int, as_json: bool) -> None:
    if as_json:
        print_json(_document(one) for one in found)
        return
    columns = ("id", "output", "state", "created", "tries#", "next", "alert", "answer")
    rows = [
        (one.id, one.output, str(one.state), one.created, one.attempts, _next(one), one.summary, one.answer)
        for one in found
    ]
    print_table(rows[: limit or None], columns, total=len(rows), none="no alerts")


def _next(one: Delivery) -> datetime | None:
    return one.due if one.ended is None else None


def _document(one: Delivery) -> Document:
    following = _next(one)
    return {
        "id": one.id,
        "output": one.output,
        "state": one.state.value,
        "summary": one.summary,
        "created": time_text(one.created),
        "attempts": one.attempts,
        "next": None if following is None else time_text(following),
        "ended": None if one.ended is None else time_text(one.ended),
        "answer": one.answer,
    }


def _output_document(one: Output) -> Document:
    return {
        "name": one.name,
        "kind": one.kind,
        "to": one.target.where,
        "min_severity": one.min_severity.value,
        "detectors": None if one.detectors is None else sorted(one.detectors),
        "quiet": _quiet(one),
        "group": one.group,
        "group_by": "story" if one.by_story else "run",
        "attempts": one.attempts,
    }


def _detectors(one: Output) -> str:
    return "all" if one.detectors is None else ", ".join(sorted(one.detectors))


def _quiet(one: Output) -> str | None:
    return None if one.quiet is None else str(one.quiet)


def _delivered_document(done: Delivered) -> Document:
    return asdict(done) | {"problems": list(done.problems)}


COMMANDS = (alerts,)
