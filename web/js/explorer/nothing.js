// Why the map is empty, and what each filter takes away.

import { get } from "../api.js";
import { button, el, empty } from "../dom.js";
import { number } from "../format.js";
import { change, FILTERS, filters, kept } from "../url.js";

const TOLD = { last: "the last", from: "from", to: "until", user: "account", service: "service", method: "method", segment: "into segment", outcome: "outcome", min: "attempts at least", cert: "certainty at least" };

async function sessions(of) {
  return (await get("/sessions", { ...filters(of), limit: 1 })).total;
}

export async function nothing(hidden) {
  const now = kept(), set = Object.entries(now);
  const without = (name) => Object.fromEntries(set.filter(([other]) => other !== name));
  const [every, left, ...brought] = await Promise.all([
    sessions({}), sessions(now), ...set.map(([name]) => sessions(without(name))),
  ]);
  const removes = set.map(([name, value], n) => button(
    `× ${TOLD[name]} ${[value].flat().join(", ")} (${brought[n] > left ? `brings ${number(brought[n] - left)}` : "brings none by itself"})`,
    () => change({ [name]: null })));
  if (hidden) removes.push(button(`Show ${hidden} hidden`, () => change({ hide: null })));
  if (!set.length && !hidden) return empty("No logon matches", "The lake has no logon with a source.");
  return empty("No logon matches", `${number(left)} of ${number(every)} sessions match. Take away a filter:`,
    el("div", { class: "actions stacked" }, removes, set.length > 1 ? button("All filters", () => change(Object.fromEntries(FILTERS.map((name) => [name, null])))) : null));
}
