// The state of the map and what may be done to it. Pure: nothing here knows the page.

export const MAP = ["seed", "kind", "open", "hide", "pin", "group"];
export const VIEW = ["layout", "colour", "labels"];
const DEEP = 100;

// What is shown at the right besides the selection; a new selection ends it.
const PANEL = { a: null, b: null, reach: null, origins: null };

// Both ends of a link are encoded, so it has no colon; the id of a node has one and may hold anything else.
export const isLink = (sel) => Boolean(sel) && !sel.includes(":");

export function linkId(src, dst) {
  return `${encodeURIComponent(src)}>${encodeURIComponent(dst)}`;
}

export function splitLink(text) {
  return text.split(">").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
}

// Whether what is selected is told by the map alone: the server knows no groups.
export const isOfMap = ({ sel, also }) => Boolean(also?.length || sel?.startsWith("group:") || (isLink(sel) && /(^|>)group%3A/.test(sel)));

export function selection(state) {
  return state.sel && !isLink(state.sel) ? [state.sel, ...(state.also ?? [])] : [];
}

const without = (list, ids) => (list ?? []).filter((id) => !ids.includes(id));
const opened = (text) => text.slice(0, text.lastIndexOf("@"));
const pinned = opened;

export function pinsOf(state) {
  return Object.fromEntries((state.pin ?? []).map((text) => [pinned(text), text.slice(text.lastIndexOf("@") + 1).split(",").map(Number)]));
}

const round = (number) => Number(number.toFixed(2));

// What each action makes of a state.
const ACTIONS = {
  select: (state, { ids }) => ({ ...PANEL, sel: ids[0] ?? null, also: ids.slice(1) }),
  toggle: (state, { id }) => {
    const now = selection(state);
    const next = now.includes(id) ? without(now, [id]) : [...now, id];
    return { ...PANEL, sel: next[0] ?? null, also: next.slice(1) };
  },
  link: (state, { id }) => ({ ...PANEL, sel: id, also: [] }),
  expand: (state, { id, most = "all", order = null, kinds = [] }) => ({
    open: [...(state.open ?? []).filter((text) => opened(text) !== id), `${id}@${[most, order, ...kinds].filter(Boolean).join(",")}`],
    ...(id.startsWith("group:") ? { sel: null, also: [] } : {}),
  }),
  collapse: (state, { id, leaves = [] }) => ((state.open ?? []).some((text) => opened(text) === id)
    ? { open: state.open.filter((text) => opened(text) !== id) }
    : { hide: [...new Set([...(state.hide ?? []), ...leaves])] }),
  close: (state, { name }) => ({ open: (state.open ?? []).filter((text) => opened(text) !== `group:${name}`) }),
  hide: (state, { ids }) => ({
    ...PANEL, sel: null, also: [],
    hide: [...new Set([...(state.hide ?? []), ...ids.filter((id) => !id.startsWith("group:"))])],
    open: (state.open ?? []).filter((text) => !ids.includes(opened(text))),
    seed: without(state.seed, ids),
  }),
  unhide: () => ({ hide: [] }),
  pin: (state, { places }) => ({
    pin: [
      ...(state.pin ?? []).filter((text) => !(pinned(text) in places)),
      ...Object.entries(places).map(([id, [x, y]]) => `${id}@${round(x)},${round(y)}`),
    ],
  }),
  unpin: (state, { ids }) => ({ pin: (state.pin ?? []).filter((text) => !ids.includes(pinned(text))) }),
  only: (state, { ids }) => ({ seed: ids, open: [], hide: [] }),
  everything: () => ({ seed: [], open: [], hide: [] }),
  group: (state, { by }) => ({ group: by, open: (state.open ?? []).filter((text) => !text.startsWith("group:")) }),
};

// The state after an action; lists that became empty are gone.
export function reduce(state, action) {
  const next = { ...state, ...ACTIONS[action.do](state, action) };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && !value.length)));
}

// Undo and redo: lists of what the map and the view were.

export const NOTHING = { past: [], present: null, future: [] };

function part(state) {
  return Object.fromEntries([...MAP, ...VIEW].filter((name) => name in state).map((name) => [name, state[name]]));
}

const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

export function remember(history, state) {
  const now = part(state);
  if (history.present === null) return { ...history, present: now };
  if (same(now, history.present)) return history;
  return { past: [...history.past, history.present].slice(-DEEP), present: now, future: [] };
}

export function step(history, way) {
  const [from, to] = way === "undo" ? ["past", "future"] : ["future", "past"];
  if (!history[from].length) return history;
  const present = history[from].at(-1);
  return { [from]: history[from].slice(0, -1), present, [to]: [...history[to], history.present] };
}

// A state that has the map and view of a history's present.
export function restored(state, history) {
  const rest = Object.fromEntries(Object.entries(state).filter(([name]) => ![...MAP, ...VIEW].includes(name)));
  return { ...rest, ...history.present };
}
