// The wallet that the page is connected to: which account of it, on which chain, for as long as the wallet says so.

import { Wallet } from "../wallet.js";

/** `wallet`, `account` (in small letters) and `chain` are null without one; `changed()` is called when it says others. */
export class Connection {
  constructor(changed) {
    this.changed = changed;
    this.forget = () => {};
    this.close();
  }

  /** Ask one of `findWallets` for an account. Throws WalletProblem. */
  async open(chosen) {
    const wallet = new Wallet(chosen);
    const account = await wallet.connect();
    Object.assign(this, { wallet, account, chain: await wallet.chainId() });
    this.forget();
    this.forget = wallet.onChange((what, value) => this.heard(what, value));
  }

  /** Know nothing of the wallet any more, and hear nothing of it. */
  close() {
    this.forget();
    Object.assign(this, { wallet: null, account: null, chain: null, forget: () => {} });
  }

  heard(what, value) {
    if (what === "account" && value !== null) this.account = value;
    else if (what === "chain") this.chain = value;
    else this.close();
    this.changed();
  }
}
