// What proves a finding or a story: its hops on a time axis, as a table, and the lines.

import { chart } from "./chart.js";
import { el, showing, table } from "./dom.js";
import { fileOf, length, number, originId, shortKey, time } from "./format.js";
import { marked } from "./lines.js";
import { to, toProfile } from "./url.js";

const MOST = 100;

export function nodeOf(hops, name) {
  return hops.some((hop) => hop.dst === name) ? `host:${name}` : originId(name);
}

export function userLink(user) {
  return user ? el("a", { href: toProfile(`user:${user}`) }, user) : null;
}

export function nodeLink(hops, name) {
  return el("a", { href: toProfile(nodeOf(hops, name)) }, name);
}

// The cards, and what draws the figure when they stand in the page. `which` names what /figures/chain is asked for.
export function evidence(found, which) {
  const { hops, lines } = found;
  const place = el("div", { class: "chart" });
  const cards = [
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "On its time axis"), el("span", { class: "muted" }, "bars are sessions, numbers are hops; restricted hosts are shaded")), place),
    el("section", { class: "card" }, el("h2", {}, "Evidence"), showing(lines.length, found.all_lines, "log lines"), proof(hops, lines, [...found.users, ...found.hosts])),
    hops.length ? el("section", { class: "card" }, el("h2", {}, "Hops"), hopTable(hops.slice(0, MOST)), showing(Math.min(hops.length, MOST), found.all_hops ?? hops.length, "hops")) : null,
  ];
  return { cards: cards.filter(Boolean), draw: () => chart(place, "/figures/chain", which) };
}

function proof(hops, lines, words) {
  const at = new Map(hops.flatMap((hop, n) => hop.lines.map((line) => [`${line.file}:${line.line}`, n + 1])).reverse());
  return table([
    ["Hop", (line) => at.get(`${line.file}:${line.line}`), "num"],
    ["File and line", (line) => el("span", { class: "where", title: `${line.file}:${line.line}` }, `${fileOf(line.file)}:${number(line.line)}`)],
    ["Line", (line) => el("code", { class: line.text ? "line" : "line muted" }, line.text ? marked(line.text, words) : line.problem), "wide"],
  ], lines, { label: "Evidence" });
}

function hopTable(hops) {
  return table([
    ["Hop", (hop) => String(hops.indexOf(hop) + 1), "num"],
    ["Start (UTC)", (hop) => time(hop.start)],
    ["From", (hop) => nodeLink(hops, hop.src)], ["To", (hop) => nodeLink(hops, hop.dst)],
    ["As", (hop) => userLink(hop.user)],
    ["Method", (hop) => hop.method], ["Key", (hop) => shortKey(hop.key)],
    ["Length", (hop) => length(hop.start, hop.end)], ["Certainty", (hop) => hop.certainty.toFixed(2), "num"], ["Because of", (hop) => hop.basis],
  ], hops, { label: "Hops" });
}

// A reason with its numbers set off: words that are one, not parts of times and addresses.
export function reason(text) {
  return text.split(/(\s+)/).map((word) => (/^\(?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?%?[,;.:)]*$/.test(word) ? el("strong", {}, word) : word));
}

// What the evidence leaves open, from the hops themselves.
export function open(hops) {
  const said = [];
  hops.slice(0, MOST).forEach((hop, n) => {
    if (hop.certainty < 1 && n) said.push(`Hop ${n + 1}: ${Math.max(2, Math.round(1 / hop.certainty))} sessions on ${hop.src} could have been its origin (certainty ${hop.certainty.toFixed(2)}).`);
    if (hop.end === null) said.push(`Hop ${n + 1}: the end of the session on ${hop.dst} was not logged.`);
    if (hop.missing?.length) said.push(`Hop ${n + 1}: ${hop.missing.join(" and ")} should have reported it and did not.`);
  });
  return said;
}

export function inGraph(hops, hosts) {
  const linked = hops.length > 0 && hops.every((hop, n) => n === 0 || hops[n - 1].dst === hop.src);
  if (!linked) return to("/explorer", { sel: nodeOf(hops, hosts.at(-1) ?? "") });
  return to("/explorer", { path: [hops[0].src, ...hops.map((hop) => hop.dst)].map((name) => nodeOf(hops, name)) });
}
