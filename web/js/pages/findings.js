// Stories and findings as lists.

import { get, may, query, send } from "../api.js";
import { badge, button, el, empty, say, showing, table } from "../dom.js";
import { facet, finder } from "../facets.js";
import { number, probability, shortTime, time } from "../format.js";
import { STATES } from "../judging.js";
import { change, go, state, to } from "../url.js";

export const SEVERITIES = { critical: "Critical", high: "High", medium: "Medium", low: "Low", info: "Info" };
const ASKED = ["least_bits", "severity", "detector", "segment", "state", "q", "from", "to", "cursor"];
const PAGE = 50;

export async function findings(page) {
  const now = state();
  const single = now.as === "findings";
  const asked = Object.fromEntries([...ASKED.slice(single ? 1 : 0), single ? "assignee" : "technique"].map((name) => [name, now[name]]));
  const [found, others, judges] = await Promise.all([
    get(single ? "/findings" : "/stories", { ...asked, limit: PAGE }, "page"),
    get(single ? "/stories" : "/findings", { limit: 1 }, "others"),
    may("judge"),
  ]);
  const [stories, alone] = single ? [others, found] : [found, others];
  page.replaceChildren(el("div", { class: "reading" },
    el("aside", { class: "filters", "aria-label": "Filters" },
      finder("Host, account, title"),
      facet("Severity", "severity", found.facets.severity, SEVERITIES),
      facet("State", "state", found.facets.state, STATES),
      single ? facet("Assignee", "assignee", found.facets.assignee) : null,
      facet("Segment", "segment", found.facets.segment),
      facet("Detector", "detector", found.facets.detector),
      single ? null : facet("Technique", "technique", found.facets.technique),
      button("Reset filters", () => go("/findings", { as: now.as }), { disabled: !narrowed(now) })),
    el("section", { class: "sheet" },
      el("div", { class: "head" },
        el("h1", {}, single ? "Findings" : `${number(stories.total)} ${stories.total === 1 ? "story" : "stories"} of ${number(alone.total)} findings`),
        el("div", { class: "segmented", role: "group", "aria-label": "List" },
          [[null, "Stories"], ["findings", "Findings"]].map(([as, text]) => button(text, () => go("/findings", { ...now, as, cursor: null, technique: null, assignee: null }), { "aria-pressed": String((now.as ?? null) === as) }))),
        el("a", { class: "button", href: csv(now), download: "findings.csv", title: "The findings, as far as the filters go, for a spreadsheet" }, "CSV")),
      el("p", { class: "muted" }, single ? "What each detector found, the highest score first." : "Findings about one path, told as one; what to read first comes first."),
      ...(found.items.length ? (single ? listed(found, judges, () => findings(page)) : told(found)) : [nothing(now, found.faint)]),
      found.next || now.cursor ? el("div", { class: "head more" },
        now.cursor ? button("First page", () => change({ cursor: null })) : null,
        found.next ? button("Next page", () => change({ cursor: found.next })) : null) : null,
      single ? null : faint(found, now),
      alone.hidden || single ? el("p", { class: "muted" }, alone.hidden ? `${number(alone.hidden)} more hidden by ` : "", el("a", { href: to("/suppressions") }, alone.hidden ? "suppressions" : "Suppressions")) : null)));
}

// How many stories weigh too little to be told, and the way to them and back.
function faint(found, now) {
  const all = now.least_bits === "0";
  if (!found.faint && !all) return null;
  const other = el("a", { href: to("/findings", { ...now, cursor: null, least_bits: all ? null : "0" }) }, all ? "Only those that weigh enough" : "Show them, too");
  return el("p", { class: "muted" }, all ? "Those that weigh little are shown, too. " : `${number(found.faint)} more below ${found.least_bits} bits. `, other);
}

function told(found) {
  return [
    table([
      ["Severity", (one) => badge(one.severity, one.severity)],
      ["Story", (one) => el("div", {},
        el("a", { class: "title", href: to(`/stories/${one.id}`) }, one.title),
        el("div", { class: "muted" }, [one.detectors.slice(0, 4).join(", "), one.detectors.length > 4 ? `and ${one.detectors.length - 4} more` : ""].filter(Boolean).join(" "))), "wide"],
      ["Findings", (one) => number(one.all_parts), "num"],
      ["Bits", (one) => (one.past || one.score ? one.score.toFixed(1) : el("span", { title: "There is no past to compare with" }, "no past")), "num"],
      ["p", (one) => (one.p_value === null ? null : probability(one.p_value)), "num"],
      ["When (UTC)", (one) => (one.first ? `${shortTime(new Date(one.first))}${one.days > 1 ? `, ${one.days} days` : ""}` : null)],
      ["State", (one) => states(one.states)],
    ], found.items, { label: "Stories" }),
    showing(found.shown, found.total, "stories"),
  ];
}

