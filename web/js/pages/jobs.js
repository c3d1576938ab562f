// What runs by itself: when each job is due, what its runs did, and a run right now.

import { get, may, send } from "../api.js";
import { badge, button, el, empty, failed, say, showing, table } from "../dom.js";
import { length, number, span, time } from "../format.js";
import { listen } from "../updates.js";
import { change, state, to } from "../url.js";

const STATES = { running: "Running", done: "Done", partly: "Done in part", failed: "Failed", "timed-out": "Out of time", cancelled: "Cancelled", lost: "Lost" };
const LOOKS = { done: "success", failed: "failure", "timed-out": "failure", lost: "failure", partly: "risk" };

export async function jobs(page) {
  const rules = await may("rule");
  const told = el("div", {});
  const ran = el("div", {});
  const wrong = el("div", {});
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Jobs"),
    el("p", { class: "muted" }, "What runs by itself, as graphmap.toml says. Logs that were sent to this server are under ", el("a", { href: to("/data") }, "Data"), "."),
    wrong, told, ran));
  const parts = { told, ran, wrong, rules, awaited: null };
  await show(parts);
  follow(parts);
}

// Shown anew when a run begins, goes on or ends, and when the stream that tells it begins anew.
function follow(parts) {
  const again = () => show(parts).catch((error) => error.name === "AbortError" || parts.wrong.replaceChildren(failed(error)));
  listen(parts.told, { open: again, run: () => { dispatchEvent(new Event("changed")); again(); } });
}

async function show(parts) {
  const chosen = state().job ?? null;
  const [schedule, runs] = await Promise.all([get("/schedule", {}, "page"), get("/runs", { job: chosen, limit: 50 }, "runs")]);
  parts.told.replaceChildren(el("section", { class: "card" },
    el("div", { class: "head" }, el("h2", {}, "Schedule"), schedule.scheduled_by ? badge(`daemon ${schedule.scheduled_by}`, "success") : badge("no daemon runs", "risk")),
    schedule.scheduled_by ? null : el("p", { class: "muted" }, "Nothing begins by itself until ", el("code", {}, "graphmap jobs daemon"), " runs on this machine or another."),
    table([
      ["Job", (one) => el("div", {}, el("a", { class: "title", href: to("/jobs", { job: one.job }) }, one.job), el("div", { class: "muted" }, about(one))), "wide"],
      ["Schedule", (one) => one.schedule ?? "by hand"],
      ["Last run (UTC)", (one) => (one.last ? time(one.last.started) : null)],
      ["Took", (one) => (one.last ? took(one.last) : null), "num"],
      ["State", (one) => (one.last ? badge(STATES[one.last.state], LOOKS[one.last.state]) : null)],
      ["New findings", (one) => (one.last && "new" in one.last.counts ? number(one.last.counts.new) : null), "num"],
      ["Next (UTC)", (one) => time(one.next)],
      ...(parts.rules ? [["", (one) => (one.last?.state === "running"
        ? button("Cancel", () => act(parts, `/runs/${one.last.id}/cancel`, one.job), { "aria-label": `Cancel ${one.job}` })
        : button("Run now", () => act(parts, `/runs?${new URLSearchParams({ job: one.job })}`, one.job), { "aria-label": `Run now: ${one.job}`, disabled: parts.awaited === one.job }))]] : []),
    ], schedule.items, { label: "Schedule" })));
  parts.ran.replaceChildren(el("section", { class: "card" },
    el("div", { class: "head" }, el("h2", {}, chosen ? `Runs of ${chosen}` : "Runs"), chosen ? button("Runs of all jobs", () => change({ job: null })) : null),
    runs.items.length ? el("div", {}, table([
      ["Run", (one) => String(one.id), "num"], ["Job", (one) => one.job], ["Began (UTC)", (one) => time(one.started)], ["Took", took, "num"],
      ["State", (one) => badge(STATES[one.state], LOOKS[one.state])],
      ["Did", (one) => log(one), "wide"],
      ["By", (one) => (one.due ? "schedule" : "hand")], ["Process", (one) => one.owner],
    ], runs.items, { label: "Runs" }), showing(runs.items.length, runs.items.length + (runs.cut ? 1 : 0), "runs")) : empty("Nothing ran yet", "Run now, or graphmap jobs run NAME, begins one.")));
  const before = parts.awaited && schedule.items.find((one) => one.job === parts.awaited)?.last?.id;
  if (parts.awaited && before !== parts.before) { parts.awaited = null; await show(parts); return; }
}

async function act(parts, path, job) {
  parts.wrong.replaceChildren();
  const held = await get("/schedule").then((found) => found.items.find((one) => one.job === job)?.last?.id).catch(() => null);
  try {
    await send("POST", path);
    say(`${job}: asked`);
    if (!path.endsWith("/cancel")) Object.assign(parts, { awaited: job, before: held });
    await show(parts);
  } catch (error) {
    parts.wrong.replaceChildren(failed(error));
  }
}

function about(one) {
  const looks = one.window ? `looks back ${span(one.window * 1000)}` : "";
  const tells = one.outputs.length ? `tells ${one.outputs.join(", ")}` : "";
  return [one.task === one.job ? "" : one.task, one.detectors.join(", "), looks, tells].filter(Boolean).join("; ");
}

function took(run) {
  return run.ended ? length(run.started, run.ended) : null;
}

// What a run did, and why it did not do more.
function log(run) {
  const counts = Object.entries(run.counts).map(([name, count]) => `${name.replaceAll("_", " ")} ${number(count)}`).join(", ");
  return el("div", {}, counts, run.error ? el("div", { class: "wrong" }, run.error) : null, run.cancelled_by ? el("div", { class: "muted" }, `cancelled by ${run.cancelled_by}`) : null);
}
