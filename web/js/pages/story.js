// A story: what all detectors found about one path, in words, on its time axis, with its lines.

import { get, may } from "../api.js";
import { badge, button, el, facts, say, showing, table } from "../dom.js";
import { evidence, inGraph, nodeLink, open, reason, userLink } from "../evidence.js";
import { number, probability, shortKey, shortTime, span } from "../format.js";
import { STATES, suppressing } from "../judging.js";
import { go, to } from "../url.js";
import { named } from "./finding.js";
import { together } from "./findings.js";

export async function story(page, id) {
  const [found, judges] = await Promise.all([get(`/stories/${id}`, {}, "page"), may("judge")]);
  const again = () => story(page, id);
  const proof = evidence(found, { story: found.id });
  const { words } = found;
  page.replaceChildren(el("div", { class: "finding" },
    el("article", {},
      el("p", { class: "muted" }, el("a", { href: to("/findings") }, "Stories"), ` / ${found.id}`,
        found.continues ? [", goes on with ", el("a", { href: to(`/stories/${found.continues}`) }, found.continues)] : null,
        found.continued_by ? [", goes on in ", el("a", { href: to(`/stories/${found.continued_by}`) }, found.continued_by)] : null),
      el("h1", {}, found.title),
      el("div", { class: "badges" },
        badge(found.severity, found.severity), badge(found.past || found.score ? `${found.score.toFixed(1)} bits` : "no past to weigh it by"), found.p_value === null ? null : badge(`p = ${probability(found.p_value)}`),
        found.techniques.map((one) => badge(one)),
        Object.entries(found.states).map(([state, count]) => badge(`${number(count)} ${STATES[state].toLowerCase()}`, `state-${state}`)),
        el("span", { class: "muted" }, found.first ? `${shortTime(new Date(found.first))} – ${shortTime(new Date(found.last))} UTC` : "")),
      telling(found),
      ...proof.cards.slice(0, 1),
      el("section", { class: "card" }, el("h2", {}, "What was found"), table([
        ["Severity", (one) => badge(one.severity, one.severity)],
        ["Finding", (one) => el("a", { href: to(`/findings/${one.id}`) }, one.title), "wide"],
        ["Detector", (one) => one.detector], ["Technique", (one) => one.technique],
        ["State", (one) => badge(STATES[one.state], `state-${one.state}`)],
      ], found.parts, { label: "What was found" }), showing(found.parts.length, found.all_parts, "findings")),
      ...proof.cards.slice(1)),
    el("aside", { class: "panel", "aria-label": "Why" },
      el("div", { class: "actions" }, el("a", { class: "button primary", href: inGraph(found.route, found.hosts) }, "View in graph")),
      el("h3", {}, "Why it stands out"),
      el("ul", { class: "why" }, words.unusual.map(unusual)),
      el("h3", {}, "Not ruled out"),
      el("ul", { class: "why" }, [...open(found.hops).slice(0, 4), ...words.benign].map((one) => el("li", {}, one))),
      el("h3", {}, "Look at next"),
      el("ul", { class: "why" }, words.next.map((one) => el("li", {}, one))),
      words.command ? command(words.command) : null,
      judges ? el("h3", {}, `Triage all ${number(found.parts.length)} findings`) : null,
      judges ? together(found.parts.map((one) => one.id), again) : null,
      judges ? suppressing(found.parts.map((one) => one.id), () => go("/findings")) : null,
      ...named(found))));
  await proof.draw();
}

function unusual(text) {
  const at = text.indexOf(": ");
  return el("li", {}, el("span", { class: "muted" }, `${text.slice(0, at)}: `), reason(text.slice(at + 2)));
}

// The path as a person would tell it.
function telling(found) {
  const { route, words } = found;
  if (!route.length) return el("p", { class: "story" }, `${words.who}, ${words.way}.`);
  const who = (user) => userLink(user) ?? "somebody";
  const sentences = route.map((hop, n) => {
    const [before, how] = [route[n - 1], hop.method ? ` by ${hop.method}` : ""];
    if (!before) return [who(hop.user), " came from ", nodeLink(found.hops, hop.src), " to ", nodeLink(found.hops, hop.dst), `${how} on ${shortTime(new Date(hop.start), true)} UTC. `];
    const later = span(new Date(hop.start) - new Date(before.start));
    const same = hop.user === before.user;
    return [`${later} later`, same ? " the same account" : " ", same ? null : who(hop.user), " went on to ", nodeLink(found.hops, hop.dst), `${how}. `];
  });
  return el("div", { class: "story" }, el("p", {}, sentences.flat()), facts([
    ["Accounts", words.who], ["From", words.origin], ["Way", words.way.replaceAll("->", "→")],
    ["With", el("ul", { class: "plain" }, words.credentials.slice(0, 8).map((one) => el("li", {}, one.replace(/SHA256:\S{30,}/, shortKey))))],
  ]));
}

function command(text) {
  return el("div", { class: "line command" }, el("code", {}, text), button("Copy", async () => {
    await navigator.clipboard?.writeText(text).catch(() => {});
    say("Copied");
  }, { class: "quiet" }));
}
