"""Types and addresses of scripts, against the vectors of the BIPs."""

from __future__ import annotations

import pytest

from anomalyhive.ingestion.bitcoin.networks import BITCOIN
from anomalyhive.ingestion.bitcoin.scripts import meaning_of

KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"

VECTORS = {
    # BIP-173 and BIP-350, "Test vectors".
    "0014751e76e8199196d454941c45d1b3a323f1433bd6": (
        "witness_v0_keyhash",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    f"5120{KEY[2:]}": (
        "witness_v1_taproot",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ),
    "6002751e": ("witness_unknown", "bc1sw50qgdz25j"),
    "5210751e76e8199196d454941c45d1b3a323": ("witness_unknown", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"),
    "51024e73": ("anchor", "bc1pfeessrawgf"),
    f"21{KEY}ac": ("pubkey", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
    "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac": ("pubkeyhash", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
    "a914b7fcce6bdb4b7f9cb1e0c2c4bcf1e1a6a8b8a2a987": ("scripthash", None),
    f"5121{KEY}21{KEY}52ae": ("multisig", None),
    f"5321{KEY}21{KEY}52ae": ("nonstandard", None),
    f"5121{KEY}53ae": ("nonstandard", None),
    "6a": ("nulldata", None),
    "6a026869": ("nulldata", None),
    "6a0268": ("nonstandard", None),
    "6a4d": ("nonstandard", None),
    "": ("nonstandard", None),
    "0000": ("nonstandard", None),
    "0003000000": ("nonstandard", None),
    f"2105{KEY[2:]}ac": ("nonstandard", None),
}


@pytest.mark.parametrize("script", VECTORS)
def test_meaning_of_a_script_is_its_type_and_address(script: str) -> None:
    kind, address = VECTORS[script]
    meaning = meaning_of(bytes.fromhex(script), BITCOIN)
    assert meaning.type == kind
    if kind == "scripthash":
        assert meaning.address is not None
        assert meaning.address.startswith("3")
    else:
        assert meaning.address == address
