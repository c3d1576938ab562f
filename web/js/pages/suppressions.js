// What nobody needs to see again: who said so, why, and until when.

import { get, may, send } from "../api.js";
import { button, el, empty, failed, showing, table } from "../dom.js";
import { number, time } from "../format.js";
import { change, state } from "../url.js";

export async function suppressions(page) {
  const every = state().all === "1";
  const [found, judges] = await Promise.all([get("/suppressions", { all: every ? "true" : null, limit: 1000 }, "page"), may("judge")]);
  const end = async (one) => {
    try {
      await send("DELETE", `/suppressions/${one.id}`);
      await suppressions(page);
    } catch (error) {
      page.prepend(failed(error));
    }
  };
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Suppressions"),
    el("p", { class: "muted" }, "They hide findings and delete none; what one hid is back when it ends."),
    el("label", { class: "tick" }, el("input", { type: "checkbox", checked: every, onchange: (event) => change({ all: event.target.checked ? "1" : null }) }), "Those that have ended, too"),
    found.items.length
      ? el("section", { class: "card" }, table([
        ["Hides", what, "wide"], ["Why", (one) => one.reason, "wide"], ["Findings", (one) => number(one.hides), "num"], ["By", (one) => one.author],
        ["Since (UTC)", (one) => time(one.created)], ["Until (UTC)", until],
        ["", (one) => (judges && !one.ended ? button("End", () => end(one), { "aria-label": `End suppression ${one.id}` }) : "")],
      ], found.items, { label: "Suppressions" }), showing(found.shown, found.total, "suppressions"))
      : empty("Nothing is suppressed", "Suppress… beside a finding hides it, or all like it.")));
}

function what(one) {
  const said = [["finding", one.finding], ["detector", one.detector], ["from", one.src], ["to", one.dst], ["as", one.user]];
  return said.filter(([, value]) => value).map(([word, value]) => `${word} ${value}`).join(", ");
}

function until(one) {
  if (one.ended) return `ended by ${one.ended_by}`;
  return one.expires ? time(one.expires) : "somebody ends it";
}
