"""How the program behaves among others: its home, pipes, standard input, completion."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import HERE, Program, expected


def test_home_is_the_option_before_or_after_the_command_then_the_variable(hunted: Program, tmp_path: Path) -> None:
    other = Program(tmp_path / "other")
    hops = expected("hops")
    assert other.ok("--home", hunted.home, "hops", "--json").documents() == hops
    assert other.ok("hops", "--json", "--home", hunted.home).documents() == hops
    assert other.ok("--home", other.home, "hops", "--json", "--home", hunted.home).documents() == hops
    assert other.ok("findings", "--home", hunted.home, "list", "--json").documents() == expected("findings")
    assert hunted.ok("hops", "--json").documents() == hops
    assert other.ok("hops", "--json").documents() == []


def test_home_without_a_word_is_the_users_data_folder(tmp_path: Path) -> None:
    run = Program(tmp_path, {"GRAPHMAP_HOME": "", "HOME": str(tmp_path)})
    run.ok("ingest", "--year", "2026", "logs")
    assert (tmp_path / ".local/share/graphmap/ledger.sqlite").is_file()


def test_settings_file_in_the_home(program: Program) -> None:
    program.home.mkdir()
    (program.home / "graphmap.toml").write_text('timezone = "+02:00"\n')
    found = program.ok("parse", "--json", "--year", "2026", "logs/vault/auth.log").documents()
    assert found[0]["time"] == "2026-03-09T00:00:00Z"


@pytest.mark.parametrize("words", ["parse --json --year 2026 {many}", "parse --year 2026 {many}"])
def test_a_reader_that_has_had_enough_is_no_error(program: Program, tmp_path: Path, words: str) -> None:
    many = tmp_path / "many.log"
    line = "Mar 10 08:00:00 web sshd[7]: Accepted password for eve from 192.0.2.1 port {} ssh2\n"
    many.write_text("".join(line.format(port) for port in range(1, 5000)))
    command = program.command(*words.format(many=many).split())
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.environment(), cwd=HERE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")


def test_tables_into_a_closed_pipe_are_no_error(hunted: Program) -> None:
    for words in (["hops"], ["chains", "--json"], ["findings"]):
        command = " ".join(hunted.command(*words)) + " | true; exit ${PIPESTATUS[0]}"
        done = subprocess.run(
            ["bash", "-c", command], env=hunted.environment(), cwd=HERE, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_standard_input_may_be_a_log(program: Program) -> None:
    log = (HERE / "logs/ws1/auth.log").read_bytes()
    parsed = program.ok("parse", "--json", "-", stdin=log).documents()
    assert parsed == [event | {"file": "-"} for event in expected("events") if "ws1" in event["file"]]
    assert program.ok("ingest", "-", stdin=log).out.startswith("1 file: 1 added\n8 lines: 6 events (6 new, 0 known)")
    assert program.ok("ingest", "-", stdin=log).out == "1 file: 1 already\n"


def test_a_finding_outlives_its_log(program: Program, tmp_path: Path) -> None:
    shutil.copytree(HERE / "logs", tmp_path / "logs")
    program.ok("ingest", "--year", "2026", tmp_path / "logs", "--inventory", "inventory.yaml")
    (finding,) = program.ok("hunt", "--json", "--detector", "brute-force-success").documents()
    before = program.ok("findings", "show", finding["id"]).out
    assert "    Mar 10 08:20:20 jump sshd[1016]: Accepted password for deploy" in before
    shutil.rmtree(tmp_path / "logs")
    after = program.ok("findings", "show", finding["id"]).out
    assert after.split("Lines")[0] == before.split("Lines")[0]
    named = [line for line in before.splitlines() if re.fullmatch(r"  \S.*auth\.log:\d+", line)]
    assert [line for line in after.splitlines() if line in named] == named
    assert after.count("it cannot be shown") == len(named) == len(finding["lines"])
    assert "Accepted password for deploy" not in after


def test_a_home_that_is_made_is_for_its_owner(program: Program) -> None:
    program.ok("ingest", "--year", "2026", HERE / "logs")
    assert program.home.stat().st_mode & 0o777 == 0o700


def test_after_a_rotation_no_other_line_is_shown_as_proof(program: Program, tmp_path: Path) -> None:
    shutil.copytree(HERE / "logs", tmp_path / "logs")
    program.ok("ingest", "--year", "2026", tmp_path / "logs", "--inventory", "inventory.yaml")
    (finding,) = program.ok("hunt", "--json", "--detector", "brute-force-success").documents()
    log = Path(finding["lines"][0]["file"])
    log.write_text("Mar 11 00:00:01 jump sshd[9]: Accepted password for eve from 10.9.9.9 port 9 ssh2\n" * 30)
    after = program.ok("findings", "show", finding["id"]).out
    assert " eve " not in after
    assert after.count("the file has been rotated or written anew") == len(finding["lines"])


def test_the_demo_runs_and_its_last_words_are_commands_that_work(program: Program) -> None:
    shown = program.ok("demo").out
    assert "$ graphmap chains --min-hops 2" in shown
    go_on = [line.split("#")[0].split() for line in shown.split("Go on\n")[1].splitlines()]
    if shutil.which("graphmap", path=program.environment().get("PATH")) is None:
        assert go_on.pop(0) == ["export", f"PATH={Path(sys.executable).parent}:$PATH"]
    assert go_on[0] == ["export", f"GRAPHMAP_HOME={program.home}/demo"]
    demo = Program(program.home / "demo")
    assert go_on[-2] == ["graphmap", "serve", "--open"]
    for _, *words in go_on[1:-2]:
        assert demo.ok(*words).out


def test_version_and_bare_call(program: Program) -> None:
    assert program.ok("--version").out.startswith("graphmap ")
    bare = program()
    assert (bare.code, bare.out) == (2, "")
    assert bare.err.startswith("Usage: graphmap [OPTIONS] COMMAND")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(program: Program, shell: str) -> None:
    script = program.ok("completion", shell).out
    assert "_GRAPHMAP_COMPLETE" in script
    assert "graphmap" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script.encode(), check=True, capture_output=True)


def test_bash_takes_the_completion(program: Program, tmp_path: Path) -> None:
    caller = tmp_path / "graphmap"
    caller.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m graphmap "$@"\n')
    caller.chmod(0o755)
    script = """
        source <(graphmap completion bash) && complete -p graphmap
        COMP_WORDS=(graphmap ch) COMP_CWORD=1
        _graphmap_completion graphmap
        echo "${COMPREPLY[@]}"
    """
    run = Program(program.home, {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    done = subprocess.run(
        ["bash", "-c", script], env=run.environment(), cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["complete -o nosort -F _graphmap_completion graphmap", "chains chokepoints"]
    assert done.stderr == ""