function states(counted) {
  return el("span", { class: "states" }, Object.entries(STATES).filter(([name]) => counted[name])
    .map(([name, text]) => badge(Object.keys(counted).length > 1 ? `${text} ${counted[name]}` : text, `state-${name}`)));
}

function listed(found, judges, again) {
  const chosen = new Set();
  const bar = el("div", { class: "bulk", hidden: true });
  const boxes = found.items.map((one) => el("input", { type: "checkbox", "aria-label": `Choose ${one.title}`, onchange: (event) => { chosen[event.target.checked ? "add" : "delete"](one.id); tell(); } }));
  const all = el("input", { type: "checkbox", "aria-label": "Choose all on this page", onchange: (event) => {
    boxes.forEach((box) => { box.checked = event.target.checked; });
    found.items.forEach((one) => chosen[event.target.checked ? "add" : "delete"](one.id));
    tell();
  } });
  const count = el("strong", {});
  const tell = () => { bar.hidden = !chosen.size; count.textContent = `${number(chosen.size)} chosen`; };
  if (judges) bar.append(count, together(chosen, again));
  const rows = new Map(found.items.map((one, n) => [one.id, boxes[n]]));
  return [
    bar,
    table([
      ...(judges ? [[all, (one) => rows.get(one.id)]] : []),
      ["Severity", (one) => badge(one.severity, one.severity)],
      ["Finding", (one) => el("div", {}, el("a", { class: "title", href: to(`/findings/${one.id}`) }, one.title),
        one.story ? el("div", { class: "muted" }, `${one.detector}, part of `, el("a", { href: to(`/stories/${one.story}`) }, one.story)) : el("div", { class: "muted" }, one.detector)), "wide"],
      ["Technique", (one) => one.technique],
      ["Score", (one) => one.score.toFixed(2), "num"],
      ["First (UTC)", (one) => time(one.first)],
      ["State", (one) => badge(`${STATES[one.state]}${one.marked ? " ★" : ""}`, `state-${one.state}`)],
      ["Assignee", (one) => one.assignee],
    ], found.items, { label: "Findings" }),
    showing(found.shown, found.total, "findings"),
  ];
}

// One judgement of several findings.
export function together(ids, again) {
  const pick = el("select", { name: "state", "aria-label": "State of all" }, el("option", { value: "" }, "State as it is"), Object.entries(STATES).map(([value, text]) => el("option", { value }, text)));
  const assignee = el("input", { name: "assignee", type: "text", maxlength: "1000", placeholder: "Assignee as it is", "aria-label": "Assignee of all" });
  const note = el("input", { name: "note", type: "text", maxlength: "10000", placeholder: "Note as it is", "aria-label": "Note of all" });
  const wrong = el("span", { class: "wrong", role: "alert" });
  return el("form", {
    class: "together",
    onsubmit: async (event) => {
      event.preventDefault();
      const wish = Object.fromEntries([["state", pick.value], ["assignee", assignee.value], ["note", note.value]].filter(([, value]) => value));
      if (!Object.keys(wish).length) return pick.focus();
      try {
        const done = await send("POST", "/findings/triage", { ids: [...ids], ...wish });
        say(`${number(done.changed)} findings judged${done.unknown ? `, ${number(done.unknown)} are no more` : ""}`);
        await again();
      } catch (error) {
        wrong.textContent = [error.message, error.hint].filter(Boolean).join(": ");
      }
      return undefined;
    },
  }, pick, assignee, note, el("button", { type: "submit", class: "primary" }, "Judge all"), wrong);
}

function narrowed(now) {
  return ["severity", "detector", "segment", "state", "assignee", "technique", "q", "from", "to"].some((name) => name in now);
}

function nothing(now, faint) {
  if (faint && !narrowed(now)) return empty("Nothing weighs enough", "What was found says little, and is told to those who ask for it.");
  return narrowed(now)
    ? empty("Nothing matches", "Take away a filter:", el("div", { class: "actions" }, button("Show all", () => go("/findings", { as: now.as }))))
    : empty("No findings yet", "graphmap hunt looks for some; this page shows them as soon as it is done.");
}

// The whole list, as far as the filters go, for a spreadsheet.
function csv(now) {
  return `/api/v1/exports/findings.csv?${query(Object.fromEntries(["severity", "detector", "segment", "state", "assignee", "q", "from", "to"].map((name) => [name, now[name]])))}`;
}

