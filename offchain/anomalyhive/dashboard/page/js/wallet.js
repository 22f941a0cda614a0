// The wallet of the browser: EIP-1193, found by EIP-6963 or as window.ethereum. No key is ever seen here; the wallet
// signs. What a wallet answers is judged before it is used, and what it refuses is told in words.

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const HASH = /^0x[0-9a-f]{64}$/i;
const QUANTITY = /^0x[0-9a-f]{1,64}$/i;

/** Milliseconds between two questions for a receipt; blocks come in seconds. */
const BETWEEN = 1000;

const WORDS = new Map([
  [4001, "You refused it in the wallet. Nothing was sent."],
  [4100, "The wallet does not let this page use that account. Connect it again."],
  [4200, "The wallet cannot do that."],
  [4900, "The wallet has no connection to any chain."],
  [4901, "The wallet has no connection to this chain."],
  [4902, "The wallet does not know this chain. Add it in the wallet, then try again."],
  [-32002, "The wallet has a request open already. Open the wallet and answer it there."],
]);

/** What went wrong with a wallet, in words for its owner; `code` is the wallet's, or null. */
export class WalletProblem extends Error {
  constructor(words, code = null) {
    super(words);
    this.code = code;
  }
}

/** A wallet's error in words. Its own message is a stranger's text: shortened, and shown as text alone. */
export function inWords(error) {
  if (error instanceof WalletProblem) return error;
  // Some wallets wrap the code of what lies below.
  const code = error?.data?.originalError?.code ?? error?.code ?? null;
  const known = WORDS.get(code);
  if (known) return new WalletProblem(known, code);
  const said = typeof error?.message === "string" ? error.message.replace(/\p{C}+/gu, " ").trim().slice(0, 200) : "";
  return new WalletProblem(said ? `The wallet says: ${said}` : "The wallet failed and did not say why.", code);
}

/**
 * The wallets that this browser has, as [{id, name, provider}]; `changed` is called when one more announces itself.
 * Returns {list(), stop()}.
 */
export function findWallets(changed = () => {}) {
  const known = new Map();
  const heard = (event) => {
    const { info, provider } = event.detail ?? {};
    if (typeof provider?.request !== "function" || typeof info?.uuid !== "string" || known.has(info.uuid)) return;
    const name = typeof info.name === "string" && info.name.trim() ? info.name.trim().slice(0, 60) : "a wallet";
    known.set(info.uuid, { id: info.uuid, name, provider });
    changed();
  };
  window.addEventListener("eip6963:announceProvider", heard);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  return {
    list() {
      if (known.size) return [...known.values()];
      const provider = window.ethereum;
      return typeof provider?.request === "function" ? [{ id: "window.ethereum", name: "the browser’s wallet", provider }] : [];
    },
    stop() { window.removeEventListener("eip6963:announceProvider", heard); },
  };
}

/** One wallet. Every method throws WalletProblem and nothing else. */
export class Wallet {
  constructor({ name, provider }) {
    this.name = name;
    this.provider = provider;
  }

  async ask(method, params = []) {
    try {
      return await this.provider.request({ method, params });
    } catch (error) {
      throw inWords(error);
    }
  }

  /** Ask for an account; the wallet asks its owner. In small letters. */
  async connect() {
    return firstOf(await this.ask("eth_requestAccounts"))
      ?? fail("The wallet gave no account. Unlock it and choose one.");
  }

  async chainId() {
    return quantity(await this.ask("eth_chainId"), "a chain id");
  }

  /** Bring the wallet to a chain, if it is on another: the wallet asks its owner. */
  async toChain(chainId) {
    const wanted = BigInt(chainId);
    if ((await this.chainId()) === wanted) return;
    await this.ask("wallet_switchEthereumChain", [{ chainId: `0x${wanted.toString(16)}` }]);
    // Some wallets answer before they have switched, or without having done it.
    if ((await this.chainId()) !== wanted) fail(`The wallet is not on chain ${wanted}. Switch it there, then try again.`);
  }

  /** Have the wallet sign and send a transaction {to, data, value, gas} of an account; its hash. */
  async send(from, { to, data, value, gas }) {
    const asked = { from, to, data, value: hex(value) };
    if (gas !== undefined && gas !== null) asked.gas = hex(gas);
    const hash = await this.ask("eth_sendTransaction", [asked]);
    return typeof hash === "string" && HASH.test(hash) ? hash : fail("The wallet gave no hash for the transaction: look there whether it was sent.");
  }

  /** Wait until a transaction is in a block: {succeeded, block}. Ends with an AbortError if `signal` does. */
  async receipt(hash, signal) {
    for (;;) {
      const found = await this.ask("eth_getTransactionReceipt", [hash]);
      if (found) return { succeeded: quantity(found.status, "a status") === 1n, block: quantity(found.blockNumber, "a block") };
      await pause(BETWEEN, signal);
    }
  }

  /** What an address has of an ERC-20 token, in the token's smallest unit, as the wallet's own node says. */
  async tokens(token, owner) {
    // balanceOf(address)
    const data = `0x70a08231${owner.slice(2).toLowerCase().padStart(64, "0")}`;
    return quantity(await this.ask("eth_call", [{ to: token, data }, "latest"]), "a balance");
  }

  /** Call `act(name, value)` on accountsChanged (an address or null), chainChanged and disconnect; returns what undoes it. */
  onChange(act) {
    const heard = {
      accountsChanged: (accounts) => act("account", firstOf(accounts)),
      chainChanged: (chainId) => act("chain", typeof chainId === "string" && QUANTITY.test(chainId) ? BigInt(chainId) : null),
      disconnect: () => act("disconnect", null),
    };
    if (typeof this.provider.on !== "function") return () => {};
    for (const [name, hear] of Object.entries(heard)) this.provider.on(name, hear);
    return () => {
      for (const [name, hear] of Object.entries(heard)) this.provider.removeListener?.(name, hear);
    };
  }
}

function fail(words) {
  throw new WalletProblem(words);
}

function firstOf(accounts) {
  const first = Array.isArray(accounts) ? accounts[0] : undefined;
  return typeof first === "string" && ADDRESS.test(first) ? first.toLowerCase() : null;
}

function quantity(value, what) {
  return typeof value === "string" && QUANTITY.test(value) ? BigInt(value) : fail(`The wallet gave no usable ${what.replace(/^an? /, "")}.`);
}

function hex(integer) {
  return `0x${BigInt(integer).toString(16)}`;
}

function pause(milliseconds, signal) {
  return new Promise((go, stop) => {
    const ended = () => { clearTimeout(waiting); stop(signal.reason); };
    const waiting = setTimeout(() => { signal?.removeEventListener("abort", ended); go(); }, milliseconds);
    if (signal?.aborted) ended();
    else signal?.addEventListener("abort", ended, { once: true });
  });
}
