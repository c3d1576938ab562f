// Rare edges, the profile of a node, coverage, help.

import { get } from "../api.js";
import { badge, button, el, empty, facts, showing, table } from "../dom.js";
import { nameOf, number, originId, span, time } from "../format.js";
import { linkId } from "../panel.js";
import { draw, theme } from "../plot.js";
import { change, filters, go, state, to } from "../url.js";

async function chart(element, path, parameters, options) {
  const width = Math.max(Math.floor(element.clientWidth), 300);
  const found = await get(path, { ...parameters, theme: theme(), width }, "chart");
  if (found.empty) element.replaceChildren(el("p", { class: "muted" }, found.empty));
  else await draw(element, found.figure, { scrollZoom: false, ...options });
  if (found.cut) element.after(el("p", { class: "muted showing" }, `Showing ${found.cut}`));
}

export async function rare(page) {
  const now = state();
  const by = now.by === "host" ? "host" : "segment";
  const [found, summary] = await Promise.all([
    get("/rare", { segment: now.into, max_count: now.most ?? 3, cursor: now.cursor, limit: 100 }, "page"),
    get("/graph/summary"),
  ]);
  const map = el("div", { class: "chart" });
  const option = (value, text) => el("option", { value, selected: (now.into ?? "") === value }, text);
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Rare edges"),
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "From where to where"),
        el("div", { class: "segmented", role: "group", "aria-label": "Rows and columns" },
          ["segment", "host"].map((one) => button(one === "segment" ? "Segments" : "Hosts", () => change({ by: one }), { "aria-pressed": String(by === one) })))),
      el("p", { class: "muted" }, "numbers are accepted logons; a diamond marks what the inventory's policy forbids"), map),
    el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "Ways that were rarely taken"),
        el("label", {}, "into ", el("select", { onchange: (event) => change({ into: event.target.value, cursor: null }) },
          option("", "restricted segments"), summary.segments.map((one) => option(one.name, one.name)))),
        el("label", {}, "at most ", el("input", { type: "number", min: "1", max: "1000", value: now.most ?? 3, onchange: (event) => change({ most: event.target.value, cursor: null }) }), " times")),
      found.items.length ? table([
        ["From", (one) => one.src, "wide"], ["Segment", (one) => one.src_segment], ["As", (one) => one.user], ["To", (one) => one.dst, "wide"], ["Segment", (one) => one.dst_segment],
        ["Times", (one) => number(one.count), "num"], ["Refused", (one) => number(one.failures), "num"], ["First (UTC)", (one) => time(one.first)],
        ["Policy", (one) => badge(one.policy, one.policy === "violation" ? "risk" : "")],
      ], found.items, { open: (one) => go("/explorer", { ...filters(), path: [originId(one.src), `host:${one.dst}`], sel: linkId(originId(one.src), `host:${one.dst}`) }), label: "Rare ways" })
        : el("p", { class: "muted" }, "No way was taken so seldom."),
      showing(found.shown, found.total, "ways"),
      found.next ? button("More", () => change({ cursor: found.next })) : null)));
  await chart(map, "/figures/heatmap", { ...filters(), by }, {
    click: (pair) => { if (pair && by === "host") go("/explorer", { ...filters(), path: [`host:${pair[0]}`, `host:${pair[1]}`] }); else if (pair) change({ into: pair[1] }); },
  });
}

