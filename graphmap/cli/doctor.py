"""Doctor: what is wrong with the home folder, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import home_option, json_option
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import working
from graphmap.documents import number_of

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@json_option
@home_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the home folder: settings, disk, stores, jobs, times, coverage, clocks; say what to do.

    Nothing is changed. Exit code 1 where something does not work; warnings are none.

    \b
    Examples:
      graphmap doctor
      graphmap doctor --json
    """
    from graphmap.doctor import Grade, examine

    home: Path | None = ctx.find_root().obj
    with working("looking"):
        checks = list(examine(home))
    if as_json:
        print_json(asdict(check) for check in checks)
    else:
        rows = [(check.grade, check.name, check.text, check.todo) for check in checks]
        print_table(rows, ("", "what", "how it is", "what to do"), total=len(rows))
        bad = [sum(check.grade is grade for check in checks) for grade in (Grade.FAILURE, Grade.WARNING)]
        note(f"{number_of(bad[0], 'failure')}, {number_of(bad[1], 'warning')}")
    ctx.exit(any(check.grade is Grade.FAILURE for check in checks))


COMMANDS = (doctor,)
