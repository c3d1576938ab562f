"""What a hunter does, in a real browser: from the first page to the log lines. Complaints of the console fail."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.serving import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.serving import Server

    Opener = Callable[..., Page]

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("GRAPHMAP_PICTURES")
"""A folder for pictures of every story's end; none are kept where it is not set."""

expect.set_options(timeout=60_000)


def keep(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_load_state("networkidle")
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def drawn(page: Page) -> Page:
    """The page, when its graph and what is beside it are there."""
    expect(page.locator(".chip.cut")).to_contain_text("Showing")
    expect(page.locator(".panel h2").first).to_be_visible()
    expect(page.locator("#graph[aria-busy]")).to_have_count(0)
    return page


def place_of(page: Page, trace: str, ids: list[str]) -> tuple[float, float]:
    """Where a point is on the screen."""
    found = page.evaluate(
        """([name, ids]) => {
            const graph = document.getElementById("graph");
            const trace = graph.data.find((one) => one.name === name);
            const at = trace.customdata.findIndex((one) => JSON.stringify(one) === JSON.stringify(ids));
            const { xaxis, yaxis } = graph._fullLayout;
            const box = graph.getBoundingClientRect();
            return [box.left + xaxis.d2p(trace.x[at]), box.top + yaxis.d2p(trace.y[at])];
        }""",
        [trace, ids],
    )
    return found[0], found[1]


def click_point(page: Page, trace: str, *ids: str) -> None:
    x, y = place_of(page, trace, list(ids))
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_the_first_page_shows_the_graph_and_where_to_begin(open_page: Opener) -> None:
    page = drawn(open_page("/"))
    expect(page.locator(".chip.cut")).to_have_text(re.compile(r"Showing \d+ of \d+ nodes · \d+ of \d+ links"))
    expect(page.locator(".panel")).to_contain_text("ws1 → web1 → app1 → hv1")
    expect(page.locator(".timebar")).to_contain_text("accepted")
    keep(page, "explorer-light")


def test_a_click_on_a_node_shows_its_sessions_and_lines_and_back_undoes_it(open_page: Opener) -> None:
    page = drawn(open_page())
    click_point(page, "nodes", "host:db1")
    expect(page.locator(".panel h2")).to_have_text("db1")
    expect(page.locator(".panel .line code").first).to_contain_text("sshd")
    expect(page).to_have_url(re.compile("sel=host%3Adb1"))
    keep(page, "node-light")
    page.go_back()
    expect(page.locator(".panel h2")).to_have_text("Where to begin")


def test_a_click_on_an_arrow_shows_the_sessions_of_that_link(open_page: Opener) -> None:
    page = drawn(open_page())
    click_point(page, "links", "host:jump1", "host:db1")
    expect(page.locator(".panel h2")).to_have_text("jump1 → db1")
    expect(page.locator(".panel .showing").first).to_have_text("4 sessions")


def test_a_node_expands_in_place(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?seed=host:db1&kind=host"))
    before = page.evaluate("document.getElementById('graph').data.find((t) => t.name === 'nodes').customdata.length")
    places = page.evaluate(_PLACES)
    page.get_by_role("link", name="graphmap", exact=True).focus()
    click_point(page, "nodes", "host:jump1")
    page.get_by_role("button", name="Expand").click()
    expect(page.locator("#graph")).not_to_have_attribute("aria-label", re.compile(f"Graph of {before} nodes"))
    after = page.evaluate(_PLACES)
    assert {node: after[node] for node in places} == places


_PLACES = """Object.fromEntries(document.getElementById("graph").data.filter((t) => t.name === "nodes")
    .flatMap((t) => t.customdata.map(([id], n) => [id, [t.x[n], t.y[n]]])))"""


def test_search_leads_to_a_node_by_keyboard_alone(open_page: Opener) -> None:
    page = drawn(open_page())
    page.keyboard.press("/")
    page.keyboard.type("hv1")
    expect(page.get_by_role("option").first).to_contain_text("hv1")
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_have_text("hv1")
    page.keyboard.press("Escape")
    expect(page.locator(".panel h2")).to_have_text("Where to begin")


def test_a_path_from_here_to_there(open_page: Opener) -> None:
    page = drawn(open_page(width=1920, height=1080, scheme="dark"))
    page.get_by_text("Path", exact=True).click()
    page.get_by_label("from", exact=True).fill("ws2")
    page.get_by_label("to", exact=True).fill("db1")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".panel h2")).to_have_text("ws2 → db1")
    page.get_by_role("button", name=re.compile("ws2 → jump1 → db1")).first.click()
    expect(page.locator(".row.chosen")).to_have_count(1)
    expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile("with a path of 2 hops"))
    keep(page, "path-dark")


