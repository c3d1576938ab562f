// The panel beside the graph: a node, a link, or the answer to a pivot question.

import { get } from "./api.js";
import { badge, button, el, facts, failed, say, showing, table } from "./dom.js";
import { notes } from "./explorer/notes.js";
import { isLink, isOfMap, linkId, splitLink } from "./explorer/store.js";
import { kindOf, length, nameOf, number, shortKey, shortTime, time } from "./format.js";
import { showLines } from "./lines.js";
import { change, filters, state, to } from "./url.js";

const SESSIONS = 20;
const LINKS = 12;

export async function showPanel(element) {
  const now = state();
  element.setAttribute("aria-busy", "true");
  try {
    let content;
    if (now.a && now.b) content = await pathsPanel(now);
    else if (now.reach) content = await spreadPanel("reach", now.reach);
    else if (now.origins) content = await spreadPanel("origins", now.origins);
    else if (now.also?.length) content = severalPanel([now.sel, ...now.also]);
    else if (isOfMap(now)) content = groupPanel(now.sel);
    else if (isLink(now.sel)) content = await linkPanel(...splitLink(now.sel));
    else if (now.sel) content = await nodePanel(now.sel);
    else content = await startPanel();
    element.replaceChildren(...content);
    element.scrollTop = 0;
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(closer(), failed(error));
  } finally {
    element.removeAttribute("aria-busy");
  }
}

const CLOSED = { sel: null, also: null, a: null, b: null, reach: null, origins: null, path: null, pick: null };

function closer() {
  return button("×", () => change(CLOSED), { class: "quiet close", title: "Close (Esc)", "aria-label": "Close" });
}

async function startPanel() {
  const [summary, chains] = await Promise.all([get("/graph/summary", filters(), "panel"), get("/chains", { ...times(), limit: 8 })]);
  return [
    el("h2", {}, "Where to begin"),
    el("p", { class: "muted" }, "Click a node or an arrow for its sessions and log lines. The most surprising chains:"),
    chains.items.length ? el("div", { class: "list" }, chains.items.map((chain) => chainRow(chain))) : el("p", {}, "No chain of two hops or more in this time."),
    showing(chains.shown, chains.total, "chains"),
    el("h3", {}, "In all"),
    facts([
      ["Accepted logons", number(summary.accepted)],
      ["Refused logons", number(summary.refused)],
      ...Object.entries(summary.nodes).map(([kind, count]) => [`${kind[0].toUpperCase()}${kind.slice(1)}s`, number(count)]),
    ]),
  ];
}

function times() {
  const { from, to: until } = filters();
  return { from, to: until };
}

function chainRow(chain) {
  const now = state();
  const ids = chainIds(chain);
  const chosen = now.pick === chain.id;
  return el("button", {
    type: "button", class: `row${chosen ? " chosen" : ""}`, "aria-pressed": String(chosen),
    onclick: () => change({ path: chosen ? null : ids, pick: chosen ? null : chain.id, seed: now.seed ? [...new Set([...now.seed, ...ids])] : null }),
  },
    el("strong", {}, chain.hosts.join(" → ")),
    el("span", { class: "muted" }, `${shortTime(new Date(chain.start), true)} · as ${[...new Set(chain.users)].join(", ")}`),
    el("span", { class: "muted" }, `score ${chain.score.toFixed(2)} · certainty ${chain.certainty.toFixed(2)}`));
}

// Only the first node of a chain can be a source that is no host.
let map = null;
let sources = new Set();

// What the map shows, and what may be done to it.
export function know(index, does) {
  map = { ...index, does };
  sources = new Set(index.nodes.id.filter((id) => id.startsWith("source:")));
}

