// Log lines, as they stand in their files.

import { get } from "./api.js";
import { el, failed } from "./dom.js";
import { fileOf, number } from "./format.js";

export function lineBlock(line, words = []) {
  return el("div", { class: "line" },
    el("div", { class: "where", title: `${line.file}:${line.line}` }, el("span", {}, fileOf(line.file)), el("span", {}, number(line.line))),
    el("code", { class: line.text ? "" : "muted" }, line.text ? marked(line.text, words) : line.problem));
}

// The text in parts, those that are one of the words marked.
export function marked(text, words) {
  const wanted = words.filter((word) => word && word.length > 1);
  const parts = [];
  let rest = text;
  while (rest) {
    let first = -1, found = "";
    for (const word of wanted) {
      const at = rest.indexOf(word);
      if (at >= 0 && (first < 0 || at < first || (at === first && word.length > found.length))) [first, found] = [at, word];
    }
    if (first < 0) break;
    parts.push(rest.slice(0, first), el("mark", {}, found));
    rest = rest.slice(first + found.length);
  }
  return [...parts, rest];
}

export async function showLines(element, places, words = []) {
  element.replaceChildren(el("p", { class: "muted" }, "Reading the lines…"));
  const at = [...new Set(places.map((place) => `${place.file}:${place.line}`))].slice(0, 100);
  try {
    const found = await get("/events", { at, limit: 200 });
    const seen = new Set();
    const lines = found.items.filter((one) => !seen.has(`${one.file}:${one.line}`) && seen.add(`${one.file}:${one.line}`));
    element.replaceChildren(el("h3", {}, "Log lines"), ...lines.map((line) => lineBlock(line, words)));
  } catch (error) {
    element.replaceChildren(failed(error));
  }
}
