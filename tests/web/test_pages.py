"""What a hunter does on the pages beside the graph, in a real browser. Complaints of the console fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.serving import HOSTILE, JUDGED, serving
from tests.faint import hunted
from tests.web.conftest import PATIENCE
from tests.web.test_stories import drawn, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.api.serving import Server

    Opener = Callable[..., Page]

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """The URL that `make demo` ends with."""
    command = [sys.executable, "-m", "graphmap", "demo", "--serve", "--home", str(tmp_path)]
    environ = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout is not None
            yield next(line.strip() for line in process.stdout if "/?token=" in line)
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_from_the_demo_to_the_explained_chain_into_the_restricted_segment(chromium: Browser, demo: str) -> None:
    clicks = 0

    def click(what: Locator) -> None:
        nonlocal clicks
        clicks += 1
        what.click()

    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto(demo)
    drawn(page)
    click(page.get_by_role("link", name=re.compile("^Findings")))
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ stories of \d+ findings$"))).to_be_visible()
    click(page.get_by_role("table", name="Stories").get_by_role("link", name=re.compile("ws1 -> web1 -> app1 -> hv1")))
    expect(page.locator(".story p")).to_contain_text(re.compile(r"ivo came from ws1 to web1 .* went on to hv1"))
    expect(page.locator(".panel")).to_contain_text("app1 (servers) -> hv1 (restricted) as deploy; policy: violation")
    expect(page.locator(".chart .main-svg").first).to_be_visible()
    expect(page.get_by_role("table", name="Evidence")).to_contain_text("Accepted keyboard-interactive/pam for deploy")
    click(page.get_by_role("link", name="View in graph"))
    expect(page).to_have_url(re.compile("/explorer.*path=host%3Aws1.*host%3Ahv1"))
    drawn(page)
    assert clicks < 10
    page.close()


def test_stories_that_weigh_little_are_counted_and_a_click_away(chromium: Browser, tmp_path: Path) -> None:
    with serving(hunted(tmp_path)) as server:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{server.base}/findings?token={server.token}")
        stories = page.get_by_role("table", name="Stories").locator("tbody tr")
        expect(page.get_by_text("20 more below 4 bits.")).to_be_visible()
        expect(stories).to_have_count(2)
        page.get_by_role("link", name="Show them, too").click()
        expect(stories).to_have_count(22)
        page.get_by_role("link", name="Only those that weigh enough").click()
        expect(stories).to_have_count(2)
        page.goto(f"{server.base}/findings?from=2026-03-21T11:00:00Z")
        expect(page.get_by_text("1 story", exact=True)).to_be_visible()
        page.close()


def test_stories_come_first_and_narrow_down(open_page: Opener) -> None:
    page = open_page("/findings")
    stories = page.get_by_role("table", name="Stories").locator("tbody tr")
    expect(stories.first).to_be_visible()
    every = stories.count()
    box = page.get_by_label(re.compile("^critical", re.IGNORECASE))
    promised = int(page.locator("label", has=box).locator(".count").inner_text())
    box.check()
    expect(stories).to_have_count(promised)
    assert 0 < promised < every
    page.go_back()
    expect(stories).to_have_count(every)
    page.get_by_label("Host, account, title").fill("web1 -> app1 -> hv1")
    page.get_by_label("Host, account, title").press("Enter")
    expect(stories).to_have_count(1)
    keep(page, "stories-light")
    page.get_by_role("button", name="Findings", exact=True).click()
    expect(page.get_by_role("table", name="Findings").locator("tbody tr").first).to_contain_text("hv1")
    page.get_by_role("button", name="Reset filters").click()
    expect(page.locator("#page")).to_contain_text("more hidden by suppressions")


def test_a_story_of_one_id_is_found_by_that_of_a_finding(open_page: Opener, server: Server) -> None:
    with server.client() as client:
        found = client.get("/findings", params={"detector": "multi-hop-chain", "limit": 1}).json()["items"][0]
    page = open_page(f"/stories/{found['id']}", scheme="dark")
    expect(page.get_by_role("table", name="What was found")).to_contain_text(found["title"])
    expect(page.locator(".panel")).to_contain_text("Not ruled out")
    expect(page.locator(".panel .command")).to_contain_text("graphmap paths --at")
    keep(page, "story-dark")
    page.get_by_role("link", name=found["title"], exact=True).click()
    expect(page.locator("h1")).to_have_text(found["title"])


def test_what_people_said_of_a_finding_is_beside_it_as_text(open_page: Opener) -> None:
    page = open_page(f"/findings?as=findings&detector={JUDGED}")
    expect(page.get_by_role("table", name="Findings")).to_contain_text("Investigating ★")
    page.locator("table a.title").first.click()
    said = page.locator(".panel")
    expect(said).to_contain_text("What people said")
    expect(said).to_contain_text(f"investigating, assigned to ann, marked: {HOSTILE[1]}")
    assert page.evaluate("window.hurt") is None
    keep(page, "judged")


def test_a_cell_of_the_heat_map_lists_its_ways(open_page: Opener) -> None:
    page = open_page("/rare")
    expect(page.locator(".chart .heatmaplayer image")).to_be_visible()
    x, y = page.evaluate(
        """() => {
            const plot = document.querySelector(".chart .heatmaplayer").closest(".js-plotly-plot");
            const [trace] = plot.data;
            const at = trace.customdata.flatMap((line, y) => line.map((pair, x) => [pair, x, y]))
                .find(([pair]) => pair[0] === "servers" && pair[1] === "restricted");
            const { xaxis, yaxis } = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.d2p(at[1]), box.top + yaxis._offset + yaxis.d2p(at[2])];
        }"""
    )
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    rows = page.get_by_role("table", name="Rare ways").locator("tbody tr")
    expect(page.locator(".chip-inline")).to_have_text("servers → restricted")
    expect(rows.first).to_contain_text("violation")
    assert {row.locator("td").nth(4).inner_text() for row in rows.all()} == {"restricted"}
    assert {row.locator("td").nth(1).inner_text() for row in rows.all()} == {"servers"}
    keep(page, "rare-light")
    page.get_by_role("link", name="in graph: app1 to hv1").first.click()
    expect(page.locator(".panel h2")).to_have_text("app1 → hv1")


def test_sources_of_restricted_hosts_are_a_map_of_their_own(open_page: Opener) -> None:
    page = open_page("/rare?by=restricted")
    expect(page.locator(".chart .heatmaplayer image")).to_be_visible()
    columns = page.evaluate(
        """() => document.querySelector(".chart .heatmaplayer").closest(".js-plotly-plot").layout.xaxis.ticktext"""
    )
    assert "hv1" in columns
    assert "web1" not in columns


def test_coverage_says_of_each_host_and_day_what_can_be_said(open_page: Opener) -> None:
    page = open_page("/coverage", scheme="dark")
    matrix = page.get_by_role("table", name="Hosts by day")
    row = matrix.get_by_role("row", name=re.compile("^web1"))
    expect(row.locator("td")).to_have_text("seen")
    expect(page.get_by_role("table", name="What cannot be detected")).to_contain_text("collect")
    expect(page.locator("#page")).to_contain_text("198.51.100.9")
    keep(page, "coverage-dark")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("web1")


def test_every_name_has_a_profile_at_its_own_address(open_page: Opener, server: Server) -> None:
    page = open_page("/help")
    for name in (HOSTILE[0], "..", "a/b?c#d", "%{x}<extra></extra>"):
        page.goto(
            server.base
            + page.evaluate("(id) => import('/static/js/url.js').then((url) => url.toProfile(id))", f"user:{name}")
        )
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator(".chart .main-svg").first).to_be_visible()
        assert page.evaluate("window.hurt") is None
        assert page.locator("#page script, #page b, #page i, .main-svg a").count() == 0


def test_a_profile_leads_to_neighbours_findings_and_the_graph(open_page: Opener) -> None:
    page = open_page("/hosts/hv1")
    expect(page.locator(".badges")).to_contain_text("Restricted")
    expect(page.get_by_role("table", name="Findings")).to_contain_text("hv1")
    keep(page, "profile-light")
    page.get_by_role("table", name="Neighbours").get_by_role("link", name="app1", exact=True).click()
    expect(page.locator("h1")).to_have_text("app1")
    page.get_by_role("link", name="Open in Explorer").click()
    expect(page.locator(".panel h2")).to_have_text("app1")


def test_help_has_the_question_behind_each_view(open_page: Opener, server: Server) -> None:
    page = open_page("/help", scheme="dark")
    page.keyboard.press("?")
    asked = page.get_by_role("table", name="Questions").locator("code").all_inner_texts()
    paths = [re.search(r"(/api/v1)(/[^'?]*)", one)[2] for one in asked]  # type: ignore[index] # it fails where there is none
    with server.client() as client:
        known = client.get("/openapi.json").json()["paths"]
    assert [one for one in paths if "-ID" not in one and f"/api/v1{one}" not in known] == []
    keep(page, "help-dark")


def test_an_empty_home_says_how_to_begin_and_takes_logs(chromium: Browser, tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    log.write_text("2026-11-22T03:01:00.5+00:00 db9 sshd[7]: Accepted password for zoe from 203.0.113.9 port 40 ssh2\n")
    with serving(tmp_path / "home") as empty:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{empty.base}/?token={empty.token}")
        expect(page.locator("h1")).to_have_text("No events yet")
        expect(page.locator("pre").first).to_contain_text("graphmap ingest")
        keep(page, "start-light")
        page.locator("input[type=file]").set_input_files(log)
        expect(page.locator(".chip.cut")).to_contain_text("Showing")
        page.close()


def test_a_page_that_is_none_says_so(open_page: Opener) -> None:
    page = open_page("/help")
    page.evaluate("history.pushState(null, '', '/elsewhere'); dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator("#page")).to_contain_text("There is no such page")
    page.get_by_role("link", name="To the Explorer").click()
    drawn(page)
