// The claims of a node sent through a wallet, one after the other, each told until it is in a block.

import { digest, el, replace } from "../dom.js";
import { number } from "../format.js";
import { WalletProblem } from "../wallet.js";
import { readClaims } from "./claims.js";
import { claimedWords } from "./rewards.js";

/** Seconds after which a transaction that is in no block yet gets a word of explanation. */
const LONG = 60;

/**
 * Send all claims of the node `me` from the account of a Connection; `step(words, tone)` adds a line of progress and
 * returns it. What came of it, in words or an element. Throws WalletProblem, or Problem where the server fails.
 */
export async function sendClaims(context, connection, me, step) {
  const { hive, signal } = context;
  const { wallet, account } = connection;
  const claims = await proposed(context, me);
  await wallet.toChain(hive.chain_id);
  connection.chain = BigInt(hive.chain_id);
  const balance = async () => (hive.token?.address ? wallet.tokens(hive.token.address, me.owner) : null);
  const before = await balance();
  for (const [index, one] of claims.entries()) {
    const name = claims.length > 1 ? `Claim ${index + 1} of ${claims.length}` : "Claim";
    const line = step(`${name}: confirm it in the wallet.`, "asked");
    const hash = await wallet.send(account, one);
    const receipt = await inBlock(wallet, hash, line, name, signal);
    if (!receipt.succeeded) throw new WalletProblem(`The chain refused the claim in block ${receipt.block}: perhaps it was claimed already. Its transaction is ${hash}.`);
    replace(line, `${name} is in block ${number(receipt.block.toString())}: `, digest(hash, "transaction"));
  }
  const after = await balance();
  return before === null || after === null ? "Claimed." : claimedWords(before, after, hive.token);
}

/** What the server proposes, judged. */
async function proposed({ api, hive, signal }, me) {
  if (!hive?.hive) throw new WalletProblem("The hive is not known yet: wait until the chain answers, then try again.");
  const answer = await api.get("/v1/me/claim", { signal });
  const claims = readClaims(answer, { hive: hive.hive, chainId: hive.chain_id, node: me.number });
  if (!claims.length) throw new WalletProblem("Nothing is to be claimed: perhaps it was claimed already.");
  return claims;
}

async function inBlock(wallet, hash, line, name, signal) {
  line.className = "";
  replace(line, `${name} was sent, and waits for a block: `, digest(hash, "transaction"));
  const slow = setTimeout(() => line.append(el("span", { class: "faint" }, " It takes long. If you speeded it up or cancelled it in the wallet, look there: another transaction stands in its place.")), LONG * 1000);
  try {
    return await wallet.receipt(hash, signal);
  } finally {
    clearTimeout(slow);
  }
}
