// The router, the top bar, the keyboard.

import { get } from "./api.js";
import { el, empty, failed } from "./dom.js";
import { coverage } from "./pages/coverage.js";
import { data } from "./pages/data.js";
import { explorer } from "./pages/explorer.js";
import { finding } from "./pages/finding.js";
import { findings } from "./pages/findings.js";
import { help } from "./pages/help.js";
import { jobs } from "./pages/jobs.js";
import { profile } from "./pages/profile.js";
import { rare } from "./pages/rare.js";
import { isEmpty, start } from "./pages/start.js";
import { story } from "./pages/story.js";
import { suppressions } from "./pages/suppressions.js";
import { tidy } from "./updates.js";
import { go, LONGEST, onChange, profiled, shorten, state, to, unread } from "./url.js";
import { keepShort, linked, showViews } from "./views.js";

const PAGES = [
  ["/explorer", "Explorer", explorer], ["/findings", "Findings", findings], ["/rare", "Rare edges", rare], ["/coverage", "Coverage", coverage], ["/jobs", "Jobs", jobs], ["/data", "Data", data],
];
const OTHERS = { "/help": help, "/suppressions": suppressions };
const WITHOUT_EVENTS = ["/help", "/data", "/jobs"];
const page = document.getElementById("page");

// What shows an address, and its title.
function shownAt(path) {
  const [, kind, id] = /^\/(findings|stories)\/([^/]+)$/.exec(path) ?? [];
  if (kind) return [id, () => (kind === "stories" ? story : finding)(page, id)];
  if (profiled(path) !== null) return [profiled(path), () => profile(page)];
  const [, title, show] = PAGES.find(([place]) => place === path) ?? [null, path.slice(1), OTHERS[path] ?? nowhere];
  return [title, () => show(page)];
}

async function render() {
  const path = location.pathname === "/" ? "/explorer" : location.pathname;
  const [title, show] = shownAt(path);
  document.title = `${title} – graphmap`;
  navigation(path);
  keepShort();
  try {
    const view = unread();
    const address = view ? await linked(view) : null;
    if (address) {
      if (address.length > LONGEST) shorten(view, address);
      else history.replaceState(null, "", address);
      return await render();
    }
    if (!WITHOUT_EVENTS.includes(path) && await isEmpty()) await start(page, render);
    else await show();
    tidy();
  } catch (error) {
    if (error.name !== "AbortError") page.replaceChildren(failed(error));
  }
  return undefined;
}

function nowhere() {
  page.replaceChildren(empty("There is no such page", location.pathname, el("a", { class: "button", href: "/explorer" }, "To the Explorer")));
}

let count = null;
function navigation(path) {
  document.getElementById("nav").replaceChildren(...PAGES.map(([place, text]) => el("a", {
    href: to(place), "aria-current": path.startsWith(place) || (place === "/findings" && path.startsWith("/stories/")) ? "page" : null,
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
    el("li", { class: "muted", role: "presentation" }, found.total ? `${found.items.length} of ${found.total} names` : `No name holds “${text}”. Try host:, user:, source:, key:, segment: or finding: before it.`));
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
  if (hit.kind === "segment") return go("/explorer", { segment: [hit.name] });
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

document.getElementById("views").addEventListener("click", () => showViews((address) => {
  history.pushState(null, "", address);
  render();
}));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog, [role=slider]")) return;
  const does = { "/": () => field.focus(), "?": () => go("/help") }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

onChange(render);
addEventListener("changed", countFindings);
render();
countFindings();
