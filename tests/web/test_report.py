"""The report as a file in a real Chromium: it draws, complains of nothing and asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphmap.detect.reports import Section
from graphmap.pipeline.reports import html_of
from tests.pipeline.reports.test_forms import FULL, HOSTILE, WAYS, report
from tests.web.conftest import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_the_report_draws_complains_of_nothing_and_asks_nobody(chromium: Browser, tmp_path: Path) -> None:
    hostile = Section("h", HOSTILE, None, HOSTILE, ("host",), ((HOSTILE,),))
    file = tmp_path / "report.html"
    file.write_text(html_of(report(FULL, hostile, ways=WAYS)), encoding="utf-8")
    said: list[str] = []
    asked: list[str] = []
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda one: asked.append(one.url))
    page.goto(file.as_uri())
    page.wait_for_selector("#ways .heatmaplayer image")
    assert sorted(page.locator("#ways .ytick").all_text_contents()) == ["</script><b>", "office"]
    assert page.locator("img").count() == 0
    assert page.locator("td").last.inner_text().startswith("</script><img src=x onerror=alert(1)> | [a](http://evil)")
    assert said == []
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [file.as_uri()]
    page.close()
