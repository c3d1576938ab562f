// A figure of the server in a place of a page.

import { get } from "./api.js";
import { el, failed } from "./dom.js";
import { draw, theme } from "./plot.js";

export async function chart(element, path, parameters, options) {
  const width = Math.max(Math.floor(element.clientWidth), 300);
  try {
    const found = await get(path, { ...parameters, theme: theme(), width }, element);
    if (found.empty) element.replaceChildren(el("p", { class: "muted" }, found.empty));
    else await draw(element, found.figure, { scrollZoom: false, ...options });
    if (found.cut) element.after(el("p", { class: "muted showing" }, `Showing ${found.cut}`));
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(failed(error));
  }
}
