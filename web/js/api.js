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
  return (await ask(`${path}?${query(parameters)}`, { signal: control.signal })).content;
}

// What holds now, and the tag by which a change says that it knows that.
export async function getTagged(path) {
  return ask(path, {});
}

const JSON_TYPE = { "content-type": "application/json" };

// A question that is too long for an address; it changes nothing.
export async function asking(path, body) {
  return (await ask(path, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) })).content;
}

// A change; who counts something hears of it by the event `changed`. With the tag of what was read, it is refused where somebody else changed it since.
export async function send(method, path, body, tag = null) {
  const { content } = await ask(path, { method, headers: tag ? { ...JSON_TYPE, "if-match": tag } : JSON_TYPE, body: body && JSON.stringify(body) });
  dispatchEvent(new Event("changed"));
  return content;
}

// A file goes as it is: the browser reads it from the disk while it sends it.
export async function upload(file, parameters) {
  return (await ask(`/ingest?${query(parameters)}`, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file })).content;
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer", "Is graphmap serve still running?");
  }
  const content = await answer.json().catch((error) => {
    if (error.name === "AbortError") throw error; // half of an answer is none
    return {};
  });
  if (answer.ok) return { content, tag: answer.headers.get("etag") };
  const wrong = content.errors?.map((one) => `${one.where}: ${one.message}`).join("; ");
  throw new Problem(answer.status, content.detail ?? `The server answers ${answer.status}`, wrong ?? content.hint);
}

let me = null;

// Whether the token of this browser may do something: read, judge, send or rule.
export async function may(right) {
  me ??= get("/me");
  return (await me.catch(() => { me = null; return { rights: [] }; })).rights.includes(right);
}
