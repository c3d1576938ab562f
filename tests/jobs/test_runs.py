"""Jobs as people and schedulers run them: a process each, on one home folder."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings
from graphmap.jobs.serving import serve
from graphmap.store.ledger import DeliveryState, Ledger, NewDelivery, Run, RunState
from graphmap.store.ledger.owners import is_gone
from tests.cli.program import HERE, Program
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def write(program: Program, text: str) -> None:
    (program.home / "graphmap.toml").write_text(text)


def runs(program: Program) -> list[Run]:
    with Ledger(Settings(program.home).ledger) as ledger:
        return ledger.runs()


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a graph server that takes connections and never says a word: what a run can hang on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"bolt://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def hanging(program: Program, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run of the job `push` that waits for an answer of its server."""
    with silent_server() as uri:
        environ = program.environment() | {"GRAPHMAP_NEO4J_URI": uri, "GRAPHMAP_NEO4J_PASSWORD": "x"}
        process = subprocess.Popen(
            program.command("jobs", "run", "push", *words), env=environ, cwd=HERE, stderr=subprocess.PIPE, text=True
        )
        try:
            wait_for(lambda: runs(program), "the run begins")
            yield process
        finally:
            process.kill()
            process.communicate()


def test_a_job_does_its_task_and_is_put_on_record(program: Program) -> None:
    hunted = program.ok("jobs", "run", "hunt", "--json").document()
    assert (hunted["id"], hunted["job"], hunted["state"], hunted["error"]) == (1, "hunt", "done", None)
    found = len(program.ok("findings", "list", "--json").documents())
    assert found > 0
    stories = len(program.ok("stories", "list", "--json").documents())
    counts = {"stories": stories, "told": stories, "findings": found, "hidden": 0, "new": found, "updated": 0}
    assert hunted["counts"] == counts | {"to_read": found}
    again = program("jobs", "run", "hunt", "--exit-code")
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("run 2 of hunt done in ")
    said = f": {stories} stories, {stories} told, {found} findings, 0 hidden, 0 new, 0 updated, 0 to read\n"
    assert again.out.endswith(said)
    history = program.ok("jobs", "history", "--json").documents()
    assert [(run["id"], run["state"]) for run in history] == [(2, "done"), (1, "done")]


def test_new_findings_are_an_exit_code_of_their_own(program: Program) -> None:
    assert program("jobs", "run", "hunt", "--exit-code", "--quiet").code == 4


def test_a_window_keeps_what_has_evidence_in_it(program: Program) -> None:
    write(program, "[jobs.hunt]\nwindow = '1d'\n")  # the logs are of last spring
    assert program.ok("jobs", "run", "hunt", "--json").document()["counts"]["findings"] == 0
    assert program.ok("findings", "list", "--json").documents() == []


def test_every_task_that_needs_no_server(program: Program) -> None:
    write(program, "[jobs.retention]\nkeep = '1d'\n[jobs.read]\ntask = 'ingest'\npaths = ['logs']\n")
    counts = {
        name: program.ok("jobs", "run", name, "--json").document()["counts"]
        for name in ("read", "coverage", "compact", "retention")
    }
    assert counts["read"] == {"lines": 37, "added": 0, "duplicates": 34, "rejects": 1, "files": 4, "unread": 0}
    assert counts["coverage"]["hosts"] == 5
    assert counts["compact"] == {"files": 2, "joined": 2, "deleted": 0}
    assert counts["retention"]["events"] == 34
    assert program.ok("status", "--json").document()["events"] == 0


def test_a_failure_is_said_and_recorded(program: Program) -> None:
    answer = program("jobs", "run", "push")
    assert answer.code == 1
    assert answer.err.startswith("graphmap: push: no graph server is named")
    (run,) = runs(program)
    assert (run.state, run.counts) == (RunState.FAILED, {})
    assert run.error is not None
    assert run.error.startswith("no graph server is named")


def test_what_cannot_be_read_is_an_exit_code_of_its_own(program: Program) -> None:
    cut = program.home / "cut.log.gz"
    cut.write_bytes(gzip.compress((HERE / "logs/jump/auth.log").read_bytes())[:-20])
    write(program, f"[jobs.read]\ntask = 'ingest'\npaths = ['logs', '{cut}']\n")
    answer = program("jobs", "run", "read")
    assert (answer.code, answer.err) == (3, f"graphmap: read: not read to the end: {cut}\n")
    assert [run.state for run in runs(program)] == [RunState.PARTLY]


def test_no_job_is_run_twice_at_one_time(program: Program) -> None:
    with hanging(program):
        (run,) = runs(program)
        answer = program("jobs", "run", "push")
        assert (answer.code, answer.out, answer.err) == (
            75,
            "",
            f"push is running: run 1 on {run.owner.split('@')[0]}\n",
        )
        assert program("jobs", "run", "coverage", "--quiet").code == 0


def test_a_moment_is_run_for_once(program: Program) -> None:
    words = ("jobs", "run", "coverage", "--due", "2026-03-10T12:00:00Z")
    program.ok(*words)
    answer = program.ok(*words)
    assert (answer.out, answer.err) == ("", "run 1 was for that moment\n")
    assert len(runs(program)) == 1


