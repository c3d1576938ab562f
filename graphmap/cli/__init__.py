"""The command line: it parses, calls the pipeline, and prints."""

from __future__ import annotations

import io
import os
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def main() -> None:
    """Run the command line and exit."""
    try:
        code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has had enough: not an error, and nothing more can be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run() -> int | None:
    """Run the command line, and turn what people can act on into messages and exit codes."""
    import click

    from graphmap.cli.app import NobodyReadsError, graphmap
    from graphmap.cli.output import complain
    from graphmap.errors import GraphmapError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name need not be text, nor a terminal know Unicode
    try:
        code: int | None = graphmap.main(prog_name="graphmap", standalone_mode=False)
    except click.Abort:
        complain("interrupted", "what was acknowledged is kept; run it again to go on")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except NobodyReadsError as error:
        raise BrokenPipeError from error
    except GraphmapError as error:
        complain(error.message, error.hint)
        return 1
    except OSError as error:
        from graphmap.store.refusals import words_of

        told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        complain(*(words_of(told) or (told, None)))
        return 1
    except Exception as error:
        if os.environ.get("GRAPHMAP_DEBUG", "").lower() in {"1", "true", "yes"}:
            raise
        complain(f"this is a bug: {type(error).__name__}: {error}", "GRAPHMAP_DEBUG=1 shows where; please report it")
        return 1
    return code
