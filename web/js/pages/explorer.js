// The map: filters at the left, the graph, what is selected at the right, time below.

import { get, query } from "../api.js";
import { el, failed, say } from "../dom.js";
import { Camera, cameraOf, cameraText } from "../explorer/camera.js";
import { choices } from "../explorer/choices.js";
import { askExpansion, showQuery } from "../explorer/dialogs.js";
import { Picker, ranges } from "../explorer/geometry.js";
import { gestures } from "../explorer/gestures.js";
import { keysOf } from "../explorer/keys.js";
import { openMenu } from "../explorer/menu.js";
import { noted } from "../explorer/notes.js";
import { nothing } from "../explorer/nothing.js";
import { Overlay } from "../explorer/overlay.js";
import { isPlaying, play, stop } from "../explorer/play.js";
import { listen } from "../explorer/pointer.js";
import { isLink, isOfMap, linkId, NOTHING, pinsOf, reduce, remember, restored, selection, step } from "../explorer/store.js";
import { cuts, legend, tools } from "../explorer/tools.js";
import { twin } from "../explorer/twin.js";
import { showFilters } from "../filters.js";
import { nameOf } from "../format.js";
import { know, showPanel } from "../panel.js";
import { drawStill, look, saveAs, theme } from "../plot.js";
import { markTime, partsOfTime, showTimebar, stepTime } from "../timebar.js";
import { change, filters, go, state } from "../url.js";
import { link } from "../views.js";

let parts = null;
let drawn = ""; // the question that the picture answers
let history = NOTHING;
const scene = { picker: null, camera: null, overlay: null, shown: { grouped: null, large: false }, notes: new Map() };

export function explorer(page) {
  if (!parts?.root.isConnected) {
    parts = frame();
    page.replaceChildren(parts.root);
    drawn = "";
  }
  history = remember(history, state());
  showTools();
  showMarks();
  showGraph();
  showFilters(parts.filters);
  showTimebar(parts.timebar, { play: does.play });
  if (!isOfMap(state()) || scene.picker) tell();
}

// What is selected, at the right.
let told = Promise.resolve();
function tell() {
  told = showPanel(parts.panel);
  return told;
}

async function note() {
  await told;
  const form = parts.panel.querySelector("details.note");
  if (!form) return;
  form.open = true;
  form.querySelector("textarea").focus();
}

function frame() {
  const made = {
    filters: el("aside", { class: "filters", "aria-label": "Filters" }),
    tools: el("div", { class: "tools", role: "toolbar", "aria-label": "Graph" }),
    graph: el("div", { class: "graph", id: "graph", role: "application", tabindex: "0", "aria-label": "Graph. Its table twin is under Table." }),
    over: el("div", { class: "over" }),
    twin: el("div", { class: "twin", hidden: true }),
    cut: el("div", { class: "chip cut", hidden: true }),
    cuts: el("div", { class: "cuts" }),
    tip: el("div", { class: "chip tip", hidden: true, "aria-hidden": "true" }),
    legend: el("div", { class: "chip legend", hidden: true }),
    timebar: el("section", { class: "timebar", "aria-label": "Time" }),
    panel: el("aside", { class: "panel", "aria-label": "Selection" }),
  };
  scene.picker = null;
  scene.overlay = new Overlay();
  scene.camera = new Camera({ moving: moved, settled });
  made.canvas = el("div", { class: "canvas" }, made.graph, scene.overlay.world, scene.overlay.tool, made.tip, made.twin, made.over, made.cut, made.cuts, made.legend);
  made.root = el("div", { class: "explorer" }, made.filters, el("div", { class: "middle" }, made.tools, made.canvas, made.timebar), made.panel);
  know({ nodes: { id: [] }, links: { src: [] } }, does);
  listen(made.graph, scene, gestures({ scene, parts: () => parts, act, expand, menu }));
  keysOf(made.root, made.graph, does);
  new ResizeObserver(() => { if (made.root.isConnected) showGraph(); }).observe(made.canvas);
  return made;
}

