// What the logs cover: each host on each day, and what cannot be detected where.

import { get } from "../api.js";
import { badge, button, el, empty, facts, showing, table } from "../dom.js";
import { number, shortDay, span, time } from "../format.js";
import { change, state, toProfile } from "../url.js";

const SPANS = [[14, "14 days"], [31, "31 days"], [92, "92 days"]];
const SIGNS = { seen: "", silent: "–", tampered: "!", "not-evaluable": "?" };
const MEANS = {
  seen: "its own log has events",
  silent: "its log had events before and has none",
  tampered: "a finding says that its logs were changed",
  "not-evaluable": "its own log was never seen, others may tell of it",
};
const WORDS = { seen: "seen", silent: "silent", tampered: "tampered", "not-evaluable": "not evaluable" };

export async function coverage(page) {
  const now = state();
  const last = Number(now.days) || 31;
  const [found, matrix] = await Promise.all([get("/coverage", {}, "page"), get("/coverage/days", { last, limit: now.all ? 1000 : 60 }, "matrix")]);
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Coverage"),
    el("section", { class: "card tiles" }, facts([
      ["Events", number(found.events)], ["Files", number(found.files)], ["Lines not understood", number(found.rejects)],
      ["First (UTC)", time(found.first)], ["Last (UTC)", time(found.last)], ["Inventory", found.inventory],
    ])),
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "Hosts by day"),
        el("div", { class: "segmented", role: "group", "aria-label": "Days" }, SPANS.map(([days, text]) => button(text, () => change({ days }), { "aria-pressed": String(last === days) })))),
      ...(matrix.days.length ? days(matrix) : [el("p", { class: "muted" }, "No log was read yet.")])),
    el("section", { class: "card" }, el("h2", {}, "What cannot be detected"),
      matrix.blind.length ? table([
        ["Detectors", (one) => el("div", { class: "badges" }, one.detectors.map((name) => badge(name))), "wide"],
        ["Blind on", (one) => `${number(one.all_hosts)} of ${number(one.of)} hosts`],
        ["Hosts", (one) => hosts(one), "wide"],
        ["Because", (one) => el("ul", { class: "why" }, one.why.map((why) => el("li", {}, why))), "wide"],
      ], matrix.blind, { label: "What cannot be detected" }) : el("p", { class: "muted" }, "Every detector can look at every host.")),
    el("section", { class: "card" }, el("h2", {}, "What cannot be seen"),
      found.blind.length ? el("ul", { class: "why" }, found.blind.map((one) => el("li", {}, one))) : el("p", {}, "Nothing is known to be missing.")),
    el("section", { class: "card" }, el("h2", {}, "Hosts by their last word"), found.hosts.length ? table([
      ["Host", (one) => one.host, "wide"], ["Events", (one) => number(one.events), "num"], ["Days", (one) => number(one.days), "num"],
      ["First (UTC)", (one) => time(one.first)], ["Last (UTC)", (one) => time(one.last)],
      ["Silent before the end", (one) => (new Date(found.last) - new Date(one.last) < 1000 ? "–" : span(new Date(found.last) - new Date(one.last))), "num"],
    ], found.hosts, { label: "Hosts" }) : empty("No events yet", "graphmap ingest, or a drop on the Data page, brings logs in."), showing(found.hosts.length, found.all_hosts, "hosts"))));
}

function days(matrix) {
  const legend = Object.keys(SIGNS).map((one) => el("span", { title: MEANS[one] }, el("span", { class: `day ${one}` }, SIGNS[one]), `${WORDS[one]} ${number(matrix.states[one] ?? 0)}`));
  const head = matrix.days.map((day, n) => el("th", { scope: "col", title: day }, n === 0 || day.endsWith("-01") ? shortDay(day) : String(Number(day.slice(8)))));
  const rows = matrix.items.map((one) => el("tr", {},
    el("th", { scope: "row" }, el("a", { href: toProfile(`host:${one.host}`), title: one.host }, one.host), one.segment ? el("span", { class: "muted" }, one.segment) : null),
    one.states.map((state, n) => el("td", { class: `day ${state}`, title: `${one.host}, ${matrix.days[n]}: ${WORDS[state]}, ${number(one.events[n])} events` },
      SIGNS[state], el("span", { class: "unseen" }, WORDS[state])))));
  return [
    el("div", { class: "key" }, legend),
    el("div", { class: "matrix", tabindex: "0", role: "region", "aria-label": "Hosts by day" }, el("table", { "aria-label": "Hosts by day" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Host"), head)), el("tbody", {}, rows))),
    showing(matrix.shown, matrix.total, "hosts"),
    matrix.total > matrix.shown ? button("Show all", () => change({ all: "1" })) : null,
  ].filter(Boolean);
}

function hosts(one) {
  const more = one.all_hosts - Math.min(one.hosts.length, 6);
  return one.all_hosts === one.of ? "all" : `${one.hosts.slice(0, 6).join(", ")}${more > 0 ? ` and ${number(more)} more` : ""}`;
}