function groupPanel(sel) {
  const { nodes, links, does } = map;
  const of = (id) => nodes.id.indexOf(id);
  const name = (n) => (nodes.kind[n] === "group" ? `${nodes.name[n]} (${number(nodes.members[n])})` : nodes.name[n]);
  const [one, other] = (isLink(sel) ? splitLink(sel) : [sel]).map(of);
  if (one < 0 || other < 0) return [closer(), el("p", { class: "muted" }, "Not on the map now.")];
  if (other !== undefined) {
    const n = links.src.findIndex((src, at) => src === one && links.dst[at] === other);
    say(`${name(one)} to ${name(other)}`);
    return [
      closer(), el("p", { class: "muted kind" }, "links of groups"), el("h2", { class: "name" }, `${name(one)} → ${name(other)}`),
      facts([["Accepted", number(links.count[n] ?? 0)], ["Refused", number(links.failures[n] ?? 0)], ["Accounts", links.users[n]]]),
      el("p", { class: "muted" }, "Open a group for its sessions and log lines."),
      el("div", { class: "actions" }, [one, other].filter((at) => nodes.kind[at] === "group").map((at) => button(`Open ${nodes.name[at]}`, () => does.expand(nodes.id[at])))),
    ];
  }
  const near = links.src.flatMap((src, at) => (src === one || links.dst[at] === one ? [at] : [])).sort((x, y) => links.count[y] - links.count[x]).slice(0, LINKS);
  say(`group ${name(one)}`);
  return [
    closer(), el("p", { class: "muted kind" }, "group"), el("h2", { class: "name" }, nodes.name[one]),
    facts([["Nodes", number(nodes.members[one])], ["Accepted", number(nodes.count[one])], ["Refused", number(nodes.failures[one])]]),
    el("div", { class: "actions" }, button("Open", () => does.expand(sel), { title: "Show its members (Enter)" })),
    el("h3", {}, "Links"),
    table([
      ["Node", (n) => name(links.src[n] === one ? links.dst[n] : links.src[n]), "wide"], ["", (n) => (links.src[n] === one ? "→ to" : "← from")],
      ["Accepted", (n) => number(links.count[n]), "num"], ["Refused", (n) => number(links.failures[n]), "num"],
    ], near, { open: (n) => change({ ...CLOSED, sel: linkId(nodes.id[links.src[n]], nodes.id[links.dst[n]]) }), label: "Links" }),
  ];
}

function severalPanel(ids) {
  const { nodes, does } = map;
  const rows = ids.map((id) => [id, nodes.id.indexOf(id)]);
  say(`${ids.length} nodes selected`);
  const moving = ids.filter((id) => /^(host|source):/.test(id));
  return [
    closer(), el("p", { class: "muted kind" }, "selection"), el("h2", { class: "name" }, `${number(ids.length)} nodes`),
    el("div", { class: "actions" },
      button("Only these", () => does.only(ids)), button("Hide", () => does.hide(), { title: "Del" }), button("Pin", () => does.pin(), { title: "P" }),
      moving.length === 2 && ids.length === 2 ? button("Paths between", () => change({ ...CLOSED, a: nameOf(ids[0]), b: nameOf(ids[1]) })) : null),
    table([
      ["Kind", ([id]) => kindOf(id)], ["Name", ([id]) => nameOf(id), "wide"],
      ["Accepted", ([, n]) => (n < 0 ? null : number(nodes.count[n])), "num"], ["Refused", ([, n]) => (n < 0 ? null : number(nodes.failures[n])), "num"],
    ], rows, { open: ([id]) => change({ ...CLOSED, sel: id }), label: "Selected nodes" }),
  ];
}

function chainIds(chain) {
  return chain.hosts.map((name, place) => (place === 0 && sources.has(`source:${name}`) ? `source:${name}` : `host:${name}`));
}

async function nodePanel(id) {
  const [detail, sessions, said] = await Promise.all([
    get("/node", { id, ...filters(), limit: LINKS }, "panel"),
    get("/sessions", { node: id, ...filters(), limit: SESSIONS }),
    notes(id, null, map.does.noted),
  ]);
  const node = detail.node;
  say(`${node.kind} ${node.name}, ${node.segment ?? "no segment"}, ${node.degree} neighbours`);
  const now = state();
  return [
    closer(),
    el("p", { class: "muted kind" }, node.kind),
    el("h2", { class: "name" }, node.name),
    el("div", { class: "badges" },
      node.restricted ? badge("Restricted", "risk") : null,
      node.segment && !node.restricted ? badge(node.segment) : null,
      node.service ? badge("service account") : null,
      ...node.roles.map((role) => badge(role))),
    facts([
      ["Segment", node.segment],
      ["Owner", node.owner],
      ["Account", node.account !== node.name ? node.account : null],
      ["Accepted", number(node.count)],
      ["Refused", number(node.failures)],
      ["Neighbours", number(node.degree)],
      ["First", time(node.first)],
      ["Last", time(node.last)],
    ]),
    el("div", { class: "actions" }, nodeActions(node, now)),
    ...said,
    detail.findings.length ? el("h3", {}, "Findings") : null,
    detail.findings.length ? el("div", { class: "list" }, detail.findings.slice(0, 6).map(findingRow)) : null,
    el("h3", {}, "Links"),
    table([
      ["Node", (link) => shortKey(nameOf(link.src === id ? link.dst : link.src)), "wide"],
      ["", (link) => (link.src === id ? "→ to" : "← from")],
      ["Accepted", (link) => number(link.count), "num"],
      ["Refused", (link) => number(link.failures), "num"],
    ], detail.links, { open: (link) => change({ ...CLOSED, path: now.path, sel: linkId(link.src, link.dst) }), label: "Links" }),
    showing(detail.shown, detail.total, "links"),
    ...sessionList(sessions, [node.name]),
  ].filter(Boolean);
}

