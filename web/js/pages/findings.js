// What the last hunts found, and one finding whole.

import { get, query } from "../api.js";
import { badge, button, el, empty, facts, failed, showing, table } from "../dom.js";
import { judging } from "../judging.js";
import { length, originId, shortKey, time } from "../format.js";
import { lineBlock } from "../lines.js";
import { draw, theme } from "../plot.js";
import { change, go, state, to } from "../url.js";

const SEVERITIES = ["critical", "high", "medium", "low", "info"];

export async function findings(page) {
  const now = state();
  const found = await get("/findings", { severity: now.severity, detector: now.detector, from: now.from, to: now.to, cursor: now.cursor, limit: 100 }, "page");
  const every = now.severity || now.detector || now.from || now.to ? await get("/findings", { limit: 1000 }) : found;
  const count = (name) => every.items.reduce((sum, one) => sum.set(one[name], (sum.get(one[name]) ?? 0) + 1), new Map());
  const facet = (title, name, order) => {
    const counted = count(name);
    const names = order ? order.filter((one) => counted.has(one)) : [...counted.keys()].sort();
    return el("fieldset", {}, el("legend", {}, title), names.map((one) => el("label", {},
      el("input", { type: "checkbox", checked: now[name] === one, onchange: (event) => change({ [name]: event.target.checked ? one : null, cursor: null }) }),
      el("span", { class: "cut" }, one), el("span", { class: "count" }, String(counted.get(one))))));
  };
  const content = found.items.length
    ? [
      table([
        ["Severity", (one) => badge(one.severity, one.severity)],
        ["Finding", (one) => el("a", { href: to(`/findings/${one.id}`) }, one.title), "wide"],
        ["Detector", (one) => one.detector],
        ["Technique", (one) => one.technique],
        ["Score", (one) => one.score.toFixed(2), "num"],
        ["First (UTC)", (one) => time(one.first)],
      ], found.items, { label: "Findings" }),
      showing(found.shown, found.total, "findings"),
      el("p", { class: "muted" }, found.hidden ? `${found.hidden} more hidden by ` : "", el("a", { href: to("/suppressions") }, found.hidden ? "suppressions" : "Suppressions")),
      found.next ? button("More", () => change({ cursor: found.next })) : null,
    ]
    : [now.severity || now.detector || now.from || now.to
      ? empty("No finding matches", "Take away a filter:", el("div", { class: "actions" }, button("Show all findings", () => go("/findings"))))
      : empty("No findings yet", "graphmap hunt looks for some; this page shows them as soon as it is done.")];
  page.replaceChildren(el("div", { class: "reading" },
    el("aside", { class: "filters", "aria-label": "Filters" }, facet("Severity", "severity", SEVERITIES), facet("Detector", "detector")),
    el("section", { class: "sheet" }, el("div", { class: "head" }, el("h1", {}, "Findings"), el("a", { class: "button", href: csv(now), download: "findings.csv" }, "CSV")), ...content.filter(Boolean))));
}

