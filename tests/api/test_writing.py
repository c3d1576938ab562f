"""What people say and change over HTTP: it is kept with their names, and nobody's words are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from graphmap.model import Role
from graphmap.store.ledger import Ledger, RunState
from graphmap.store.ledger.owners import process_name
from tests.api.serving import HOSTILE, Server, fill, serving
from tests.api.test_ingest import read_events
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = """zones:
  - name: vault
    segments: [restricted, nowhere]
    closed: true
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: these tests write."""
    folder = tmp_path_factory.mktemp("written")
    settings = fill(folder / "home", folder / "logs")
    with Ledger(settings.ledger) as ledger:
        token = ledger.add_token("bob", Role.ANALYST, author="ann", expires=None).text
    with serving(settings.home) as running:
        yield running._replace(token=token)


@pytest.fixture(scope="module")
def admin(own: Server) -> Iterator[httpx.Client]:
    with Ledger(own.home / "ledger.sqlite") as ledger:
        token = ledger.add_token("root", Role.ADMIN, author="ann", expires=None).text
    with own.client(token) as client:
        while client.get("/me").status_code != 200:
            pass
        yield client


@pytest.fixture
def bob(own: Server) -> Iterator[httpx.Client]:
    with own.client() as client:
        yield client


def some_finding(client: httpx.Client) -> str:
    return str(client.get("/findings", params={"limit": 1}).json()["items"][0]["id"])


def test_what_is_said_stands_with_the_name_of_the_token(bob: httpx.Client) -> None:
    found = some_finding(bob)
    said = bob.patch(f"/findings/{found}/triage", json={"state": "benign", "note": HOSTILE[0], "assignee": "ann"})
    assert said.status_code == 200
    bob.patch(f"/findings/{found}/triage", json={"assignee": None, "marked": True})
    held = bob.get(f"/findings/{found}/triage").json()
    assert {name: value for name, value in held.items() if name != "at"} == {
        "state": "benign", "assignee": None, "note": HOSTILE[0], "marked": True, "author": "bob",
    }  # fmt: skip
    told = bob.get(f"/findings/{found}").json()["judgements"]
    assert [one["assignee"] for one in told] == ["ann", None]
    assert told[-1] == held


def test_nobody_overwrites_what_they_have_not_read(bob: httpx.Client, admin: httpx.Client) -> None:
    path = f"/findings/{some_finding(bob)}/triage"
    read = {"if-match": bob.get(path).headers["etag"]}
    first = admin.patch(path, json={"note": "mine"}, headers=read)
    assert first.status_code == 200
    late = bob.patch(path, json={"note": "no, mine"}, headers=read)
    assert (late.status_code, late.headers["content-type"]) == (412, "application/problem+json")
    assert bob.get(path).json()["note"] == "mine"
    again = bob.patch(path, json={"note": "no, mine"}, headers={"if-match": bob.get(path).headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] == bob.get(path).headers["etag"]


@pytest.mark.parametrize(
    "body",
    [{}, {"state": "solved"}, {"author": "ann", "note": "x"}, {"note": "x" * 10_001}, {"note": "\0"}, [], None],
)
def test_nonsense_about_a_finding_is_refused_and_changes_nothing(bob: httpx.Client, body: object) -> None:
    path = f"/findings/{some_finding(bob)}/triage"
    before = bob.get(path).headers["etag"]
    answer = bob.patch(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert bob.get(path).headers["etag"] == before


def test_a_body_that_is_too_large_is_refused_before_it_is_read(bob: httpx.Client) -> None:
    path = f"/findings/{some_finding(bob)}/triage"
    assert bob.patch(path, json={"note": "x" * 2_000_000}).status_code == 413
    assert bob.patch(path, content=iter([b"{}"])).status_code == 413


def test_a_suppression_hides_at_once_and_ends_at_once(bob: httpx.Client) -> None:
    every = bob.get("/findings").json()
    found = every["items"][0]
    wish = {"finding": found["id"]}
    assert bob.post("/suppressions/preview", json=wish).json() == {"hides": 1, "titles": [found["title"]]}
    made = bob.post("/suppressions", json={**wish, "reason": HOSTILE[1], "lasting": None})
    assert made.status_code == 201
    one = made.json()
    assert (one["author"], one["reason"], one["expires"], one["hides"]) == ("bob", HOSTILE[1], None, 1)
    assert bob.get(made.headers["location"].removeprefix("/api/v1")).json() == one
    less = bob.get("/findings").json()
    assert (less["total"], less["hidden"]) == (every["total"] - 1, every["hidden"] + 1)
    ended = bob.delete(f"/suppressions/{one['id']}").json()
    assert (ended["ended_by"], ended["hides"]) == ("bob", 0)
    assert bob.get("/findings").json()["total"] == every["total"]
    assert bob.delete(f"/suppressions/{one['id']}").status_code == 404
    listed = {each["id"] for each in bob.get("/suppressions").json()["items"]}
    assert one["id"] not in listed
    assert one["id"] in {each["id"] for each in bob.get("/suppressions", params={"all": True}).json()["items"]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": "everything"}, 422),
        ({"user": "x"}, 422),
        ({"user": "x", "reason": "  "}, 422),
        ({"user": "x", "reason": "r", "lasting": "soon"}, 422),
        ({"detector": "none-such", "reason": "r"}, 422),
        ({"finding": "f-000", "reason": "r"}, 404),
    ],
)
def test_a_suppression_that_says_too_little_is_refused(bob: httpx.Client, body: dict[str, object], status: int) -> None:
    before = bob.get("/suppressions", params={"all": True}).json()["total"]
    answer = bob.post("/suppressions", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert bob.get("/suppressions", params={"all": True}).json()["total"] == before


def test_a_policy_is_tried_put_in_force_and_kept_from_being_overwritten(
    bob: httpx.Client, admin: httpx.Client, own: Server
) -> None:
    none = bob.get("/policy")
    assert none.json() == {"text": None, "zones": [], "rules": 0, "judged": [], "remarks": []}
    tried = bob.post("/policy/dry-run", json={"text": POLICY}).json()
    assert tried["logons"] == sum(one["count"] for one in tried["items"]) > 0
    assert all("vault" in one["dst_zones"] for one in tried["items"])
    assert tried["remarks"] == ["policy:2: the inventory has no segment 'nowhere'"]
    assert bob.put("/policy", json={"text": POLICY}).status_code == 403
    put = admin.put("/policy", json={"text": POLICY}, headers={"if-match": none.headers["etag"]})
    assert put.status_code == 200
    assert (put.json()["zones"], put.json()["judged"]) == (["vault"], ["vault"])
    assert (own.home / "policy.yaml").read_text() == POLICY
    assert admin.put("/policy", json={"text": ""}, headers={"if-match": none.headers["etag"]}).status_code == 412
    wrong = admin.put("/policy", json={"text": "zones:\n  - segments: [x]\n"})
    assert (wrong.status_code, "policy:2:" in wrong.json()["detail"]) == (422, True)
    assert bob.get("/policy").headers["etag"] == put.headers["etag"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 401),
        ({"sec-fetch-site": "same-site", "origin": "{base}"}, 401),
        ({"origin": "{base}"}, 200),
        ({"origin": "http://127.0.0.1:1"}, 401),
        ({"origin": "null"}, 401),
        ({}, 401),
    ],
)
def test_only_the_servers_own_page_writes_with_the_cookie(
    own: Server, bob: httpx.Client, headers: dict[str, str], status: int
) -> None:
    path = f"/api/v1/findings/{some_finding(bob)}/triage"
    with httpx.Client(base_url=own.base) as browser:
        browser.get("/", params={"token": own.token})
        sent = {name: value.format(base=own.base) for name, value in headers.items()}
        assert browser.patch(path, json={"marked": True}, headers=sent).status_code == status


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_writes_nothing_through_a_proxy_that_adds_the_token(bob: httpx.Client, site: str) -> None:
    path = f"/findings/{some_finding(bob)}/triage"
    assert bob.patch(path, json={"marked": True}, headers={"sec-fetch-site": site}).status_code == 401


def test_the_same_is_said_of_several_findings_at_once(bob: httpx.Client) -> None:
    ids = [one["id"] for one in bob.get("/findings", params={"limit": 3}).json()["items"]]
    before = [len(bob.get(f"/findings/{one}").json()["judgements"]) for one in ids]
    told = bob.post("/findings/triage", json={"ids": [*ids, "f-000", ids[0]], "state": "confirmed", "note": HOSTILE[0]})
    assert told.status_code == 200
    answer = told.json()
    assert (answer["changed"], answer["unknown"]) == (3, 1)
    assert [one["id"] for one in answer["items"]] == [*ids, "f-000"]
    assert (answer["items"][3]["triage"], answer["items"][3]["problem"]) == (None, "no finding 'f-000'")
    for one, number, said in zip(ids, before, answer["items"], strict=False):
        judgements = bob.get(f"/findings/{one}").json()["judgements"]
        assert len(judgements) == number + 1
        assert judgements[-1] == said["triage"]
        assert (said["triage"]["state"], said["triage"]["author"]) == ("confirmed", "bob")
    listed = bob.get("/findings", params={"state": "confirmed"}).json()["items"]
    assert {one["id"] for one in listed} == {*ids}


@pytest.mark.parametrize(
    "body",
    [{"ids": []}, {"ids": ["f-1"]}, {"state": "benign"}, {"ids": ["x"], "state": "benign"}, {"ids": ["f-1"] * 501, "marked": True}],
)  # fmt: skip
def test_nonsense_about_several_is_refused(bob: httpx.Client, body: dict[str, object]) -> None:
    assert bob.post("/findings/triage", json=body).status_code == 422


def test_a_view_is_kept_for_a_link_and_under_a_name(bob: httpx.Client, admin: httpx.Client) -> None:
    state = {"page": "explorer", "seed": ["host:db1"], "note": HOSTILE[0], "depth": 2}
    linked = bob.post("/views", json={"state": state})
    assert linked.status_code == 201
    one = linked.json()
    assert (one["name"], one["owner"], one["state"]) == (None, "bob", state)
    assert admin.get(linked.headers["location"].removeprefix("/api/v1")).json() == one
    assert admin.post("/views", json={"state": state}).json() == one

    name = {"name": "a/b ../<b>"}
    assert bob.get("/view", params=name).status_code == 404
    kept = bob.put("/view", params=name, json={"state": state})
    assert (kept.status_code, kept.json()["id"], kept.json()["owner"]) == (200, one["id"], "bob")
    read = admin.get("/view", params=name)
    assert (read.json(), read.headers["etag"]) == (kept.json(), kept.headers["etag"])
    assert [each["name"] for each in bob.get("/views").json()["items"]] == [name["name"]]

    seen = {"if-match": read.headers["etag"]}
    assert bob.put("/view", params=name, json={"state": {}}, headers=seen).status_code == 200
    late = bob.put("/view", params=name, json={"state": state}, headers=seen)
    assert (late.status_code, bob.get("/view", params=name).json()["state"]) == (412, {})
    assert bob.get(f"/views/{one['id']}").json()["state"] == state

    assert bob.delete("/view", params=name).json()["name"] == name["name"]
    assert bob.delete("/view", params=name).status_code == 404


def test_a_name_is_its_owners_or_an_admins(bob: httpx.Client, admin: httpx.Client) -> None:
    name = {"name": "the root's"}
    admin.put("/view", params=name, json={"state": {"n": 1}})
    for refused in (bob.put("/view", params=name, json={"state": {}}), bob.delete("/view", params=name)):
        assert (refused.status_code, "the view is root's" in refused.json()["detail"]) == (403, True)
    assert bob.get("/view", params=name).json()["state"] == {"n": 1}
    bob.put("/view", params={"name": "bob's"}, json={"state": {}})
    assert admin.put("/view", params={"name": "bob's"}, json={"state": {}}).json()["owner"] == "root"
    assert {admin.delete("/view", params=each).status_code for each in (name, {"name": "bob's"})} == {200}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"state": {"a": "' + b"x" * 20_000 + b'"}}', 422),
        (b'{"state": {"a": NaN}}', 422),
        (b'{"state": {"a": "\\ud800"}}', 422),
        (b'{"state": []}', 422),
        (b'{"state": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}", 422),
        (b"{}", 422),
    ],
)
def test_a_state_that_cannot_be_kept_is_refused(bob: httpx.Client, content: bytes, status: int) -> None:
    answer = bob.post("/views", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert bob.put("/view", params={"name": ""}, json={"state": {}}).status_code == 422


def test_a_job_is_run_now_and_what_became_of_it_is_told(admin: httpx.Client, bob: httpx.Client) -> None:
    jobs = {one["job"]: one for one in bob.get("/schedule").json()["items"]}
    assert {"hunt", "coverage", "retention"} <= jobs.keys()
    assert (jobs["coverage"]["schedule"], jobs["coverage"]["last"]) == (None, None)
    assert bob.get("/schedule").json()["scheduled_by"] is None
    asked = admin.post("/runs", params={"job": "coverage"})
    assert (asked.status_code, asked.json()["job"]) == (202, "coverage")

    def ended() -> dict[str, object] | None:
        found = bob.get("/runs", params={"job": "coverage"}).json()["items"]
        return found[0] if found and found[0]["ended"] else None

    run = wait_for(ended, "the run has ended")
    assert (run["state"], run["error"], run["due"]) == ("done", None, None)
    assert bob.get(f"/runs/{run['id']}").json() == run
    assert next(one for one in bob.get("/schedule").json()["items"] if one["job"] == "coverage")["last"] == run
    assert bob.get("/runs", params={"limit": 1}).json() == {"items": [run], "shown": 1, "cut": False}
    late = admin.post(f"/runs/{run['id']}/cancel")
    assert (late.status_code, "is not running" in late.json()["detail"]) == (404, True)


def test_a_run_that_goes_on_is_stopped_when_asked_and_not_begun_twice(
    own: Server, admin: httpx.Client, bob: httpx.Client
) -> None:
    with Ledger(own.home / "ledger.sqlite") as ledger:
        run = ledger.begin_run("push", owner=process_name(), window=None).run
        twice = admin.post("/runs", params={"job": "push"})
        assert (twice.status_code, f"push is running: run {run.id}" in twice.json()["detail"]) == (409, True)
        assert bob.post(f"/runs/{run.id}/cancel").status_code == 403
        assert admin.post(f"/runs/{run.id}/cancel").json()["cancelled_by"] == "root"
        assert ledger.run(run.id).cancelled_by == "root"
        ledger.end_run(run, RunState.CANCELLED)
    assert admin.post("/runs", params={"job": HOSTILE[0]}).status_code == 404
    assert admin.get("/runs/999").status_code == 404


def test_a_run_is_told_to_who_listens_as_it_begins_and_ends(own: Server, bob: httpx.Client) -> None:
    states: list[str] = []
    with bob.stream("GET", "/updates") as stream, Ledger(own.home / "ledger.sqlite") as ledger:
        run = None
        for name, data in read_events(stream):
            if run is None:
                run = ledger.begin_run("coverage", owner=process_name(), window=None).run
            elif name == "run" and data["id"] == run.id:
                states.append(data["state"])
                if data["state"] == "done":
                    break
                ledger.end_run(run, RunState.DONE, counts={"hosts": 3})
        assert run is not None
        assert data == bob.get(f"/runs/{run.id}").json()
    assert states == ["running", "done"]


LINK = {"id": "host:jump1", "to": "host:db1"}


def test_a_note_stands_with_the_name_of_the_token_and_all_that_was_noted_before(bob: httpx.Client) -> None:
    assert bob.get("/note", params=LINK).json() == {"items": []}
    first = bob.patch("/note", params=LINK, json={"text": HOSTILE[0], "marked": True})
    assert first.status_code == 200
    after = bob.patch("/note", params=LINK, json={"text": None}, headers={"if-match": first.headers["etag"]}).json()
    said = {"node": "host:jump1", "target": "host:db1", "marked": True, "author": "bob"}
    assert after == said | {"text": None, "at": after["at"]}
    assert bob.get("/note", params=LINK).json()["items"] == [after, first.json()]
    assert bob.get("/notes").json()["items"] == [after]
    assert bob.get("/note", params={"id": "host:jump1"}).json() == {"items": []}
    assert bob.patch("/note", params={"id": "host:jump1"}, json={"marked": True}).json()["target"] is None
    found = bob.get("/notes", params={"limit": 1}).json()
    assert (len(found["items"]), found["shown"], found["total"]) == (1, 1, 2)


def test_a_note_is_refused_where_its_node_is_none_or_somebody_was_quicker(
    bob: httpx.Client, admin: httpx.Client
) -> None:
    path = {"id": f"user:{HOSTILE[0]}"}
    read = {"if-match": bob.get("/note", params=path).headers["etag"]}
    assert admin.patch("/note", params=path, json={"text": "mine"}, headers=read).status_code == 200
    assert bob.patch("/note", params=path, json={"text": "no, mine"}, headers=read).status_code == 412
    assert [one["text"] for one in bob.get("/note", params=path).json()["items"]] == ["mine"]
    assert bob.patch("/note", params={"id": "host:nowhere"}, json={"text": "x"}).status_code == 404
    assert bob.get("/note", params={"id": "host:nowhere"}).status_code == 404
    assert bob.patch("/note", params={**LINK, "to": "host:nowhere"}, json={"text": "x"}).status_code == 404
    for body in ({}, {"text": "a\0b"}, {"text": "x" * 10_001}, {"state": "open"}):
        assert bob.patch("/note", params=path, json=body).status_code == 422
