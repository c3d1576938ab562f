"""Who may do what: every operation of the OpenAPI document asked by every role."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import APIRouter

from graphmap.model import Role
from graphmap.store.ledger import Ledger
from graphmap_api.audit import Entry, Trail
from graphmap_api.rights import declared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.serving import Server

EVERYBODY = {"reader", "analyst", "ingest", "admin"}
READERS = {"reader", "analyst", "admin"}
OTHERS: dict[str, set[str]] = {
    "health": set(),
    "ready": set(),
    "me": EVERYBODY,
    "audit": {"admin"},
    "tokens": {"admin"},
    "give_token": {"admin"},
    "revoke_token": {"admin"},
    "send_logs": {"ingest", "admin"},
    "jobs": EVERYBODY,
    "job": EVERYBODY,
    "judge": {"analyst", "admin"},
    "judge_several": {"analyst", "admin"},
    "take_note": {"analyst", "admin"},
    "link_view": {"analyst", "admin"},
    "keep_view": {"analyst", "admin"},
    "forget_view": {"analyst", "admin"},
    "begin_run": {"admin"},
    "cancel_run": {"admin"},
    "suppress": {"analyst", "admin"},
    "end_suppression": {"analyst", "admin"},
    "try_policy": {"analyst", "admin"},
    "put_policy": {"admin"},
}
"""Who may, where it is not everybody who may read; nobody needs a token for what nobody stands beside."""


OPEN = {name for name, roles in OTHERS.items() if not roles}


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """A token for each role."""
    with Ledger(server.home / "ledger.sqlite") as ledger:
        return {str(role): ledger.add_token(f"a {role}", role, author="ann", expires=None).text for role in Role}


@pytest.fixture(scope="module")
def operations(root: Path) -> list[tuple[str, str, dict[str, Any]]]:
    document = json.loads((root / "docs/openapi.json").read_text())
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_who_may_ask_it(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    said = {operation["operationId"]: set(operation["x-roles"]) for _, _, operation in operations}
    assert said == {name: OTHERS.get(name, READERS) for name in said}
    assert set(OTHERS) <= set(said)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_may_ask_what_the_document_says_and_nothing_else(
    server: Server, tokens: dict[str, str], operations: list[tuple[str, str, dict[str, Any]]], role: str
) -> None:
    """What is asked is nonsense, so that nothing is done: only whether it is refused for the role counts."""
    wrong = {}
    with server.client(tokens[role]) as client:
        for method, path, operation in operations:
            asked = re.sub(r"\{[a-z_]+\}", "nonsense", path).removeprefix("/api/v1")
            body = b"[]" if "requestBody" in operation else None
            with client.stream(method, asked, content=body) as answer:
                refused = answer.status_code == 403
            may = operation["operationId"] in OPEN or role in OTHERS.get(operation["operationId"], READERS)
            if refused is may:
                wrong[operation["operationId"]] = refused
    assert wrong == {}


@pytest.mark.parametrize("token", [None, "nonsense"])
def test_nobody_is_told_anything_but_whether_it_works(
    server: Server, operations: list[tuple[str, str, dict[str, Any]]], token: str | None
) -> None:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        told = [
            operation["operationId"]
            for method, path, operation in operations
            if client.request(method, path).status_code != 401
        ]
    assert sorted(told) == sorted(OPEN)


def test_an_operation_that_nobody_thought_of_starts_no_server() -> None:
    router = APIRouter()
    router.get("/secrets")(lambda: "all of them")
    with pytest.raises(LookupError, match="/secrets does not say who may ask it"):
        declared(router)


def test_a_token_is_kept_as_a_digest_and_opens_nothing_when_it_is_over(server: Server) -> None:
    now = datetime.now(UTC)
    with Ledger(server.home / "ledger.sqlite") as ledger:
        good = ledger.add_token("good", Role.READER, author="ann", expires=now + timedelta(days=1))
        late = ledger.add_token("late", Role.ADMIN, author="ann", expires=now - timedelta(seconds=1))
        over = ledger.add_token("over", Role.ADMIN, author="ann", expires=None)
        ledger.end_token(over.token.id, author="bob")
    held = b"".join(file.read_bytes() for file in server.home.glob("ledger.sqlite*"))
    assert b"good" in held
    assert good.text.removeprefix("graphmap_").encode() not in held
    answers = {}
    for made in (good, late, over):
        with server.client(made.text) as client:
            wait_until_known(client, made.token.name)
            answers[made.token.name] = client.get("/me").status_code
    assert answers == {"good": 200, "late": 401, "over": 401}


def test_tokens_are_given_out_and_revoked_over_http(server: Server) -> None:
    with server.client() as admin:
        made = admin.post("/tokens", json={"name": " carl ", "role": "analyst", "lasting": "2d"})
        given = made.json()
        assert made.status_code == 201
        assert made.headers["location"] == f"/api/v1/tokens/{given['id']}"
        span = datetime.fromisoformat(given["expires"]) - datetime.fromisoformat(given["created"])
        assert (given["name"], given["role"], span) == ("carl", "analyst", timedelta(days=2))
        with server.client(given["token"]) as carl:
            wait_for_status(carl, 200)
            assert carl.get("/me").json()["name"] == "carl"
            listed = {one["id"]: one for one in admin.get("/tokens", params={"limit": 500}).json()["items"]}
            assert listed[given["id"]] == {name: value for name, value in given.items() if name != "token"}
            gone = admin.delete(f"/tokens/{given['id']}").json()
            wait_for_status(carl, 401)
        still = {one["id"] for one in admin.get("/tokens", params={"limit": 500}).json()["items"]}
        assert given["id"] not in still
        ended = {one["id"]: one for one in admin.get("/tokens", params={"limit": 500, "all": True}).json()["items"]}
        assert ended[given["id"]] == gone
        assert gone["ended_by"] == admin.get("/me").json()["name"]
        refused = admin.post("/tokens", json={"name": "  "}), admin.delete("/tokens/99999")
        assert [answer.status_code for answer in refused] == [422, 404]


def wait_until_known(client: httpx.Client, name: str) -> None:
    """A server looks at the ledger once a second."""
    if name == "good":
        wait_for_status(client, 200)


def wait_for_status(client: httpx.Client, status: int) -> None:
    end = datetime.now(UTC) + timedelta(seconds=60)
    while client.get("/me").status_code != status:
        assert datetime.now(UTC) < end


def test_a_cookie_ends_with_the_token_that_it_was_given_for(server: Server) -> None:
    with Ledger(server.home / "ledger.sqlite") as ledger:
        made = ledger.add_token("ann", Role.ANALYST, author="ann", expires=None)
    with server.client(made.text) as client:
        wait_until_known(client, "good")
    with httpx.Client(base_url=server.base) as browser:
        browser.get("/", params={"token": made.text})
        me = browser.get("/api/v1/me")
        assert me.json() == {"name": "ann", "role": "analyst", "rights": ["judge", "read"]}
        with Ledger(server.home / "ledger.sqlite") as ledger:
            ledger.end_token(made.token.id, author="bob")
        end = datetime.now(UTC) + timedelta(seconds=30)
        while browser.get("/api/v1/me").status_code != 401:
            assert datetime.now(UTC) < end


def test_the_trail_says_who_asked_what_and_keeps_the_refused_apart(server: Server, tokens: dict[str, str]) -> None:
    with server.client(tokens["reader"]) as client:
        client.get("/hosts", params={"limit": 3, "token": "secret"})
        assert client.get("/audit").status_code == 403
    httpx.get(f"{server.base}/api/v1/users", headers={"authorization": "Bearer guess"})
    with server.client() as admin:
        asked = admin.get("/audit", params={"who": "a reader", "limit": 2}).json()
        assert [(one["role"], one["method"], one["address"], one["status"]) for one in asked["items"]] == [
            ("reader", "GET", "/api/v1/audit", 403),
            ("reader", "GET", "/api/v1/hosts?limit=3&token=...", 200),
        ]
        refused = admin.get("/audit", params={"refused": True, "limit": 1}).json()["items"][0]
        assert (refused["who"], refused["address"], refused["status"]) == (None, "/api/v1/users", 401)
    files = list((server.home / "audit").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_trail_is_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    trail = Trail(tmp_path / "trail.jsonl", full=1_000)
    at = datetime(2026, 3, 13, 2, 47, 29, tzinfo=UTC)
    entries = [Entry(at, "ann", "admin", "GET", f"/{n}\n\x1b[2J", 200) for n in range(200)]
    for entry in entries:
        trail.note(entry)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 4_500
    kept = trail.newest(1_000)
    assert 20 < len(kept) < 60
    assert kept == entries[::-1][: len(kept)]


def test_a_line_of_the_trail_that_a_full_disk_cut_hides_no_other(tmp_path: Path) -> None:
    trail = Trail(tmp_path / "trail.jsonl")
    entry = Entry(datetime(2026, 3, 13, tzinfo=UTC), None, None, "GET", "/x", 401)
    trail.note(entry)
    with (tmp_path / "trail.jsonl").open("a") as file:
        file.write('["2026-03-\n')
    trail.note(entry)
    assert trail.newest(5) == [entry, entry]
