"""A hunter says what they think, in a real browser: triage, suppressions, logs that are dropped."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from graphmap.model import Role
from graphmap.store.ledger import Ledger
from tests.api.serving import HOSTILE, Server, fill, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opener = Callable[..., Page]

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("GRAPHMAP_PICTURES")

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own: what is done here stays."""
    folder = tmp_path_factory.mktemp("judged")
    with serving(fill(folder / "home", folder / "logs").home) as running:
        yield running


def keep(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def open_finding(open_page: Opener, detector: str, **size: object) -> Page:
    page = open_page(f"/findings?as=findings&detector={detector}", **size)
    page.locator("table a").first.click()
    expect(page.locator(".panel form").first).to_be_visible()
    return page


def test_a_finding_is_judged_beside_its_evidence(open_page: Opener) -> None:
    page = open_finding(open_page, "fan-out")
    page.get_by_label("State").select_option("confirmed")
    page.get_by_label("Assignee").fill(HOSTILE[0])
    page.get_by_label("Note").fill(HOSTILE[1])
    page.get_by_label("Marked").check()
    page.get_by_role("button", name="Save").click()
    said = page.locator(".panel ul.why").last
    expect(said).to_contain_text(f"confirmed, assigned to {HOSTILE[0]}, marked: {HOSTILE[1]}")
    expect(page.get_by_label("Note")).to_have_value(HOSTILE[1])
    assert page.evaluate("window.hurt") is None
    keep(page, "triage-light")


def test_who_has_not_read_the_last_word_is_told_so(chromium: Browser, server: Server) -> None:
    page = chromium.new_page()  # the browser itself complains of a 412
    page.goto(f"{server.base}/findings?as=findings&detector=multi-hop-chain&token={server.token}")
    page.locator("table a").first.click()
    expect(page.locator(".panel form").first).to_be_visible()  # the list has a form for several, with a note too
    number = page.url.rpartition("/")[2].partition("?")[0]
    with server.client() as other:
        assert other.patch(f"/findings/{number}/triage", json={"note": "mine"}).status_code == 200
    page.get_by_label("Note").fill("no, mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("somebody else said something")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_label("Note")).to_have_value("mine")
    page.close()


def test_a_finding_is_suppressed_listed_and_shown_again(open_page: Opener) -> None:
    page = open_finding(open_page, "fan-out", scheme="dark")
    title = page.locator("h1").inner_text()
    page.get_by_text("Suppress…").click()
    page.get_by_label("What").select_option("like")
    expect(page.locator("details [role=status]")).to_have_text(re.compile(r"Hides \d+ stored finding"))
    page.get_by_label("What").select_option("finding")
    expect(page.locator("details [role=status]")).to_have_text("Hides 1 stored finding from every list.")
    page.get_by_label("Reason").fill(HOSTILE[0])
    keep(page, "suppress-dark")
    count = int(page.locator("#nav .badge").inner_text())
    page.get_by_role("button", name="Suppress", exact=True).click()
    expect(page.locator(".panel")).to_contain_text("keeps it out of lists")
    expect(page.locator("#nav .badge")).to_have_text(str(count - 1))
    page.get_by_role("link", name=re.compile("^Findings")).first.click()
    page.get_by_role("button", name="Findings", exact=True).click()
    expect(page.locator("#page")).to_contain_text("more hidden by suppressions")
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)
    page.get_by_role("link", name="suppressions").click()
    row = page.get_by_role("row").filter(has_text=HOSTILE[0])
    expect(row).to_have_count(1)
    keep(page, "suppressions-dark")
    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Findings")).first.click()
    page.get_by_role("button", name="Findings", exact=True).click()
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(1)
    assert page.evaluate("window.hurt") is None


def test_the_list_of_findings_can_be_taken_to_a_spreadsheet(open_page: Opener) -> None:
    page = open_page("/findings?as=findings&severity=high")
    rows = page.get_by_role("table", name="Findings").locator("tbody tr")
    expect(rows.first).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    assert len(Path(saved.value.path()).read_text().splitlines()) == rows.count() + 1
    keep(page, "findings-light")


def test_a_log_that_is_dropped_is_read_and_its_rejects_are_shown_as_text(open_page: Opener, tmp_path: Path) -> None:
    page = open_page("/data")
    log = tmp_path / "dropped.log"
    log.write_text(
        "2026-11-22T03:01:00.5+00:00 dropped1 sshd[7]: Accepted password for zoe from 203.0.113.9 port 40 ssh2\n"
        f"2026-11-22T03:02:00.5+00:00 dropped1 sshd[8]: Accepted password for {HOSTILE[0]}\n"
    )
    expect(page.locator("#page")).to_contain_text("Nothing yet")
    keep(page, "data-empty-light")
    page.locator("input[type=file]").set_input_files(log)
    row = page.get_by_role("table", name="Sent logs").get_by_role("row", name=re.compile("dropped.log"))
    expect(row).to_contain_text("Done")
    expect(row).to_contain_text("read; ")
    expect(page.get_by_role("table", name="Lines not understood")).to_contain_text(HOSTILE[0])
    expect(page.get_by_role("table", name="Files")).to_contain_text("dropped.log")
    assert page.evaluate("window.hurt") is None
    keep(page, "data-light")


def test_who_may_only_read_is_shown_no_form(open_page: Opener, server: Server) -> None:
    with Ledger(server.home / "ledger.sqlite") as ledger:
        token = ledger.add_token("reader", Role.READER, author="ann", expires=None).text
    with server.client(token) as client:
        while client.get("/me").status_code != 200:
            pass
    page = open_page("/help")
    page.goto(f"{server.base}/findings?as=findings&token={token}")
    page.locator("table a").first.click()
    expect(page.locator(".panel")).to_contain_text("Why it stands out")
    expect(page.locator("form:not(#search)")).to_have_count(0)
    page.goto(f"{server.base}/data")
    expect(page.locator("#page")).to_contain_text("may not send logs")
    expect(page.locator("input[type=file]")).to_have_count(0)


def test_several_findings_are_judged_at_once(open_page: Opener) -> None:
    page = open_page("/findings?as=findings&detector=policy-violation")
    rows = page.get_by_role("table", name="Findings").locator("tbody tr")
    expect(rows.first).to_contain_text("Open")
    page.get_by_label("Choose all on this page").check()
    expect(page.locator(".bulk strong")).to_have_text(f"{rows.count()} chosen")
    page.get_by_label("State of all").select_option("investigating")
    page.get_by_label("Assignee of all").fill(HOSTILE[0])
    keep(page, "bulk-light")
    page.get_by_role("button", name="Judge all").click()
    expect(rows.filter(has_text="Investigating").filter(has_text=HOSTILE[0])).to_have_count(rows.count())
    assert page.evaluate("window.hurt") is None


def test_a_story_is_judged_and_suppressed_whole(open_page: Opener) -> None:
    page = open_page("/findings")
    stories = page.get_by_role("table", name="Stories").locator("tbody tr")
    title = stories.last.locator("a").inner_text()
    every = stories.count()
    stories.last.locator("a").click()
    page.get_by_label("State of all").select_option("benign")
    page.get_by_role("button", name="Judge all").click()
    expect(page.locator(".badges")).to_contain_text("benign")
    page.get_by_text("Suppress…").click()
    page.get_by_label("Reason").fill("a drill")
    page.get_by_role("button", name=re.compile("Suppress .* finding")).click()
    expect(stories).to_have_count(every - 1)
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)


