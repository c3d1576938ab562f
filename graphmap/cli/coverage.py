"""What the logs of each host can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphmap.cli.options import home_option, json_option, limit_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.pipeline.coverage import HostCoverage, Young


@click.command()
@click.argument("host", required=False)
@limit_option
@json_option
@home_option
@click.pass_context
def coverage(ctx: click.Context, host: str | None, limit: int, as_json: bool) -> None:
    """Say of each host what was seen when, and which questions its logs cannot answer.

    With HOST, that one whole: each question with the time that is covered, or why it cannot be evaluated.

    \b
    Examples:
      graphmap coverage
      graphmap coverage web1
      graphmap coverage --json
    """
    from graphmap.detect import DETECTORS
    from graphmap.pipeline.coverage import coverage as of_all
    from graphmap.pipeline.coverage import young
    from graphmap.pipeline.estate import load_estate
    from graphmap.pipeline.questions import host_named

    with working("looking at the lake"):
        estate = load_estate(settings_of(ctx))
        wanted = None if host is None else host_named(estate, host)
        every = of_all(estate)
        learning = young(every, DETECTORS)
    found = [one for one in every if wanted in {None, one.host}]
    if as_json:
        print_json(one.document(learning=learning) for one in found)
    elif wanted is not None:
        for one in found:
            _print_host(one, learning)
    else:
        rows = [(one.host, one.first, one.last, one.days, one.events, _blind(one)) for one in found]
        columns = ("host", "first", "last", "days#", "events#", "not evaluable")
        print_table(rows[: limit or None], columns, total=len(rows), none="no host is known")


def _print_host(one: HostCoverage, learning: Sequence[Young]) -> None:
    from graphmap.detect import DETECTORS
    from graphmap.detect.needs import ASKS, WHY, can_look

    rows = [(ASKS[answer.question], answer.first, answer.last, answer.days, answer.events) for answer in one.answers]
    print_table(rows, ("question", "first", "last", "days#", "events#"), none=f"the lake has nothing on {one.host}")
    for question in one.blind:
        note(f"not evaluable: {ASKS[question]}: {WHY[question]}")
    if names := [detector.name for detector in DETECTORS if not can_look(detector, one.answered)]:
        note(f"cannot look here: {', '.join(names)}")
    for young in learning:
        if one.host in young.hosts:
            note(f"too little to compare with yet: {young.detector} needs {young.learns}")


def _blind(one: HostCoverage) -> str:
    return ", ".join(one.blind) if one.events else "everything"


COMMANDS = (coverage,)
