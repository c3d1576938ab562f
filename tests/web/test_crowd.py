"""The largest map that is drawn: it opens grouped, can be shown whole, and is a few elements that move."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.api.serving import Server, serving
from tests.web.crowd import crowd
from tests.web.test_stories import drawn, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.test_stories import Opener

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("crowd")
    with serving(crowd(folder / "home", folder / "logs").home) as running:
        yield running


def test_a_large_map_opens_grouped_is_shown_whole_and_goes_on_answering(open_page: Opener) -> None:
    page = drawn(open_page())
    cut = page.locator(".chip.cut")
    expect(cut).to_have_text(re.compile(r"5,000 in 6 groups of 5,000 nodes · [\d,]+ of 20,000 links"))
    page.get_by_role("button", name="Show all").click()
    expect(cut).to_have_text("Showing 5,000 of 5,000 nodes · 20,000 of 20,000 links")
    drawn(page)
    keep(page, "map-crowd")
    assert page.locator("#graph *").count() < 500
    paths = "[...document.querySelectorAll('#graph .shapelayer path')].map((one) => one.getAttribute('d')).join('')"
    assert page.evaluate(f"({paths}.match(/Q/g) ?? []).length") == 20_000
    box = page.locator("#graph").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate("new MutationObserver(() => { window.moves = (window.moves ?? 0) + 1; })"
                  ".observe(document.querySelector('#graph .svg-container'), { attributeFilter: ['style'] })")  # fmt: skip
    page.mouse.move(*middle)
    page.mouse.wheel(0, -200)  # moving is a shift of what is drawn, and one drawing at its end
    expect(page).to_have_url(re.compile("cam="))
    assert page.evaluate("window.moves") >= 1
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".overlay .selected")).to_have_count(1)
    expect(page.locator(".panel h2").first).not_to_have_text("Where to begin")
