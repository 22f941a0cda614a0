// Addresses as people write them: what is one, what is wrong with what is none, and the checksum of EIP-55.

import { keccakHex } from "./keccak.js";

/** The address with the checksum of EIP-55: a digit's letter is capital where the hash's digit is 8 or more. */
export function checksummed(address) {
  const digits = address.slice(2).toLowerCase();
  const hash = keccakHex(digits);
  return `0x${Array.from(digits, (digit, at) => (parseInt(hash[at], 16) >= 8 ? digit.toUpperCase() : digit)).join("")}`;
}

/**
 * What a person typed, judged: {address} in small letters, or {problem} in words.
 *
 * In one case alone it has no checksum, as with the command; in mixed case the checksum must be right.
 */
export function readAddress(text) {
  const typed = text.trim();
  if (!typed) return { problem: "Type an address: 0x and 40 hexadecimal digits." };
  if (!/^0x/i.test(typed)) {
    if (/^[0-9a-f]{40}$/i.test(typed)) return { problem: `An address begins with 0x: did you mean 0x${typed}?` };
    if (/\.[a-z]+$/i.test(typed)) return { problem: "Names are not looked up, only addresses: 0x and 40 hexadecimal digits." };
    return { problem: "An address begins with 0x." };
  }
  const digits = typed.slice(2);
  const stray = Array.from(digits).find((digit) => !/^[0-9a-f]$/i.test(digit));
  if (stray !== undefined) return { problem: `${JSON.stringify(stray)} is no hexadecimal digit: an address has 0 to 9 and a to f.` };
  if (digits.length === 64) return { problem: "64 digits are the hash of a transaction or a block; an address has 40." };
  if (digits.length !== 40) return { problem: `An address has 40 digits after 0x; these are ${digits.length}.` };
  const small = `0x${digits.toLowerCase()}`;
  const mixed = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  if (mixed && checksummed(small) !== `0x${digits}`) {
    return { problem: "The checksum of EIP-55 does not hold: a digit or its case is mistyped. Compare it with where it is from, or write all of it in small letters if you are sure." };
  }
  return { address: small };
}

/** The first and the last digits, with the checksum: enough to recognise, not to compare. */
export function shortAddress(address) {
  const full = checksummed(address);
  return `${full.slice(0, 8)}…${full.slice(-6)}`;
}
