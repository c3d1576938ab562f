// From where to where: what is usual, what is rare, what the policy says of it.

import { get } from "../api.js";
import { chart } from "../chart.js";
import { badge, button, el, showing, table } from "../dom.js";
import { userLink } from "../evidence.js";
import { number, originId, time } from "../format.js";
import { linkId } from "../explorer/store.js";
import { change, filters, go, state, to, toProfile } from "../url.js";

const VERDICTS = { violation: "violation", both: "permitted in part", permitted: "permitted", "not covered": "not covered" };
const VIEWS = { segment: "Segments", restricted: "Sources into restricted hosts", host: "Hosts" };

export async function rare(page) {
  const now = state();
  const by = now.by in VIEWS ? now.by : "segment";
  const cell = now.cell_from || now.cell_to ? { [by === "segment" ? "src_segment" : "src"]: now.cell_from, [by === "segment" ? "segment" : "dst"]: now.cell_to } : null;
  const most = now.most ?? (cell ? 1_000_000 : 3);
  const asked = { max_count: most, ...(cell ?? { segment: now.into }) };
  const [found, summary] = await Promise.all([get("/rare", { ...asked, cursor: now.cursor, limit: 100 }, "page"), get("/graph/summary")]);
  const map = el("div", { class: "chart" });
  const firsts = el("div", { class: "chart" });
  const option = (value, text) => el("option", { value, selected: (now.into ?? "") === value }, text);
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Rare edges"),
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "From where to where"),
        el("div", { class: "segmented", role: "group", "aria-label": "Rows and columns" },
          Object.entries(VIEWS).map(([one, text]) => button(text, () => change({ by: one, cell_from: null, cell_to: null, cursor: null }), { "aria-pressed": String(by === one) })))),
      el("p", { class: "muted" }, "numbers are accepted logons; a diamond marks what the policy forbids; a click on a cell lists its ways below"), map),
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, cell ? "Ways of that cell" : "Ways that were rarely taken"),
        cell ? el("span", { class: "chip-inline" }, `${now.cell_from ?? "anywhere"} → ${now.cell_to ?? "anywhere"}`) : null,
        cell ? button("All rare ways", () => change({ cell_from: null, cell_to: null, cursor: null })) : el("label", {}, "into ", el("select", { onchange: (event) => change({ into: event.target.value || null, cursor: null }) },
          option("", "restricted segments"), summary.segments.map((one) => option(one.name, one.name)))),
        el("label", {}, "at most ", el("input", { type: "number", min: "1", max: "1000000", value: most, onchange: (event) => change({ most: event.target.value, cursor: null }) }), " times")),
      el("h3", {}, "When they were first seen"),
      el("div", { class: "key" }, el("span", {}, el("span", { class: "dot violation" }), "violation"), el("span", {}, el("span", { class: "dot permitted" }), "permitted"), el("span", {}, el("span", { class: "dot" }), "no policy covers it")),
      firsts,
      found.items.length ? table([
        ["From", (one) => el("a", { href: toProfile(originId(one.src)) }, one.src), "wide"], ["Segment", (one) => one.src_segment], ["As", (one) => userLink(one.user)],
        ["To", (one) => el("a", { href: toProfile(`host:${one.dst}`) }, one.dst), "wide"], ["Segment", (one) => one.dst_segment],
        ["Method", (one) => one.method],
        ["Times", (one) => number(one.count), "num"], ["Refused", (one) => number(one.failures), "num"], ["First (UTC)", (one) => time(one.first)], ["Last (UTC)", (one) => time(one.last)],
        ["Policy", (one) => badge(VERDICTS[one.policy], { violation: "risk", both: "risk", permitted: "success" }[one.policy] ?? "")],
        ["", (one) => el("a", { href: inGraph(one), "aria-label": `in graph: ${one.src} to ${one.dst}` }, "in graph")],
      ], found.items, { label: "Rare ways" })
        : el("p", { class: "muted" }, cell ? "No accepted logon went this way." : "No way was taken so seldom."),
      showing(found.shown, found.total, "ways"),
      found.next ? button("More", () => change({ cursor: found.next })) : null)));
  const choose = (pair) => pair && change({ cell_from: pair[0], cell_to: pair[1], most: null, cursor: null });
  await Promise.all([
    chart(map, "/figures/heatmap", { ...filters(), by }, { click: choose }),
    chart(firsts, "/figures/first-seen", asked, { click: (way) => way && go(inGraph({ src: way[0], dst: way[1] })) }),
  ]);
}

function inGraph({ src, dst }) {
  const ids = [originId(src), `host:${dst}`];
  return to("/explorer", { path: ids, sel: linkId(...ids) });
}
