// Claiming with the owner's wallet: connect, sign, wait for the block, and see the balance before and after.

import { checksummed, shortAddress } from "../address.js";
import { copyButton, digest, el, replace, visible } from "../dom.js";
import { number, tokens } from "../format.js";
import { findWallets, inWords, Wallet, WalletProblem } from "../wallet.js";
import { readClaims } from "./claims.js";

/** Seconds after which a transaction that is in no block yet gets a word of explanation. */
const LONG = 60;

/**
 * `{ node, update(me), stop() }`. `me` is the answer of GET /v1/me as node/reading.js has it; `claimed()` is called when
 * all claims are in blocks.
 */
export function claimPanel(context, claimed) {
  const state = { me: null, settled: null, wallet: null, account: null, chain: null, busy: false, forget: () => {} };
  const due = el("p", { class: "due" });
  const body = el("div", { class: "claim-body" });
  const progress = el("ol", { class: "progress", "aria-live": "polite" });
  const problem = el("div", { role: "alert" });
  const node = el("section", { class: "card", "aria-labelledby": "claim-title" },
    el("h2", { id: "claim-title" }, "Rewards"), due, body, problem, progress);
  const found = findWallets(() => draw());
  const signal = context.signal;

  function draw() {
    const { me } = state;
    if (!me) return;
    const unit = context.hive?.token ?? {};
    replace(due, el("span", { class: "amount" }, me.unclaimed === "0" ? "Nothing" : tokens(me.unclaimed, unit, 6)), " ", el("span", { class: "faint" }, "to be claimed"));
    if (!me.number) return void replace(body, el("p", { class: "faint" }, "A node earns once it is registered."));
    replace(body, paysTo(me), BigInt(me.unclaimed) === 0n ? el("p", { class: "faint" }, "Rewards come when a round is final.") : claimWays());
  }

  function claimWays() {
    if (state.wallet && state.account) return connected();
    const wallets = found.list();
    if (!wallets.length) {
      return el("div", { class: "hint" },
        el("p", {}, "No wallet was found in this browser. With one that holds any account with coin for gas, the claim can be signed here; no key ever comes to this page or its server."),
        el("p", {}, "Without one: ", el("code", {}, "anomalyhive node claim"), " on the node’s machine."));
    }
    if (state.busy) return el("p", { class: "faint", role: "status" }, "Waiting for the wallet: answer it there.");
    return el("div", { class: "row" }, wallets.map((one) =>
      el("button", { type: "button", class: "button main", on: { click: () => act(() => connect(one)) } }, `Connect ${visible(one.name, 60)}`)));
  }

  function connected() {
    const { me, account, chain } = state;
    const owner = account === me.owner;
    const elsewhere = chain !== null && context.hive && chain !== BigInt(context.hive.chain_id);
    return [
      el("p", {}, "Connected: ", el("code", { title: checksummed(account) }, shortAddress(account)), owner ? el("span", { class: "tag good" }, "the owner") : null),
      owner ? null : el("div", { class: "note warn-note", role: "note" }, el("strong", {}, "This account is not the node’s owner."), ` Anyone may send a claim. The tokens go to the owner ${shortAddress(me.owner)} all the same; this account only pays the gas.`),
      elsewhere ? el("p", { class: "note" }, `The wallet is on chain ${chain}. It will be asked to switch to chain ${context.hive.chain_id}.`) : null,
      el("div", { class: "row" },
        el("button", { type: "button", class: "button main", disabled: state.busy, on: { click: () => act(claim) } }, state.busy ? "Claiming …" : `Claim ${tokens(me.unclaimed, context.hive?.token ?? {})}`),
        el("button", { type: "button", class: "button", disabled: state.busy, on: { click: disconnect } }, "Use another wallet")),
    ];
  }

  async function act(work) {
    if (state.busy) return;
    state.busy = true;
    replace(problem);
    draw();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      const words = error instanceof WalletProblem || error?.name === "Problem" ? error.message : inWords(error).message;
      for (const line of progress.querySelectorAll(".asked")) line.remove();
      replace(problem, el("p", { class: "note bad-note" }, visible(words, 400)));
    } finally {
      state.busy = false;
      if (!signal.aborted) draw();
    }
  }

  async function connect(chosen) {
    const wallet = new Wallet(chosen);
    const account = await wallet.connect();
    Object.assign(state, { wallet, account, chain: await wallet.chainId() });
    state.forget();
    state.forget = wallet.onChange((what, value) => {
      if (what === "account" && value === null) disconnect();
      else if (what === "account") state.account = value;
      else if (what === "chain") state.chain = value;
      else disconnect();
      draw();
    });
  }

  function disconnect() {
    state.forget();
    Object.assign(state, { wallet: null, account: null, chain: null, forget: () => {} });
    draw();
  }

  async function claim() {
    const { wallet, account, me } = state;
    const { hive } = context;
    replace(progress);
    if (!hive?.hive) throw new WalletProblem("The hive is not known yet: wait until the chain answers, then try again.");
    const claims = readClaims(await context.api.get("/v1/me/claim", { signal }), { hive: hive.hive, chainId: hive.chain_id, node: me.number });
    if (!claims.length) throw new WalletProblem("Nothing is to be claimed: perhaps it was claimed already.");
    await wallet.toChain(hive.chain_id);
    state.chain = BigInt(hive.chain_id);
    const before = await balance(wallet, me.owner);
    for (const [index, one] of claims.entries()) {
      const which = claims.length > 1 ? ` ${index + 1} of ${claims.length}` : "";
      const line = step(`Claim${which}: confirm it in the wallet.`, "asked");
      const hash = await wallet.send(account, one);
      const receipt = await inBlock(wallet, hash, line, which);
      if (!receipt.succeeded) throw new WalletProblem(`The chain refused the claim in block ${receipt.block}: perhaps it was claimed already. Its transaction is ${hash}.`);
      replace(line, `Claim${which} is in block ${number(receipt.block.toString())}: `, digest(hash, "transaction"));
    }
    const after = await balance(wallet, me.owner);
    const told = before === null || after === null ? "Claimed." : balanceWords(before, after, hive.token);
    step(told, "done");
    state.settled = me.unclaimed;
    state.me = { ...me, unclaimed: "0" };
    claimed();
  }

  async function inBlock(wallet, hash, line, which) {
    line.className = "";
    replace(line, `Claim${which} was sent, and waits for a block: `, digest(hash, "transaction"));
    const slow = setTimeout(() => line.append(el("span", { class: "faint" }, " It takes long. If you speeded it up or cancelled it in the wallet, look there: another transaction stands in its place.")), LONG * 1000);
    try {
      return await wallet.receipt(hash, signal);
    } finally {
      clearTimeout(slow);
    }
  }

  async function balance(wallet, owner) {
    const token = context.hive?.token?.address;
    return token ? wallet.tokens(token, owner) : null;
  }

  function step(words, tone = "") {
    const line = el("li", { class: tone }, words);
    progress.append(line);
    return line;
  }

  return {
    node,
    update(given) {
      // The server looks at the node now and then: what it says of the time before the claim is old.
      const me = given.unclaimed === state.settled ? { ...given, unclaimed: "0" } : given;
      if (me === given) state.settled = null;
      const same = state.me && JSON.stringify(state.me) === JSON.stringify(me);
      state.me = me;
      // Not under the finger of who is about to press.
      if (!same && !state.busy) draw();
    },
    stop() { found.stop(); state.forget(); },
  };
}

function paysTo(me) {
  return el("p", { class: "small" }, "A claim pays the owner ", el("code", { title: checksummed(me.owner) }, shortAddress(me.owner)), copyButton(checksummed(me.owner), "address of the owner"), ", whoever sends it.");
}

function balanceWords(before, after, unit) {
  const more = after - before;
  return el("span", {}, el("strong", {}, "Claimed."), " Balance of the owner: ",
    el("span", { class: "before" }, tokens(before.toString(), unit, 6)), " before, ",
    el("span", { class: "after" }, tokens(after.toString(), unit, 6)), " after",
    more >= 0n ? ` (${tokens(more.toString(), unit, 6)} more).` : ".");
}
