"""What people note on the map, and links that are short whatever is on it, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from graphmap.model import Role
from graphmap.store.ledger import Ledger
from tests.api.serving import HOSTILE, Server, fill, serving
from tests.web.test_map import places
from tests.web.test_stories import drawn, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.test_stories import Opener

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: what is noted stays."""
    folder = tmp_path_factory.mktemp("noted")
    with serving(fill(folder / "home", folder / "logs").home) as running:
        yield running


def say(page: Page, text: str, *, marked: bool) -> None:
    page.locator("#graph").focus()
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Note").fill(text)
    page.get_by_label("Mark it on the map").set_checked(marked)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".panel .noted")).to_contain_text(text)


def test_a_node_and_a_link_are_noted_and_everybody_sees_it(open_page: Opener, server: Server) -> None:
    page = drawn(open_page("/explorer?sel=host:db1", scheme="dark"))
    say(page, f"rebuilt {HOSTILE[0]}", marked=True)
    expect(page.locator(".overlay .flag.marked")).to_have_count(1)
    say(page, HOSTILE[1], marked=True)
    expect(page.locator(".panel .note summary")).to_have_text("Change the note…")
    expect(page.get_by_text("1 before")).to_be_visible()
    page.locator("#graph").focus()
    page.keyboard.press("e")
    expect(page.locator(".panel h2")).to_contain_text("→")
    say(page, "an odd way in", marked=False)
    expect(page.locator(".overlay .flag")).to_have_count(2)
    keep(page, "map-notes")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.get_by_role("table", name="Nodes", exact=True)).to_contain_text(f"marked: {HOSTILE[1]}")
    expect(page.get_by_role("table", name="Links", exact=True)).to_contain_text("an odd way in")
    assert page.evaluate("window.hurt") is None
    with Ledger(server.home / "ledger.sqlite") as ledger:
        token = ledger.add_token("reader", Role.READER, author="ann", expires=None).text
    with server.client(token) as client:
        while client.get("/me").status_code != 200:
            pass
    reader = open_page("/help")
    reader.goto(f"{server.base}/explorer?sel=host:db1&token={token}")
    drawn(reader)
    expect(reader.locator(".panel .noted")).to_contain_text(HOSTILE[1])
    expect(reader.locator(".panel .note")).to_have_count(0)


def test_a_long_address_becomes_short_and_shows_the_same(open_page: Opener) -> None:
    hidden = "&".join(f"hide=host:nowhere-{n:050}" for n in range(40))
    page = drawn(open_page(f"/explorer?kind=host&{hidden}&pin=host:db1@3.5,-2&layout=layers&from=2026-11-20T00:00:00Z"))
    expect(page).to_have_url(re.compile(r"/explorer\?v=v-[0-9a-f]{12}$"))
    short, shown = page.url, places(page)
    assert shown["host:db1"] == [3.5, -2]
    other = drawn(open_page("/explorer" + short.partition("/explorer")[2]))
    assert places(other) == shown
    expect(other).to_have_url(short)
    other.keyboard.press("l")
    expect(other).not_to_have_url(short)
    expect(other).to_have_url(re.compile(r"/explorer\?v=v-[0-9a-f]{12}$"))
    other.go_back()
    expect(other).to_have_url(short)
    assert places(drawn(other)) == shown
    other.get_by_role("button", name="Show 40 hidden").click()
    expect(other).to_have_url(re.compile(r"pin=host%3Adb1"))
