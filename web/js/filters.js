// The filters at the left. They apply to every view, and live in the address.

import { get } from "./api.js";
import { button, el, failed } from "./dom.js";
import { number } from "./format.js";
import { change, filters, FILTERS, state } from "./url.js";

export async function showFilters(element) {
  let summary;
  try {
    const { from, to: until } = filters();
    summary = await get("/graph/summary", { from, to: until }, "filters");
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(failed(error));
    return;
  }
  const now = state();
  const segments = Object.fromEntries(summary.segments.map((one) => [one.name, one.nodes]));
  const kinds = { host: "Hosts", user: "Accounts", source: "Outside sources", key: "Keys" };
  const shownKinds = now.kind ?? ["host", "source", "user"];
  element.replaceChildren(...[
    group("Show", Object.entries(kinds).map(([kind, text]) => box(text, summary.nodes[kind] ?? 0, shownKinds.includes(kind), (on) => {
      const left = on ? [...shownKinds, kind] : shownKinds.filter((one) => one !== kind);
      change({ kind: left.length ? left : ["host"] });
    }, `swatch ${kind}`))),
    choices("Into segment", "segment", segments, now),
    choices("Service", "service", summary.services, now),
    choices("Method", "method", summary.methods, now),
    group("Outcome", ["", "success", "failure"].map((value) => el("label", {},
      el("input", { type: "radio", name: "outcome", checked: (now.outcome ?? "") === value, onchange: () => change({ outcome: value }) }),
      el("span", {}, { "": "Both", success: "Accepted", failure: "Refused" }[value]),
      el("span", { class: "count" }, { "": "", success: number(summary.accepted), failure: number(summary.refused) }[value])))),
    group("Attempts of a link, at least", slider("min", now.min ?? 1, { min: 1, max: 50, step: 1 }, (value) => (Number(value) > 1 ? value : null))),
    group("Certainty, at least", slider("cert", now.cert ?? 0, { min: 0, max: 1, step: 0.05 }, (value) => (Number(value) > 0 ? value : null))),
    button("Reset filters", () => change(Object.fromEntries([...FILTERS, "kind"].map((name) => [name, null]))), {
      disabled: ![...FILTERS, "kind"].some((name) => name in now),
    }),
  ].filter(Boolean));
}

function group(title, content) {
  return el("fieldset", {}, el("legend", {}, title), content);
}

function box(text, count, checked, onchange, swatch) {
  return el("label", {},
    el("input", { type: "checkbox", checked, onchange: (event) => onchange(event.target.checked) }),
    swatch ? el("span", { class: swatch }) : null,
    el("span", { class: "cut", title: text }, text), el("span", { class: "count" }, number(count)));
}

// Nothing chosen is everything; so is everything.
function choices(title, name, counts, now) {
  const every = Object.keys(counts);
  if (every.length < 2) return null;
  const chosen = now[name] ?? every;
  return group(title, every.map((one) => box(one, counts[one], chosen.includes(one), (on) => {
    const wanted = on ? [...chosen, one] : chosen.filter((other) => other !== one);
    change({ [name]: wanted.length && wanted.length < every.length ? wanted : null });
  })));
}

function slider(name, value, range, kept) {
  const told = el("output", { class: "count" }, String(value));
  const input = el("input", {
    type: "range", ...range, value, "aria-label": name === "min" ? "Least attempts of a link" : "Least certainty",
    oninput: (event) => { told.textContent = event.target.value; },
    onchange: (event) => change({ [name]: kept(event.target.value) }),
  });
  return el("div", { class: "slider" }, input, told);
}
