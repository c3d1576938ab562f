"""Alerts from the command line: what a hunt finds is told, and what could not be told is listed."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.alerts.entries import write
from tests.alerts.receivers import Reply, Web, web_server
from tests.cli.program import HERE, Inside, Program, expected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "hunter2-hunter2"


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


@pytest.fixture
def home(hunted: Program, tmp_path: Path) -> Program:
    """A home that was hunted in, to be written to."""
    shutil.copytree(hunted.home, tmp_path / "home")
    return Inside(tmp_path / "home")


def test_a_hunt_tells_what_it_finds_once_with_the_lines_that_prove_it(home: Program, web: Web) -> None:
    write(home.home, soc={"kind": "webhook", "url": web.url})
    said = home.ok("hunt", "--alert", "--json")
    assert said.err.splitlines()[-1] == "7 alerts sent"
    assert home.ok("hunt", "--alert").err.splitlines()[-1] == "0 alerts sent"
    sent = [one for request in web.requests for one in json.loads(request.body)["findings"]]
    by_id = {finding["id"]: finding for finding in expected("findings")}
    assert {one["finding"]["id"] for one in sent} == by_id.keys()
    for one in sent:
        assert one["finding"] == {name: by_id[one["finding"]["id"]][name] for name in one["finding"]}
        assert [(line["file"], line["line"]) for line in one["evidence"]] == [
            (line["file"], line["line"]) for line in one["finding"]["lines"][:20]
        ]
        for line in one["evidence"]:
            assert line["text"] == (HERE / line["file"]).read_text().splitlines()[line["line"] - 1]
    listed = home.ok("alerts", "list", "--json").documents()
    assert [one["id"] for one in listed] == web.keys()
    assert {(one["state"], one["answer"], one["attempts"]) for one in listed} == {("sent", "HTTP 200 ok", 1)}
    assert list(listed[0]) == [
        "id", "output", "state", "summary", "created", "attempts", "next", "ended", "answer",
    ]  # fmt: skip


def test_what_could_not_be_sent_is_listed_and_sent_when_somebody_asks(home: Program, web: Web) -> None:
    write(home.home, soc={"kind": "webhook", "url": web.url, "min_severity": "high", "group": 100})
    web.replies.append(Reply(400, b"\x1b[31mno"))
    told = home.ok("hunt", "--alert").err.splitlines()
    assert told[-2:] == [f"soc: {web.url.rpartition('/hook')[0]}: HTTP 400 \\x1b[31mno", "0 alerts sent, 1 given up"]
    (dead,) = home.ok("alerts", "list", "--dead", "--json").documents()
    assert (dead["state"], dead["summary"].startswith("[high] 6 findings, the first: ")) == ("dead", True)
    assert home.ok("alerts", "send").err == "0 alerts sent\n"
    assert home.ok("alerts", "retry", "--all").err == "1 alert to be sent: graphmap alerts send\n"
    assert home.ok("alerts", "send", "--json").document() == {
        "sent": 1, "held": 0, "failed": 0, "dead": 0, "dropped": 0, "waiting": 0, "problems": [],
    }  # fmt: skip
    assert home.ok("alerts").out.splitlines()[1].split()[:3] == [dead["id"], "soc", "sent"]
    assert home.ok("alerts", "list", "--pending").err == "no alerts\n"
    again = home("alerts", "retry", dead["id"][:5])
    assert (again.code, "was sent: there is nothing to send" in again.err) == (2, True)


def test_send_says_by_its_exit_code_that_something_is_left(home: Program, web: Web) -> None:
    write(home.home, soc={"kind": "webhook", "url": web.url, "group": 100})
    web.replies += [Reply(503)] * 2
    assert "0 alerts sent, 1 to be tried again" in home.ok("hunt", "--alert").err
    assert home.ok("alerts", "send").err == "0 alerts sent, 1 waiting\n"
    assert home("alerts", "send", "--now").code == 3
    assert home.ok("alerts", "send", "--now").err == "1 alert sent\n"
    assert len(set(web.keys())) == 1


def test_a_test_says_what_the_receiver_answered_and_never_the_secret(home: Program, web: Web) -> None:
    (home.home / "key").write_text(SECRET)
    (home.home / "hook").write_text(web.url)
    write(home.home, soc={"kind": "slack", "url_file": "hook", "secret_file": "key", "quiet": "00:00-23:59"})
    assert home.ok("alerts", "test", "soc").err == "soc: HTTP 200 ok\n"
    assert web.requests[0].headers["Authorization"] == f"Bearer {SECRET}"
    web.replies.append(Reply(403, b"bad key " + SECRET.encode()))
    failed = home("alerts", "test", "soc")
    assert (failed.code, failed.err) == (1, "graphmap: url_file: HTTP 403 bad key ***\n")
    shown = home.ok("alerts", "outputs").out + home.ok("alerts", "outputs", "--json").out
    assert SECRET not in shown
    assert "s3cret" not in shown


def test_outputs_are_listed(home: Program) -> None:
    assert home.ok("alerts", "outputs").err.startswith("no output: write [alerts.NAME]")
    write(home.home, out={"kind": "file", "path": "out", "min_severity": "high", "quiet": "22:00-06:00"})
    assert home.ok("alerts", "outputs", "--json").document() == {
        "name": "out", "kind": "file", "to": str(home.home / "out"), "min_severity": "high", "detectors": None,
        "quiet": "22:00-06:00 UTC", "group": 1, "group_by": "run", "attempts": 20,
    }  # fmt: skip


def test_a_new_output_of_an_old_home_may_skip_what_is_stored(home: Program, web: Web) -> None:
    write(home.home, soc={"kind": "webhook", "url": web.url})
    assert home.ok("alerts", "skip", "soc").err == "soc will not be told of 7 findings as they are now\n"
    assert home.ok("hunt", "--alert").err.splitlines()[-1] == "0 alerts sent"


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ("alerts test nobody", 1, "no output 'nobody' in graphmap.toml"),
        ("alerts skip nobody", 1, "no output 'nobody' in graphmap.toml"),
        ("alerts retry", 2, "say which: ID or --all"),
        ("alerts retry a-1 --all", 2, "say which: ID or --all"),
        ("alerts retry a-1", 1, "no delivery 'a-1'"),
        ("alerts list --dead --pending", 2, "say --dead or --pending"),
    ],
)
def test_mistakes_are_told(hunted: Program, words: str, code: int, problem: str) -> None:
    answer = hunted.inside(*words.split())
    assert (answer.code, problem in answer.err) == (code, True), answer.err


def test_a_wrong_output_is_told_before_the_hunt(home: Program) -> None:
    write(home.home, soc={"kind": "webhook"})
    answer = home("hunt", "--alert")
    assert (answer.code, answer.out) == (1, "")
    assert f"{home.home / 'graphmap.toml'}: alerts.soc.url: is missing" in answer.err