function nodeActions(node, now) {
  const seeds = now.seed ?? [];
  const shown = [
    button("Expand", () => map.does.expand(node.id), { title: "Show its neighbours (Enter)" }),
    seeds.length === 1 && seeds[0] === node.id ? null : button("Only this", () => map.does.only([node.id]), { title: "This and its neighbours" }),
  ].filter(Boolean);
  if (node.kind === "host") shown.push(button("Paths to here", () => change({ ...CLOSED, origins: node.id })));
  if (node.kind === "host" || node.kind === "source") {
    shown.push(
      button("Reach from here", () => change({ ...CLOSED, reach: node.id })),
      button("Path from here…", () => change({ ...CLOSED, sel: node.id, a: node.name }), { title: "Sets A of the path search" }),
    );
  }
  if (node.kind === "host") shown.push(button("Path to here…", () => change({ ...CLOSED, sel: node.id, b: node.name, a: now.a }), { title: "Sets B of the path search" }));
  shown.push(el("a", { class: "button", href: to("/profile", { id: node.id }) }, "Timeline"));
  return shown;
}

export function findingRow(finding) {
  return el("a", { class: "row", href: to(`/findings/${finding.id}`) },
    el("span", {}, badge(finding.severity, finding.severity), " ", el("strong", {}, finding.title)),
    el("span", { class: "muted" }, `${finding.detector} · score ${finding.score.toFixed(2)}`));
}

async function linkPanel(src, dst) {
  const [kind, host] = [kindOf(src), kindOf(dst)];
  const ends = kind === "host" || kind === "source" ? { src, dst } : { node: [src], dst };
  const [sessions, said] = await Promise.all([get("/sessions", { ...ends, ...filters(), limit: SESSIONS }, "panel"), notes(src, dst, map.does.noted)]);
  const accepted = sessions.items.filter((one) => one.outcome === "success");
  const every = (of) => [...new Set(sessions.items.map(of).filter(Boolean))];
  say(`${nameOf(src)} to ${nameOf(dst)}, ${sessions.total} attempts`);
  return [
    closer(),
    el("p", { class: "muted kind" }, kind === "user" ? "account on host" : kind === "key" ? "key that opened host" : "moves"),
    el("h2", { class: "name" }, `${shortKey(nameOf(src))} → ${nameOf(dst)}`),
    facts([
      ["Attempts", number(sessions.total)],
      ["Accounts", every((one) => one.user).join(", ")],
      ["Methods", every((one) => one.method).join(", ")],
      ["Keys", every((one) => shortKey(one.key)).join(", ")],
      ["Latest", time(sessions.items[0]?.start)],
    ]),
    el("div", { class: "actions" },
      button(shortKey(nameOf(src)), () => change({ ...CLOSED, sel: src }), { title: "Select the one end" }),
      button(nameOf(dst), () => change({ ...CLOSED, sel: dst }), { title: "Select the other end" }),
      host === "host" && (kind === "host" || kind === "source") ? button("Paths", () => change({ ...CLOSED, a: nameOf(src), b: nameOf(dst) })) : null),
    ...said,
    ...sessionList(sessions, [nameOf(src), ...accepted.slice(0, 1).map((one) => one.user)]),
  ].filter(Boolean);
}

function sessionList(sessions, words) {
  if (!sessions.total) return [el("h3", {}, "Sessions"), el("p", { class: "muted" }, "None in this time with these filters.")];
  const lines = el("div", { class: "lines" });
  const open = (session) => showLines(lines, session.lines, [...words, session.user, session.src]);
  const rows = table([
    ["Start (UTC)", (one) => shortTime(new Date(one.start), true)],
    ["As", (one) => one.user, "wide"],
    ["Length", (one) => (one.outcome === "failure" ? "–" : length(one.start, one.end))],
    ["Outcome", (one) => badge(one.outcome === "success" ? "success" : "refused", one.outcome)],
  ], sessions.items, { open, label: "Sessions" });
  open(sessions.items[0]);
  return [el("h3", {}, "Sessions"), rows, showing(sessions.shown, sessions.total, "sessions"), lines];
}

