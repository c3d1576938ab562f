"""The program on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess

from tests.cli.program import HERE, Program


def on_terminal(program: Program, *words: str, columns: int = 80, errors: bool = False) -> str:
    """What a terminal of that width would get; with `errors` standard error as well, progress and all."""
    main, side = pty.openpty()
    run = Program(program.home, {"COLUMNS": str(columns), "TERM": "xterm"})
    with subprocess.Popen(
        run.command(*words),
        stdin=side,
        stdout=side,
        stderr=side if errors else subprocess.DEVNULL,
        env=run.environment(),
        cwd=HERE,
    ) as process:
        os.close(side)
        seen = b""
        while chunk := _read(main):
            seen += chunk
    os.close(main)
    assert process.returncode == 0, seen
    return seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO where the other side has closed
        return b""


def plain(screen: str) -> str:
    """The text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)
