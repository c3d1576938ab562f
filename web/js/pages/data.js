// Logs in: dropped here, read by the server, and what became of them.

import { get, may, upload } from "../api.js";
import { badge, el, empty, facts, failed, say, showing, table } from "../dom.js";
import { fileOf, number, time } from "../format.js";
import { listen } from "../updates.js";

const STATES = { waiting: "Waiting", running: "Reading", done: "Done", failed: "Failed" };
const OUTCOMES = { added: "read", already: "known already", unrecognised: "no log", unreadable: "cannot be read", partial: "read in part" };

export async function data(page) {
  const [allowed, reads] = await Promise.all([may("send"), may("read")]);
  const jobs = el("div", { "aria-live": "polite" });
  const logs = el("div", {});
  page.replaceChildren(el("div", { class: "sheet wide" },
    el("h1", {}, "Data"),
    el("section", { class: "card" }, el("h2", {}, "Bring logs in"), allowed ? drop() : el("p", { class: "muted" }, "Your token may not send logs.")),
    el("section", { class: "card" }, el("h2", {}, "Sent to this server"), jobs),
    reads ? logs : null));
  jobs.replaceChildren(el("p", { class: "muted" }, allowed ? "Nothing yet. Drop logs above, or send them with curl (docs/api.md)." : "Nothing yet."));
  if (!reads) return;
  await show(logs);
  follow(jobs, () => show(logs));
}

// Sends files one after the other; the server reads them one after the other too.
export function drop() {
  const host = el("input", { type: "text", name: "host", maxlength: "1000", placeholder: "as the lines say" });
  const hunts = el("input", { type: "checkbox", name: "hunt", checked: true });
  const told = el("p", { class: "muted", role: "status" }, "Text, compressed logs, zip and tar archives of them. A log that is there already adds nothing twice.");
  const sendAll = async (files) => {
    try {
      for (const [n, file] of files.entries()) {
        told.textContent = `Sending ${file.name}, ${n + 1} of ${files.length}…`;
        await upload(file, { name: file.name, host: host.value, hunt: hunts.checked && n === files.length - 1 ? "true" : null });
      }
      told.textContent = `${number(files.length)} file${files.length === 1 ? "" : "s"} sent.`;
      say(told.textContent);
    } catch (error) {
      told.replaceChildren(failed(error));
    }
  };
  const choose = el("input", { type: "file", name: "logs", multiple: true, onchange: (event) => { const files = [...event.target.files]; event.target.value = ""; if (files.length) sendAll(files); } });
  const zone = el("label", {
    class: "drop",
    ondragover: (event) => { event.preventDefault(); zone.classList.add("over"); },
    ondragleave: () => zone.classList.remove("over"),
    ondrop: (event) => { event.preventDefault(); zone.classList.remove("over"); const files = [...event.dataTransfer.files]; if (files.length) sendAll(files); },
  }, el("strong", {}, "Drop logs here"), el("span", { class: "button" }, "or choose files"), choose);
  return el("div", {}, zone,
    el("div", { class: "head sending" },
      el("label", { class: "field" }, el("span", { class: "muted" }, "Host whose logs these are"), host),
      el("label", { class: "tick" }, hunts, "Hunt when they are in")),
    told);
}

// Jobs and changes as the server tells them, for as long as the page is shown.
export function follow(jobs, changed) {
  const held = new Map();
  listen(jobs, {
    job: (event) => {
      const job = JSON.parse(event.data);
      held.set(job.id, job);
      jobs.replaceChildren(jobTable([...held.values()].sort((a, b) => (a.created < b.created ? 1 : -1))));
    },
    // The first of these too: a log may have come in between the first showing and the beginning of this stream.
    data: () => {
      changed();
      dispatchEvent(new Event("changed"));
    },
  });
}

function jobTable(jobs) {
  return table([
    ["File", (job) => job.name || "log", "wide"],
    ["State", (job) => badge(STATES[job.state], { done: "success", failed: "failure" }[job.state] ?? "")],
    ["Lines", (job) => number(sum(job, "lines")), "num"],
    ["Events", (job) => number(sum(job, "events")), "num"],
    ["New", (job) => number(sum(job, "added")), "num"],
    ["Not understood", (job) => number(sum(job, "rejects")), "num"],
    ["What became of it", outcome, "wide"],
    ["Sent by", (job) => job.by], ["At (UTC)", (job) => time(job.created)],
  ], jobs, { label: "Sent logs" });
}

function sum(job, name) {
  if (job.files.length) return job.files.reduce((total, file) => total + file[name], 0);
  return job.progress?.[name] ?? 0;
}

function outcome(job) {
  if (job.problem) return job.problem;
  if (!job.ended) return job.progress ? `${job.progress.stage} ${fileOf(job.progress.file)}` : "";
  const counted = job.files.reduce((all, file) => all.set(file.status, (all.get(file.status) ?? 0) + 1), new Map());
  const told = [...counted].map(([status, count]) => (job.all_files === 1 ? OUTCOMES[status] : `${number(count)} ${OUTCOMES[status]}`)).join(", ");
  const why = job.files.find((file) => file.problem)?.problem;
  const hunted = job.hunted ? `; ${number(job.hunted.new)} new finding${job.hunted.new === 1 ? "" : "s"}` : "";
  return `${told}${why ? `: ${why}` : ""}${hunted}`;
}

// The answers of an earlier asking may come after those of a later one: only the last asking is shown.
let asked = 0;

async function show(element) {
  const turn = ++asked;
  try {
    const [coverage, files, rejects] = await Promise.all([get("/coverage"), get("/files", { limit: 200 }), get("/rejects", { limit: 100 })]);
    if (turn !== asked) return;
    element.replaceChildren(
      el("section", { class: "card" }, el("h2", {}, "In the lake"), facts([
        ["Events", number(coverage.events)], ["Files", number(coverage.files)], ["First (UTC)", time(coverage.first)], ["Last (UTC)", time(coverage.last)],
      ])),
      el("section", { class: "card" }, el("h2", {}, "Lines not understood"),
        rejects.items.length
          ? el("div", {}, table([
            ["Reason", (one) => one.reason, "wide"], ["Where", (one) => `${fileOf(one.file)}:${one.line}`, "wide"], ["Line", (one) => el("code", {}, one.text), "wide"],
          ], rejects.items, { label: "Lines not understood" }), showing(rejects.shown, rejects.total, "lines"))
          : el("p", { class: "muted" }, "Every line was understood.")),
      el("section", { class: "card" }, el("h2", {}, "Files"),
        files.items.length
          ? el("div", {}, table([
            ["File", (one) => one.name, "wide"], ["Reader", (one) => one.reader], ["Lines", (one) => number(one.lines), "num"], ["Events", (one) => number(one.events), "num"],
            ["Other programs", (one) => number(one.other), "num"], ["Not understood", (one) => number(one.rejects), "num"], ["First (UTC)", (one) => time(one.first)], ["Last (UTC)", (one) => time(one.last)],
          ], files.items, { label: "Files" }), showing(files.shown, files.total, "files"))
          : empty("No events yet", "Drop logs above, or run graphmap ingest.")));
  } catch (error) {
    if (turn === asked) element.replaceChildren(failed(error));
  }
}
