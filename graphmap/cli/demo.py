"""The whole job on the bundled sample."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from graphmap.cli.explore import chain_title
from graphmap.cli.logs import print_report
from graphmap.cli.options import home_option, settings_of
from graphmap.cli.output import console, print_chains, shown
from graphmap.cli.stories import print_stories, tell_held

if TYPE_CHECKING:
    from graphmap.model import Chain, Story

SHOWN = 5
"""How many chains are shown."""

YEAR = 2026
"""When the sample was recorded: half of its logs have stamps without a year, and no copy keeps their file times."""


@click.command()
@click.option("--serve", "then_serve", is_flag=True, help="Then serve the page of it, until Ctrl-C.")
@home_option
@click.pass_context
def demo(ctx: click.Context, then_serve: bool) -> None:
    """Run the whole job on the bundled sample.

    Logs in, chains and findings out. The sample is a recording of real OpenSSH servers. Its lake is a folder of its
    own, `demo` in the home folder, so nothing of it mixes with yours.

    \b
    Examples:
      graphmap demo
      graphmap demo --serve
      graphmap demo --home /tmp/try
    """
    from graphmap import resources
    from graphmap.cli.progress import ingest_progress
    from graphmap.detect.stories import choose
    from graphmap.pipeline.estate import keep_inventory, load_estate, read_inventory
    from graphmap.pipeline.hunt import hunt
    from graphmap.pipeline.ingest import ingest
    from graphmap.readers.base import ReadOptions

    settings = settings_of(ctx)
    settings = settings.apart(settings.home / "demo")
    sample = resources.sample()
    hosts = sorted(folder for folder in sample.iterdir() if folder.is_dir())
    _step(f"graphmap ingest {sample}/*/ --year {YEAR} --inventory {sample / 'inventory.yaml'}")
    with ingest_progress() as progress:
        report = ingest(hosts, settings=settings, options=ReadOptions(year=YEAR), progress=progress)
    print_report(report)
    keep_inventory(settings, read_inventory(sample / "inventory.yaml"))
    _step("graphmap chains --min-hops 2")
    found = [chain for _, chain in load_estate(settings).chains()]
    print_chains(found[:SHOWN], chain_title)
    click.echo(f"{min(len(found), SHOWN)} of {len(found)} chains, the most surprising first")
    _step("graphmap hunt")
    told = hunt(settings).stories
    chosen = choose(told, least_bits=settings.least_bits)
    print_stories(chosen, limit=0)
    tell_held(chosen, settings, rate=None, a_day=None)
    _go_on(settings.home, found[0], told[0])
    if then_serve:
        from graphmap.cli.serve import serve

        _step(f"graphmap serve --home {settings.home} --port 0")
        ctx.find_root().obj = settings.home
        ctx.invoke(serve, port=0)


def _step(command: str) -> None:
    console().print(Text(f"\n$ {shown(command)}", "bold"), soft_wrap=True)


def _go_on(home: Path, chain: Chain, story: Story) -> None:
    console().print(Text("\nGo on", "bold"))
    if shutil.which("graphmap") is None:
        click.echo(f"  export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
    click.echo(f"  export GRAPHMAP_HOME={shlex.quote(str(home))}")
    for command, purpose in (
        (f"graphmap stories show {story.id}", "in plain words: what is unusual, what to look at"),
        (f"graphmap findings show {story.parts[0].id}", "why, and the log lines that prove it"),
        (f"graphmap paths --from {chain.hosts[0]} --to {chain.hosts[-1]}", "how one host was reached from another"),
        (f"graphmap origins {chain.hosts[-1]}", "from where a host could have been reached"),
        ("graphmap status", "what the logs cover, and what they cannot show"),
        ("graphmap serve --open", "all of that in the browser, until Ctrl-C"),
        ("graphmap ingest LOGS --inventory HOSTS.yaml", "your own; graphmap --help lists all commands"),
    ):
        click.echo(f"  {command:<44} # {purpose}")


COMMANDS = (demo,)
