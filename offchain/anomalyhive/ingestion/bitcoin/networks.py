"""The networks on which Bitcoin's and Zcash's software runs, known by their first block."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.errors import BadSetting


@dataclass(frozen=True)
class Network:
    """A network and what differs on it.

    ``genesis`` is the hash of its first block in hex. ``key_prefix`` and ``script_prefix`` begin its Base58Check
    addresses, ``hrp`` its Bech32 ones (None: no segregated witness). ``limit`` is the easiest target as `bits`.
    From ``height_rule`` on a coinbase begins with its height (BIP-34); None where that is not checked.
    ``equihash`` is Zcash's (n, k).
    """

    chain: str
    name: str
    genesis: str
    key_prefix: bytes
    script_prefix: bytes
    hrp: str | None
    limit: int
    height_rule: int | None = None
    equihash: tuple[int, int] | None = None


BITCOIN = Network(
    "bitcoin",
    "mainnet",
    "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    b"\x00",
    b"\x05",
    "bc",
    0x1D00FFFF,
    height_rule=227_931,
)
"""Chain parameters of bitcoind, src/kernel/chainparams.cpp."""

ZCASH = Network(
    "zcash",
    "mainnet",
    "00040fe8ec8471911baa1db1266ea15dd06b4a8a5c453883c000b031973dce08",
    b"\x1c\xb8",
    b"\x1c\xbd",
    None,
    0x1F07FFFF,
    height_rule=1,
    equihash=(200, 9),
)
"""Section 5.6.1.1 and 7.6 of the Zcash protocol specification; zcashd's src/chainparams.cpp."""

_BITCOIN_TESTS = {
    "testnet3": ("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", "tb", 0x1D00FFFF),
    "testnet4": ("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", "tb", 0x1D00FFFF),
    "signet": ("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", "tb", 0x1E0377AE),
    "regtest": ("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", "bcrt", 0x207FFFFF),
}

_ZCASH_TESTS = {
    "testnet": ("05a60a92d99d85997cce3b87616c089f6124d7342af37106edc76126334a2c38", 0x2007FFFF, (200, 9)),
    "regtest": ("029f11d80ef9765602235e1bc9727e3eb6ba20839319f761fee920d63401e327", 0x200F0F0F, (48, 5)),
}

NETWORKS = (
    BITCOIN,
    *(
        Network("bitcoin", name, genesis, b"\x6f", b"\xc4", hrp, limit)
        for name, (genesis, hrp, limit) in _BITCOIN_TESTS.items()
    ),
    # btcd's own, chaincfg/params.go.
    Network(
        "bitcoin",
        "simnet",
        "683e86bd5c6d110d91b94b97137ba6bfe02dbbdb8e3dff722a669b5d69d77af6",
        b"\x3f",
        b"\x7b",
        "sb",
        0x207FFFFF,
    ),
    ZCASH,
    *(
        Network("zcash", name, genesis, b"\x1d\x25", b"\x1c\xba", None, limit, 1, equihash)
        for name, (genesis, limit, equihash) in _ZCASH_TESTS.items()
    ),
)


def network_of(chain: str, genesis: bytes) -> Network:
    """The network of a chain whose first block has that hash. Raises BadSetting for one that is not known."""
    for network in NETWORKS:
        if network.chain == chain and network.genesis == genesis.hex():
            return network
    others = [network for network in NETWORKS if network.genesis == genesis.hex()]
    what = f"that of {others[0].chain} {others[0].name}" if others else "of no network that is known"
    raise BadSetting(
        f"--chain {chain}: the source's block 0 is {genesis.hex()}, {what}: name the chain that the source serves"
    )
