// The claim transactions that the server proposes, judged before any wallet sees them.
//
// The server signs nothing and is not trusted with more than its word: whatever it sends, this page asks the wallet for
// a claim of this hive, without coin, and for nothing else.

import { keccakHex } from "../keccak.js";
import { WalletProblem } from "../wallet.js";

/** `claim(uint32 nodeId, Claim[] claims)` of IHive: a Claim is task, kind, index, term, through. */
const SELECTOR = `0x${keccakHex("claim(uint32,(uint64,uint8,uint16,uint32,uint32)[])").slice(0, 8)}`;

/** The hexadecimal digits of one word of the ABI. */
const WORD = 64;

/**
 * [{to, data, value, gas}] of what GET /v1/me/claim answered. Throws WalletProblem for what is no claim of this node on
 * this hive; `node` is its number.
 */
export function readClaims(answer, { hive, chainId, node }) {
  return answer.transactions.map((one) => {
    if (one.chain_id !== chainId) refuse(`it is for chain ${one.chain_id}, and this hive is on ${chainId}`);
    if (String(one.to).toLowerCase() !== String(hive).toLowerCase()) refuse(`it goes to ${one.to}, which is not this hive`);
    if (String(one.value) !== "0") refuse(`it sends ${one.value} wei away`);
    const data = String(one.data).toLowerCase();
    if (!/^0x(?:[0-9a-f]{2})+$/.test(data) || !data.startsWith(SELECTOR)) refuse("it is no call of claim");
    const claimed = BigInt(`0x${data.slice(SELECTOR.length, SELECTOR.length + WORD) || "0"}`);
    if (claimed !== BigInt(node)) refuse(`it claims for node ${claimed}, and this is node ${node}`);
    return { to: one.to, data, value: 0, gas: one.gas ?? null };
  });
}

function refuse(why) {
  throw new WalletProblem(`The server proposed a transaction that this page does not hand to a wallet: ${String(why).slice(0, 200)}.`);
}
