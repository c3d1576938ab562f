// Shortcuts, words, and the question behind each view.

import { query } from "../api.js";
import { button, el, facts, say, table } from "../dom.js";
import { filters } from "../url.js";

const KEYS = [
  ["/", "search; host:, user:, source:, key:, segment: or finding: before a name narrow it"], ["Esc", "close what is open, deselect"], ["?", "this page"], ["arrows", "in the graph: the nearest node that way"],
  ["Enter, double click", "expand the selected node"], ["C", "collapse"], ["E", "next link of the node"], ["P", "pin, unpin"], ["Del", "hide"], ["G", "group"],
  ["Shift-F10, right click", "what may be done"], ["Ctrl-Z, Ctrl-Shift-Z", "undo, redo"], ["N", "note or mark what is selected"], ["L", "names on or off"], ["T", "the graph as a table"], ["F, +, -", "show all, nearer, farther"],
  ["[, ]", "the chosen time a step back or on"], ["K", "play: who moved when"], ["Ctrl-click, Shift-drag", "select several"],
  ["wheel, drag, Shift-arrows", "zoom, move"], ["Back, Forward", "the view before, the view after: the address holds it"],
];

const WORDS = [
  ["Session", "an accepted logon on a host, to its end"],
  ["Hop", "a session whose source is known: from a host or an outside source to a host, as an account"],
  ["Chain", "hops of which each starts where the one before arrived, while that session was open"],
  ["Certainty", "1/n where n sessions could have been the origin of a hop; of a chain the product"],
  ["Finding", "what one detector noticed, with the reasons and the lines"],
  ["Story", "all findings about one path, told as one"],
  ["Bits", "how rarely the detectors of a story say as much: 5 bits are once in a month, 0 every day"],
  ["p", "how likely chance alone is to give something as odd; the smaller the odder"],
  ["Rare edge", "a way (source, account, host, method) that was taken a few times only"],
  ["Outside source", "an address or name that belongs to no known host"],
  ["Restricted", "a segment that the inventory calls so"],
  ["Violation", "a logon that the segment policy forbids"],
  ["Silent", "a host whose own log had events before, and none on that day"],
  ["Not evaluable", "nothing can be said, since no log tells it; no sign that all is well"],
];

const QUERIES = [
  ["Explorer", "/graph", { limit: 400 }], ["A node", "/node", { id: "host:NAME" }], ["A path", "/paths", { from: "A", to: "B", by: "certainty" }],
  ["Reach from here", "/reach", { host: "A" }], ["Paths to here", "/origins", { host: "B" }], ["Sessions of a link", "/sessions", { src: "A", dst: "host:B" }],
  ["Log lines", "/events", { at: "FILE:LINE" }], ["Stories", "/stories", {}], ["A story", "/stories/s-ID", {}], ["Findings", "/findings", {}], ["Findings as a sheet", "/exports/findings.csv", {}],
  ["Rare edges", "/rare", { max_count: 3 }], ["Coverage", "/coverage/days", { last: 31 }], ["Jobs", "/schedule", {}], ["What they did", "/runs", {}], ["Files", "/files", {}], ["Lines not understood", "/rejects", {}],
];
const TIMED = ["/graph", "/stories", "/findings", "/exports/findings.csv", "/sessions"];

export function help(page) {
  const { from, to: until } = filters();
  const curl = (path, asked) => {
    const found = query({ ...asked, ...(TIMED.includes(path) ? { from, to: until } : {}) }).toString();
    return `curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/v1${path}${found ? `?${found}` : ""}'`;
  };
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Help"),
    el("div", { class: "columns" },
      el("section", { class: "card" }, el("h2", {}, "Shortcuts"), table([["Key", ([key]) => el("kbd", {}, key)], ["Does", ([, does]) => does, "wide"]], KEYS, { label: "Shortcuts" })),
      el("section", { class: "card" }, el("h2", {}, "Words"), facts(WORDS))),
    el("section", { class: "card" }, el("h2", {}, "The question behind each view"),
      el("p", { class: "muted" }, "Every view is made of answers of the API. TOKEN is the one in the address that graphmap serve printed, or one of graphmap token create; docs/api.md has more, also for Python."),
      table([
        ["View", ([view]) => view],
        ["Question", ([, path, asked]) => el("code", { class: "line" }, curl(path, asked)), "wide"],
        ["", ([view, path, asked]) => button("Copy", async () => { await navigator.clipboard?.writeText(curl(path, asked)).catch(() => {}); say("Copied"); }, { class: "quiet", "aria-label": `Copy the question of ${view}` })],
      ], QUERIES, { label: "Questions" }))));
}
