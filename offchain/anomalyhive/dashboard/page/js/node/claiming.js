// Claiming with the owner's wallet: connect, sign, wait for the block, and see the balance before and after.

import { el, replace, visible } from "../dom.js";
import { findWallets, inWords, WalletProblem } from "../wallet.js";
import { Connection } from "./connection.js";
import { connectedWallet, dueWords, paysTo, walletChoice } from "./rewards.js";
import { sendClaims } from "./sending.js";

/** The card of a node's rewards: `node` is its element; `claimed()` is called when all claims are in blocks. */
export class ClaimPanel {
  constructor(context, claimed) {
    Object.assign(this, { context, claimed, me: null, settled: null, busy: false });
    this.due = el("p", { class: "due" });
    this.body = el("div", { class: "claim-body" });
    this.progress = el("ol", { class: "progress", "aria-live": "polite" });
    this.problem = el("div", { role: "alert" });
    this.node = el("section", { class: "card", "aria-labelledby": "claim-title" },
      el("h2", { id: "claim-title" }, "Rewards"), this.due, this.body, this.problem, this.progress);
    this.connection = new Connection(() => this.draw());
    this.found = findWallets(() => this.draw());
  }

  /** Show the answer of GET /v1/me as node/reading.js has it. */
  update(given) {
    // The server looks at the node now and then: what it says of the time before the claim is old.
    const me = given.unclaimed === this.settled ? { ...given, unclaimed: "0" } : given;
    if (me === given) this.settled = null;
    const same = this.me && JSON.stringify(this.me) === JSON.stringify(me);
    this.me = me;
    // Not under the finger of who is about to press.
    if (!same && !this.busy) this.draw();
  }

  /** Hear of no wallet any more. */
  stop() {
    this.found.stop();
    this.connection.forget();
  }

  draw() {
    const { me } = this;
    if (!me) return;
    replace(this.due, dueWords(me, this.context.hive?.token ?? {}));
    if (!me.number) replace(this.body, el("p", { class: "faint" }, "A node earns once it is registered."));
    else if (BigInt(me.unclaimed) === 0n) replace(this.body, paysTo(me), el("p", { class: "faint" }, "Rewards come when a round is final."));
    else replace(this.body, paysTo(me), this.ways());
  }

  ways() {
    const { busy, connection } = this;
    if (!connection.account) {
      return walletChoice(this.found.list(), busy, (one) => this.act(() => connection.open(one)));
    }
    return connectedWallet(connection, this.me, this.context.hive, busy, {
      claim: () => this.act(() => this.claim()),
      leave: () => { connection.close(); this.draw(); },
    });
  }

  /** Do one thing at a time; what goes wrong is told on the card. */
  async act(work) {
    if (this.busy) return;
    const { signal } = this.context;
    this.busy = true;
    replace(this.problem);
    this.draw();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      const words = error instanceof WalletProblem || error?.name === "Problem" ? error.message : inWords(error).message;
      for (const line of this.progress.querySelectorAll(".asked")) line.remove();
      replace(this.problem, el("p", { class: "note bad-note" }, visible(words, 400)));
    } finally {
      this.busy = false;
      if (!signal.aborted) this.draw();
    }
  }

  async claim() {
    const { me } = this;
    replace(this.progress);
    this.step(await sendClaims(this.context, this.connection, me, (words, tone) => this.step(words, tone)), "done");
    this.settled = me.unclaimed;
    this.me = { ...me, unclaimed: "0" };
    this.claimed();
  }

  step(words, tone) {
    const line = el("li", { class: tone }, words);
    this.progress.append(line);
    return line;
  }
}
