"""The program as people run it: a process of its own, with a home of its own and every warning an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

import graphmap
from graphmap.cli import main

HERE = Path(__file__).parent
CODE = Path(graphmap.__file__).parents[1]
SECONDS = 120
"""A process that takes longer hangs."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a process said."""

    code: int
    out: str
    err: str

    def documents(self) -> list[Document]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def document(self) -> Document:
        """The only one."""
        (document,) = self.documents()
        return document


@dataclass(frozen=True)
class Program:
    """Runs graphmap in the folder of the test logs, so that file names are the same everywhere."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but where programs are, and the code under test."""
        plain = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHONPATH": str(CODE)}
        return plain | {"GRAPHMAP_HOME": str(self.home), "LANG": "C.UTF-8"} | self.environ

    def command(self, *words: str | Path) -> list[str]:
        """The words of a command line."""
        return [sys.executable, "-W", "error", "-m", "graphmap", *map(str, words)]

    def __call__(self, *words: str | Path, stdin: bytes = b"", cwd: Path = HERE) -> Answer:
        """Run it. Whatever happens, nobody is shown a stack trace or a warning."""
        done = subprocess.run(
            self.command(*words),
            input=stdin,
            capture_output=True,
            env=self.environment(),
            cwd=cwd,
            timeout=SECONDS,
            check=False,
        )
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in answer.err, answer.err
        assert "Warning" not in answer.err, answer.err
        return answer

    def ok(self, *words: str | Path, stdin: bytes = b"") -> Answer:
        """Run it; it has to succeed."""
        answer = self(*words, stdin=stdin)
        assert answer.code == 0, answer
        return answer

    def inside(self, *words: str) -> Answer:
        """Run it in this process, which spares a start: for questions whose answer, and not its way out, is asked."""
        argv = mock.patch.object(sys, "argv", ["graphmap", *words])
        environ = mock.patch.dict(os.environ, self.environment(), clear=True)
        out, err = BytesIO(), BytesIO()
        said, told = (TextIOWrapper(buffer, encoding="utf-8", write_through=True) for buffer in (out, err))
        with argv, environ, chdir(HERE), redirect_stdout(said), redirect_stderr(told):
            try:
                main()
            except SystemExit as exit_:
                code = int(exit_.code or 0)
            else:
                raise AssertionError("it did not exit")
        return Answer(code, out.getvalue().decode(), err.getvalue().decode())


class Inside(Program):
    """The same in this process, which spares a start each time, but for what only a process of its own can be given."""

    def __call__(self, *words: str | Path, stdin: bytes = b"", cwd: Path = HERE) -> Answer:
        """Run it. Nobody is shown a stack trace or a warning."""
        if stdin or cwd != HERE:
            return super().__call__(*words, stdin=stdin, cwd=cwd)
        answer = self.inside(*map(str, words))
        assert "Traceback" not in answer.err, answer.err
        return answer


def expected(name: str) -> list[Document]:
    """An answer over the test logs, one document a line; checked by hand, line by line, when it was written."""
    return [json.loads(line) for line in (HERE / "answers" / f"{name}.ndjson").read_text().splitlines()]
