"""The deployment proxy on chains that do not have it, or will not have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3

from anomalyhive.chain.create2 import (
    PROXY,
    PROXY_CODE,
    PROXY_COST,
    PROXY_SIGNER,
    PROXY_TRANSACTION,
    created_by,
)
from anomalyhive.chain.verification import code_at
from test_deploying.chains import Chain, anvil, deployed, refused, relay

GWEI = 10**9


def protected(request: Any) -> dict[str, Any] | None:
    """A node that takes no transaction without a chain id, in geth's words."""
    if request["method"] == "eth_sendRawTransaction" and request["params"] == [Web3.to_hex(PROXY_TRANSACTION)]:
        return {"code": -32000, "message": "only replay-protected (EIP-155) transactions allowed over RPC"}
    return None


def balance(chain: Chain) -> int:
    return chain.web3.eth.get_balance(Web3.to_checksum_address(PROXY_SIGNER))


def test_proxy_transaction_recovers_to_its_signer_and_leads_to_its_address() -> None:
    assert Account.recover_transaction(PROXY_TRANSACTION) == PROXY_SIGNER
    assert created_by(PROXY_SIGNER, 0) == PROXY


def test_deploy_pays_for_a_proxy_that_is_missing_what_it_lacks(tmp_path: Path) -> None:
    with anvil("--no-create2") as chain:
        chain.signer().transfer(PROXY_SIGNER, PROXY_COST - 5)
        deployed(chain.url, tmp_path / "record.json")
        assert code_at(chain.web3, PROXY) == PROXY_CODE
        first = chain.web3.eth.get_block(3)
        assert balance(chain) == PROXY_COST - 100 * GWEI * first["gasUsed"]


def test_deploy_where_the_proxy_is_refused_spends_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    with anvil("--no-create2") as chain, relay(chain, protected) as url:
        refused(
            url, tmp_path / "record.json", "only replay-protected", "--rpc.allow-unprotected-txs",
            Web3.to_hex(PROXY_TRANSACTION),
        )  # fmt: skip
        assert (chain.sent, balance(chain)) == (0, 0)
        # On the chain that has the proxy such a node does no harm.
        chain.set_code(PROXY, PROXY_CODE)
        deployed(url, tmp_path / "record.json")


def test_deploy_where_the_proxys_address_has_other_code_is_refused(tmp_path: Path) -> None:
    with anvil() as chain:
        chain.set_code(PROXY, b"\x60\x00")
        refused(chain.url, tmp_path / "record.json", PROXY, "other code")
        assert chain.sent == 0


def test_deploy_where_the_proxys_one_try_has_failed_is_refused(tmp_path: Path) -> None:
    with anvil("--no-create2") as chain:
        chain.web3.provider.make_request("anvil_setNonce", [PROXY_SIGNER, "0x1"])  # type: ignore[arg-type]
        refused(chain.url, tmp_path / "record.json", "only one try")
        assert (chain.sent, balance(chain)) == (0, 0)


def test_deploy_where_gas_costs_more_than_the_proxy_pays_is_refused_until_it_does_not(tmp_path: Path) -> None:
    with anvil("--no-create2", "--base-fee", 101 * GWEI) as chain:
        refused(chain.url, tmp_path / "record.json", "wait", str(100 * GWEI))
        assert (chain.sent, balance(chain)) == (0, 0)
