// The keys of the map. The top bar's keys are main.js's.

const TYPED = "input, select, textarea, [role=slider], [role=menu], dialog, summary";

// `does` by key; on the graph also the arrows. Whoever handles a key ends it.
export function keysOf(root, graph, does) {
  document.addEventListener("keydown", (event) => {
    if (!root.isConnected || event.defaultPrevented || event.target.closest?.(TYPED)) return;
    const command = event.ctrlKey || event.metaKey;
    const onGraph = event.target === graph;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let action = null;
    if (command && key === "z") action = event.shiftKey ? does.redo : does.undo;
    else if (command || event.altKey) return;
    else if (key === "F10" && event.shiftKey) action = does.menu;
    else if (key.startsWith("Arrow")) action = onGraph && (() => (event.shiftKey ? does.pan(key) : does.nearest(key)));
    else if (["Enter", "Delete", "Backspace", "ContextMenu"].includes(key)) action = onGraph && { Enter: does.expand, Delete: does.hide, Backspace: does.hide, ContextMenu: does.menu }[key];
    else {
      const name = { e: "nextLink", l: "labels", t: "table", f: "fit", c: "collapse", p: "pin", g: "regroup", k: "play", n: "note", "[": "earlier", "]": "later", "+": "nearer", "=": "nearer", "-": "farther", Escape: "escape" }[key];
      action = name && does[name];
    }
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }, { capture: true });
}
