"""The lines of other projects' tests: user, source, port, fingerprint and success, wherever those state them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.readers.reading import HEADER, Reading, read_lines

if TYPE_CHECKING:
    from pathlib import Path

# Line and column: what graphmap says instead of the peer, and why. docs/formats.md has the same table.
DISAGREEMENTS: dict[tuple[str, str], tuple[str, str]] = {
    ("plaso:syslog_ssh#1", "key"): (
        "MD5:00:aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:77:88:99",
        "without the key's type, and with the prefix that OpenSSH prints since 6.8",
    ),
    ("plaso:syslog_ssh#2", "src_ip"): ("1:db8:a0b:12f0::1", "addresses are written in their canonical form"),
}


@pytest.fixture(scope="session")
def oracle(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "sshd-oracle" / "sshd.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def read(case: dict[str, Any]) -> Reading:
    line = case["line"]
    if not case["bare_message"]:
        return read_lines(line)
    dropbear = case["expect"].get("program") == "dropbear" or line.startswith(
        ("Bad password", "Bad PAM", "Login at", "Exit ")
    )
    return read_lines(HEADER.replace("sshd", "dropbear" if dropbear else "sshd") + line)


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """What the peer states, in the names of EVENTS."""
    expect = case["expect"]
    user = next((expect[name] for name in ("user", "loggedAs", "user_auth") if name in expect), None)
    stated = {
        "src_ip": expect.get("source"),
        "src_port": int(expect["port"]) if "port" in expect else None,
        "user": user,
        "cert_id": expect.get("cert_key_id"),
        "key": expect["trail"].split()[-1] if "trail" in expect else expect.get("fingerprint"),
    }
    return {name: value for name, value in stated.items() if value is not None}


def test_every_line_is_one_event(oracle: list[dict[str, Any]]) -> None:
    assert len(oracle) == 137
    wrong = [case["id"] for case in oracle if len(read(case).events) != 1]
    assert wrong == []


def test_fields_are_those_that_the_peer_states(oracle: list[dict[str, Any]]) -> None:
    wrong = []
    for case in oracle:
        stated = expected(case)
        event = {name: read(case).events[name].item() for name in stated}
        agreed = {name: DISAGREEMENTS.get((case["id"], name), (value, ""))[0] for name, value in stated.items()}
        if event != agreed:
            wrong.append((case["id"], agreed, event))
    assert wrong == []


def test_disagreements_are_real(oracle: list[dict[str, Any]]) -> None:
    stated = {(case["id"], name): value for case in oracle for name, value in expected(case).items()}
    assert all(stated[place] != ours for place, (ours, _) in DISAGREEMENTS.items())


def test_success_is_where_the_peer_says_so_and_nowhere_else(oracle: list[dict[str, Any]]) -> None:
    successes = {case["id"] for case in oracle if read(case).events["outcome"].item() == "success"}
    stated = {
        case["id"]
        for case in oracle
        if case["expect"].get("outcome") == "success"
        or case["expect"].get("type") == "login"
        or case["expect"].get("log_type") == "auth_success"
        or case["line"].partition("sshd[19956]: ")[2].startswith("Accepted ")  # SSHGuard says only: no attack
    }
    assert successes == stated


def test_stated_failures_are_failures(oracle: list[dict[str, Any]]) -> None:
    wrong = [
        case["id"]
        for case in oracle
        if (case["expect"].get("attack") or case["expect"].get("outcome") == "failure")
        and read(case).events["outcome"].item() != "failure"
    ]
    assert wrong == []


def test_disagreements_are_documented(root: Path) -> None:
    text = (root / "docs" / "formats.md").read_text()
    rows = [f"| `{name}` | {column} | `{ours}` | {why} |" for (name, column), (ours, why) in DISAGREEMENTS.items()]
    assert [row for row in rows if row not in text] == []
