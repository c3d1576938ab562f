"""The command `graphmap` and its parts."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from graphmap.cli.options import home_option


class NobodyReadsError(Exception):
    """Whoever read the output has gone. Not an OSError, of which click would make exit code 1."""


class Sections(click.Group):
    """A group whose help lists its commands under headings, in the order of the work."""

    SECTIONS = (
        ("Start", ("demo",)),
        ("Logs in", ("ingest", "watch", "parse", "readers", "status", "coverage")),
        ("Movement out", ("sessions", "hops", "chains", "rare")),
        ("Pivots", ("paths", "reach", "origins", "radius", "chokepoints")),
        ("Hunt", ("hunt", "stories", "findings", "suppressions", "policy", "alerts", "report")),
        ("Always on", ("jobs",)),
        ("Upkeep", ("doctor", "backup", "restore")),
        ("Evaluate", ("simulate", "evaluate")),
        ("Server", ("serve", "token", "graph")),
        ("Program", ("warmup", "completion")),
    )

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise NobodyReadsError from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        for title, names in self.SECTIONS:
            rows = [(name, self.commands[name].get_short_help_str(60)) for name in names if name in self.commands]
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("graphmap"), "-V", "--version", message="graphmap %(version)s")
@home_option
def graphmap() -> None:
    """Map lateral movement: logs of many hosts in, explained multi-hop chains out.

    \b
    Examples:
      graphmap demo                                 the whole job on the bundled sample
      graphmap ingest logs/ --inventory hosts.yaml  logs into the lake, each line once
      graphmap chains --since 2026-03-01            who moved along which hosts
      graphmap hunt                                 what is worth reading, as stories

    \b
    Exit codes: 0 done, 1 could not be done (the message says why), 2 wrong usage,
    3 done in part (some inputs could not be read), 4 found something new
    (hunt --exit-code), 130 interrupted. `jobs run` has two more, see its help.
    """


MODULES = (
    "demo", "logs", "watch", "coverage", "parse", "explore", "paths", "hunt", "stories", "suppressions", "policy",
    "alerts", "report", "jobs", "doctor", "backup", "simulate", "serve", "tokens", "graph", "warmup",
)  # fmt: skip
"""Where the commands are."""

for _module in MODULES:
    for _command in import_module(f"graphmap.cli.{_module}").COMMANDS:
        graphmap.add_command(_command)
