// What somebody says of a finding, and what nobody needs to see again. Whatever they write is text, also here.

import { asking, getTagged, may, send } from "./api.js";
import { button, el, say } from "./dom.js";
import { number } from "./format.js";

export const STATES = { open: "Open", investigating: "Investigating", confirmed: "Confirmed", benign: "Benign" };
const SPANS = [["7d", "7 days"], ["30d", "30 days"], ["90d", "90 days"], ["", "until somebody ends it"]];

// The forms of a finding; nothing for who may only read. `again` shows the finding as it is then.
export async function judging(found, again) {
  if (!await may("judge")) return [];
  return [await triage(found, again), found.hidden_by === null ? suppression(found, again) : ending(found.hidden_by, again)];
}

async function triage(found, again) {
  const { content: now, tag } = await getTagged(`/findings/${found.id}/triage`);
  const state = el("select", { name: "state" }, Object.entries(STATES).map(([value, text]) => el("option", { value, selected: now.state === value }, text)));
  const assignee = el("input", { name: "assignee", type: "text", maxlength: "1000", value: now.assignee ?? "" });
  const note = el("textarea", { name: "note", rows: "3", maxlength: "10000" });
  note.value = now.note ?? "";
  const marked = el("input", { name: "marked", type: "checkbox", checked: now.marked });
  return form("Triage", [
    field("State", state), field("Assignee", assignee), field("Note", note),
    el("label", { class: "tick" }, marked, "Marked"),
  ], "Save", async () => {
    await send("PATCH", `/findings/${found.id}/triage`, { state: state.value, assignee: assignee.value || null, note: note.value || null, marked: marked.checked }, tag);
    say("Saved");
    await again();
  });
}

function suppression(found, again) {
  const shared = (name) => { const all = new Set(found.hops.map((hop) => hop[name])); return all.size === 1 ? [...all][0] : ""; };
  const what = el("select", { name: "what", onchange: () => { like.hidden = what.value === "finding"; preview(); } },
    el("option", { value: "finding" }, "Only this finding"), el("option", { value: "like" }, "All like it"));
  const detector = el("input", { name: "detector", type: "checkbox", checked: true, onchange: () => preview() });
  const pattern = (name, of) => el("input", { name, type: "text", maxlength: "1000", value: shared(of), placeholder: "any", oninput: () => preview() });
  const [src, dst, user] = [pattern("src", "src"), pattern("dst", "dst"), pattern("user", "user")];
  const like = el("div", {},
    el("label", { class: "tick" }, detector, `Detector ${found.detector}`),
    field("Every hop from", src), field("Every hop to", dst), field("Every hop as", user),
    el("p", { class: "muted" }, "* stands for any text, ? for one character"));
  like.hidden = true;
  const reason = el("input", { name: "reason", type: "text", maxlength: "10000", required: true });
  const lasting = el("select", { name: "lasting" }, SPANS.map(([value, text]) => el("option", { value, selected: value === "90d" }, text)));
  const told = el("p", { class: "muted", role: "status" }, "Hides this finding from every list.");
  const wish = () => (what.value === "finding" ? { finding: found.id }
    : { detector: detector.checked ? found.detector : null, src: src.value || null, dst: dst.value || null, user: user.value || null });
  let asked = 0;
  const preview = async () => {
    const mine = ++asked;
    try {
      const { hides } = await asking("/suppressions/preview", wish());
      if (mine === asked) told.textContent = `Hides ${number(hides)} stored finding${hides === 1 ? "" : "s"} from every list.`;
    } catch (error) {
      if (mine === asked) told.textContent = error.hint ?? error.message;
    }
  };
  const inner = form(null, [field("What", what), like, field("Reason", reason), field("For", lasting), told], "Suppress", async () => {
    await send("POST", "/suppressions", { ...wish(), reason: reason.value, lasting: lasting.value || null });
    say("Suppressed");
    await again();
  });
  return el("details", { class: "form" }, el("summary", {}, "Suppress…"), inner);
}

// Keeps all findings of a story out of the lists.
export function suppressing(ids, again) {
  const reason = el("input", { name: "reason", type: "text", maxlength: "10000", required: true });
  const lasting = el("select", { name: "lasting" }, SPANS.map(([value, text]) => el("option", { value, selected: value === "90d" }, text)));
  const inner = form(null, [field("Reason", reason), field("For", lasting)], `Suppress ${number(ids.length)} finding${ids.length === 1 ? "" : "s"}`, async () => {
    for (const id of ids) await send("POST", "/suppressions", { finding: id, reason: reason.value, lasting: lasting.value || null });
    say("Suppressed");
    await again();
  });
  return el("details", { class: "form" }, el("summary", {}, "Suppress…"), inner);
}

function ending(id, again) {
  return form(null, [], "Show it in lists again", async () => {
    await send("DELETE", `/suppressions/${id}`);
    say("Shown again");
    await again();
  });
}

function field(title, input) {
  return el("label", { class: "field" }, el("span", { class: "muted" }, title), input);
}

function form(title, fields, does, submit) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const go = el("button", { type: "submit", class: title ? "primary" : null }, does);
  return el("form", {
    class: "form",
    onsubmit: async (event) => {
      event.preventDefault();
      go.disabled = true;
      wrong.textContent = "";
      try {
        await submit();
      } catch (error) {
        wrong.textContent = [error.message, error.hint].filter(Boolean).join(": ");
        if (error.status === 412) wrong.append(" ", button("Read it", () => location.reload()));
      } finally {
        go.disabled = false;
      }
    },
  }, title ? el("h3", {}, title) : null, fields, wrong, el("div", { class: "actions" }, go));
}
