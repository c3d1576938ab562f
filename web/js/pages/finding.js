// One finding whole.

import { get } from "../api.js";
import { badge, el, showing } from "../dom.js";
import { evidence, inGraph, nodeLink, open, reason, userLink } from "../evidence.js";
import { probability, time } from "../format.js";
import { judging, STATES } from "../judging.js";
import { to } from "../url.js";

export async function finding(page, id) {
  const found = await get(`/findings/${id}`, {}, "page");
  const forms = await judging(found, () => finding(page, id));
  const proof = evidence(found, { finding: id });
  const doubts = open(found.hops);
  page.replaceChildren(el("div", { class: "finding" },
    el("article", {},
      el("p", { class: "muted" }, el("a", { href: to("/findings", { as: "findings" }) }, "Findings"), ` / ${found.id}`,
        found.story ? [", part of ", el("a", { href: to(`/stories/${found.story}`) }, found.story)] : null),
      el("h1", {}, found.title),
      el("div", { class: "badges" },
        badge(found.severity, found.severity), badge(`Score ${found.score.toFixed(2)}`), badge(found.technique), badge(found.detector), badge(STATES[found.state], `state-${found.state}`),
        found.p_value ? badge(`p = ${probability(found.p_value)}`) : null,
        el("span", { class: "muted" }, found.first ? `${time(found.first)} – ${time(found.last)} UTC` : "")),
      ...proof.cards),
    el("aside", { class: "panel", "aria-label": "Why" },
      el("div", { class: "actions" }, el("a", { class: "button primary", href: inGraph(found.hops, found.hosts) }, "View in graph"),
        found.story ? el("a", { class: "button", href: to(`/stories/${found.story}`) }, "Its story") : null),
      el("h3", {}, "Why it stands out"),
      el("ul", { class: "why" }, found.why.map((one) => el("li", {}, reason(one)))),
      ...(doubts.length ? [el("h3", {}, "Not ruled out"), el("ul", { class: "why" }, doubts.map((one) => el("li", {}, one)))] : []),
      ...said(found),
      ...forms,
      ...named(found))));
  await proof.draw();
}

export function named(found) {
  const hosts = [...new Set(found.hosts)];
  return [
    el("h3", {}, "Hosts"),
    el("ul", { class: "plain" }, hosts.slice(0, 50).map((host) => el("li", {}, nodeLink(found.hops, host)))),
    showing(Math.min(hosts.length, 50), found.all_hosts ?? hosts.length, "hosts"),
    el("h3", {}, "Accounts"),
    el("ul", { class: "plain" }, [...new Set(found.users)].slice(0, 50).map((user) => el("li", {}, userLink(user) ?? "–"))),
  ];
}

// What people said of it, the last first.
function said(found) {
  const lines = found.judgements.toReversed().map((one) => el("li", {},
    `${one.state}${one.assignee ? `, assigned to ${one.assignee}` : ""}${one.marked ? ", marked" : ""}${one.note ? `: ${one.note}` : ""}`,
    el("div", { class: "muted" }, `${one.author}, ${time(one.at)} UTC`)));
  const hidden = found.hidden_by === null ? null : el("p", { class: "muted" }, `Suppression ${found.hidden_by} keeps it out of lists.`);
  return [lines.length || hidden ? el("h3", {}, "What people said") : null, lines.length ? el("ul", { class: "why" }, lines) : null, hidden].filter(Boolean);
}
