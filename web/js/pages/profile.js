// A host, an account, an outside source or a key: what is usual for it, what is new, and when it did what.

import { get } from "../api.js";
import { chart } from "../chart.js";
import { badge, el, empty, failed, showing, table } from "../dom.js";
import { kindOf, nameOf, number, shortKey, time } from "../format.js";
import { linkId } from "../explorer/store.js";
import { filters, profiled, to, toProfile } from "../url.js";

const KINDS = { host: "Host", user: "Account", source: "Outside source", key: "Key" };

export async function profile(page) {
  const id = profiled(location.pathname);
  if (!id || !KINDS[kindOf(id)]) {
    page.replaceChildren(empty("There is no such page", location.pathname, el("a", { class: "button", href: "/explorer" }, "To the Explorer")));
    return;
  }
  const detail = await get("/node", { id, ...filters(), limit: 100 }, "page");
  const { node } = detail;
  const line = el("div", { class: "chart" });
  const habits = el("div", {});
  const other = (link) => (link.src === id ? link.dst : link.src);
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("p", { class: "muted" }, KINDS[node.kind]),
    el("div", { class: "head" }, el("h1", {}, node.name), el("a", { class: "button primary", href: to("/explorer", { sel: id, seed: id, kind: node.kind === "key" ? ["host", "source", "user", "key"] : null }) }, "Open in Explorer")),
    el("div", { class: "badges" }, node.restricted ? badge("Restricted", "risk") : null, node.segment ? badge(node.segment) : null, ...node.roles.map((role) => badge(role)),
      badge(`${number(node.count)} accepted`), node.failures ? badge(`${number(node.failures)} refused`, "failure") : null),
    habits,
    el("section", { class: "card" }, el("h2", {}, "Timeline"), el("p", { class: "muted" }, "discs are accepted logons, crosses refused ones; a lane for each way"), line),
    detail.findings.length ? el("section", { class: "card" }, el("h2", {}, "Findings that name it"), table([
      ["Severity", (one) => badge(one.severity, one.severity)], ["Finding", (one) => el("a", { href: to(`/findings/${one.id}`) }, one.title), "wide"],
      ["Detector", (one) => one.detector], ["Story", (one) => (one.story ? el("a", { href: to(`/stories/${one.story}`) }, one.story) : null)], ["First (UTC)", (one) => time(one.first)],
    ], detail.findings, { label: "Findings" })) : null,
    el("section", { class: "card" }, el("h2", {}, "Neighbours"), table([
      ["", (link) => (link.src === id ? "to" : "from")],
      ["Neighbour", (link) => el("a", { href: toProfile(other(link)) }, shortKey(nameOf(other(link)))), "wide"], ["As", (link) => link.users.join(", "), "wide"],
      ["Methods", (link) => link.methods.join(", ")],
      ["Accepted", (link) => number(link.count), "num"], ["Refused", (link) => number(link.failures), "num"], ["First (UTC)", (link) => time(link.first)], ["Last (UTC)", (link) => time(link.last)],
      ["", (link) => el("a", { href: to("/explorer", { sel: linkId(link.src, link.dst) }), "aria-label": `Sessions of ${nameOf(link.src)} to ${nameOf(link.dst)}` }, "sessions")],
    ], detail.links, { label: "Neighbours" }), showing(detail.shown, detail.total, "neighbours"))));
  await Promise.all([chart(line, "/figures/timeline", { node: id, ...filters() }, { scrollZoom: true }), usual(habits, id)]);
}

const ASPECTS = { from: "From", to: "To", accounts: "As", methods: "By", hours: "At, UTC" };
const SHOWN = 8;

// What it did within the chosen time, or on the last day of the logs, beside what it did before.
async function usual(element, id) {
  const { from, to: until } = filters();
  try {
    const found = await get("/profile", { id, from, to: until, limit: SHOWN }, "habits");
    element.replaceChildren(el("section", { class: "card" },
      el("div", { class: "head" }, el("h2", {}, "Usual against new"),
        el("span", { class: "muted" }, `${time(found.since)} – ${time(found.until)} UTC: ${number(found.now)} accepted logons; before it ${number(found.before)}`)),
      el("div", { class: "aspects" }, Object.entries(ASPECTS).filter(([name]) => found.aspects[name]?.total).map(([name, title]) => aspect(title, found.aspects[name])))));
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(failed(error));
  }
}

function aspect(title, { items, shown, total, new: fresh }) {
  const told = (one) => (one.new ? `new, ${number(one.now)} now` : `${number(one.before)} on ${number(one.days)} day${one.days === 1 ? "" : "s"} before, ${number(one.now)} now`);
  return el("div", {},
    el("h3", {}, title, " ", fresh ? badge(`${number(fresh)} new`, "risk") : null),
    el("ul", { class: "plain" }, items.map((one) => el("li", { class: one.new ? "fresh" : null },
      el("span", { class: "cut", title: one.value }, shortKey(one.value) || "not logged"), el("span", { class: "muted" }, told(one))))),
    total > shown ? el("p", { class: "muted" }, `Showing ${number(shown)} of ${number(total)}`) : null);
}
