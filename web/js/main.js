// The router, the top bar, the keyboard.

import { get } from "./api.js";
import { el, failed } from "./dom.js";
import { data } from "./pages/data.js";
import { explorer } from "./pages/explorer.js";
import { finding, findings } from "./pages/findings.js";
import { suppressions } from "./pages/suppressions.js";
import { coverage, help, nowhere, profile, rare } from "./pages/views.js";
import { go, onChange, state, to } from "./url.js";

const PAGES = [
  ["/explorer", "Explorer", explorer], ["/findings", "Findings", findings], ["/rare", "Rare edges", rare], ["/coverage", "Coverage", coverage], ["/data", "Data", data],
];
const OTHERS = { "/help": help, "/profile": profile, "/suppressions": suppressions };
const page = document.getElementById("page");

async function render() {
  const path = location.pathname === "/" ? "/explorer" : location.pathname;
  const id = /^\/findings\/([^/]+)$/.exec(path)?.[1];
  const [, title, show] = PAGES.find(([place]) => place === path) ?? [path, id ?? path.slice(1), OTHERS[path] ?? nowhere];
  document.title = `${title} – graphmap`;
  navigation(path);
  try {
    await (id ? finding(page, id) : show(page));
  } catch (error) {
    if (error.name !== "AbortError") page.replaceChildren(failed(error));
  }
}

let count = null;
function navigation(path) {
  document.getElementById("nav").replaceChildren(...PAGES.map(([place, text]) => el("a", {
    href: to(place), "aria-current": path.startsWith(place) ? "page" : null,
  }, text, place === "/findings" && count ? el("span", { class: "badge high" }, String(count)) : null)));
}

async function countFindings() {
  count = (await get("/findings", { limit: 1 }).catch(() => null))?.total ?? null;
  navigation(location.pathname);
}

// Search

const field = document.getElementById("q");
const list = document.getElementById("hits");
let chosen = -1;

function closeHits() {
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
  chosen = -1;
}

async function search() {
  const text = field.value.trim();
  if (!text) return closeHits();
  let found;
  try {
    found = await get("/search", { q: text, limit: 12 }, "search");
  } catch (error) {
    if (error.name === "AbortError") return;
    found = { items: [], total: 0 };
  }
  list.replaceChildren(
    ...found.items.map((hit, n) => el("li", { role: "option", id: `hit-${n}`, onmousedown: (event) => { event.preventDefault(); open(hit); } },
      el("span", { class: "muted kind" }, hit.kind), el("span", { class: "cut" }, hit.name), el("span", { class: "muted" }, hit.segment ?? ""))),
    el("li", { class: "muted", role: "presentation" }, found.total ? `${found.items.length} of ${found.total} names` : `No name holds “${text}”. Try host:, user:, source:, key: or finding: before it.`));
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
  list.hits = found.items;
  choose(found.items.length ? 0 : -1);
}

function choose(n) {
  chosen = n;
  [...list.querySelectorAll("[role=option]")].forEach((item, i) => item.setAttribute("aria-selected", String(i === n)));
  if (n >= 0) field.setAttribute("aria-activedescendant", `hit-${n}`);
}

function open(hit) {
  closeHits();
  field.value = "";
  field.blur();
  if (hit.kind === "finding") return go(`/findings/${hit.id.slice("finding:".length)}`);
  const now = location.pathname === "/explorer" || location.pathname === "/" ? state() : {};
  const kind = hit.kind === "key" && !(now.kind ?? []).includes("key") ? [...(now.kind ?? ["host", "source", "user"]), "key"] : now.kind;
  go("/explorer", { ...now, kind, sel: hit.id, seed: now.seed ? [...new Set([...now.seed, hit.id])] : null, a: null, b: null, reach: null, origins: null });
}

let typing = 0;
field.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(search, 120); });
field.addEventListener("focus", () => { if (field.value) search(); });
field.addEventListener("blur", closeHits);
field.addEventListener("keydown", (event) => {
  const last = (list.hits?.length ?? 0) - 1;
  if (event.key === "ArrowDown") choose(Math.min(chosen + 1, last));
  else if (event.key === "ArrowUp") choose(Math.max(chosen - 1, 0));
  else if (event.key === "Escape") { field.value = ""; field.blur(); } else return;
  event.preventDefault();
  event.stopPropagation();
});
document.getElementById("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(typing);
  if (list.hidden || chosen < 0) await search();
  if (chosen >= 0) open(list.hits[chosen]);
});

// Theme and keyboard

document.getElementById("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
  render();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, [role=slider]")) return;
  const does = { "/": () => field.focus(), "?": () => go("/help") }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

onChange(render);
addEventListener("changed", countFindings);
render();
countFindings();
