// The time that the logs cover, as bars; two handles choose a part of it.

import { get } from "./api.js";
import { button, el, failed, svg } from "./dom.js";
import { number, shortTime, span } from "./format.js";
import { change, filters, kept, state } from "./url.js";

const BINS = 96;
const HEIGHT = 44;

const LASTS = [["", "all time"], ["24h", "last 24 h"], ["7d", "last 7 d"], ["30d", "last 30 d"]];

let shown = null; // what the bars are of: begin, width, range, and how to choose a part

// `play` starts or stops the map in time; the page that has no map has none.
export async function showTimebar(element, { play = null } = {}) {
  let found;
  try {
    found = await get("/histogram", { ...filters(), from: null, to: null, bins: BINS }, "timebar");
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(failed(error));
    return;
  }
  if (!found.bins.length) {
    shown = null;
    element.replaceChildren(el("p", { class: "muted" }, "No logon in the logs."));
    return;
  }
  const begin = Date.parse(found.first);
  const width = Math.max((Date.parse(found.bins.at(-1).start) - begin) / Math.max(found.bins.length - 1, 1), 1);
  build(element, found.bins, begin, width, chosen({ begin, width }), play);
}

// The part of the time that the address says, which may be newer than what is drawn.
function chosen({ begin, width }) {
  const now = { ...state(), ...filters() };
  const place = (text, otherwise) => clamp(text ? Math.round((Date.parse(text) - begin) / width) : otherwise);
  return [place(now.from, 0), place(now.to, BINS)];
}

// The parts of the chosen time in which something happened, for who plays them.
export function partsOfTime() {
  if (!shown) return [];
  const { bins, range, at } = shown;
  return bins.map((bin, n) => [bin, n]).slice(...range).filter(([bin]) => bin.count + bin.failures).map(([, n]) => [at(n).toISOString(), at(n + 1).toISOString()]);
}

// A mark over the part that is shown now; null takes it away.
export function markTime(element, start) {
  element.querySelector(".beat")?.remove();
  const track = element.querySelector(".track");
  if (!start || !track || !shown) return;
  const bin = Math.round((Date.parse(start) - shown.begin) / shown.width);
  const mark = el("div", { class: "beat" });
  mark.style.left = `${(bin / BINS) * 100}%`;
  mark.style.width = `${100 / BINS}%`;
  track.append(mark);
}

// The chosen time moves by its own length; of all of it the first or last tenth is chosen.
export function stepTime(way) {
  if (!shown) return;
  const [low, high] = chosen(shown), long = high - low;
  if (long >= BINS) return shown.choose(...(way > 0 ? [0, Math.ceil(BINS / 10)] : [BINS - Math.ceil(BINS / 10), BINS]));
  const to = Math.min(Math.max(low + way * long, 0), BINS - long);
  shown.choose(to, to + long);
}

const clamp = (bin) => Math.min(Math.max(bin, 0), BINS);

function build(element, bins, begin, width, range, play) {
  const at = (bin) => new Date(begin + bin * width);
  const most = Math.max(1, ...bins.map((bin) => bin.count + bin.failures));
  const chart = svg("svg", { viewBox: `0 0 ${BINS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", class: "bars" });
  bins.forEach((bin, n) => {
    const inside = n >= range[0] && n < range[1];
    const high = (bin.count / most) * (HEIGHT - 2), more = (bin.failures / most) * (HEIGHT - 2);
    const bar = (kind, y, height) => svg("rect", { x: n + 0.12, width: 0.76, y, height: height && Math.max(height, 1), class: `${kind}${inside ? "" : " out"}` });
    chart.append(bar("accepted", HEIGHT - high, high), bar("refused", HEIGHT - high - more, more));
  });
  const told = bins.slice(...range).reduce((sum, bin) => [sum[0] + bin.count, sum[1] + bin.failures], [0, 0]);
  const whole = range[0] === 0 && range[1] === BINS;
  const seconds = width * BINS < 2 * 86_400_000;
  const choose = (low, high) => change({
    last: null,
    from: low <= 0 ? null : at(low).toISOString(),
    to: high >= BINS ? null : at(high).toISOString(),
  });
  shown = { bins, begin, width, range, choose, at };
  const shade = el("div", { class: "range" });
  const put = ([low, high]) => {
    shade.style.left = `${(low / BINS) * 100}%`;
    shade.style.width = `${((high - low) / BINS) * 100}%`;
    handles.forEach((handle, n) => {
      handle.style.left = `${([low, high][n] / BINS) * 100}%`;
      handle.setAttribute("aria-valuenow", String([low, high][n]));
      handle.setAttribute("aria-valuetext", shortTime(at([low, high][n]), seconds));
    });
  };
  const track = el("div", { class: "track" });
  const handles = ["From", "To"].map((name, n) => {
    const moved = (to) => (n ? [range[0], Math.max(to, range[0] + 1)] : [Math.min(to, range[1] - 1), range[1]]);
    const handle = el("div", {
      class: "handle", role: "slider", tabindex: "0", "aria-label": name, "aria-valuemin": "0", "aria-valuemax": String(BINS),
      onkeydown: (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -8, PageUp: 8, Home: -BINS, End: BINS }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        range = chosen({ begin, width });
        choose(...moved(clamp(range[n] + step)));
      },
      onpointerdown: (event) => {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
        const box = track.getBoundingClientRect();
        let wanted = range;
        handle.onpointermove = (move) => {
          wanted = moved(clamp(Math.round(((move.clientX - box.left) / box.width) * BINS)));
          put(wanted);
        };
        handle.onpointerup = () => {
          handle.onpointermove = handle.onpointerup = null;
          choose(...wanted);
        };
      },
    });
    return handle;
  });
  track.append(chart, shade, ...handles);
  track.addEventListener("click", (event) => {
    if (event.target.closest(".handle")) return;
    const box = track.getBoundingClientRect();
    const bin = Math.min(Math.floor(((event.clientX - box.left) / box.width) * BINS), BINS - 1);
    choose(bin, bin + 1);
  });
  put(range);
  const ticks = el("div", { class: "ticks" }, [0, 0.25, 0.5, 0.75, 1].map((part) => el("span", {}, shortTime(at(BINS * part), seconds))));
  const last = kept().last ?? "";
  const lasts = LASTS.some(([value]) => value === last) ? LASTS : [...LASTS, [last, `last ${last}`]];
  element.replaceChildren(
    el("div", { class: "told" },
      play ? button("▶", play, { class: "icon", "data-play": "", "aria-label": "Play (K)", title: "Play: who moved when (K)" }) : null,
      el("strong", {}, `${shortTime(at(range[0]), seconds)} – ${shortTime(at(range[1]), seconds)} UTC`),
      el("span", { class: "muted" }, `${span((range[1] - range[0]) * width)} · ${number(told[0])} accepted, ${number(told[1])} refused`),
      whole ? null : button("All time", () => choose(0, BINS), { class: "quiet" }),
      el("span", { class: "grow" }),
      el("select", { "aria-label": "Time", onchange: (event) => change({ last: event.target.value || null, from: null, to: null }) },
        lasts.map(([value, text]) => el("option", { value, selected: value === last }, text)))),
    track, ticks);
}
