// The parts of the rewards' card: what is due, whom it pays, which wallet claims it, and what came of it.

import { checksummed, shortAddress } from "../address.js";
import { copyButton, el, visible } from "../dom.js";
import { tokens } from "../format.js";

/** How much is to be claimed. */
export function dueWords(me, unit) {
  return [el("span", { class: "amount" }, me.unclaimed === "0" ? "Nothing" : tokens(me.unclaimed, unit, 6)), " ", el("span", { class: "faint" }, "to be claimed")];
}

/** Whom a claim pays. */
export function paysTo(me) {
  return el("p", { class: "small" }, "A claim pays the owner ", el("code", { title: checksummed(me.owner) }, shortAddress(me.owner)), copyButton(checksummed(me.owner), "address of the owner"), ", whoever sends it.");
}

/** The wallets to choose from, a button each that calls `connect(one)`; what to do where there is none. */
export function walletChoice(wallets, busy, connect) {
  if (!wallets.length) {
    return el("div", { class: "hint" },
      el("p", {}, "No wallet was found in this browser. With one that holds any account with coin for gas, the claim can be signed here; no key ever comes to this page or its server."),
      el("p", {}, "Without one: ", el("code", {}, "anomalyhive node claim"), " on the node’s machine."));
  }
  if (busy) return el("p", { class: "faint", role: "status" }, "Waiting for the wallet: answer it there.");
  return el("div", { class: "row" }, wallets.map((one) =>
    el("button", { type: "button", class: "button main", on: { click: () => connect(one) } }, `Connect ${visible(one.name, 60)}`)));
}

/** The account that is connected, what is to be known of it, and the buttons that call `claim()` and `leave()`. */
export function connectedWallet({ account, chain }, me, hive, busy, { claim, leave }) {
  const owner = account === me.owner;
  const elsewhere = chain !== null && hive && chain !== BigInt(hive.chain_id);
  return [
    el("p", {}, "Connected: ", el("code", { title: checksummed(account) }, shortAddress(account)), owner ? el("span", { class: "tag good" }, "the owner") : null),
    owner ? null : el("div", { class: "note warn-note", role: "note" }, el("strong", {}, "This account is not the node’s owner."), ` Anyone may send a claim. The tokens go to the owner ${shortAddress(me.owner)} all the same; this account only pays the gas.`),
    elsewhere ? el("p", { class: "note" }, `The wallet is on chain ${chain}. It will be asked to switch to chain ${hive.chain_id}.`) : null,
    el("div", { class: "row" },
      el("button", { type: "button", class: "button main", disabled: busy, on: { click: claim } }, busy ? "Claiming …" : `Claim ${tokens(me.unclaimed, hive?.token ?? {})}`),
      el("button", { type: "button", class: "button", disabled: busy, on: { click: leave } }, "Use another wallet")),
  ];
}

/** What the owner had and has, as integers of the token's smallest unit. */
export function claimedWords(before, after, unit) {
  const more = after - before;
  return el("span", {}, el("strong", {}, "Claimed."), " Balance of the owner: ",
    el("span", { class: "before" }, tokens(before.toString(), unit, 6)), " before, ",
    el("span", { class: "after" }, tokens(after.toString(), unit, 6)), " after",
    more >= 0n ? ` (${tokens(more.toString(), unit, 6)} more).` : ".");
}
