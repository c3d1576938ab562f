"""Every page in both themes under axe-core: no violation that it calls serious or critical. Complaints of the console fail."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from graphmap.resources import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.api.serving import Server

pytestmark = pytest.mark.browser

INSTALLER = Path(__file__).parents[2] / "scripts" / "axe-core"

PLACES = {
    "/explorer?sel=host:db1": ".panel .line code",
    "/explorer?view=table": ".twin tbody tr",
    "/findings": "table[aria-label=Stories] tbody tr",
    "/findings?as=findings": "table[aria-label=Findings] tbody tr",
    "/stories/{story}": ".chart .main-svg",
    "/findings/{finding}": ".chart .main-svg",
    "/rare": ".chart .main-svg",
    "/coverage": ".matrix td",
    "/jobs": "table[aria-label=Schedule] tbody tr",
    "/data": "table[aria-label=Files] tbody tr",
    "/hosts/hv1": ".chart .main-svg",
    "/users/deploy": ".chart .main-svg",
    "/suppressions": "table[aria-label=Suppressions] tbody tr",
    "/help": "kbd",
}
"""Each page, and what is there when it is drawn."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script; skips where it was not installed, fails where GRAPHMAP_REQUIRE says that browsers' tests must run."""
    found = subprocess.run([INSTALLER, "path"], capture_output=True, text=True, check=False)
    if found.returncode:
        if "browser" in os.environ.get("GRAPHMAP_REQUIRE", "").split(","):
            pytest.fail("GRAPHMAP_REQUIRE asks for a browser, and axe-core is not there")
        pytest.skip("no axe-core here: scripts/install-test-tools brings it where there is npm")
    return Path(found.stdout.strip()).read_text(encoding="utf-8")


def serious(page: Page, axe: str, rules: list[str]) -> list[tuple[str, str]]:
    """What axe-core finds on a page, by some rules or all: the rule, and where."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        """(rules) => axe.run(document, {
            resultTypes: ["violations"], ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}),
        }).then((found) => found.violations)""",
        rules,
    )
    return [
        (one["id"], node["html"][:200])
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])], ids=["light", "dark"])
def test_no_page_shuts_somebody_out(
    open_page: Callable[..., Page], server: Server, axe: str, scheme: str, rules: list[str]
) -> None:
    """The themes differ in colours alone."""
    with server.client() as client:
        story = client.get("/stories", params={"limit": 1}).json()["items"][0]["id"]
        finding = client.get("/findings", params={"detector": "multi-hop-chain", "limit": 1}).json()["items"][0]["id"]
    page = open_page("/help", scheme=scheme)
    found = {}
    for place, sign in PLACES.items():
        page.goto(server.base + place.format(story=story, finding=finding))
        expect(page.locator(sign).first).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        if wrong := serious(page, axe, rules):
            found[place] = wrong
    assert found == {}


def test_every_page_is_looked_at() -> None:
    """A page that is new belongs into PLACES."""
    named = {path.stem for path in (web() / "js" / "pages").glob("*.js")}
    assert named == {
        "coverage", "data", "explorer", "finding", "findings", "help", "jobs", "profile", "rare", "start", "story",
        "suppressions",
    }  # fmt: skip
