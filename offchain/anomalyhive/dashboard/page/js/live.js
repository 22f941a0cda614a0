// The live stream of the server: one EventSource for the whole page, opened again when it breaks.

/** Kinds of events of /v1/events that views may listen to. */
const KINDS = ["hello", "round", "block", "alert", "withdrawal", "connection"];

/** Milliseconds without a sign of life after which the server is asked whether it is still there. */
const SILENCE = 30_000;

/** Milliseconds to wait before the stream is opened again: 1 s, then twice as long each time, up to this. */
const LONGEST_WAIT = 15_000;

/** Milliseconds out of sight after which the stream is let go: a browser has few connections to one server. */
const OUT_OF_SIGHT = 60_000;

/** Attempts in vain after which the page says "disconnected" and no longer "reconnecting". */
const PATIENCE = 3;

/**
 * An EventTarget. Besides the server's kinds (`detail` is the parsed JSON) it says `state` (detail: "connecting",
 * "connected", "reconnecting" or "disconnected") and `resumed`: the stream was away, whatever is shown may be old.
 *
 * The browser's own EventSource tells the server the last event that it saw when the line broke for a moment; where
 * the browser gives up, a new one is opened here, which knows of no last event, so that `resumed` is said both times.
 */
export class Live extends EventTarget {
  #source = null;
  #tries = 0;
  #heard = 0;
  #timer = 0;
  #watch = 0;
  #rest = 0;
  state = "connecting";

  constructor(url = "/v1/events") {
    super();
    this.url = url;
    addEventListener("online", () => this.#again(0));
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => { if (event.persisted) this.#wake(); });
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.#rest);
      if (document.hidden) this.#rest = setTimeout(() => this.close(), OUT_OF_SIGHT);
      else if (this.#source === null) this.#wake();
    });
  }

  open() {
    this.close();
    this.#source = new EventSource(this.url);
    this.#source.addEventListener("open", () => this.#opened());
    this.#source.addEventListener("error", () => this.#broken());
    for (const kind of KINDS) this.#source.addEventListener(kind, (event) => this.#received(kind, event));
    this.#watch = setInterval(() => this.#listenForLife(), SILENCE / 2);
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#source?.close();
    this.#source = null;
  }

  /** Open it now, and not when it is its time: for a button. */
  retry() {
    this.#again(0);
  }

  /** Whoever comes back to a page that had let go sees it caught up. */
  #wake() {
    this.#become("reconnecting");
    this.open();
  }

  #opened() {
    const resumed = this.state === "reconnecting" || this.state === "disconnected";
    this.#tries = 0;
    this.#heard = Date.now();
    this.#become("connected");
    if (resumed) this.dispatchEvent(new Event("resumed"));
  }

  #broken() {
    this.#tries += 1;
    this.#become(this.#tries > PATIENCE ? "disconnected" : "reconnecting");
    // While it is CONNECTING the browser tries by itself; CLOSED means that it gave up, as after an answer of 503.
    if (this.#source?.readyState === EventSource.CLOSED) this.#again(Math.min(1000 * 2 ** (this.#tries - 1), LONGEST_WAIT));
  }

  #again(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  #received(kind, event) {
    this.#heard = Date.now();
    let detail;
    try {
      detail = JSON.parse(event.data);
    } catch {
      return; // Half an event is no event: the next one, or the next request, tells.
    }
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  /** Heartbeats are comments, which EventSource does not show: a line that died in silence is found by asking. */
  async #listenForLife() {
    if (this.state !== "connected" || Date.now() - this.#heard < SILENCE) return;
    try {
      await fetch("/healthz", { signal: AbortSignal.timeout(SILENCE / 3), cache: "no-store" });
      this.#heard = Date.now();
    } catch {
      this.#broken();
      this.#again(1000);
    }
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
