"""A real Chromium on a real server."""

from __future__ import annotations

import os
import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.api.conftest import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.api.serving import Server

__all__ = ["server"]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60_000
"""Milliseconds: a busy machine is no bug."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium; skips where there is none, fails where GRAPHMAP_REQUIRE says that there must be one."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if "browser" in os.environ.get("GRAPHMAP_REQUIRE", "").split(","):
            pytest.fail("GRAPHMAP_REQUIRE asks for a browser, and there is no chromium")
        pytest.skip("no chromium here: scripts/install-test-tools brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context_of(chromium: Browser) -> Callable[[int, int, str], BrowserContext]:
    """A profile for each size and theme, shared by all tests: plotly.js is long to load and to compile."""

    @cache
    def make(width: int, height: int, scheme: str) -> BrowserContext:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        return context

    return make


@pytest.fixture
def open_page(context_of: Callable[[int, int, str], BrowserContext], server: Server) -> Iterator[Callable[..., Page]]:
    """`open_page(path)`: a page that has the token; what it complained about fails the test at its end."""
    complaints: list[str] = []
    foreign: list[str] = []
    pages: list[Page] = []

    def keep(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def make(path: str = "/explorer", *, width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
        page = context_of(width, height, scheme).new_page()
        pages.append(page)
        page.on("console", keep)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((server.base, "data:", "blob:")) else foreign.append(asked.url),
        )
        page.goto(f"{server.base}/help?token={server.token}")
        page.evaluate("localStorage.clear()")
        page.goto(f"{server.base}{path}")
        return page

    yield make
    for page in pages:
        page.close()
    assert complaints == []
    assert foreign == []
