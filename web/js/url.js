// The address is the state: what is shown can be linked, and Back and Forward undo and redo.

const LISTS = [
  "seed", "kind", "user", "service", "method", "segment", "path", "open", "hide", "pin", "also",
  "severity", "detector", "state", "assignee", "technique",
];
export const FILTERS = ["last", "from", "to", "user", "service", "method", "segment", "outcome", "min", "cert"];

let render = () => {};

export function onChange(callback) {
  render = callback;
  addEventListener("popstate", () => render());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !plain || link.origin !== location.origin || link.hasAttribute("download")) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    render();
  });
}

// A long address stands as `?v=ID` in the bar; here is what it stands for.
export const LONGEST = 1500;
const stands = new Map();

export function shorten(id, whole) {
  const { pathname, search } = new URL(whole, location.origin);
  stands.set(id, search);
  history.replaceState(null, "", `${pathname}?v=${id}`);
}

const short = () => /^\?v=([^&]+)$/.exec(location.search)?.[1];
const search = () => stands.get(short()) ?? location.search;

// The view that the address names and nobody has read yet.
export const unread = () => { const id = new URLSearchParams(location.search).get("v"); return id && !stands.has(id) ? id : null; };

// The whole address of what is shown.
export const here = () => location.pathname + search();

export function state() {
  const found = {};
  for (const [name, value] of new URLSearchParams(search())) {
    if (LISTS.includes(name)) (found[name] ??= []).push(value);
    else found[name] = value;
  }
  return found;
}

// As the address has them: `last=7d` stays what it is.
export function kept(of = state()) {
  return Object.fromEntries(FILTERS.filter((name) => name in of).map((name) => [name, of[name]]));
}

// As the server is asked: `last=7d` is a time to begin at. Whole minutes, so that the same question stays the same for a while.
export function filters(of = state()) {
  const { last, ...rest } = kept(of);
  const begin = rest.from || rest.to ? null : since(last, Date.now());
  return begin ? { from: begin, ...rest } : rest;
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
export function since(last, now) {
  const [, number, unit] = /^(\d{1,6})([mhdw])$/.exec(last ?? "") ?? [];
  if (!number) return null;
  const moment = new Date(Math.floor(now / 60_000) * 60_000 - number * UNITS[unit]);
  return moment.getFullYear() > 1000 ? moment.toISOString() : null;
}

export function address(path, parameters) {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "" && one !== false) found.append(name, one);
    }
  }
  const text = found.toString();
  return text ? `${path}?${text}` : path;
}

export function go(path, parameters = {}, { replace = false } = {}) {
  const target = address(path, parameters);
  if (target === here()) return;
  history[replace ? "replaceState" : "pushState"](null, "", target);
  render();
}

export function change(changes, options) {
  go(location.pathname, { ...state(), ...changes }, options);
}

// Links to other pages keep the filters.
export function to(path, parameters = {}) {
  return address(path, { ...kept(), ...parameters });
}

const PROFILES = { host: "/hosts/", user: "/users/", source: "/sources/", key: "/keys/" };

// The profile of a node. No path can hold a name of dots alone: browsers take it for a folder.
export function toProfile(id) {
  const [kind, name] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
  return /^\.*$/.test(name) ? to("/profile", { id }) : to(`${PROFILES[kind]}${encodeURIComponent(name)}`);
}

// The node whose profile is at an address.
export function profiled(path) {
  const [kind, place] = Object.entries(PROFILES).find(([, one]) => path.startsWith(one)) ?? [];
  if (!kind) return path === "/profile" ? state().id ?? "" : null;
  try {
    return `${kind}:${decodeURIComponent(path.slice(place.length))}`;
  } catch {
    return null;
  }
}