def test_a_way_whatever_the_times_is_called_one(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?a=db1&b=ws2"))
    expect(page.locator(".panel")).to_contain_text("No session on ws2 could have come from db1")
    page.goto(page.url.replace("a=db1", "a=ws2").replace("b=ws2", "b=db1"))
    expect(page.locator(".panel .row").first).to_contain_text("ws2 → jump1 → db1")
    page.get_by_label("Time runs forward").uncheck()
    expect(page.locator(".panel")).to_contain_text("links whatever their times")
    expect(page.locator(".panel tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Show on the map").click()
    expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile("with a path of 2 hops"))
    keep(page, "way")
    page.get_by_label("Time runs forward").check()
    expect(page.locator(".panel .row").first).to_contain_text("ws2 → jump1 → db1")


def test_reach_and_origins_are_lists_that_lead_on(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?sel=host:db1"))
    page.get_by_role("button", name="Paths to here").click()
    expect(page.locator(".panel h2")).to_contain_text("From where db1")
    page.locator(".panel tbody tr").first.click()
    expect(page).to_have_url(re.compile("path="))


def test_a_link_to_a_view_shows_the_same_again(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?sel=host:db1&kind=host&method=publickey&labels=0"))
    address = page.url
    shown = page.locator(".chip.cut").inner_text()
    page.reload()
    drawn(page)
    assert (page.url, page.locator(".chip.cut").inner_text()) == (address, shown)
    expect(page.locator(".panel h2")).to_have_text("db1")


def test_nothing_that_matches_says_so_and_how_to_go_on(open_page: Opener) -> None:
    page = open_page("/explorer?from=2030-01-01T00:00:00Z&user=nobody")
    expect(page.locator(".over")).to_contain_text("No logon matches")
    page.get_by_role("button", name=re.compile("from 2030")).click()
    expect(page).not_to_have_url(re.compile("from="))
    page.get_by_role("button", name=re.compile("account nobody")).click()
    drawn(page)


def test_a_part_of_the_time_is_chosen_with_the_keyboard(open_page: Opener) -> None:
    page = drawn(open_page())
    page.get_by_role("slider", name="From").press("PageUp")
    expect(page).to_have_url(re.compile("from=2026-11-21"))
    page.get_by_role("button", name="All time").click()
    expect(page).not_to_have_url(re.compile("from="))


def test_the_table_twin_has_every_node_and_link(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?kind=host"))
    page.keyboard.press("t")
    expect(page.locator(".twin")).to_contain_text("Links")
    count = page.evaluate("document.getElementById('graph').data.find((t) => t.name === 'nodes').x.length")
    expect(page.get_by_role("table", name="Nodes").locator("tbody tr")).to_have_count(count)


def test_attackers_names_are_text_everywhere(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?sel=host:edge1"))
    seen = page.locator("#graph").inner_text() + page.locator(".panel").inner_text()
    assert HOSTILE[0] in seen
    for path in ("/profile?id=host:edge1", "/explorer?view=table", "/coverage", "/rare?by=host"):
        page.goto(page.url.split("/explorer")[0].split("/profile")[0].split("/coverage")[0] + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hurt") is None
        assert page.locator("img[src=x], #page script, #page b, #page i, .main-svg a").count() == 0
    keep(page, "hostile")


def test_a_name_in_the_search_box_is_text(open_page: Opener) -> None:
    page = drawn(open_page())
    page.locator("#q").fill("script")
    expect(page.get_by_role("option").first).to_contain_text(HOSTILE[0])


def test_the_picture_can_be_saved(open_page: Opener) -> None:
    page = drawn(open_page())
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG", exact=True).click()
    text = Path(saved.value.path()).read_text()
    assert "jump1" in text
    assert "<script" not in text


def test_without_a_token_the_page_says_how_to_get_in(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()
    page.goto(f"{server.base}/coverage")
    expect(page.locator("#page")).to_contain_text("no token of this run")
    expect(page.locator("#page")).to_contain_text("graphmap serve printed")
    page.close()
