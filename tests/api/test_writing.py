"""What people say and change over HTTP: it is kept with their names, and nobody's words are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from graphmap.model import Role
from graphmap.store.ledger import Ledger
from tests.api.serving import HOSTILE, Server, fill, serving

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