@pytest.mark.parametrize(
    ("how", "state", "error"),
    [
        ("terminate", RunState.CANCELLED, "its process was told to end (SIGTERM)"),
        ("cancel", RunState.CANCELLED, "stopped by ann"),
        ("limit", RunState.TIMED_OUT, "it took longer than its time limit of 3 s"),
    ],
)
def test_a_run_that_hangs_can_be_stopped(program: Program, how: str, state: RunState, error: str) -> None:
    write(program, "[jobs.push]\ntime_limit = '3s'\n" if how == "limit" else "")
    with hanging(program) as process:
        if how == "terminate":
            process.terminate()
        if how == "cancel":
            program.ok("jobs", "cancel", "1", "--author", "ann")
        assert process.wait(60) == 5
        (run,) = runs(program)
        assert (run.state, run.error) == (state, error)
        assert program("jobs", "run", "coverage").code == 0


def test_a_run_whose_process_was_killed_is_lost_and_can_be_done_again(program: Program) -> None:
    with hanging(program, "--due", "2026-03-10T12:00:00Z") as process:
        process.kill()
        process.wait()
        (run,) = runs(program)
        assert is_gone(run.owner)
        answer = program("jobs", "run", "push", "--due", "2026-03-10T12:00:00Z")
        assert answer.code == 1  # it was tried: no server is named
    assert [run.state for run in runs(program)] == [RunState.FAILED, RunState.LOST]


@contextmanager
def daemon(program: Program, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        program.command("jobs", "daemon", *words),
        env=program.environment(),
        cwd=HERE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_daemon_runs_what_is_due_and_says_so(program: Program) -> None:
    write(program, "[jobs.coverage]\nevery = '1s'\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with daemon(program, "--log-format", "json", "--metrics", f"127.0.0.1:{port}") as process:
        wait_for(lambda: [run for run in runs(program) if run.state is RunState.DONE][1:], "two runs")
        listed = {job["job"]: job for job in program.ok("jobs", "list", "--json").documents()}
        assert listed["coverage"]["next"] is not None
        assert listed["coverage"]["last"]["state"] in {"done", "running"}
        assert [ask(port, "/health"), ask(port, "/ready")] == [(200, "here\n"), (200, "ready\n")]
        metrics = scrape(port)
        assert metrics["graphmap_up"] == metrics["graphmap_daemon_leads"] == 1
        assert metrics["graphmap_lake_events"] == 34
        assert metrics['graphmap_job_last_start_timestamp_seconds{job="coverage"}'] <= time.time()
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert said.splitlines()[-1] == "stopped"
    found = runs(program)
    assert all(run.state in {RunState.DONE, RunState.CANCELLED} for run in found)
    moments = [run.due for run in found]
    assert len(set(moments)) == len(moments)
    with Ledger(Settings(program.home).ledger) as ledger:
        assert ledger.holder("daemon") is None


def ask(port: int, path: str) -> tuple[int, str]:
    """Status and text of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def scrape(port: int) -> dict[str, float]:
    """What Prometheus would read."""
    status, text = ask(port, "/metrics")
    assert status == 200
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, number in lines}


def test_metrics_of_watches_and_alerts_and_a_home_that_is_not_ready(program: Program) -> None:
    with Ledger(Settings(program.home).ledger) as ledger:
        ledger.queue_deliveries("soc", {}, [NewDelivery(name, "s", "c", {name: "g"}) for name in "ab"], now=MOMENT)
        ledger.end_delivery("a", DeliveryState.SENT, answer="200", now=MOMENT)
    log = program.home.parent / "followed.log"
    log.write_text(
        "2026-03-01T10:00:00.5+00:00 web1 sshd[7]: Accepted password for bob from 10.0.0.1 port 50 ssh2\nx\n"
    )
    with log.open("rb") as lines:
        subprocess.run(program.command("watch", "-"), stdin=lines, env=program.environment(), cwd=HERE, check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    stop = serve(Settings(program.home), "127.0.0.1", port)
    try:
        metrics = scrape(port)
        assert {name: number for name, number in metrics.items() if "_watch_" in name or "deliveries" in name} == {
            'graphmap_deliveries{output="soc",state="pending"}': 1,
            'graphmap_deliveries{output="soc",state="sent"}': 1,
            'graphmap_watch_up{watch="watch"}': 0,
            'graphmap_watch_behind_bytes{watch="watch"}': 0,
            'graphmap_watch_lag_seconds{watch="watch"}': metrics['graphmap_watch_lag_seconds{watch="watch"}'],
            'graphmap_watch_lines{watch="watch"}': 2,
            'graphmap_watch_rejects{watch="watch"}': 1,
            'graphmap_watch_dropped{watch="watch"}': 0,
        }
        assert ask(port, "/other")[0] == 404
        (program.home / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
        wait_for(lambda: ask(port, "/ready")[0] == 503, "it is not ready")
        assert ask(port, "/ready")[1] == "the ledger cannot be read, or is of another version of graphmap\n"
        assert scrape(port) == {"graphmap_up": 0}
    finally:
        stop()


@pytest.mark.slow
def test_a_daemon_without_schedules_says_what_to_do(program: Program) -> None:
    answer = program("jobs", "daemon")
    assert answer.code == 1
    assert answer.err.startswith(f"graphmap: no job of {program.home / 'graphmap.toml'} has a schedule\n")


@pytest.mark.slow
def test_a_daemon_that_is_told_to_stop_stops_its_runs(program: Program) -> None:
    write(program, "[jobs.push]\nevery = '1s'\n")
    with silent_server() as uri:
        environ = {"GRAPHMAP_NEO4J_URI": uri, "GRAPHMAP_NEO4J_PASSWORD": "x"}
        with daemon(Program(program.home, environ)) as process:
            wait_for(lambda: runs(program), "a run")
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(60) == 0
    assert [run.state for run in runs(program)] == [RunState.CANCELLED]
