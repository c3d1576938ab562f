"""The command line: it parses, calls the pipeline, and prints."""

from __future__ import annotations

import os
import sys

import click

from graphmap.cli.app import graphmap
from graphmap.cli.output import complain
from graphmap.errors import GraphmapError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def main() -> None:
    """Run the command line, and turn what people can act on into messages and exit codes."""
    try:
        code = graphmap.main(prog_name="graphmap", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except GraphmapError as error:
        complain(error.message, error.hint)
        code = 1
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted", "what was acknowledged is kept; run it again to go on")
        code = INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has had enough: not an error, and nothing more can be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
