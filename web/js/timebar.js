// The time that the logs cover, as bars; two handles choose a part of it.

import { get } from "./api.js";
import { button, el, failed, svg } from "./dom.js";
import { number, shortTime, span } from "./format.js";
import { change, filters, state } from "./url.js";

const BINS = 96;
const HEIGHT = 44;

export async function showTimebar(element) {
  let found;
  try {
    found = await get("/histogram", { ...filters(), from: null, to: null, bins: BINS }, "timebar");
  } catch (error) {
    if (error.name !== "AbortError") element.replaceChildren(failed(error));
    return;
  }
  if (!found.bins.length) {
    element.replaceChildren(el("p", { class: "muted" }, "No logon in the logs."));
    return;
  }
  const begin = Date.parse(found.first);
  const width = Math.max((Date.parse(found.bins.at(-1).start) - begin) / Math.max(found.bins.length - 1, 1), 1);
  const now = state();
  const place = (text, otherwise) => (text ? Math.round((Date.parse(text) - begin) / width) : otherwise);
  const range = [clamp(place(now.from, 0)), clamp(place(now.to, BINS))];
  build(element, found.bins, begin, width, range);
}

const clamp = (bin) => Math.min(Math.max(bin, 0), BINS);

function build(element, bins, begin, width, range) {
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
    from: low <= 0 ? null : at(low).toISOString(),
    to: high >= BINS ? null : at(high).toISOString(),
  });
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
  element.replaceChildren(
    el("div", { class: "told" },
      el("strong", {}, `${shortTime(at(range[0]), seconds)} – ${shortTime(at(range[1]), seconds)} UTC`),
      el("span", { class: "muted" }, `${span((range[1] - range[0]) * width)} · ${number(told[0])} accepted, ${number(told[1])} refused`),
      whole ? null : button("All time", () => choose(0, BINS), { class: "quiet" })),
    track, ticks);
}
