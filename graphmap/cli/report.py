"""Report: what was found, what could be reached, what could be switched off, what nobody can see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmap.cli.options import gap_option, home_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import working
from graphmap.cli.warmup import compiling_notice
from graphmap.errors import InputError

if TYPE_CHECKING:
    from graphmap.pipeline.reports import Report


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown", "html"]), default="text", show_default=True,
    help="What to write.",
)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file; not for text.")
@gap_option
@home_option
@click.pass_context
def report(ctx: click.Context, form: str, out: Path | None) -> None:
    """Report on all that is stored, to be read or passed on.

    Stories, blast radius, exposed paths into restricted segments and their choke points, what ATT&CK's mitigations
    M1018, M1032 and M1042 would change, and what the logs cannot answer. Run `graphmap hunt` before.

    \b
    Examples:
      graphmap report
      graphmap report --format html --out report.html
      graphmap report --format json
    """
    from graphmap.pipeline.reports import gather, html_of, markdown_of

    if form == "text" and out is not None:
        raise click.UsageError("--out needs --format json, markdown or html")
    with working("asking"), compiling_notice():
        found = gather(settings_of(ctx))
    if form == "text":
        _print(found)
    elif form == "json" and out is None:
        print_json([found.document()])
    else:
        text = {"html": html_of, "markdown": markdown_of, "json": _json}[form](found)
        if out is None:
            click.echo(text, nl=False)
            return
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"{out}: {error.strerror}") from error
        note(f"{out} is written")


def _json(found: Report) -> str:
    return json.dumps(found.document()) + "\n"


def _print(found: Report) -> None:
    from rich.text import Text

    from graphmap.cli.output import console, shown

    for section in found.sections:
        mitigation = f" ({section.mitigation})" if section.mitigation else ""
        console().print(Text(f"{shown(section.title)}{mitigation}", "bold"), soft_wrap=True)
        if section.missing is not None:
            console().print(Text(f"not evaluable: {shown(section.missing)}"), soft_wrap=True)
        elif section.rows:
            print_table(section.rows, section.columns)
        else:
            console().print("nothing")
        console().print()


COMMANDS = (report,)
