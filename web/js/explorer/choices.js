// What may be done to what is selected, for the menu.

import { nameOf } from "../format.js";
import { change, go, state, to } from "../url.js";
import { pinsOf, selection } from "./store.js";

const CLEAR = { a: null, b: null, also: null, reach: null, origins: null };

// `grouped` is what groups share, `groupOf` tells in which one a node would be; `act` and `does` are the page's.
export function choices({ grouped, groupOf, act, does }) {
  const chosen = selection(state()), id = chosen.length === 1 ? chosen[0] : null;
  const kind = id?.split(":")[0];
  const pins = pinsOf(state());
  return [
    ...(kind === "group" ? [["Open", () => does.expand(id), "Enter"], ["Open some…", () => does.expand(id, true)]] : []),
    ...(id && kind !== "group" ? [["Expand", () => does.expand(id), "Enter"], ["Expand some…", () => does.expand(id, true)], ["Collapse", () => does.collapse(), "C"]] : []),
    ...(grouped && id && kind !== "group" ? [[`Close group ${groupOf(id)}`, () => act({ do: "close", name: groupOf(id) })]] : []),
    ...(chosen.length ? [
      [chosen.every((one) => one in pins) ? "Unpin" : "Pin here", () => does.pin(), "P"],
      ...(kind === "group" ? [] : [["Hide", () => does.hide(), "Del"], [chosen.length > 1 ? "Only these" : "Only this", () => does.only(chosen)]]), null,
    ] : []),
    ...(kind === "host" ? [["Paths to here", () => change({ ...CLEAR, origins: id })]] : []),
    ...(kind === "host" || kind === "source" ? [["Reach from here", () => change({ ...CLEAR, reach: id })], ["Path from here…", () => change({ ...CLEAR, a: nameOf(id) })]] : []),
    ...(id && kind !== "group" ? [["Profile and timeline", () => go(to("/profile", { id }))], ["Note…", does.note, "N"], null] : []),
    ["Undo", does.undo, "Ctrl-Z"], ["Fit", does.fit, "F"],
    [grouped ? "Not grouped" : "Group by segment", does.regroup, "G"],
    ...(Object.keys(pins).length ? [["Unpin all", () => act({ do: "unpin", ids: Object.keys(pins) })]] : []),
    ...(state().hide?.length ? [["Show what is hidden", does.unhide]] : []),
  ];
}