function showTools() {
  parts.tools.replaceChildren(...tools(does, { undo: history.past.length, redo: history.future.length }, scene.shown));
  parts.cuts.replaceChildren(...cuts(does, scene.shown));
}

// The picture

const MAP = ["seed", "kind", "open", "hide", "pin", "group", "layout", "path"];

// What the map shows, as the server is asked.
function question() {
  const now = state();
  return { ...filters(now), ...Object.fromEntries(MAP.map((name) => [name, now[name]])) };
}

// Sizes in steps, so that a window that is dragged asks seldom.
const even = (pixels) => Math.max(200, Math.floor(pixels / 4) * 4);

// Names and sizes are for a scale; a little more or less needs no new ones.
const rough = (k) => Number((2 ** (Math.floor(Math.log2(k) * 4) / 4)).toPrecision(4));

async function showGraph() {
  const now = state();
  const box = parts.canvas.getBoundingClientRect();
  if (box.width < 50 || box.height < 50) return;
  parts.twin.hidden = now.view !== "table";
  const camera = cameraOf(now.cam);
  const asked = {
    ...question(), colour: now.colour, labels: now.labels === "0" ? "false" : null, theme: theme(),
    width: even(box.width), height: even(box.height), scale: camera && rough(camera.k),
  };
  const key = JSON.stringify(asked);
  if (key === drawn) return;
  drawn = key;
  parts.graph.setAttribute("aria-busy", "true");
  try {
    const found = await get("/figures/network", asked, "graph");
    await inTurn(async () => {
      if (key !== drawn) return;
      stop();
      const from = scene.camera.see(found.figure, cameraOf(state().cam));
      await drawStill(parts.graph, found.figure);
      scene.camera.arrived(from);
      learn(found);
    });
  } catch (error) {
    if (error.name === "AbortError") return;
    drawn = "";
    parts.cut.hidden = true;
    parts.over.replaceChildren(failed(error));
  } finally {
    if (key === drawn || !drawn) parts.graph.removeAttribute("aria-busy");
  }
}

// Plotly draws one picture at a time: a second one that begins before the first is done breaks both.
let drawing = Promise.resolve();
function inTurn(task) {
  drawing = drawing.then(task, task);
  return drawing;
}

// Everything else that depends on what is drawn.
function learn(found) {
  scene.picker = new Picker(found);
  scene.overlay.over(scene.picker, scene.camera, pinsOf(state()));
  scene.shown = { grouped: found.grouped, large: found.large };
  know(found, does);
  parts.tip.hidden = true;
  scene.overlay.marks.near = null;
  showMarks();
  showTools();
  parts.cut.textContent = `Showing ${found.cut}`;
  parts.cut.hidden = Boolean(found.empty);
  parts.legend.replaceChildren(...legend(found.nodes, found.links, found.legend));
  parts.legend.hidden = Boolean(found.empty);
  parts.graph.setAttribute("aria-label", summary(found));
  parts.over.replaceChildren();
  if (found.empty) nothing(state().hide?.length ?? 0).then((why) => { if (scene.picker.nodes === found.nodes) parts.over.replaceChildren(why); }, (error) => parts.over.replaceChildren(failed(error)));
  if (isOfMap(state())) tell();
  names();
  showNotes();
}

async function showNotes() {
  const { picker } = scene;
  const found = await noted().catch(() => null);
  if (!found || picker !== scene.picker) return;
  scene.notes = found;
  scene.overlay.flag(found);
  showMarks();
}

function summary({ nodes, links, figure }) {
  const hops = figure.data.find((trace) => trace.name === "hops")?.x.length ?? 0;
  return `Graph of ${nodes.id.length} nodes and ${links.src.length} links${hops ? `, with a path of ${hops} hops` : ""}. Its table twin is under Table.`;
}

