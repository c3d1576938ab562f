// Questions to the server. Each place of the page has one request under way; a newer one ends it.

export class Problem extends Error {
  constructor(status, detail, hint) {
    super(detail);
    this.status = status;
    this.hint = hint;
  }
}

export function query(parameters) {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") found.append(name, one);
    }
  }
  return found;
}

const running = new Map();

export async function get(path, parameters = {}, place = null) {
  const control = new AbortController();
  if (place) {
    running.get(place)?.abort();
    running.set(place, control);
  }
  let answer;
  try {
    answer = await fetch(`/api/v1${path}?${query(parameters)}`, { signal: control.signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer", "Is graphmap serve still running?");
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const wrong = content.errors?.map((one) => `${one.where}: ${one.message}`).join("; ");
  throw new Problem(answer.status, content.detail ?? `The server answers ${answer.status}`, wrong ?? content.hint);
}