export async function profile(page) {
  const id = state().id ?? "";
  const detail = await get("/node", { id, ...filters(), limit: 100 }, "page");
  const node = detail.node;
  const line = el("div", { class: "chart" });
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("p", { class: "muted" }, node.kind),
    el("h1", {}, node.name),
    el("div", { class: "badges" }, node.restricted ? badge("Restricted", "risk") : null, node.segment ? badge(node.segment) : null, ...node.roles.map((role) => badge(role)),
      el("a", { class: "button", href: to("/explorer", { sel: id, seed: id }) }, "Open in Explorer")),
    el("section", { class: "card" }, el("h2", {}, "Timeline"), el("p", { class: "muted" }, "discs are accepted logons, crosses refused ones; a lane for each way"), line),
    el("section", { class: "card" }, el("h2", {}, "Links"), table([
      ["From", (link) => nameOf(link.src), "wide"], ["To", (link) => nameOf(link.dst), "wide"], ["As", (link) => link.users.join(", "), "wide"],
      ["Methods", (link) => link.methods.join(", ")],
      ["Accepted", (link) => number(link.count), "num"], ["Refused", (link) => number(link.failures), "num"], ["First (UTC)", (link) => time(link.first)], ["Last (UTC)", (link) => time(link.last)],
    ], detail.links, { open: (link) => go("/explorer", { ...filters(), sel: linkId(link.src, link.dst) }), label: "Links" }), showing(detail.shown, detail.total, "links"))));
  await chart(line, "/figures/timeline", { node: id, ...filters() }, { scrollZoom: true });
}

export async function coverage(page) {
  const found = await get("/coverage", {}, "page");
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Coverage"),
    el("section", { class: "card" }, el("h2", {}, "What cannot be seen"),
      found.blind.length ? el("ul", { class: "why" }, found.blind.map((one) => el("li", {}, one))) : el("p", {}, "Nothing is known to be missing.")),
    el("section", { class: "card" }, el("h2", {}, "What is there"), facts([
      ["Events", number(found.events)], ["Files", number(found.files)], ["Lines not understood", number(found.rejects)],
      ["First (UTC)", time(found.first)], ["Last (UTC)", time(found.last)], ["Inventory", found.inventory],
    ])),
    el("section", { class: "card" }, el("h2", {}, "Hosts"), el("p", { class: "muted" }, "those that fell silent first come first"), table([
      ["Host", (one) => one.host, "wide"], ["Events", (one) => number(one.events), "num"], ["Days", (one) => number(one.days), "num"],
      ["First (UTC)", (one) => time(one.first)], ["Last (UTC)", (one) => time(one.last)],
      ["Silent before the end", (one) => (new Date(found.last) - new Date(one.last) < 1000 ? "–" : span(new Date(found.last) - new Date(one.last))), "num"],
    ], found.hosts, { label: "Hosts" }), showing(found.hosts.length, found.all_hosts, "hosts"))));
}

export function help(page) {
  const keys = [
    ["/", "search"], ["Esc", "close what is open, deselect"], ["?", "this page"], ["arrows", "in the graph: select the nearest node that way"],
    ["E, double click", "expand the selected node"], ["L", "names on or off"], ["T", "the graph as a table"], ["F", "show all of the graph"],
    ["wheel, drag", "zoom, move"], ["Back, Forward", "undo, redo: the address holds the view"],
  ];
  page.replaceChildren(el("div", { class: "sheet" },
    el("h1", {}, "Help"),
    el("section", { class: "card" }, el("h2", {}, "Shortcuts"), table([["Key", ([key]) => el("kbd", {}, key)], ["Does", ([, does]) => does, "wide"]], keys, { label: "Shortcuts" })),
    el("section", { class: "card" }, el("h2", {}, "Words"), facts([
      ["Session", "an accepted logon on a host, to its end"],
      ["Hop", "a session whose source is known: from a host or an outside source to a host, as an account"],
      ["Chain", "hops of which each starts where the one before arrived, while that session was open"],
      ["Certainty", "1/n where n sessions could have been the origin of a hop; of a chain the product"],
      ["Outside source", "an address or name that belongs to no known host"],
      ["Restricted", "a segment that the inventory calls so"],
    ])),
    el("section", { class: "card" }, el("h2", {}, "For programs"), el("p", {}, "Every view is made of answers of the API under /api/v1; docs/api.md has recipes for curl and Python."))));
}

export function nowhere(page) {
  page.replaceChildren(empty("There is no such page", location.pathname, el("a", { class: "button", href: "/explorer" }, "To the Explorer")));
}