function showMarks() {
  const now = state();
  const selected = selection(now);
  const { nodes, links } = scene.picker ?? {};
  const link = isLink(now.sel) && nodes ? links.src.findIndex((src, n) => linkId(nodes.id[src], nodes.id[links.dst[n]]) === now.sel) : -1;
  scene.overlay.show({ selected, link: link < 0 ? null : link });
  if (scene.picker && now.view === "table") parts.twin.replaceChildren(...twin(scene.picker, selected, scene.notes, does));
}

function names() {
  const list = document.getElementById("names") ?? document.body.appendChild(el("datalist", { id: "names" }));
  list.replaceChildren(...scene.picker.nodes.id.filter((id) => /^(host|source):/.test(id)).slice(0, 300).map((id) => el("option", { value: nameOf(id) })));
}

// The camera

function moved({ scale, x, y }) {
  const container = parts.graph.querySelector(".svg-container");
  const still = scale === 1 && !x && !y;
  parts.canvas.classList.toggle("moving", !still);
  if (container) container.style.transform = still ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
  scene.overlay.shift({ scale, x, y });
}

async function settled(camera) {
  await inTurn(async () => {
    if (camera !== scene.camera.now) return;
    await look(parts.graph, ranges(camera, scene.camera.size));
    scene.camera.arrived(camera);
    scene.overlay.draw();
  });
  if (camera === scene.camera.now && parts.root.isConnected) change({ cam: cameraText(camera) }, { replace: true });
}

// What may be done to the map

function act(action, { replace = false } = {}) {
  go(location.pathname, reduce(state(), action), { replace });
}

const ids = () => selection(state());
const here = () => ids().at(-1);
const numberOf = (id) => scene.overlay.numbers?.get(id);

async function expand(id = here(), always = false) {
  if (!id) return;
  const before = scene.picker.nodes.id.length;
  const answer = await askExpansion(id, { ...question(), group: scene.shown.grouped ?? "none" }, always).catch((error) => { say(error.message); return null; });
  if (!answer) return;
  act({ do: "expand", id, ...answer });
  say(`${nameOf(id)} expanded, ${before} nodes were shown`);
}

function undone(way) {
  const next = step(history, way);
  if (next === history) return;
  history = next;
  go(location.pathname, restored(state(), history));
  say(way === "undo" ? "Undone" : "Done again");
}

// Places of the selection as they are now.
function pin(chosen = ids()) {
  const pins = pinsOf(state());
  if (chosen.every((id) => id in pins)) return act({ do: "unpin", ids: chosen });
  act({ do: "pin", places: Object.fromEntries(chosen.filter((id) => numberOf(id) !== undefined).map((id) => [id, scene.picker.place(numberOf(id))])) });
}

function nextLink() {
  const now = state();
  const from = isLink(now.sel) ? decodeURIComponent(now.sel.split(">")[0]) : here();
  const node = numberOf(walk.node ?? from) === undefined ? from : walk.sel === now.sel ? walk.node : from;
  if (numberOf(node) === undefined) return;
  const links = scene.picker.linksOf(numberOf(node));
  if (!links.length) return;
  walk.at = walk.node === node ? (walk.at + 1) % links.length : 0;
  const { nodes, links: { src, dst } } = scene.picker;
  walk.node = node;
  walk.sel = linkId(nodes.id[src[links[walk.at]]], nodes.id[dst[links[walk.at]]]);
  act({ do: "link", id: walk.sel }, { replace: true });
}
const walk = { node: null, at: 0, sel: null };

function nearest(key) {
  const { nodes } = scene.picker ?? {};
  if (!nodes?.id.length) return;
  const from = numberOf(here());
  const next = from === undefined ? nodes.id[0] : scene.picker.nearest(from, key);
  if (next) act({ do: "select", ids: [next] }, { replace: true });
}

