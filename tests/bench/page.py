"""How long the largest map takes: 5,000 nodes and 20,000 links in Debian's Chromium, from the question to the picture.

Printed are the seconds by the clock from the click to a picture that rests, those of the processor that the page's own
thread took of them, the bytes that crossed, and how far apart frames are while the map is dragged. A shared machine says
little by its clock; without a graphics card Chromium paints by the processor, so all of it is less on a desk.

Usage: ``python -m tests.bench.page [--rounds 3] [--home FOLDER]``. With a folder, the lake stays there.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.api.serving import serving
from tests.web.conftest import FLAGS, PATIENCE
from tests.web.crowd import crowd

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

MOVE = "(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }"
"""To another address without loading the page anew."""

DRAWN = "Showing 5,000 of 5,000 nodes"

ANSWER = """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("/figures/network"))
    .map((one) => [one.transferSize, one.decodedBodySize]).at(-1)"""

DRAG = """async () => {
    const graph = document.getElementById("graph"), box = graph.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const tell = (type, x, y) => graph.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, button: 0, bubbles: true }));
    graph.setPointerCapture = () => {};
    tell("pointerdown", x, y);
    const times = [];
    await new Promise((done) => {
        const frame = (time) => {
            times.push(time);
            tell("pointermove", x + 2 * times.length, y + times.length);
            if (times.length < 120) requestAnimationFrame(frame); else done();
        };
        requestAnimationFrame(frame);
    });
    tell("pointerup", x + 2 * times.length, y + times.length);
    const apart = times.slice(1).map((time, n) => time - times[n]).sort((one, other) => one - other);
    return [apart[Math.floor(apart.length / 2)], apart[Math.floor(apart.length * 0.95)]];
}"""


def of_page(session: CDPSession) -> float:
    """Processor seconds of the page's own thread."""
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def draw(page: Page, session: CDPSession, base: str) -> str:
    """Draw the grouped map, then all of it; tell what the latter took."""
    page.goto(f"{base}/explorer")
    page.locator(".chip.cut", has_text="groups").wait_for()
    page.locator(".panel h2").first.wait_for()
    page.wait_for_load_state("networkidle")
    before, begun = of_page(session), time.perf_counter()
    page.evaluate(MOVE, "/explorer?group=none")
    page.locator(".chip.cut", has_text=DRAWN).wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    taken, shown = time.perf_counter() - begun, of_page(session) - before
    page.wait_for_load_state("networkidle")
    crossed, whole = page.evaluate(ANSWER)
    half, most = page.evaluate(DRAG)
    return (
        f"drawn in {taken:.2f} s, {shown:.2f} s of them the page's own; {crossed / 1e6:.2f} MB of {whole / 1e6:.2f} MB"
        f" crossed; frames {half:.1f} ms apart (p50), {most:.1f} ms (p95)"
    )


def main() -> None:
    """Serve, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        parser.error("no chromium here: scripts/install-test-tools brings it")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home: Path = asked.home or Path(folder) / "home"
        if not home.exists():
            crowd(home, Path(folder) / "logs")
        with serving(home) as server:
            browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(f"{server.base}/help?token={server.token}")
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable")
            for _ in range(asked.rounds):
                print(draw(page, session, server.base), flush=True)
            browser.close()


if __name__ == "__main__":
    main()