def test_a_view_is_saved_opened_and_deleted(open_page: Opener) -> None:
    page = open_page("/findings?as=findings&severity=high")
    page.get_by_role("button", name="Views", exact=True).click()
    dialog = page.get_by_role("dialog", name="Saved views")
    expect(dialog).to_contain_text("None yet")
    dialog.get_by_label("Name of this view").fill(HOSTILE[0])
    dialog.get_by_role("button", name="Save this view").click()
    kept = dialog.get_by_role("button", name=HOSTILE[0], exact=True)
    expect(kept).to_be_visible()
    keep(page, "views-light")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Coverage").click()
    expect(page.locator("h1")).to_have_text("Coverage")
    page.get_by_role("button", name="Views", exact=True).click()
    kept.click()
    expect(page).to_have_url(re.compile(r"/findings\?as=findings&severity=high$"))
    page.get_by_role("button", name="Views", exact=True).click()
    dialog.get_by_role("button", name=f"Delete {HOSTILE[0]}").click()
    expect(kept).to_have_count(0)
    assert page.evaluate("window.hurt") is None


def test_a_short_link_shows_its_view_and_never_leads_elsewhere(open_page: Opener, server: Server) -> None:
    with server.client() as client:
        kept, wicked = (
            client.post("/views", json={"state": {"address": address}}).json()["id"]
            for address in ("/rare?by=host", "//evil.example/findings")
        )
    page = open_page(f"/explorer?v={kept}")
    expect(page).to_have_url(re.compile(r"/rare\?by=host$"))
    expect(page.get_by_role("button", name="Hosts", exact=True)).to_have_attribute("aria-pressed", "true")
    page.goto(f"{server.base}/help?v={wicked}")
    expect(page.locator("h1")).to_have_text("Help")


def test_a_job_is_run_now_and_what_it_did_is_told(open_page: Opener) -> None:
    page = open_page("/jobs", scheme="dark")
    expect(page.locator("#page")).to_contain_text("no daemon runs")
    page.get_by_role("button", name="Run now: coverage").click()
    expect(page.get_by_role("table", name="Runs").locator("tbody tr").filter(has_text="Done")).to_contain_text("hosts")
    keep(page, "jobs-dark")
    page.get_by_role("table", name="Schedule").get_by_role("link", name="coverage", exact=True).click()
    expect(page.get_by_role("heading", name="Runs of coverage")).to_be_visible()
