"""A range that is watched while it plays: half of the hosts forward what they log, of the others the files are followed.

``graphmap watch`` and ``graphmap jobs daemon`` run on the router, and so does a web server that takes alerts. When all
is quiet, somebody walks into the restricted segment.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import yaml

from graphmap.config import Settings
from graphmap.pipeline.estate import keep_inventory, read_inventory
from graphmap.store.ledger import Ledger, RunState
from tests.range import namespaces, topology
from tests.range.actions import Player
from tests.range.hosts import Estate, wait_for
from tests.range.namespaces import RUN
from tests.range.scenario import Scenario
from tests.range.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PORT, HOOK = 5514, 8080
EVERY = 10
"""Seconds from one hunt to the next."""

CONFIG = """
[jobs.hunt]
every = "{every}s"
detectors = ["multi-hop-chain"]
outputs = ["hook"]

[alerts.hook]
kind = "webhook"
url = "http://127.0.0.1:{port}/hook"
"""


def play(seed: int, out: Path) -> None:
    """Leave in `out`: the home folder, the truth, and ``told.json``: when what was told, and when the walk ended."""
    namespaces.end_with_parent()
    namespaces.hide_run()
    plan, truth = topology.build(seed), Truth(seed)
    settings = Settings(out / "home")
    settings.home.mkdir()
    (out / "inventory.yaml").write_text(yaml.safe_dump(plan.inventory(), sort_keys=False), encoding="utf-8")
    keep_inventory(settings, read_inventory(out / "inventory.yaml"))
    (settings.home / "graphmap.toml").write_text(CONFIG.format(every=EVERY, port=HOOK), encoding="utf-8")
    sending = [host.name for host in plan.hosts[::2]]
    files = [str(RUN / "range" / host.name / "log" / "auth.log") for host in plan.hosts[1::2]]
    with ExitStack() as stack:
        told = _receiver(stack)
        _graphmap(stack, out, settings, ["watch", "--syslog", f"tcp://0.0.0.0:{PORT}", "--every", "1s", *files])
        estate = Estate(plan, (sending, PORT))
        scenario = Scenario(Player(estate, truth), rounds=1)
        _graphmap(stack, out, settings, ["jobs", "daemon"])
        scenario.work(0)
        _await_hunts(settings, 2, estate)
        before = len(told)
        began = time.time()
        scenario.same_key()
        ended = time.time()
        _await_hunts(settings, 3, estate)
        for server in estate.servers.values():
            server.finish_log("end of recording")
        _await_hunts(settings, 2, estate)
    truth.write(out / "truth.json")
    document = {"every": EVERY, "began": began, "ended": ended, "before": before, "told": told}
    (out / "told.json").write_text(json.dumps(document), encoding="utf-8")


def _receiver(stack: ExitStack) -> list[dict[str, Any]]:
    """A web server that writes down what is posted to it: when, the key, the alert."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.append({"at": time.time(), "key": self.headers["Idempotency-Key"], "alert": body})
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", HOOK), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return told


def _graphmap(stack: ExitStack, out: Path, settings: Settings, words: Sequence[str]) -> None:
    """A program that runs until the stack ends; it has to end well."""
    said = stack.enter_context((out / f"{words[0]}.log").open("w", encoding="utf-8"))
    process = subprocess.Popen(
        [sys.executable, "-m", "graphmap", *words, "--home", str(settings.home)], stdout=said, stderr=said
    )

    def end() -> None:
        process.terminate()
        if process.wait(60) != 0:
            raise namespaces.RangeError(f"{words[0]} ended with {process.returncode}; see {said.name}")

    stack.callback(end)


def _await_hunts(settings: Settings, count: int, estate: Estate) -> None:
    """Wait until so many hunts more have begun and ended."""

    def hunts() -> int:
        with Ledger(settings.ledger) as ledger:
            return sum(run.state is not RunState.RUNNING for run in ledger.runs("hunt"))

    for _ in range(count):
        wanted = hunts() + 1
        wait_for(lambda wanted=wanted: hunts() >= wanted, "a hunt", estate.trouble)  # type: ignore[misc] # a default
