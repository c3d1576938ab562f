// Views that people keep: the address of what they look at, under a name or as a short link.

import { get, may, send } from "./api.js";
import { button, el, failed, say, table } from "./dom.js";
import { time } from "./format.js";
import { here, LONGEST, shorten } from "./url.js";

const PAUSE = 1000; // milliseconds after the last change until a long address is made short

// Only addresses of this very page are followed, whoever kept them.
export function addressOf(view) {
  const found = view.state.address;
  return typeof found === "string" && /^\/(?![/\\])/.test(found) ? found : null;
}

// The address that `?v=` stands for; null where there is none.
export async function linked(id) {
  return addressOf(await get(`/views/${encodeURIComponent(id)}`));
}

// A long address does not survive a chat: what it says is kept on the server, and `?v=` stands for it. Who may only read
// keeps the long one, and so does everybody where there is too much to keep.
async function shortened() {
  const address = here();
  if (address.length <= LONGEST || address !== location.pathname + location.search || !await may("judge")) return;
  const kept = await send("POST", "/views", { state: { address } }).catch(() => null);
  if (kept && address === location.pathname + location.search) shorten(kept.id, address);
}

let pause = 0;
export function keepShort() {
  clearTimeout(pause);
  pause = setTimeout(shortened, PAUSE);
}

// A link to what is shown, short enough for a chat.
export async function link() {
  await shortened();
  return location.href;
}

export async function showViews(open) {
  const list = el("div", {}, el("p", { class: "muted" }, "Reading…"));
  const dialog = el("dialog", { "aria-label": "Saved views", onclose: () => dialog.remove() });
  const judges = await may("judge");
  const fill = async () => {
    try {
      const found = await get("/views");
      list.replaceChildren(found.items.length ? table([
        ["Name", (one) => button(one.name, () => choose(one)), "wide"], ["By", (one) => one.owner], ["Kept (UTC)", (one) => time(one.updated)],
        ...(judges ? [["", (one) => button("Delete", () => change("DELETE", one.name), { class: "quiet", "aria-label": `Delete ${one.name}` })]] : []),
      ], found.items, { label: "Saved views" }) : el("p", { class: "muted" }, "None yet: a view is the page with its filters, selection and time, under a name."));
    } catch (error) {
      list.replaceChildren(failed(error));
    }
  };
  const choose = async (one) => {
    const address = addressOf(await get("/view", { name: one.name }));
    dialog.close();
    if (address) open(address);
  };
  const wrong = el("p", { class: "wrong", role: "alert" });
  const change = async (method, name, body) => {
    wrong.textContent = "";
    try {
      await send(method, `/view?${new URLSearchParams({ name })}`, body);
      say(method === "PUT" ? "Saved" : "Deleted");
      await fill();
    } catch (error) {
      wrong.textContent = [error.message, error.hint].filter(Boolean).join(": ");
    }
  };
  const name = el("input", { name: "name", type: "text", maxlength: "100", required: true, "aria-label": "Name of this view", placeholder: "Name of this view" });
  dialog.append(
    el("div", { class: "head" }, el("h2", {}, "Saved views"), button("×", () => dialog.close(), { class: "quiet", "aria-label": "Close" })),
    list, wrong,
    ...(judges ? [el("form", { class: "together", onsubmit: (event) => {
      event.preventDefault();
      change("PUT", name.value.trim(), { state: { address: here() } }).then(() => { name.value = ""; });
    } }, name, el("button", { type: "submit", class: "primary" }, "Save this view"))] : []));
  document.body.append(dialog);
  dialog.showModal();
  await fill();
}
