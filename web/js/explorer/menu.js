// A menu at a place: arrows, Enter, Esc, a click elsewhere; the focus goes back to where it was.

import { el } from "../dom.js";

let shown = null;

export function closeMenu() {
  const menu = shown;
  shown = null; // first: taking the focused element away tells that the focus left
  menu?.remove();
}

// Items: [text, action, key that does the same]; null is a line between.
export function openMenu(x, y, label, items) {
  closeMenu();
  const before = document.activeElement;
  const leave = () => { closeMenu(); before?.focus?.({ preventScroll: true }); };
  const buttons = items.filter(Boolean).map(([text, action, key]) => el("button", {
    type: "button", role: "menuitem", tabindex: "-1", "aria-keyshortcuts": key, onclick: () => { leave(); action(); },
  }, el("span", {}, text), key ? el("kbd", { "aria-hidden": "true" }, key) : null));
  const rows = [...buttons];
  const menu = el("div", {
    class: "menu", role: "menu", "aria-label": label,
    onkeydown: (event) => {
      const now = buttons.indexOf(document.activeElement);
      const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
      if (event.key === "Escape" || event.key === "Tab") leave();
      else if (to !== undefined) buttons.at(to % buttons.length).focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onfocusout: (event) => { if (shown === menu && !menu.contains(event.relatedTarget)) closeMenu(); },
  }, items.map((item) => (item ? rows.shift() : el("hr"))));
  shown = document.body.appendChild(menu);
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(x, innerWidth - box.width - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, innerHeight - box.height - 4))}px`;
  buttons[0]?.focus({ preventScroll: true });
}
