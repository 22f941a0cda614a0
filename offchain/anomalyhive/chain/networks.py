"""The networks that deployment knows by name, with their public chain ids (chainlist.org)."""

from __future__ import annotations

from anomalyhive.errors import BadSetting

NETWORKS = {
    "anvil": 31337,
    "ganache": 1337,
    "polygon": 137,
    "polygon-amoy": 80002,
    "aurora": 1313161554,
    "aurora-testnet": 1313161555,
}
"""Name -> chain id."""

BROWNIE = {"polygon-main": "polygon", "aurora-main": "aurora", "aurora-test": "aurora-testnet"}
"""Brownie's id of a network -> ours. Its `polygon-test` is Mumbai, which Amoy has replaced."""


LEAST_TIP = {NETWORKS["polygon"]: 25 * 10**9, NETWORKS["polygon-amoy"]: 25 * 10**9}
"""Chain id -> wei for gas that its nodes take at least beside the base fee; they may advise less (PIP-35)."""


def name_of(chain_id: int) -> str:
    """The name of a network, or one made of its chain id."""
    return next((name for name, known in NETWORKS.items() if known == chain_id), f"chain-{chain_id}")


def check_network(name: str, chain_id: int) -> None:
    """Raise BadSetting for a name that is unknown, or that is not that of the chain."""
    if name not in NETWORKS:
        raise BadSetting(f"network {name!r} is unknown: choose one of {', '.join(NETWORKS)}, or name none")
    if NETWORKS[name] != chain_id:
        raise BadSetting(
            f"the connected chain has id {chain_id} ({name_of(chain_id)}), and {name} has {NETWORKS[name]}: "
            "see where the RPC URL leads"
        )
