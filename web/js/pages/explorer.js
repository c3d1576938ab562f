// The map: filters at the left, the graph, what is selected at the right, time below.

import { get } from "../api.js";
import { button, el, empty, failed, say, table } from "../dom.js";
import { showFilters } from "../filters.js";
import { nameOf, number } from "../format.js";
import { knowSources, linkId, showPanel } from "../panel.js";
import { draw, saveAs, theme } from "../plot.js";
import { showTimebar } from "../timebar.js";
import { change, filters, state } from "../url.js";

let parts = null;
let drawn = "";
let shownNodes = [];

export function explorer(page) {
  if (!parts?.root.isConnected) {
    parts = frame();
    page.replaceChildren(parts.root);
    drawn = "";
    new ResizeObserver(() => { if (parts.root.isConnected) showGraph(); }).observe(parts.canvas);
  }
  showTools();
  showGraph();
  showFilters(parts.filters);
  showTimebar(parts.timebar);
  showPanel(parts.panel);
}

function frame() {
  const made = {
    filters: el("aside", { class: "filters", "aria-label": "Filters" }),
    tools: el("div", { class: "tools", role: "toolbar", "aria-label": "Graph" }),
    graph: el("div", { class: "graph", id: "graph", role: "application", tabindex: "0", "aria-label": "Graph. Its table twin is under Table." }),
    over: el("div", { class: "over" }),
    twin: el("div", { class: "twin", hidden: true }),
    cut: el("div", { class: "chip cut" }),
    timebar: el("section", { class: "timebar", "aria-label": "Time" }),
    panel: el("aside", { class: "panel", "aria-label": "Selection" }),
  };
  const legend = el("div", { class: "chip legend", "aria-hidden": "true" },
    ["host", "user", "source", "key"].map((kind) => el("span", {}, el("span", { class: `swatch ${kind}` }), { user: "account", source: "outside source" }[kind] ?? kind)),
    el("span", {}, el("span", { class: "dash" }), "refused only"));
  made.canvas = el("div", { class: "canvas" }, made.graph, made.twin, made.over, made.cut, legend);
  made.root = el("div", { class: "explorer" }, made.filters, el("div", { class: "middle" }, made.tools, made.canvas, made.timebar), made.panel);
  return made;
}

function showTools() {
  const now = state();
  const field = (name, text) => el("input", { name, value: now[name] ?? "", placeholder: text, "aria-label": text, list: "names", size: "11", spellcheck: "false" });
  const seeds = now.seed ?? [];
  parts.tools.replaceChildren(...[
    el("form", {
      class: "paths", "aria-label": "Path search",
      onsubmit: (event) => {
        event.preventDefault();
        const { a, b } = Object.fromEntries(new FormData(event.target));
        if (a.trim() && b.trim()) change({ a: a.trim(), b: b.trim(), sel: null, reach: null, origins: null, path: null, pick: null });
        else event.target.elements[a.trim() ? "b" : "a"].focus();
      },
    }, el("span", { class: "muted" }, "Path"), field("a", "from"), el("span", { class: "muted" }, "→"), field("b", "to"), el("button", { type: "submit" }, "Find")),
    seeds.length ? el("span", { class: "chip-inline" }, `Around ${seeds.slice(0, 2).map(nameOf).join(", ")}${seeds.length > 2 ? ` and ${seeds.length - 2} more` : ""}`) : null,
    seeds.length ? button("Show all", () => change({ seed: null })) : null,
    now.path ? button("Clear path", () => change({ path: null, pick: null })) : null,
    el("span", { class: "grow" }),
    button("Labels", () => change({ labels: now.labels === "0" ? null : "0" }), { "aria-pressed": String(now.labels !== "0"), title: "Names on or off (L)" }),
    button("Table", () => change({ view: now.view === "table" ? null : "table" }), { "aria-pressed": String(now.view === "table"), title: "The same as a table (T)" }),
    button("Fit", fit, { title: "Show all of it (F)" }),
    button("Link", copyLink, { title: "Copy a link to this view" }),
    button("SVG", () => saveAs(parts.graph, "svg", "graphmap"), { title: "Save the picture" }),
    button("PNG", () => saveAs(parts.graph, "png", "graphmap"), { title: "Save the picture" }),
  ].filter(Boolean));
}

function question() {
  const now = state();
  return { ...filters(now), seed: now.seed, kind: now.kind, path: now.path, depth: now.seed ? 1 : null };
}

async function showGraph() {
  const now = state();
  const box = parts.canvas.getBoundingClientRect();
  if (box.width < 50 || box.height < 50) return;
  parts.twin.hidden = now.view !== "table";
  const selected = now.sel && !now.sel.includes(">") ? now.sel : null;
  const asked = { ...question(), labels: now.labels === "0" ? "false" : null, selected, theme: theme(), width: step(box.width), height: step(box.height) };
  const key = JSON.stringify(asked);
  if (now.view === "table") showTwin();
  if (key === drawn) return;
  drawn = key;
  parts.graph.setAttribute("aria-busy", "true");
  try {
    const found = await get("/figures/network", asked, "graph");
    shownNodes = found.figure.data?.find((trace) => trace.name === "nodes")?.customdata.map(([id]) => id) ?? [];
    knowSources(shownNodes.filter((id) => id.startsWith("source:")));
    keepCamera(found.figure);
    await draw(parts.graph, found.figure, { click: clicked });
    names();
    parts.graph.setAttribute("aria-label", told(found.figure.data ?? []));
    parts.cut.textContent = `Showing ${found.cut}`;
    parts.over.replaceChildren(...(found.empty ? [nothing()] : []));
    parts.cut.hidden = Boolean(found.empty);
  } catch (error) {
    if (error.name === "AbortError") return;
    drawn = "";
    parts.cut.hidden = true;
    parts.over.replaceChildren(failed(error));
  } finally {
    parts.graph.removeAttribute("aria-busy");
  }
}

