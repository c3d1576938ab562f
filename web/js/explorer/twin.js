// The map as tables. They are made of what is drawn, so both always show the same, and share the selection.

import { el, showing, table } from "../dom.js";
import { nameOf, number } from "../format.js";
import { flagText } from "./notes.js";
import { linkId } from "./store.js";

const ROWS = 500;

// `notes` by the id of a node or link.
export function twin({ nodes, links }, selected, notes, does) {
  const order = nodes.id.map((_, n) => n);
  const shownNodes = order.slice(0, ROWS);
  const shownLinks = links.src.map((_, n) => n).sort((one, other) => links.count[other] - links.count[one] || links.failures[other] - links.failures[one]).slice(0, ROWS);
  const name = (n) => (nodes.kind[n] === "group" ? `${nodes.name[n]} (${number(nodes.members[n])})` : nodes.name[n]);
  const idOf = (n) => linkId(nodes.id[links.src[n]], nodes.id[links.dst[n]]);
  const said = (of) => (notes.size ? [["Note", (n) => flagText(notes.get(of(n))), "wide"]] : []);
  const made = [
    el("h2", {}, "Nodes"), showing(shownNodes.length, nodes.id.length, "nodes"),
    table([
      ["Kind", (n) => nodes.kind[n]], ["Name", name, "wide"], ["Segment", (n) => nodes.segment[n]],
      ["Accepted", (n) => number(nodes.count[n]), "num"], ["Refused", (n) => number(nodes.failures[n]), "num"],
      ...said((n) => nodes.id[n]),
    ], shownNodes, { open: (n) => does.select(nodes.id[n]), label: "Nodes" }),
    el("h2", {}, "Links"), showing(shownLinks.length, links.src.length, "links"),
    table([
      ["From", (n) => nameOf(nodes.id[links.src[n]]), "wide"], ["To", (n) => nameOf(nodes.id[links.dst[n]]), "wide"], ["As", (n) => links.users[n], "wide"],
      ["Accepted", (n) => number(links.count[n]), "num"], ["Refused", (n) => number(links.failures[n]), "num"],
      ...said(idOf),
    ], shownLinks, { open: (n) => does.link(idOf(n)), label: "Links" }),
  ];
  made[2].querySelectorAll("tbody tr").forEach((row, n) => {
    row.setAttribute("aria-selected", String(selected.includes(nodes.id[shownNodes[n]])));
  });
  return made;
}
