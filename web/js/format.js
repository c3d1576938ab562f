// How values are written: UTC, tabular, the same everywhere.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number) => String(number).padStart(2, "0");

export function time(text) {
  return text ? new Date(text).toISOString().slice(0, 19).replace("T", " ") : null;
}

export function clock(text) {
  return text ? new Date(text).toISOString().slice(11, 19) : null;
}

export function shortTime(date, seconds = false) {
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${seconds ? `:${two(date.getUTCSeconds())}` : ""}`;
}

export function number(value) {
  return value.toLocaleString("en");
}

export function span(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const parts = [[Math.floor(seconds / 86400), "d"], [Math.floor(seconds / 3600) % 24, "h"], [Math.floor(seconds / 60) % 60, "m"], [seconds % 60, "s"]];
  return parts.filter(([count]) => count).slice(0, 2).map(([count, unit]) => `${count} ${unit}`).join(" ") || "< 1 s";
}

export function length(start, end) {
  return end ? span(new Date(end) - new Date(start)) : "open";
}

export function shortKey(key) {
  return key && key.length > 20 ? `${key.slice(0, 12)}…${key.slice(-5)}` : key;
}

export function nameOf(id) {
  return id.slice(id.indexOf(":") + 1);
}

export function kindOf(id) {
  return id.slice(0, id.indexOf(":"));
}

export function fileOf(path) {
  return path.split("/").slice(-2).join("/");
}

// The id of what a hop came from: an address is a source unless something arrived there; names are hosts.
export function originId(name) {
  return `${/^[0-9.]+$|^[0-9a-f]*:[0-9a-f:.]*$/i.test(name) ? "source" : "host"}:${name}`;
}

export function shortDay(day) {
  return `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
}

export function probability(value) {
  return value >= 0.001 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}
