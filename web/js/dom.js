// Elements. Text is only ever set as text: nothing here, and nothing that uses it, parses HTML.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function say(text) {
  document.getElementById("live").textContent = text;
}

export function button(text, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes }, text);
}

// Columns: [title, row => cell, class]. A row that can be opened is one tab stop.
export function table(columns, rows, { open, label } = {}) {
  const cell = (content) => (content === null || content === undefined || content === "" ? "–" : content);
  const body = rows.map((row) => {
    const cells = columns.map(([, of, kind]) => el("td", { class: kind }, cell(of(row))));
    if (!open) return el("tr", {}, cells);
    const go = () => open(row);
    return el("tr", {
      class: "opens", tabindex: "0", onclick: go,
      onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) go(); },
    }, cells);
  });
  const heads = columns.map(([title, , kind]) => el("th", { scope: "col", class: kind }, title));
  return el("table", { "aria-label": label }, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body));
}

export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", { class: "facts" }, shown.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

export function showing(shown, total, what) {
  const named = total === 1 ? what.replace(/ies$/, "y").replace(/s$/, "") : what;
  return el("p", { class: "muted showing" }, total > shown
    ? `Showing ${shown.toLocaleString("en")} of ${total.toLocaleString("en")} ${named}`
    : `${total.toLocaleString("en")} ${named}`);
}

export function empty(title, why, ...more) {
  return el("div", { class: "empty" }, el("h2", {}, title), why ? el("p", {}, why) : null, ...more);
}

export function failed(error) {
  if (error.name === "AbortError") return el("span");
  const start = error.status === 401 ? "This browser has no token of this run" : error.message;
  return el("div", { class: "empty", role: "alert" }, el("h2", {}, start), error.hint ? el("p", {}, error.hint) : null);
}

export function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}` }, text);
}