function told(traces) {
  const many = (name) => traces.find((trace) => trace.name === name)?.x.length ?? 0;
  const path = many("hops") ? `, with a path of ${many("hops")} hops` : "";
  return `Graph of ${many("nodes")} nodes and ${many("links")} links${path}. Its table twin is under Table.`;
}

// Sizes in steps, so that a window that is dragged asks seldom.
const step = (pixels) => Math.max(200, Math.floor(pixels / 4) * 4);

// What a person moved to stays in view while the same nodes are drawn.
let camera = null;
function keepCamera(figure) {
  const size = `${figure.layout.width}x${figure.layout.height}:${shownNodes.length}`;
  if (camera && camera.size === size) {
    figure.layout.xaxis.range = camera.x;
    figure.layout.yaxis.range = camera.y;
  } else {
    camera = null;
  }
  parts.graph.removeAllListeners?.("plotly_relayout");
  setTimeout(() => parts.graph.on?.("plotly_relayout", (event) => {
    if (!("xaxis.range[0]" in event)) return;
    camera = { size, x: [event["xaxis.range[0]"], event["xaxis.range[1]"]], y: [event["yaxis.range[0]"], event["yaxis.range[1]"]] };
  }));
}

export function fit() {
  camera = null;
  drawn = "";
  showGraph();
}

let lastClick = { id: null, at: 0 };
function clicked(ids, event) {
  if (!ids) return;
  if (ids.length === 2) {
    change({ sel: linkId(...ids), a: null, b: null, reach: null, origins: null });
    return;
  }
  const [id] = ids;
  const twice = lastClick.id === id && event.timeStamp - lastClick.at < 450;
  lastClick = { id, at: event.timeStamp };
  if (twice) expand(id);
  else change({ sel: id, a: null, b: null, reach: null, origins: null });
}

export function expand(id = state().sel) {
  if (!id || id.includes(">")) return;
  const before = shownNodes.length;
  change({ seed: [...new Set([...(state().seed ?? []), id])] });
  say(`${nameOf(id)} expanded, ${before} nodes were shown`);
}

function nothing() {
  const told = { from: "from", to: "until", user: "account", service: "service", method: "method", segment: "into segment", outcome: "outcome", min: "attempts at least", cert: "certainty at least" };
  const set = Object.entries(filters()).map(([name, value]) => button(`× ${told[name]} ${[value].flat().join(", ")}`, () => change({ [name]: null })));
  return empty("No logon matches", set.length ? "Take away a filter:" : "The lake has no logon with a source.", el("div", { class: "actions" }, set));
}

function names() {
  const list = document.getElementById("names") ?? document.body.appendChild(el("datalist", { id: "names" }));
  list.replaceChildren(...shownNodes.filter((id) => /^(host|source):/.test(id)).slice(0, 300).map((id) => el("option", { value: nameOf(id) })));
}

async function copyLink() {
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  say("Link copied");
  parts.cut.hidden = false;
  const before = parts.cut.textContent;
  parts.cut.textContent = "Link copied";
  setTimeout(() => { parts.cut.textContent = before; }, 1500);
}

async function showTwin() {
  try {
    const found = await get("/graph", question(), "twin");
    const select = (id) => change({ sel: id, a: null, b: null, reach: null, origins: null });
    parts.twin.replaceChildren(
      el("h2", {}, `Nodes: ${number(found.shown_nodes)} of ${number(found.total_nodes)}`),
      table([
        ["Kind", (node) => node.kind], ["Name", (node) => node.name, "wide"], ["Segment", (node) => node.segment],
        ["Accepted", (node) => number(node.count), "num"], ["Refused", (node) => number(node.failures), "num"],
      ], found.nodes, { open: (node) => select(node.id), label: "Nodes" }),
      el("h2", {}, `Links: ${number(found.shown_links)} of ${number(found.total_links)}`),
      table([
        ["From", (link) => nameOf(link.src), "wide"], ["To", (link) => nameOf(link.dst), "wide"], ["As", (link) => link.users.join(", "), "wide"],
        ["Accepted", (link) => number(link.count), "num"], ["Refused", (link) => number(link.failures), "num"],
      ], found.links, { open: (link) => select(linkId(link.src, link.dst)), label: "Links" }));
  } catch (error) {
    if (error.name !== "AbortError") parts.twin.replaceChildren(failed(error));
  }
}

// The selection moves to the nearest node that way, as the arrow keys say.
export function nearest(key) {
  const trace = parts?.graph.data?.find((one) => one.name === "nodes");
  if (!trace?.x.length) return;
  const ids = trace.customdata.map(([id]) => id);
  const from = ids.indexOf(state().sel);
  if (from < 0) {
    change({ sel: ids[0] });
    return;
  }
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  let best = -1, least = Infinity;
  ids.forEach((_, n) => {
    const [x, y] = [trace.x[n] - trace.x[from], trace.y[n] - trace.y[from]];
    const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead > 1e-6 && ahead + 2 * aside < least) [best, least] = [n, ahead + 2 * aside];
  });
  if (best >= 0) change({ sel: ids[best], a: null, b: null, reach: null, origins: null }, { replace: true });
}
