// What the server answers: JSON, problems (RFC 9457) as errors with a sentence for people, lists page by page.

/** How long an answer may take, in milliseconds: a chain's endpoint may be slow, a page that waits forever is broken. */
const PATIENCE = 20_000;

const SENTENCES = {
  offline: "The dashboard's server does not answer. Is `anomalyhive dashboard` still running?",
  timeout: "The dashboard's server took too long to answer.",
  malformed: "The dashboard's server gave an answer that is not JSON.",
};

/**
 * A request that failed. `kind`: "problem" (the server says why), "offline", "timeout" or "malformed"; `status` is
 * that of HTTP, 0 without an answer; `message` is for people.
 */
export class Problem extends Error {
  constructor(kind, { status = 0, title = "", detail = "", type = "about:blank", retryAfter = null } = {}) {
    super(kind === "problem" ? detail || title || `The server answered ${status}.` : SENTENCES[kind]);
    Object.assign(this, { name: "Problem", kind, status, title, type, retryAfter });
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return this.kind !== "problem" || this.status >= 500 || this.status === 429;
  }
}

/** `token()` gives the token of this dashboard or null; only what changes something sends it. */
export function createApi(token = () => null) {
  return {
    get: (path, { query = {}, signal } = {}) => ask(address(path, query), {}, signal),
    post: (path, body = {}, { signal } = {}) => ask(path, posted(body, token()), signal),
    list: (path, { query = {}, signal, most = 200 } = {}) => list(path, query, signal, most),
  };
}

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function posted(body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/** The items of a list over its pages, at most so many: `{ items, next }`, `next` null if that was all. */
async function list(path, query, signal, most) {
  const items = [];
  let next = query.after ?? null;
  do {
    const wanted = Math.min(most - items.length, 200);
    const page = await ask(address(path, { ...query, limit: wanted, after: next }), {}, signal);
    items.push(...(page.items ?? []));
    next = page.next ?? null;
  } while (next !== null && items.length < most);
  return { items, next };
}

async function ask(path, options, signal) {
  const clock = AbortSignal.timeout(PATIENCE);
  const either = signal ? AbortSignal.any([signal, clock]) : clock;
  let answer;
  let text;
  try {
    answer = await fetch(path, { ...options, signal: either, headers: { Accept: "application/json", ...options.headers } });
    text = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error; // The view is gone: nobody waits for this.
    throw new Problem(clock.aborted ? "timeout" : "offline");
  }
  return read(answer, text);
}

function read(answer, text) {
  let document = null;
  try {
    document = text === "" ? null : JSON.parse(text);
  } catch {
    if (answer.ok) throw new Problem("malformed", { status: answer.status });
  }
  if (answer.ok) return document;
  throw new Problem("problem", {
    ...words(document),
    status: answer.status,
    retryAfter: Number(answer.headers.get("Retry-After")) || null,
  });
}

/** What of a problem's document is text; the rest of a stranger's answer is left where it is. */
function words(document) {
  const given = document !== null && typeof document === "object" ? document : {};
  return Object.fromEntries(["title", "detail", "type"].filter((key) => typeof given[key] === "string").map((key) => [key, given[key]]));
}