const UNTIMED = "any"; // the order of who asks for links whatever their times

function pathsHead(now, by) {
  const timed = by !== UNTIMED;
  return [
    closer(),
    el("p", { class: "muted kind" }, timed ? "paths in time" : "links whatever their times"),
    el("h2", { class: "name" }, `${now.a} → ${now.b}`),
    el("label", { class: "tick" },
      el("input", { type: "checkbox", checked: timed, onchange: (event) => change({ by: event.target.checked ? null : UNTIMED, path: null, pick: null }) }), "Time runs forward"),
  ];
}

async function wayPanel(now) {
  const { links } = await get("/graph/way", { start: now.a, goal: now.b, ...filters() }, "panel");
  const ids = links.length ? [links[0].src, ...links.map((link) => link.dst)] : [];
  say(`${links.length} links from ${now.a} to ${now.b}, whatever their times`);
  const show = () => change({ path: ids, seed: now.seed ? [...new Set([...now.seed, ...ids])] : null });
  return [
    ...pathsHead(now, UNTIMED),
    el("p", { class: "muted" }, links.length
      ? "The fewest links between them. They exist; that anybody could have moved along them is not said: one may have been used only before the other."
      : "No links lead there, with these filters."),
    ...(links.length ? [
      table([
        ["To", (link) => nameOf(link.dst), "wide"],
        ["Logons", (link) => number(link.count), "num"],
        ["First (UTC)", (link) => shortTime(new Date(link.first))],
        ["Last", (link) => shortTime(new Date(link.last))],
      ], links, { open: (link) => change({ ...CLOSED, sel: linkId(link.src, link.dst) }), label: "Links" }),
      el("p", {}, button("Show on the map", show)),
    ] : []),
  ];
}

async function pathsPanel(now) {
  const by = now.by ?? "certainty";
  if (by === UNTIMED) return wayPanel(now);
  const found = await get("/paths", { from: now.a, to: now.b, by, limit: 10 }, "panel");
  say(`${found.shown} paths from ${now.a} to ${now.b}`);
  const orders = [["certainty", "surest"], ["rarity", "most surprising"], ["time", "quickest"]];
  return [
    ...pathsHead(now, by),
    el("div", { class: "segmented", role: "group", "aria-label": "Order" }, orders.map(([key, text]) => button(text, () => change({ by: key }), { "aria-pressed": String(by === key) }))),
    found.items.length
      ? el("div", { class: "list" }, found.items.map(chainRow))
      : el("p", {}, `No session on ${now.b} could have come from ${now.a}: time allows no chain of open sessions between them.`),
    el("p", { class: "muted" }, found.cut ? `Showing the first ${found.shown}; there may be more` : `${found.shown} paths`),
    ...(found.items.length ? hopList(found.items[0]) : []),
  ];
}

async function spreadPanel(what, id) {
  const found = await get(`/${what}`, { host: nameOf(id), limit: 100 }, "panel");
  const title = what === "reach" ? `Reached from ${nameOf(id)}` : `From where ${nameOf(id)} could be reached`;
  say(`${title}: ${found.total}`);
  const now = state();
  return [
    closer(),
    el("p", { class: "muted kind" }, what === "reach" ? "reach" : "origins"),
    el("h2", { class: "name" }, title),
    found.items.length
      ? table([
        ["Host", (one) => one.name, "wide"],
        ["Segment", (one) => one.segment],
        ["Hops", (one) => String(one.path.hops.length), "num"],
        ["Certainty", (one) => one.path.certainty.toFixed(2), "num"],
      ], found.items, { open: (one) => change({ path: chainIds(one.path), seed: now.seed ? [...new Set([...now.seed, ...chainIds(one.path)])] : null }), label: title })
      : el("p", {}, "Nothing: time allows no chain of open sessions."),
    showing(found.shown, found.total, "hosts and sources"),
  ];
}

function hopList(chain) {
  const lines = el("div", { class: "lines" });
  return [
    el("h3", {}, "Hops of the first"),
    table([
      ["Start (UTC)", (hop) => shortTime(new Date(hop.start), true)],
      ["To", (hop) => hop.dst, "wide"],
      ["As", (hop) => hop.user],
      ["Certainty", (hop) => hop.certainty.toFixed(2), "num"],
    ], chain.hops, { open: (hop) => showLines(lines, hop.lines, [hop.user]), label: "Hops" }),
    lines,
  ];
}
