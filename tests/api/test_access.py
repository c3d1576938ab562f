"""Who may ask, and what browsers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from tests.api.serving import Server


def _port(server: Server) -> int:
    port = urlsplit(server.base).port
    assert port
    return port


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Bearer"},
        {"authorization": "Basic Z3JhcGg6bWFw"},
        {"authorization": "Bearer \xff\xfe"},
        {"cookie": "graphmap-1=x"},
    ],
)
def test_nothing_is_told_without_the_token(server: Server, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = httpx.get(f"{server.base}/api/v1/hosts", headers=raw)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "db1" not in answer.text


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(server: Server) -> None:
    with httpx.Client(base_url=server.base) as browser:
        first = browser.get("/explorer", params={"sel": "host:db1", "token": server.token})
        assert (first.status_code, first.headers["location"]) == (303, "/explorer?sel=host%3Adb1")
        kept = first.headers["set-cookie"].lower()
        assert all(word in kept for word in ("httponly", "samesite=strict", "path=/"))
        assert server.token.lower() not in kept
        assert browser.get("/api/v1/hosts").status_code == 200


def test_a_wrong_token_in_the_address_gives_no_cookie(server: Server) -> None:
    answer = httpx.get(f"{server.base}/", params={"token": "wrong"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)


def test_the_way_on_never_leads_to_another_host(server: Server) -> None:
    answer = httpx.get(f"{server.base}//elsewhere.example/", params={"token": server.token})
    assert answer.headers.get("location", "/").startswith("/elsewhere.example")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_cannot_use_the_cookie(server: Server, site: str) -> None:
    with httpx.Client(base_url=server.base) as browser:
        browser.get("/", params={"token": server.token})
        assert browser.get("/api/v1/hosts", headers={"sec-fetch-site": "same-origin"}).status_code == 200
        assert browser.get("/api/v1/hosts", headers={"sec-fetch-site": site}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:80", ""])
def test_another_name_in_the_host_header_is_refused_everywhere(server: Server, host: str) -> None:
    for path in ("/", "/api/v1/health", "/static/app.css"):
        answer = httpx.get(f"{server.base}{path}", headers={"host": host})
        assert answer.status_code == 421


def test_localhost_is_a_name_of_it(server: Server) -> None:
    assert httpx.get(f"{server.base}/", headers={"host": f"localhost:{_port(server)}"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/explorer", "/static/js/main.js", "/plotly.js", "/api/v1/health", "/api/v1/hosts", "/no"]
)
def test_every_answer_carries_the_headers(server: Server, path: str) -> None:
    headers = httpx.get(f"{server.base}{path}").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize(
    "path", ["/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/..%2fpyproject.toml"]
)
def test_no_file_outside_the_page_is_served(server: Server, path: str) -> None:
    with httpx.Client(base_url=server.base) as browser:
        answer = browser.send(httpx.Request("GET", httpx.URL(server.base).copy_with(raw_path=path.encode())))
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(server: Server, method: str) -> None:
    with server.client() as api:
        assert api.request(method, "/hosts").status_code == 405


def test_an_event_file_is_read_only_where_an_event_came_from_it(server: Server) -> None:
    with server.client() as api:
        answer = api.get("/events", params={"at": "/etc/passwd:1"}).json()
    assert answer == {"items": [], "shown": 0, "total": 0, "next": None}
