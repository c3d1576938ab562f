"""`graphmap warmup`, and the notice of a command that compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from graphmap.cli.app import graphmap
from graphmap.readers import kernels, speed
from graphmap.readers.vectors.kernels import compiled

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CHILD = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"


def test_warmup_says_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "METERS", (speed.Meter(),))
    monkeypatch.setattr(kernels, "is_kept", lambda: False)
    done = CliRunner().invoke(graphmap, ["warmup"])
    assert done.exit_code == 0
    assert "compiling the scanners (once)\n" in done.stderr
    assert done.stdout.startswith("scanners and path walks are ready (")


def test_a_command_that_reads_much_says_that_it_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from graphmap.readers import sshd

    log = tmp_path / "auth.log"
    log.write_bytes(CHILD * 3)
    monkeypatch.setattr(sshd, "METER", speed.Meter())
    monkeypatch.setattr(kernels, "is_kept", lambda: False)
    monkeypatch.setattr(speed, "LOADED_FROM", 1)
    for limit, notice in ((speed.COMPILED_FROM, False), (1, True)):
        monkeypatch.setattr(speed, "COMPILED_FROM", limit)
        done = CliRunner().invoke(graphmap, ["parse", "--json", str(log)])
        assert done.stdout.count('"kind": "child"') == 3
        assert ("compiling the scanners (once)\n" in done.stderr) is notice


def test_a_place_that_cannot_be_written_keeps_nothing_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    real = numba.njit

    def refuses(**options: Any) -> object:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", refuses)

    def three() -> int:
        return 3

    assert compiled(three)() == 3
