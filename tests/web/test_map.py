"""What a hunter does with the map, in a real browser: drag, pin, hide, open, group, undo, play, export."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.serving import HOSTILE
from tests.web.test_stories import drawn, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.serving import Server
    from tests.web.test_stories import Opener

pytestmark = pytest.mark.browser

INDEX = """() => {
    const graph = document.getElementById("graph");
    const trace = graph.data.find((one) => one.name === "nodes");
    return Object.fromEntries(trace.customdata.map(([id], n) => [id, [trace.x[n], trace.y[n]]]));
}"""

SCREEN = """(id) => {
    const graph = document.getElementById("graph");
    const trace = graph.data.find((one) => one.name === "nodes");
    const n = trace.customdata.findIndex(([one]) => one === id);
    const { xaxis, yaxis } = graph._fullLayout, box = graph.getBoundingClientRect();
    return [box.left + xaxis.d2p(trace.x[n]), box.top + yaxis.d2p(trace.y[n])];
}"""


def places(page: Page) -> dict[str, list[float]]:
    found: dict[str, list[float]] = page.evaluate(INDEX)
    return found


def at(page: Page, node: str) -> tuple[float, float]:
    x, y = page.evaluate(SCREEN, node)
    return x, y


def shows(page: Page, many: int) -> None:
    """Wait until so many nodes are on the map."""
    expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile(rf"^Graph of {many} nodes"))
    expect(page.locator("#graph[aria-busy]")).to_have_count(0)


def drag(page: Page, start: tuple[float, float], *stops: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for stop in stops:
        page.mouse.move(*stop, steps=4)
    page.mouse.up()


def test_a_dragged_node_stays_is_undone_and_is_in_the_link(open_page: Opener) -> None:
    page = drawn(open_page())
    before = places(page)
    x, y = at(page, "host:jump1")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    expect(page.locator(".overlay .ghost")).to_have_count(1)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"pin=host%3Ajump1%40"))
    expect(page.locator(".overlay .ghost")).to_have_count(0)
    expect(page.locator(".overlay .pinned")).to_have_count(1)
    moved = places(page)
    assert {node for node in before if moved[node] != before[node]} == {"host:jump1"}
    assert at(page, "host:jump1") == pytest.approx((x + 60, y + 40), abs=2)
    keep(page, "map-pinned")
    page.reload()
    drawn(page)
    expect(page.locator(".overlay .pinned")).to_have_count(1)
    assert places(page) == moved
    x, y = at(page, "host:db1")
    drag(page, (x, y), (x - 30, y + 30))
    expect(page.locator(".overlay .pinned")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".overlay .pinned")).to_have_count(1)
    assert places(page) == moved
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(".overlay .pinned")).to_have_count(2)
    page.get_by_role("button", name="Undo (Ctrl-Z)").click()
    expect(page.locator(".overlay .pinned")).to_have_count(1)


def test_a_lasso_selects_several_and_what_is_done_is_done_to_all(open_page: Opener) -> None:
    page = drawn(open_page())
    many = len(places(page))
    box = page.locator("#graph").bounding_box()
    assert box is not None
    low = max(at(page, node)[1] for node in ("host:ws1", "host:ws2")) + 18
    (x1, y1), (x2, y2) = at(page, "host:ws1"), at(page, "host:ws2")
    left, right, top = min(x1, x2) - 18, max(x1, x2) + 18, min(y1, y2) - 18
    page.keyboard.down("Shift")
    drag(page, (left, top), (right, top), (right, low), (left, low))
    page.keyboard.up("Shift")
    expect(page.locator(".panel h2")).to_have_text("2 nodes")
    expect(page.locator(".overlay .selected")).to_have_count(2)
    page.keyboard.down("Control")
    page.mouse.click(*at(page, "host:jump1"))
    page.keyboard.up("Control")
    expect(page.locator(".panel h2")).to_have_text("3 nodes")
    keep(page, "map-lasso")
    page.keyboard.press("Delete")
    shows(page, many - 3)
    expect(page.locator(".chip.cut")).to_contain_text(f"Showing {many - 3} of {many} nodes")
    assert not {"host:ws1", "host:ws2", "host:jump1"} & set(places(page))
    page.get_by_role("button", name="Show 3 hidden").click()
    shows(page, many)


def test_the_table_and_the_map_share_the_selection(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?kind=host&sel=host:db1&also=host:hv1"))
    page.get_by_role("button", name="Table (T)").click()
    chosen = page.get_by_role("table", name="Nodes", exact=True).locator("tr[aria-selected=true]")
    expect(chosen).to_have_count(2)
    page.get_by_role("table", name="Nodes", exact=True).locator("tbody tr", has_text="jump1").click()
    expect(page.locator(".panel h2")).to_have_text("jump1")
    page.locator("#graph").focus()
    page.keyboard.press("t")
    expect(page.locator(".overlay .selected")).to_have_count(1)


def test_the_menu_opens_by_mouse_and_by_keyboard(open_page: Opener) -> None:
    page = drawn(open_page())
    many = len(places(page))
    page.mouse.click(*at(page, "host:jump1"), button="right")
    menu = page.get_by_role("menu")
    expect(menu).to_contain_text("Paths to here")
    keep(page, "map-menu")
    menu.get_by_role("menuitem", name="Hide").click()
    shows(page, many - 1)
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".overlay .selected")).to_have_count(1)
    page.keyboard.press("Shift+F10")
    expect(menu.get_by_role("menuitem", name="Expand", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(page.locator("#graph")).to_be_focused()


def test_who_would_come_is_asked_before_somebody_comes(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?seed=host:db1&kind=host&kind=user&sel=host:vcs1"))
    before = places(page)
    page.locator("#graph").focus()
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Expand some…").click()
    dialog = page.get_by_role("dialog", name="Expand vcs1")
    expect(dialog).to_contain_text(re.compile(r"\d+ neighbours are not shown: \d+ hosts, \d+ accounts"))
    keep(page, "map-expand")
    dialog.get_by_label("How many").fill("2")
    dialog.get_by_role("button", name="Add").click()
    shows(page, len(before) + 2)
    expect(page).to_have_url(re.compile(r"open=host%3Avcs1%402"))
    assert before.items() <= places(page).items()
    page.locator("#graph").focus()
    page.keyboard.press("c")
    shows(page, len(before))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"open=host%3Avcs1%40all"))
    expect(page.locator("#graph")).not_to_have_attribute("aria-label", re.compile(rf"^Graph of {len(before)} nodes"))
    page.go_back()
    shows(page, len(before))


def test_groups_open_where_they_are(open_page: Opener) -> None:
    page = drawn(open_page())
    many = len(places(page))
    page.keyboard.press("g")
    expect(page.locator(".chip.cut")).to_contain_text("groups of")
    closed = places(page)
    assert "group:Accounts" in closed
    keep(page, "map-grouped")
    page.mouse.dblclick(*at(page, "group:Accounts"))
    expect(page).to_have_url(re.compile(r"open=group%3AAccounts%40all"))
    expect(page.locator("#graph")).not_to_have_attribute("aria-label", re.compile(rf"^Graph of {len(closed)} nodes"))
    opened = places(page)
    assert {node: place for node, place in closed.items() if node != "group:Accounts"}.items() <= opened.items()
    assert f"user:{HOSTILE[0]}" in opened
    keep(page, "map-group-open")
    page.get_by_role("button", name="Show all").click()
    shows(page, many)
    page.get_by_label("Group", exact=True).select_option("role")
    expect(page).to_have_url(re.compile("group=role"))
    expect(page.locator(".chip.cut")).to_contain_text("groups of")
    page.mouse.click(*at(page, "group:workstation"))
    expect(page.locator(".panel h2")).to_have_text("workstation")


def test_layouts_and_colours_change_the_picture_and_the_legend(open_page: Opener) -> None:
    page = drawn(open_page(scheme="dark"))
    seen = [places(page)]
    for name in ("Layers", "Force", "Time"):
        page.get_by_role("group", name="Layout").get_by_role("button", name=name).click()
        expect(page).to_have_url(re.compile(f"layout={name.lower()}"))
        expect(page.locator("#graph[aria-busy]")).to_have_count(0)
        page.wait_for_function(
            f"(before) => JSON.stringify(({INDEX})()) !== before", arg=json.dumps(seen[-1], separators=(",", ":"))
        )
        seen.append(places(page))
        keep(page, f"map-{name.lower()}")
    assert all(set(one) == set(seen[0]) for one in seen)
    expect(page.locator(".legend")).to_contain_text("mgmt")
    page.get_by_label("Colour", exact=True).select_option("risk")
    expect(page.locator(".legend")).to_contain_text("no finding")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("labels=0"))
    page.get_by_role("button", name="Undo (Ctrl-Z)").click()
    expect(page).not_to_have_url(re.compile("labels=0"))


def test_zoom_and_pan_are_kept_in_the_link(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?kind=host"))
    x, y = at(page, "host:jump1")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    expect(page).to_have_url(re.compile(r"cam="))
    expect(page.locator("#graph[aria-busy]")).to_have_count(0)
    expect(page.locator(".canvas.moving")).to_have_count(0)
    assert at(page, "host:jump1") == pytest.approx((x, y), abs=2)
    zoomed = at(page, "host:hv1")
    page.reload()
    drawn(page)
    assert at(page, "host:hv1") == pytest.approx(zoomed, abs=2)
    page.locator("#graph").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page).not_to_have_url(page.url)
    page.keyboard.press("f")
    expect(page).not_to_have_url(re.compile(r"cam="))


def test_by_keys_alone_to_a_log_line(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?kind=host"))
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".overlay .selected")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator(".panel h2")).to_contain_text("→")
    expect(page.locator(".panel .line code").first).to_contain_text("sshd")
    first = page.url
    page.keyboard.press("e")
    expect(page).not_to_have_url(first)
    page.keyboard.press("Escape")
    expect(page.locator(".panel h2")).to_have_text("Where to begin")


def test_the_map_leaves_as_a_file_and_as_a_question(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?kind=host&hide=host:ws1"))
    for name, sign in (("CSV", "src,dst"), ("JSON", '"nodes"'), ("GraphML", "<graphml"), ("SVG", "<svg")):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as saved:
            page.get_by_role("button", name=name, exact=True).click()
        text = Path(saved.value.path()).read_text()
        assert sign in text
        assert "jump1" in text
        assert "ws1" not in text
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Query").click()
    query = page.get_by_role("dialog").locator("pre")
    expect(query).to_contain_text("hide=host%3Aws1")
    expect(query).to_contain_text("/api/v1/exports/map.json")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_time_is_stepped_and_chosen(open_page: Opener) -> None:
    page = drawn(open_page())
    page.get_by_role("slider", name="From").press("PageUp")
    expect(page).to_have_url(re.compile("from=2026-11-21"))
    page.get_by_role("slider", name="To").press("Home")
    expect(page).to_have_url(re.compile("from=2026-11-21.*to=2026-11-21"))
    before = page.url
    page.locator("#graph").focus()
    page.keyboard.press("]")
    expect(page).not_to_have_url(before)
    page.keyboard.press("[")
    expect(page).to_have_url(before)
    page.get_by_role("combobox", name="Time").select_option("7d")
    expect(page).to_have_url(re.compile("last=7d"))
    expect(page).not_to_have_url(re.compile("from="))


def test_nothing_that_matches_says_what_each_filter_takes_away(open_page: Opener) -> None:
    page = open_page("/explorer?user=nobody&outcome=success")
    expect(page.locator(".over")).to_contain_text(re.compile(r"0 of [\d,]+ sessions match"))
    expect(page.get_by_role("button", name="outcome success (brings none by itself)")).to_be_visible()
    keep(page, "map-empty")
    page.get_by_role("button", name=re.compile(r"account nobody \(brings \d+\)")).click()
    drawn(page)


@pytest.fixture
def moving_page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A page of somebody who does not mind motion."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="no-preference")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.base}/?token={server.token}")
    yield page
    context.close()


def test_the_map_plays_in_time_until_any_input(moving_page: Page) -> None:
    page = drawn(moving_page)
    before = places(page)
    page.get_by_role("button", name="Play (K)").click()
    expect(page.locator(".canvas.playing")).to_have_count(1)
    expect(page.locator(".overlay path.lit").first).to_be_attached()
    first = page.locator(".beat").evaluate("(one) => one.style.left")
    page.wait_for_function(
        "(first) => { const one = document.querySelector('.beat'); return one && one.style.left !== first; }", arg=first
    )
    assert places(page) == before
    keep(page, "map-play")
    page.mouse.click(*at(page, "host:jump1"))
    expect(page.locator(".canvas.playing")).to_have_count(0)
    expect(page.locator(".beat")).to_have_count(0)


def test_who_wants_less_motion_steps_through_time(open_page: Opener) -> None:
    page = drawn(open_page())
    play = page.get_by_role("button", name="Play (K)")
    play.click()
    expect(page.locator(".beat")).to_have_count(1)
    first = page.locator(".beat").evaluate("(one) => one.style.left")
    play.click()
    page.wait_for_function(
        "(first) => { const one = document.querySelector('.beat'); return one && one.style.left !== first; }", arg=first
    )
    page.keyboard.press("Escape")
    expect(page.locator(".canvas.playing")).to_have_count(0)


def test_hostile_names_stay_text_in_every_corner_of_the_map(open_page: Opener) -> None:
    page = drawn(open_page("/explorer?sel=user:" + "%3Cscript%3Ewindow.hurt%3D1%3C%2Fscript%3E"))
    page.mouse.move(*at(page, f"user:{HOSTILE[1]}"))
    expect(page.locator(".tip")).to_contain_text(HOSTILE[1])
    page.mouse.click(*at(page, f"user:{HOSTILE[1]}"), button="right")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Query").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("window.hurt") is None
    assert page.locator("img[src=x], #page script, .main-svg a, .overlay a").count() == 0


def run(page: Page, module: str, code: str, argument: Any = None) -> Any:
    """What code says that has a module of the map as `it`."""
    return page.evaluate(
        f"async (argument) => {{ const it = await import('/static/js/explorer/{module}'); return ({code})(argument); }}",
        argument,
    )


def test_undo_and_redo_are_each_others_opposite_whatever_was_done(open_page: Opener) -> None:
    page = open_page("/help")
    wrong = run(
        page,
        "store.js",
        """() => {
            const ids = ["host:a", "user:b@c", "source:1.2.3.4", "group:x"];
            let seed = 7;
            const random = (many) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % many; };
            const pick = () => ids[random(ids.length)];
            const actions = [
                () => ({ do: "expand", id: pick(), most: random(9) + 1 }), () => ({ do: "collapse", id: pick(), leaves: [pick()] }),
                () => ({ do: "hide", ids: [pick()] }), () => ({ do: "unhide" }), () => ({ do: "only", ids: [pick()] }),
                () => ({ do: "pin", places: { [pick()]: [random(50), -random(50)] } }), () => ({ do: "unpin", ids: [pick()] }),
                () => ({ do: "group", by: ["none", "segment", "role"][random(3)] }), () => ({ do: "select", ids: [pick()] }),
            ];
            const part = (state) => JSON.stringify(Object.entries(it.restored({}, it.remember(it.NOTHING, state))).sort());
            const wrong = [];
            for (let round = 0; round < 200; round++) {
                let state = {}, history = it.remember(it.NOTHING, state);
                const trail = [part(state)];
                for (let n = 0; n < 12; n++) {
                    state = it.reduce(state, actions[random(actions.length)]());
                    history = it.remember(history, state);
                    if (trail.at(-1) !== part(state)) trail.push(part(state));
                }
                for (const expected of trail.slice(0, -1).reverse()) {
                    history = it.step(history, "undo");
                    if (part(it.restored(state, history)) !== expected) wrong.push([round, "undo"]);
                }
                if (it.step(history, "undo") !== history) wrong.push([round, "end"]);
                for (const expected of trail.slice(1)) {
                    history = it.step(history, "redo");
                    if (part(it.restored(state, history)) !== expected) wrong.push([round, "redo"]);
                }
            }
            return wrong;
        }""",
    )
    assert wrong == []


def test_pins_are_read_as_they_were_written(open_page: Opener) -> None:
    page = open_page("/help")
    found = run(
        page,
        "store.js",
        """() => it.pinsOf(it.reduce({}, { do: "pin", places: { "user:a@1,2": [1.234, -5], "host:b": [0, 7.5] } }))""",
    )
    assert found == {"user:a@1,2": [1.23, -5], "host:b": [0, 7.5]}


def test_the_picker_finds_what_a_look_at_everything_finds(open_page: Opener) -> None:
    page = open_page("/help")
    wrong = run(
        page,
        "geometry.js",
        """() => {
            let seed = 3;
            const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
            const many = 300, wrong = [];
            const numbers = [...Array(many).keys()];
            const nodes = { id: numbers.map(String), x: numbers.map(() => random() * 40), y: numbers.map(() => random() * 30), size: numbers.map(() => 4 + random() * 40) };
            const links = { src: numbers.map(() => Math.floor(random() * many)), dst: numbers.map(() => Math.floor(random() * many)) };
            const picker = new it.Picker({ nodes, links });
            for (let n = 0; n < 2000; n++) {
                const k = 5 + random() * 60, place = [random() * 40, random() * 30];
                let best = null, least = Infinity;
                for (const one of numbers) {
                    const apart = Math.hypot(nodes.x[one] - place[0], nodes.y[one] - place[1]) * k;
                    if (apart < least && apart <= Math.max(nodes.size[one] / 2 + 2, 6)) [best, least] = [one, apart];
                }
                const found = picker.at(place, k);
                if ((found?.node ?? null) !== best) wrong.push([place, k, found, best]);
                if (found?.link === undefined) continue;
                const [from, middle, to] = picker.curve(found.link);
                const near = [...Array(400).keys()].some((step) => { const [x, y] = it.onCurve(from, middle, to, step / 399); return Math.hypot(x - place[0], y - place[1]) * k < 8; });
                if (!near) wrong.push([place, k, found]);
            }
            for (const link of numbers.slice(0, 50)) {
                const [from, middle, to] = picker.curve(link);
                const found = picker.at(it.onCurve(from, middle, to, 0.6), 500);
                if (!found) wrong.push(["link", link]);
            }
            return wrong;
        }""",
    )
    assert wrong == []


def test_a_camera_keeps_the_place_under_the_pointer_and_moves_a_picture_as_it_would_be_drawn(open_page: Opener) -> None:
    page = open_page("/help")
    errors = run(
        page,
        "geometry.js",
        """() => {
            const size = { width: 800, height: 500 }, drawn = { x: 3, y: -2, k: 20 };
            const now = it.zoomed(drawn, size, [120, 400], 1.7);
            const place = it.toWorld(drawn, size, [120, 400]);
            const { scale, x, y } = it.moved(drawn, now, size);
            const [px, py] = it.toScreen(drawn, size, [5, 9]), [qx, qy] = it.toScreen(now, size, [5, 9]);
            const [rx, ry] = it.toScreen(now, size, place);
            const { x: across, y: up } = it.ranges(now, size);
            const back = it.ofRanges(across, up, size);
            return [px * scale + x - qx, py * scale + y - qy, rx - 120, ry - 400, back.x - now.x, back.y - now.y, back.k - now.k];
        }""",
    )
    assert errors == pytest.approx([0] * 7, abs=1e-6)


SLOW = """async () => {
    const quick = window.requestAnimationFrame;
    window.requestAnimationFrame = (next) => setTimeout(next, 300);
    const frame = () => new Promise(requestAnimationFrame);
    const log = [];
    const camera = new it.Camera({ moving: () => log.push("moved"), settled: () => log.push("drawn") });
    for (let n = 0; n < 6; n++) {
        camera.pan(5, 5);
        await frame();
    }
    const meanwhile = [...log];
    while (log.at(-1) !== "drawn") await frame();
    window.requestAnimationFrame = quick;
    return [meanwhile, log.filter((what) => what === "drawn").length];
}"""


def test_where_a_frame_takes_long_nothing_is_drawn_anew_before_the_move_is_over(open_page: Opener) -> None:
    meanwhile, drawn = run(open_page("/help"), "camera.js", SLOW)
    assert set(meanwhile) == {"moved"}
    assert drawn == 1


def test_a_question_for_a_terminal_cannot_be_left(open_page: Opener) -> None:
    page = open_page("/help")
    text = run(page, "dialogs.js", "(name) => it.curl({ seed: [name], min: null })", "host:a'; rm -rf $HOME; '`x`\n")
    assert "rm -rf" not in text
    assert "'seed=host%3Aa%27" in text or "'seed=host%3Aa'\\''" in text
    assert "min" not in text


def test_since_is_a_whole_minute_and_only_for_what_is_a_length(open_page: Opener) -> None:
    page = open_page("/help")
    found = page.evaluate(
        """async () => { const { since } = await import("/static/js/url.js");
            const now = Date.parse("2026-11-22T10:20:30Z");
            return ["7d", "90m", "2w", "7", "d", "-1d", "9999999d", "", undefined].map((last) => since(last, now)); }"""
    )
    assert found == [
        "2026-11-15T10:20:00.000Z", "2026-11-22T08:50:00.000Z", "2026-11-08T10:20:00.000Z", *[None] * 6,
    ]  # fmt: skip
