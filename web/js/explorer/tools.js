// The bar over the map.

import { button, el } from "../dom.js";
import { nameOf } from "../format.js";
import { change, state } from "../url.js";

const WAYS = [["segments", "Segments", "A disc for each segment"], ["layers", "Layers", "A column for each segment"], ["force", "Force", "Who is linked is near"], ["time", "Time", "From left to right when each was first seen"]];

function choice(label, options, now, choose) {
  return el("select", { "aria-label": label, title: label, onchange: (event) => choose(event.target.value) },
    options.map(([value, text, disabled]) => el("option", { value, selected: now === value, disabled }, `${label}: ${text}`)));
}

// `does` has undo, redo, group, fit, link, query, save; `can` says of undo and redo whether there is anything.
export function tools(does, can, shown) {
  const now = state();
  const icon = (text, label, action, more = {}) => button(text, action, { "aria-label": label, title: label, class: "icon", ...more });
  const pressed = (on) => ({ "aria-pressed": String(on) });
  return [
    icon("↶", "Undo (Ctrl-Z)", does.undo, { disabled: !can.undo }),
    icon("↷", "Redo (Ctrl-Shift-Z)", does.redo, { disabled: !can.redo }),
    el("span", { class: "segmented", role: "group", "aria-label": "Layout" }, WAYS.map(([way, text, title]) => button(text,
      () => change({ layout: way === "segments" ? null : way, cam: null }), { ...pressed((now.layout ?? "segments") === way), title }))),
    choice("Colour", [["", "segment"], ["role", "role"], ["risk", "risk"]], now.colour ?? "", (value) => change({ colour: value || null })),
    choice("Group", [["none", "none", shown.large], ["segment", "segment"], ["role", "role"], ["subnet", "subnet"]], shown.grouped ?? "none", does.group),
    el("span", { class: "grow" }),
    pathForm(now),
    icon("Aa", "Labels (L)", does.labels, pressed(now.labels !== "0")),
    icon("▤", "Table (T)", does.table, pressed(now.view === "table")),
    icon("⤢", "Fit (F)", does.fit),
    popover("⇩", "Export", [
      ["PNG", () => does.save("png")], ["SVG", () => does.save("svg")], ["CSV", () => does.save("csv")], ["JSON", () => does.save("json")], ["GraphML", () => does.save("graphml")],
      ["Copy link", does.link], ["Query", does.query],
    ]),
  ];
}

// What is not everything on the map, and the way back.
export function cuts(does, shown) {
  const now = state();
  const seeds = now.seed ?? [], hidden = now.hide ?? [];
  return [
    seeds.length ? el("span", { class: "chip-inline" }, `Around ${seeds.slice(0, 2).map(nameOf).join(", ")}${seeds.length > 2 ? ` and ${seeds.length - 2} more` : ""}`) : null,
    shown.grouped && !shown.large ? button("Show all", () => does.group("none"), { title: "Every node on its own (G)" }) : null,
    seeds.length ? button(shown.grouped ? "Everything" : "Show all", does.everything) : null,
    hidden.length ? button(`Show ${hidden.length} hidden`, does.unhide) : null,
    now.path ? button("Clear path", () => change({ path: null, pick: null })) : null,
  ].filter(Boolean);
}

function popover(sign, title, items) {
  const details = el("details", {
    class: "popover",
    onkeydown: (event) => { if (event.key === "Escape" && details.open) { details.open = false; details.firstChild.focus(); event.stopPropagation(); } },
    onfocusout: (event) => { if (!details.contains(event.relatedTarget)) details.open = false; },
  }, el("summary", { "aria-label": title, title, role: "button" }, sign), el("div", {}, items.map(([text, action]) => button(text, () => { details.open = false; action(); }))));
  return details;
}

function pathForm(now) {
  const field = (name, text) => el("input", { name, value: now[name] ?? "", placeholder: text, "aria-label": text, list: "names", size: "11", spellcheck: "false" });
  const form = el("form", {
    class: "paths", "aria-label": "Path search",
    onsubmit: (event) => {
      event.preventDefault();
      const { a, b } = Object.fromEntries(new FormData(event.target));
      if (a.trim() && b.trim()) change({ a: a.trim(), b: b.trim(), sel: null, also: null, reach: null, origins: null, path: null, pick: null });
      else event.target.elements[a.trim() ? "b" : "a"].focus();
    },
  }, field("a", "from"), el("span", { class: "muted" }, "→"), field("b", "to"), el("button", { type: "submit" }, "Find"));
  return el("details", { class: "popover", open: Boolean(now.a) !== Boolean(now.b) }, el("summary", { title: "A path in time between two nodes" }, "Path"), form);
}

const SHAPES = { host: "host", user: "account", source: "outside source", key: "key", group: "group" };

// What shapes, lines and colours of this picture say.
export function legend(nodes, links, swatches) {
  const kinds = Object.keys(SHAPES).filter((kind) => nodes.kind.includes(kind));
  const colour = ({ text, colour: tint }) => {
    const mark = el("span", { class: "tint" });
    mark.style.background = tint;
    return el("span", {}, mark, text);
  };
  return [
    ...kinds.map((kind) => el("span", {}, el("span", { class: `swatch ${kind}` }), SHAPES[kind])),
    links.count.some((count) => !count) ? el("span", {}, el("span", { class: "dash" }), "refused only") : null,
    ...swatches.slice(0, 9).map(colour),
    swatches.length > 9 ? el("span", {}, `and ${swatches.length - 9} more`) : null,
  ].filter(Boolean);
}
