// What people noted of nodes and links: beside what is selected, and as a flag on the map. It is text, whoever wrote it.

import { get, getTagged, may, query, send } from "../api.js";
import { badge, button, el, say } from "../dom.js";
import { time } from "../format.js";
import { linkId } from "./store.js";

// What holds of each node and link, by its id as the map has it.
export async function noted() {
  const { items } = await get("/notes", {}, "notes");
  return new Map(items.map((one) => [one.target === null ? one.node : linkId(one.node, one.target), one]));
}

export const flagText = (one) => (one ? [one.marked ? "marked" : null, one.text].filter(Boolean).join(": ") : "");

// The last word on a node, or on the link from it to another, what was said before, and a form for who may judge.
export async function notes(id, to, again) {
  const path = `/note?${query({ id, to })}`;
  const unknown = (error) => { if (error.status === 404) return null; throw error; };
  const [found, judges] = await Promise.all([getTagged(path).catch(unknown), may("judge")]);
  if (!found) return [];
  const { content: { items }, tag } = found;
  const [last, ...before] = items;
  const by = (one) => el("div", { class: "muted" }, `${one.author}, ${time(one.at)} UTC`);
  const words = (one) => (one.text ? one.text : el("span", { class: "muted" }, "note taken back"));
  const shown = last ? [
    el("div", { class: "noted" }, last.marked ? badge("Marked", "risk") : null, last.text ? el("p", {}, last.text) : null, by(last)),
    before.length ? el("details", {}, el("summary", {}, `${before.length} before`), el("ul", { class: "why" }, before.map((one) => el("li", {}, words(one), by(one))))) : null,
  ] : [];
  if (!judges) return last ? [el("h3", {}, "Note"), ...shown] : [];
  return [last ? el("h3", {}, "Note") : null, ...shown, form(path, tag, last, again)].filter(Boolean);
}

function form(path, tag, last, again) {
  const text = el("textarea", { name: "text", rows: "3", maxlength: "10000", "aria-label": "Note" });
  text.value = last?.text ?? "";
  const marked = el("input", { name: "marked", type: "checkbox", checked: last?.marked ?? false });
  const wrong = el("p", { class: "wrong", role: "alert" });
  const save = el("button", { type: "submit" }, "Save note");
  return el("details", { class: "form note" }, el("summary", {}, last ? "Change the note…" : "Note…"), el("form", {
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      save.disabled = true;
      wrong.textContent = "";
      try {
        await send("PATCH", path, { text: text.value || null, marked: marked.checked }, tag);
        say("Noted");
        await again();
      } catch (error) {
        wrong.textContent = [error.message, error.hint].filter(Boolean).join(": ");
        if (error.status === 412) wrong.append(" ", button("Read it", again));
      } finally {
        save.disabled = false;
      }
    },
  }, text, el("label", { class: "tick" }, marked, "Mark it on the map"), wrong, el("div", { class: "actions" }, save)));
}