export async function finding(page, id) {
  const found = await get(`/findings/${id}`, {}, "page");
  const chart = el("div", { class: "chart" });
  const hosts = [...new Set(found.hosts)];
  const words = [...found.users, ...found.hosts];
  const forms = await judging(found, () => finding(page, id));
  page.replaceChildren(el("div", { class: "finding" },
    el("article", {},
      el("p", { class: "muted" }, el("a", { href: to("/findings") }, "Findings"), ` / ${found.id}`),
      el("h1", {}, found.title),
      el("div", { class: "badges" },
        badge(found.severity, found.severity), badge(`Score ${found.score.toFixed(2)}`), badge(found.technique), badge(found.detector),
        el("span", { class: "muted" }, found.first ? `${time(found.first)} – ${time(found.last)} UTC` : "")),
      el("section", { class: "card" }, el("h2", {}, "Hops on their time axis"), el("p", { class: "muted" }, "bars are sessions, numbers are hops; restricted hosts are shaded"), chart),
      found.hops.length ? el("section", { class: "card" }, el("h2", {}, "Hops"), table([
        ["Hop", (hop) => String(found.hops.indexOf(hop) + 1), "num"],
        ["Start (UTC)", (hop) => time(hop.start)],
        ["From", (hop) => hop.src], ["To", (hop) => hop.dst], ["As", (hop) => hop.user],
        ["Method", (hop) => hop.method], ["Key", (hop) => shortKey(hop.key)],
        ["Length", (hop) => length(hop.start, hop.end)], ["Certainty", (hop) => hop.certainty.toFixed(2), "num"], ["Because of", (hop) => hop.basis],
      ], found.hops.slice(0, 100), { label: "Hops" }), showing(Math.min(found.hops.length, 100), found.hops.length, "hops")) : null,
      el("section", { class: "card" }, el("h2", {}, "Evidence"), showing(found.lines.length, found.all_lines, "log lines"),
        el("div", { class: "lines" }, found.lines.map((line) => lineBlock(line, words))))),
    el("aside", { class: "panel", "aria-label": "Why" },
      el("div", { class: "actions" }, el("a", { class: "button primary", href: inGraph(found) }, "View in graph")),
      el("h3", {}, "Why it stands out"),
      el("ul", { class: "why" }, found.why.map((reason) => el("li", {}, reason))),
      ...said(found),
      ...forms,
      el("h3", {}, "Hosts"),
      el("div", { class: "list" }, hosts.slice(0, 50).map((host) => el("a", { class: "row", href: to("/explorer", { sel: nodeOf(found, host) }) }, host))),
      showing(Math.min(hosts.length, 50), hosts.length, "hosts"),
      el("h3", {}, "Accounts"),
      facts([["", [...new Set(found.users)].join(", ")]]))));
  try {
    const width = Math.max(Math.floor(chart.clientWidth), 300);
    const drawn = await get("/figures/chain", { finding: id, theme: theme(), width }, "chart");
    if (drawn.empty) chart.replaceChildren(el("p", { class: "muted" }, drawn.empty));
    else {
      await draw(chart, drawn.figure, { scrollZoom: false });
      if (drawn.cut) chart.after(el("p", { class: "muted" }, `Showing ${drawn.cut}`));
    }
  } catch (error) {
    if (error.name !== "AbortError") chart.replaceChildren(failed(error));
  }
}

// The whole list, as far as the filters go, for a spreadsheet.
function csv({ severity, detector, from, to: until }) {
  return `/api/v1/exports/findings.csv?${query({ severity, detector, from, to: until })}`;
}

// What people said of it, the last first.
function said(found) {
  const lines = found.judgements.toReversed().map((one) => el("li", {},
    `${one.state}${one.assignee ? `, assigned to ${one.assignee}` : ""}${one.marked ? ", marked" : ""}${one.note ? `: ${one.note}` : ""}`,
    el("div", { class: "muted" }, `${one.author}, ${time(one.at)} UTC`)));
  const hidden = found.hidden_by === null ? null : el("p", { class: "muted" }, `Suppression ${found.hidden_by} keeps it out of lists.`);
  return [lines.length || hidden ? el("h3", {}, "What people said") : null, lines.length ? el("ul", { class: "why" }, lines) : null, hidden].filter(Boolean);
}

function nodeOf(found, name) {
  return found.hops.some((hop) => hop.dst === name) ? `host:${name}` : originId(name);
}

function inGraph(found) {
  const linked = found.hops.every((hop, n) => n === 0 || found.hops[n - 1].dst === hop.src) && found.hops.length > 0;
  if (!linked) return to("/explorer", { sel: nodeOf(found, found.hosts.at(-1) ?? "") });
  return to("/explorer", { path: [found.hops[0].src, ...found.hops.map((hop) => hop.dst)].map((name) => nodeOf(found, name)) });
}

