"""A wallet in a page (EIP-1193), as an extension would inject it, that signs with a key of this process.

What it is asked goes through Playwright into Python: a transaction is signed here by `eth_account` and sent raw; all
else is asked of the chain. So the page never sees a key, and nothing is signed by a node's unlocked accounts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from eth_account import Account
from playwright.sync_api import Page
from web3 import Web3
from web3.types import RPCEndpoint

REJECTED, UNAUTHORISED, UNKNOWN_CHAIN, PENDING = 4001, 4100, 4902, -32002

SCRIPT = """
(() => {
  const listeners = new Map();
  const provider = {
    async request({ method, params }) {
      const { result, error } = JSON.parse(await window.walletOfTheTests(JSON.stringify({ method, params })));
      if (error) throw Object.assign(new Error(error.message), { code: error.code });
      return result;
    },
    on(name, hear) { listeners.set(name, [...(listeners.get(name) ?? []), hear]); },
    removeListener(name, hear) { listeners.set(name, (listeners.get(name) ?? []).filter((one) => one !== hear)); },
  };
  window.walletSays = (name, value) => (listeners.get(name) ?? []).forEach((hear) => hear(value));
  const name = NAME;
  if (name === null) { window.ethereum = provider; return; }
  const detail = Object.freeze({
    info: Object.freeze({ uuid: "0b1ea9f2-7a6c-4f1e-9c55-3a7f1de0c0de", name, icon: "data:,", rdns: "org.example" }),
    provider,
  });
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
"""


@dataclass
class BrowserWallet:
    """A key and the chain that the wallet is on.

    ``chain_id`` is what it says it is on; it switches to ``knows``. ``refusals`` are answered instead, once each, by
    method: (code, message). ``asked`` has every method that it was asked, ``signed`` what it signed. ``before_sending``
    is done between both.
    """

    web3: Web3
    key: bytes
    chain_id: int
    knows: frozenset[int] = frozenset()
    refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    signed: list[Mapping[str, Any]] = field(default_factory=list)
    connected: bool = False
    before_sending: Callable[[], None] = lambda: None

    @property
    def address(self) -> str:
        """Of the key, with its checksum."""
        return cast(str, Account.from_key(self.key).address)

    def inject(self, page: Page, name: str | None = None) -> None:
        """Put the wallet into every document that a page loads; with a name it announces itself (EIP-6963)."""
        self._page = page
        page.expose_function("walletOfTheTests", self._answer)
        page.add_init_script(SCRIPT.replace("NAME", json.dumps(name)))

    def becomes(self, key: bytes) -> None:
        """Another account is chosen in the wallet, and it tells the page."""
        self.key = key
        self._page.evaluate("address => walletSays('accountsChanged', [address])", self.address)

    def moves(self, chain_id: int) -> None:
        """Another chain is chosen in the wallet, and it tells the page."""
        self.chain_id = chain_id
        self._page.evaluate("id => walletSays('chainChanged', id)", hex(chain_id))

    def _answer(self, request: str) -> str:
        asked = json.loads(request)
        method, params = asked["method"], asked.get("params") or []
        self.asked.append(method)
        if method in self.refusals:
            code, message = self.refusals.pop(method)
            return json.dumps({"error": {"code": code, "message": message}})
        own: dict[str, Callable[[Any], Any]] = {
            "eth_requestAccounts": self._connect,
            "eth_accounts": lambda _: [self.address] if self.connected else [],
            "eth_chainId": lambda _: hex(self.chain_id),
            "wallet_switchEthereumChain": self._switch,
            "eth_sendTransaction": self._send,
        }
        if method in own:
            return _told(own[method], params)
        answer: Any = self.web3.provider.make_request(RPCEndpoint(method), params)
        return json.dumps({"result": answer.get("result"), "error": answer.get("error")})

    def _connect(self, _: Any) -> list[str]:
        self.connected = True
        return [self.address]

    def _switch(self, params: Any) -> None:
        wanted = int(params[0]["chainId"], 16)
        if wanted not in self.knows:
            raise Refusal(UNKNOWN_CHAIN, f"Unrecognized chain ID {params[0]['chainId']}")
        self.chain_id = wanted

    def _send(self, params: Any) -> str:
        asked = params[0]
        if not self.connected or Web3.to_checksum_address(asked["from"]) != self.address:
            raise Refusal(UNAUTHORISED, "The requested account has not been authorized")
        eth = self.web3.eth
        filled: dict[str, Any] = {
            "to": Web3.to_checksum_address(asked["to"]), "data": asked["data"], "value": int(asked["value"], 16),
            "gas": int(asked["gas"], 16) if "gas" in asked else eth.estimate_gas(asked),
            "nonce": eth.get_transaction_count(Web3.to_checksum_address(self.address)),
            "gasPrice": eth.gas_price, "chainId": self.chain_id,
        }  # fmt: skip
        self.signed.append(filled)
        self.before_sending()
        return Web3.to_hex(
            eth.send_raw_transaction(Account.from_key(self.key).sign_transaction(filled).raw_transaction)
        )


class Refusal(Exception):
    """What the wallet answers instead of a result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def _told(act: Callable[[Any], Any], params: Any) -> str:
    try:
        return json.dumps({"result": act(params)})
    except Refusal as refusal:
        return json.dumps({"error": {"code": refusal.code, "message": str(refusal)}})
