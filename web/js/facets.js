// Choices beside a list, each with how many there would be.

import { el } from "./dom.js";
import { number } from "./format.js";
import { change, state } from "./url.js";

const SHOWN = 12;

// `counts` is what the server says of one parameter; `words` are names of values, in their order.
export function facet(title, name, counts = {}, words = null) {
  const chosen = state()[name] ?? [];
  const every = [...new Set([...(words ? Object.keys(words) : []), ...Object.keys(counts), ...chosen])].filter((one) => one && (counts[one] || chosen.includes(one)));
  if (!every.length || (every.length === 1 && !chosen.length)) return null;
  const box = (one) => el("label", {},
    el("input", { type: "checkbox", checked: chosen.includes(one), onchange: (event) => set(name, event.target.checked ? [...chosen, one] : chosen.filter((other) => other !== one)) }),
    el("span", { class: "cut", title: one }, words?.[one] ?? one), el("span", { class: "count" }, number(counts[one] ?? 0)));
  const [first, rest] = [every.slice(0, SHOWN), every.slice(SHOWN)];
  return el("fieldset", {}, el("legend", {}, title), first.map(box), rest.length ? el("details", {}, el("summary", {}, `${number(rest.length)} more`), rest.map(box)) : null);
}

function set(name, values) {
  change({ [name]: values.length ? values : null, cursor: null });
}

// The text that a list is searched for.
export function finder(placeholder) {
  const field = el("input", { type: "search", name: "q", value: state().q ?? "", placeholder, "aria-label": placeholder, maxlength: "1000" });
  return el("form", { class: "finder", onsubmit: (event) => { event.preventDefault(); change({ q: field.value.trim() || null, cursor: null }); } }, field);
}
