"""Suppressions: findings that nobody needs to see again, who said so, why, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import Duration, author_option, home_option, json_option, limit_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.documents import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from graphmap.model import Suppression

LONGEST = "90d"
"""How long a suppression lasts where nobody says: long enough for a project, short enough to be looked at again."""


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def suppressions(ctx: click.Context) -> None:
    """List suppressions, add one, or end one.

    A suppression hides findings and deletes none: `graphmap findings list --suppressed` shows them, every summary
    counts them, and they appear again when it ends.

    \b
    Examples:
      graphmap suppressions
      graphmap suppressions add --user backup --reason "nightly restore tests"
      graphmap suppressions end 3
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_suppressions)


@suppressions.command("list")
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
@limit_option
@json_option
@home_option
@click.pass_context
def list_suppressions(ctx: click.Context, every: bool = False, limit: int = 50, as_json: bool = False) -> None:
    """List the suppressions, and how many stored findings each hides.

    \b
    Examples:
      graphmap suppressions list
      graphmap suppressions list --all --json
    """
    from graphmap.pipeline.cases import load_suppressions

    now = datetime.now(UTC)
    found = [
        (one, count) for one, count in load_suppressions(settings_of(ctx).ledger, now) if every or one.is_active(now)
    ]
    if as_json:
        print_json(_document(one) | {"hides": count} for one, count in found)
        return
    rows = [(one.id, _what(one), one.reason, one.author, one.created, _until(one), count) for one, count in found]
    columns = ("id#", "hides", "reason", "author", "since", "until", "findings#")
    print_table(rows[: limit or None], columns, total=len(rows), none="nothing is suppressed")


@suppressions.command()
@click.option("--finding", metavar="ID", help="This finding; the beginning of its id is enough.")
@click.option("--detector", metavar="NAME", help="Only findings of this detector.")
@click.option("--src", metavar="PATTERN", help="Only where every hop comes from such a source.")
@click.option("--dst", metavar="PATTERN", help="Only where every hop goes to such a host.")
@click.option("--user", metavar="PATTERN", help="Only where every hop is of such an account.")
@click.option("--reason", metavar="TEXT", required=True, help="Why nobody needs to see them.")
@click.option("--for", "lasting", type=Duration(), default=LONGEST, show_default=True, help="How long it holds.")
@click.option("--forever", is_flag=True, help="It holds until somebody ends it.")
@author_option
@json_option
@home_option
@click.pass_context
def add(
    ctx: click.Context,
    finding: str | None,
    detector: str | None,
    src: str | None,
    dst: str | None,
    user: str | None,
    reason: str,
    lasting: timedelta,
    forever: bool,
    author: str,
    as_json: bool,
) -> None:
    """Hide findings of which every hop is as said.

    In a PATTERN, * stands for any text, ? for one character, [ab] for a or b. All that is given must match, and of a
    chain every hop must: one that goes on from a suppressed way to another host is shown.

    \b
    Examples:
      graphmap suppressions add --finding f-1a2b --reason "a drill" --for 30d
      graphmap suppressions add --src "scan[12]" --reason "our scanners" --forever
    """
    from graphmap.detect import DETECTORS
    from graphmap.model import Suppression
    from graphmap.pipeline.cases import covers
    from graphmap.store.ledger import Ledger

    if not (finding or detector or src or dst or user):
        raise click.UsageError("say what to hide: --finding, --detector, --src, --dst or --user")
    if not reason.strip():
        raise click.UsageError("give a --reason that others understand")
    if detector is not None:
        _ = DETECTORS[detector]
    now = datetime.now(UTC)
    with Ledger(settings_of(ctx).ledger) as ledger:
        whole = None if finding is None else ledger.finding(finding).id
        made = ledger.suppress(
            Suppression(0, author, reason, now, None if forever else now + lasting, whole, detector, src, dst, user)
        )
        hidden = sum(covers(made, one) for one in ledger.findings())
    _tell(made, hidden, as_json=as_json)


@suppressions.command()
@click.argument("number", metavar="ID", type=int)
@author_option
@json_option
@home_option
@click.pass_context
def end(ctx: click.Context, number: int, author: str, as_json: bool) -> None:
    """End a suppression now: what it hid is shown again. Who ended it is kept.

    \b
    Examples:
      graphmap suppressions end 3
    """
    from graphmap.pipeline.cases import covers
    from graphmap.store.ledger import Ledger

    with Ledger(settings_of(ctx).ledger) as ledger:
        ended = ledger.end_suppression(number, author=author)
        shown = sum(covers(ended, one) for one in ledger.findings())
    _tell(ended, shown, as_json=as_json)


def _tell(one: Suppression, findings: int, *, as_json: bool) -> None:
    if as_json:
        print_json([_document(one)])
        return
    if one.ended is None:
        note(f"suppression {one.id} hides {number_of(findings, 'stored finding')}: {_what(one)}; until {_until(one)}")
    else:
        note(f"suppression {one.id} has ended: {_what(one)}; it covered {number_of(findings, 'stored finding')}")


def _document(one: Suppression) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def _what(one: Suppression) -> str:
    said: Iterable[tuple[str, str | None]] = (
        ("finding", one.finding),
        ("detector", one.detector),
        ("from", one.src),
        ("to", one.dst),
        ("as", one.user),
    )
    return ", ".join(f"{word} {value}" for word, value in said if value is not None)


def _until(one: Suppression) -> str:
    if one.ended is not None:
        return f"ended by {one.ended_by}"
    return "somebody ends it" if one.expires is None else f"{one.expires:%Y-%m-%d %H:%MZ}"


COMMANDS = (suppressions,)
