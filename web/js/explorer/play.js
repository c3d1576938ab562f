// The map in time: who moved in each part of it, one after the other. Nodes stay where they are.

import { get } from "../api.js";
import { say } from "../dom.js";

const BEAT = 600; // milliseconds for each part
const INPUTS = ["pointerdown", "wheel", "keydown"];

let running = null;

export const isPlaying = () => running !== null;

// Shows `show(null)` at the end, however it came.
export function stop() {
  if (!running) return;
  const { timer, show, halt } = running;
  running = null;
  clearTimeout(timer);
  INPUTS.forEach((name) => removeEventListener(name, halt, true));
  show(null);
}

// `parts`: [start, end] of each; `question(start, end)` what is asked of it; `show(found, n)` lights it.
// Any input stops it. Who wants less motion is shown the next part at each start instead, until the next input.
export async function play(parts, question, show) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const resumed = still && running ? running.n + 1 : 0;
  const again = running && !still;
  stop();
  if (again || !parts.length) return;
  const starts = (event) => Boolean(event.target.closest?.("[data-play]")) || (event.type === "keydown" && event.key.toLowerCase() === "k");
  running = { show, n: resumed % parts.length, timer: 0, halt: (event) => { if (!starts(event)) stop(); } };
  INPUTS.forEach((name) => addEventListener(name, running.halt, true));
  await beat(running, parts, question, still);
}

async function beat(mine, parts, question, still) {
  const began = performance.now();
  let found;
  try {
    found = await get("/exports/map.json", question(...parts[mine.n]), "play");
  } catch (error) {
    if (running === mine && error.name !== "AbortError") {
      stop();
      say(error.message);
    }
    return;
  }
  if (running !== mine) return;
  mine.show(found, mine.n);
  if (still) return;
  mine.timer = setTimeout(() => {
    mine.n += 1;
    if (mine.n >= parts.length) stop();
    else beat(mine, parts, question, still);
  }, Math.max(0, BEAT - (performance.now() - began)));
}
