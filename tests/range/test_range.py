"""The range against its own logs, read here by a few regexes that know nothing of graphmap."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.range.conftest import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.range, pytest.mark.slow]

LINE = re.compile(r"^(?P<stamp>\w{3} [ \d]\d \S+|\S+) (?P<host>\S+) (?P<tag>\w+)(?:\[\d+\])?: (?P<text>.*)$")
REPEATED = re.compile(r"^message repeated (\d+) times: \[ (.*)\]$")
ACCEPTED = re.compile(
    r"^Accepted (?P<method>\S+) for (?P<user>.*) from (?P<address>\S+) port \d+ ssh2"
    r"(?:: (?P<type>\S+) (?P<key>SHA256:\S+)(?: ID (?P<cert>\S+) \(serial \d+\) CA .*)?)?$"
)
FAILED = re.compile(
    r"^Failed password for (?P<invalid>invalid user )?(?P<user>.*) from (?P<address>\S+) port \d+ ssh2$"
)
PAM = re.compile(
    r"^error: PAM: Authentication failure for (?P<invalid>illegal user )?(?P<user>.*) from (?P<address>\S+)$"
)

Truth = dict[str, Any]


@dataclass(frozen=True)
class Message:
    stamp: str
    host: str
    text: str


def messages(log: Path) -> Iterator[Message]:
    """Messages of a log in order, folded ones written out."""
    for line in log.read_text(encoding="utf-8").splitlines():
        found = LINE.match(line)
        assert found, line
        folded = REPEATED.match(found["text"])
        for _ in range(int(folded[1]) if folded else 1):
            yield Message(found["stamp"], found["host"], folded[2] if folded else found["text"])


def logs(folder: Path, name: str) -> list[Message]:
    return [message for log in sorted(folder.glob(f"*/{name}")) for message in messages(log)]


def owners(folder: Path) -> dict[str, str]:
    """Host name by address."""
    inventory = yaml.safe_load((folder / "inventory.yaml").read_text(encoding="utf-8"))
    return {address: host["name"] for host in inventory["hosts"] for address in host["addresses"]}


def truth_of(folder: Path) -> Truth:
    document: Truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session", params=CHOSEN)
def folder(request: pytest.FixtureRequest, recorded: Callable[[int], Path]) -> Path:
    return recorded(request.param)


@pytest.mark.parametrize("name", ["auth.log", "auth-iso.log"])
def test_the_logs_have_every_hop_of_the_truth_and_no_other(folder: Path, name: str) -> None:
    host_of = owners(folder)
    logged = Counter(
        (
            host_of[hit["address"]],
            message.host,
            hit["user"],
            hit["method"].removesuffix("/pam"),
            hit["key"],
            hit["cert"],
        )
        for message in logs(folder, name)
        if (hit := ACCEPTED.match(message.text))
    )
    done = Counter(
        (hop["src"], hop["dst"], hop["user"], hop["method"], hop["key"], hop["cert_id"])
        for hop in truth_of(folder)["hops"]
    )
    assert logged == done


def test_every_hop_was_accepted_while_its_client_ran(folder: Path) -> None:
    accepted: dict[tuple[str, str, str], list[datetime]] = {}
    host_of = owners(folder)
    for message in logs(folder, "auth-iso.log"):
        if hit := ACCEPTED.match(message.text):
            edge = host_of[hit["address"]], message.host, hit["user"]
            accepted.setdefault(edge, []).append(datetime.fromisoformat(message.stamp))
    for hop in truth_of(folder)["hops"]:
        moment = accepted[hop["src"], hop["dst"], hop["user"]].pop(0)
        assert datetime.fromisoformat(hop["t"]) < moment < datetime.fromisoformat(hop["until"]), hop


@pytest.mark.parametrize("name", ["auth.log", "auth-iso.log"])
def test_the_logs_have_every_failure_of_the_truth_and_no_other(folder: Path, name: str) -> None:
    host_of = owners(folder)
    logged: Counter[tuple[str, str, str, str, bool]] = Counter()
    for message in logs(folder, name):
        for method, pattern in (("password", FAILED), ("keyboard-interactive", PAM)):
            if hit := pattern.match(message.text):
                logged[host_of[hit["address"]], message.host, hit["user"], method, not hit["invalid"]] += 1
    truth = truth_of(folder)
    done = Counter((f["src"], f["dst"], f["user"], f["method"], f["valid"]) for f in truth["failed"])
    assert logged == done
    assert truth["failures"] == done.total() > 0


def test_both_formats_have_the_same_messages(folder: Path) -> None:
    plain, iso = logs(folder, "auth.log"), logs(folder, "auth-iso.log")
    assert [(message.host, message.text) for message in plain] == [(message.host, message.text) for message in iso]
    assert [datetime.strptime(m.stamp, "%b %d %H:%M:%S").time() for m in plain] == [  # noqa: DTZ007 - RFC 3164 has no more
        datetime.fromisoformat(m.stamp).time().replace(microsecond=0) for m in iso
    ]


def test_every_chain_is_made_of_hops_in_its_order(folder: Path) -> None:
    truth = truth_of(folder)
    for chain in truth["chains"]:
        left = iter(hop for hop in truth["hops"] if hop["t"] >= chain["t0"])
        accounts = (None, *chain["users"])
        for i, user in enumerate(chain["users"]):
            step = chain["hosts"][i], chain["hosts"][i + 1], user
            hop = next(hop for hop in left if (hop["src"], hop["dst"], hop["user"]) == step)
            assert i == 0 or hop["as_user"] == accounts[i]


def test_a_jump_is_accepted_and_opens_no_session(folder: Path) -> None:
    """What tells ProxyJump: no `Starting session` for the port that was accepted. Only VERBOSE shows sessions at all."""
    starts = {hop["dst"] for hop in truth_of(folder)["hops"] if hop["how"] == "jump"}
    assert starts
    for host in starts:
        text = "\n".join(message.text for message in messages(folder / host / "auth.log"))
        if "Starting session" not in text:
            continue
        logins = re.findall(r"^Accepted .* from (\S+ port \d+) ssh2", text, re.MULTILINE)
        silent = [
            login for login in logins if not re.search(rf"^Starting session: .* from {login} id", text, re.MULTILINE)
        ]
        jumps = [hop for hop in truth_of(folder)["hops"] if hop["how"] == "jump" and hop["dst"] == host]
        assert len(silent) == len(jumps)


def test_no_line_says_where_it_was_recorded(folder: Path) -> None:
    machine = {str(Path(__file__).parents[2]), Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip()}
    for path in folder.rglob("*.*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert not [word for word in machine if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)], path


def descendants(pid: int) -> dict[int, str]:
    """Name by pid of all processes below `pid`."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
        except OSError:
            continue
        parents.setdefault(int(tail.split()[1]), []).append((int(path.parent.name), head.partition("(")[2]))
    found = dict(parents.get(pid, []))
    for child in list(found):
        found |= descendants(child)
    return found


def poll(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def machine() -> list[str]:
    """What a range must leave as it was: mounts, accounts, named namespaces, network interfaces."""
    files = [Path(name).read_text(encoding="utf-8") for name in ("/proc/self/mounts", "/etc/passwd")]
    commands = (["ip", "netns", "list"], ["ip", "-o", "link"])
    return files + [subprocess.run(c, capture_output=True, text=True, check=True).stdout for c in commands]


@pytest.mark.usefixtures("able")
def test_a_killed_recording_leaves_nothing(tmp_path: Path) -> None:
    before = machine()
    command = [sys.executable, "-m", "tests.range", "record", "--seed", str(CHOSEN[0]), "--out", str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL) as owner:
        servers = lambda: [pid for pid, name in descendants(owner.pid).items() if name == "sshd"]  # noqa: E731
        assert poll(servers, 30), "no sshd came up"
        below = descendants(owner.pid)
        owner.kill()
    assert poll(lambda: not [pid for pid in below if Path("/proc", str(pid)).exists()], 10)
    assert machine() == before
    assert list(tmp_path.iterdir()) == []
