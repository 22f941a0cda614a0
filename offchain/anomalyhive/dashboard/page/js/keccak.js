// Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with rate 136 bytes and the padding 0x01 of the original Keccak.
// For checksums of addresses and selectors of functions: few bytes, so lanes are BigInts and the code is plain.

const RATE = 136;
const MASK = (1n << 64n) - 1n;

// FIPS 202, 3.2.2 and 3.2.5, derived as the standard defines them so that no table can be mistyped.
const ROTATIONS = new Array(25).fill(0n);
const CONSTANTS = [];
{
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t += 1) {
    ROTATIONS[x + 5 * y] = BigInt(((t + 1) * (t + 2)) / 2 % 64);
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    let constant = 0n;
    for (let j = 0; j < 7; j += 1) {
      if (register & 1) constant |= 1n << BigInt(2 ** j - 1);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
    CONSTANTS.push(constant);
  }
}

const rotated = (lane, by) => ((lane << by) | (lane >> (64n - by))) & MASK;

function permute(lanes) {
  for (const constant of CONSTANTS) {
    const columns = [0, 1, 2, 3, 4].map((x) =>
      lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
    for (let at = 0; at < 25; at += 1) {
      lanes[at] ^= columns[(at + 4) % 5] ^ rotated(columns[(at + 1) % 5], 1n);
    }
    const moved = new Array(25);
    for (let x = 0; x < 5; x += 1) {
      for (let y = 0; y < 5; y += 1) {
        moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotated(lanes[x + 5 * y], ROTATIONS[x + 5 * y]);
      }
    }
    for (let y = 0; y < 25; y += 5) {
      for (let x = 0; x < 5; x += 1) {
        lanes[x + y] = moved[x + y] ^ (~moved[((x + 1) % 5) + y] & MASK & moved[((x + 2) % 5) + y]);
      }
    }
    lanes[0] ^= constant;
  }
}

/** The 32 bytes of Keccak-256 of bytes. */
export function keccak256(bytes) {
  const padded = new Uint8Array((Math.floor(bytes.length / RATE) + 1) * RATE);
  padded.set(bytes);
  padded[bytes.length] = 0x01;
  padded[padded.length - 1] |= 0x80;
  const lanes = new Array(25).fill(0n);
  const view = new DataView(padded.buffer);
  for (let block = 0; block < padded.length; block += RATE) {
    for (let lane = 0; lane < RATE / 8; lane += 1) lanes[lane] ^= view.getBigUint64(block + 8 * lane, true);
    permute(lanes);
  }
  const out = new DataView(new ArrayBuffer(32));
  for (let lane = 0; lane < 4; lane += 1) out.setBigUint64(8 * lane, lanes[lane], true);
  return new Uint8Array(out.buffer);
}

/** Keccak-256 of a text in UTF-8, as 64 hexadecimal digits. */
export function keccakHex(text) {
  return Array.from(keccak256(new TextEncoder().encode(text)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