function menu(x, y) {
  const chosen = ids(), id = chosen.length === 1 ? chosen[0] : null;
  const place = x === undefined ? placeOnPage(id) : [x, y];
  const groupOf = (one) => scene.picker.nodes.group[numberOf(one)];
  openMenu(...place, id ? nameOf(id) : `${chosen.length} nodes`, choices({ grouped: scene.shown.grouped, groupOf, act, does }));
}

function placeOnPage(id) {
  const box = parts.canvas.getBoundingClientRect();
  const n = numberOf(id);
  if (n === undefined) return [box.left + box.width / 2, box.top + box.height / 2];
  const { x, y, k } = scene.camera.now;
  const [px, py] = scene.picker.place(n);
  return [box.left + (px - x) * k + box.width / 2 + 8, box.top + (y - py) * k + box.height / 2 + 8];
}

const question_ = () => ({ ...question(), group: scene.shown.grouped ?? "none" });

const does = {
  expand, nearest, nextLink, note, pin,
  noted: () => Promise.all([showNotes(), tell()]),
  select: (id) => act({ do: "select", ids: [id] }),
  link: (id) => (typeof id === "string" ? act({ do: "link", id }) : copyLink()),
  collapse: () => {
    const id = here(), n = numberOf(id);
    if (n !== undefined) act({ do: "collapse", id, leaves: scene.picker.leaves(n) });
  },
  hide: () => { if (ids().length) act({ do: "hide", ids: ids() }); },
  unhide: () => act({ do: "unhide" }),
  only: (chosen) => act({ do: "only", ids: chosen }),
  everything: () => act({ do: "everything" }),
  group: (by) => act({ do: "group", by }),
  regroup: () => act({ do: "group", by: scene.shown.grouped ? "none" : "segment" }),
  undo: () => undone("undo"),
  redo: () => undone("redo"),
  fit: () => change({ cam: null }, { replace: true }),
  labels: () => change({ labels: state().labels === "0" ? null : "0" }),
  table: () => change({ view: state().view === "table" ? null : "table" }),
  pan: (key) => scene.camera.pan(...{ ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] }[key]),
  nearer: () => scene.camera.zoom(null, 1.4),
  farther: () => scene.camera.zoom(null, 1 / 1.4),
  earlier: () => stepTime(-1),
  later: () => stepTime(1),
  escape: () => {
    if (isPlaying()) return stop();
    change({ sel: null, also: null, a: null, b: null, reach: null, origins: null, path: null, pick: null });
  },
  menu: () => menu(),
  query: () => showQuery(question_()),
  play: () => play(partsOfTime(), (from, until) => ({ ...question_(), from, to: until }), lit),
  save: async (format) => {
    if (format === "png" || format === "svg") return saveAs(parts.graph, format, "graphmap");
    const link = el("a", { href: `/api/v1/exports/map.${format}?${query(question_())}`, download: `graphmap.${format}` });
    link.click();
  },
};

// What moved in a part of the time; the rest dims.
function lit(found) {
  parts.canvas.classList.toggle("playing", Boolean(found));
  markTime(parts.timebar, found && found.links.map((link) => link.first).sort()[0]);
  if (!found) return scene.overlay.show({ lit: null });
  const keys = new Set(found.links.map(({ src, dst }) => linkId(src, dst)));
  const { nodes, links } = scene.picker;
  const moving = links.src.flatMap((src, n) => (keys.has(linkId(nodes.id[src], nodes.id[links.dst[n]])) ? [n] : []));
  scene.overlay.show({ lit: { links: moving, nodes: [...new Set(moving.flatMap((n) => [links.src[n], links.dst[n]]))] } });
}

async function copyLink() {
  await navigator.clipboard?.writeText(await link()).catch(() => {});
  say("Link copied");
  const before = parts.cut.textContent;
  parts.cut.textContent = "Link copied";
  setTimeout(() => { if (parts.cut.textContent === "Link copied") parts.cut.textContent = before; }, 1500);
}
