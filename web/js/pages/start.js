// A home without events: what to do.

import { get, may } from "../api.js";
import { el } from "../dom.js";
import { drop, follow } from "./data.js";

export async function start(page, again) {
  const sends = await may("send");
  const told = el("div", { "aria-live": "polite" });
  page.replaceChildren(el("div", { class: "sheet wide start" },
    el("h1", {}, "No events yet"),
    el("p", {}, "graphmap reads the logs of many hosts and shows who moved from where to where. It begins with some logs: text, the journal, audit logs, Windows event files, Zeek; compressed or in archives."),
    sends ? el("section", { class: "card" }, drop(), told) : el("p", { class: "muted" }, "Your token may not send logs."),
    el("section", { class: "card" }, el("h2", {}, "Or from the command line"),
      el("pre", {}, "graphmap ingest /srv/logs --inventory hosts.yaml\ngraphmap hunt"),
      el("p", { class: "muted" }, "The page shows them as soon as they are in. A recording of an intrusion to look around in:"),
      el("pre", {}, "graphmap demo --serve"))));
  follow(told, async () => { if (!await isEmpty()) again(); });
}

let filled = false;

// Whether the lake has nothing at all; once it has something, it keeps it.
export async function isEmpty() {
  if (filled) return false;
  const found = await get("/graph/summary").catch(() => null);
  if (!found) return false;
  filled = found.accepted + found.refused > 0 || (await get("/files", { limit: 1 })).total > 0;
  return !filled;
}
