// Questions over the page: how many neighbours come, and what a view asks the server.

import { get, query } from "../api.js";
import { button, el, say } from "../dom.js";
import { kindOf, nameOf, number } from "../format.js";

export const MANY = 50; // neighbours from which on somebody is asked how many come

const WORDS = { host: ["host", "hosts"], user: ["account", "accounts"], source: ["outside source", "outside sources"], key: ["key", "keys"] };
const counted = (kind, many) => `${number(many)} ${WORDS[kind][many === 1 ? 0 : 1]}`;

function open(title, ...content) {
  const dialog = el("dialog", { class: "dialog", "aria-label": title, onclose: () => dialog.remove() }, el("h2", {}, title), ...content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Who would come; above MANY, or where `always`, how many of them. Gives { most, order, kinds }, null where nothing comes.
export async function askExpansion(id, question, always = false) {
  const found = await get("/graph/expansion", { ...question, id }, "expansion");
  if (!found.total) {
    say(`Nothing more around ${nameOf(id)}`);
    return null;
  }
  if (found.total <= MANY && !always) return { most: "all" };
  const group = kindOf(id) === "group";
  const kinds = Object.entries(found.kinds);
  return new Promise((resolve) => {
    let answer = null;
    const many = el("input", { type: "number", name: "most", min: "1", max: "5000", value: String(Math.min(MANY, found.total)), "aria-label": "How many" });
    const dialog = open(group ? `Open ${nameOf(id)}` : `Expand ${nameOf(id)}`,
      el("p", {}, `${number(found.total)} ${group ? "members" : "neighbours"} are not shown: ${kinds.map(([kind, count]) => counted(kind, count)).join(", ")}.`),
      el("form", {
        class: "form", method: "dialog",
        onsubmit: (event) => {
          const form = new FormData(event.target);
          const chosen = form.getAll("kind");
          const all = form.get("how") === "all" || Number(form.get("most")) >= found.total;
          answer = {
            most: all ? "all" : Math.max(1, Math.floor(Number(form.get("most")) || 1)),
            order: group || form.get("order") === "most" ? null : form.get("order"),
            kinds: group || chosen.length === kinds.length ? [] : chosen,
          };
          if (answer.kinds.length && !answer.order) answer.order = "most";
        },
      },
        el("label", { class: "tick" }, el("input", { type: "radio", name: "how", value: "some", checked: true }), "the first ", many),
        el("label", { class: "tick" }, el("input", { type: "radio", name: "how", value: "all" }), `all ${number(found.total)}`),
        group ? null : el("label", { class: "field" }, "Who first", el("select", { name: "order" },
          [["most", "most attempts"], ["rare", "fewest attempts"], ["new", "newest"]].map(([value, text]) => el("option", { value }, text)))),
        group || kinds.length < 2 ? null : el("div", {}, kinds.map(([kind, count]) => el("label", { class: "tick" },
          el("input", { type: "checkbox", name: "kind", value: kind, checked: true }), counted(kind, count)))),
        el("div", { class: "actions" },
          el("button", { type: "submit", class: "primary" }, "Add"),
          button("Cancel", () => dialog.close()))));
    dialog.addEventListener("close", () => resolve(answer));
    many.focus();
    many.select();
  });
}

// The same question for a terminal. Nothing of a view may end the quotes.
export function curl(parameters) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [...query(parameters)].map(([name, value]) => `  -d ${quoted(`${name}=${encodeURIComponent(value)}`)}`);
  return [`curl -G -H "authorization: Bearer $GRAPHMAP_TOKEN"`, ...parts, `  ${quoted(`${location.origin}/api/v1/exports/map.json`)}`].join(" \\\n");
}

export function showQuery(parameters) {
  const text = curl(parameters);
  const copy = button("Copy", async () => {
    await navigator.clipboard?.writeText(text).catch(() => {});
    copy.textContent = "Copied";
    say("Copied");
  }, { class: "primary" });
  const dialog = open("This view as a query",
    el("p", { class: "muted" }, "The same nodes and links for a program; make a token with graphmap tokens create."),
    el("pre", { class: "query", tabindex: "0" }, text),
    el("div", { class: "actions" }, copy, button("Close", () => dialog.close())));
}
