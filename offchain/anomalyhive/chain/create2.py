"""Addresses that are known before anything is deployed: CREATE2 through a proxy that is the same on every chain.

The proxy is the deterministic deployment proxy (github.com/Arachnid/deterministic-deployment-proxy). It has one address
everywhere, because its deployment is signed without a chain id and by nobody's key. It takes a salt and creation code,
and deploys. So an address follows from salt, creation code and arguments alone (EIP-1014), and whoever is quicker with
somebody else's deployment deploys the very same contract for them: there is nothing to gain and nothing to lose.

The token is `HiveToken(deployer, SUPPLY)`, the hive `Hive(token, verifySums)`; the hive's constructor creates its
registry and its task rules, by CREATE with nonces 1 and 2 (EIP-161). Hence the same deployer, sources, salt and
`verifySums` give the same four addresses on every chain. Another deployer, who receives all tokens, has another token
and so another hive. Chains with EIP-2537 and chains without it have the same token and different hives, unless
`verifySums` is false on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import Nonce
from web3.utils.address import get_create2_address, get_create_address

from anomalyhive.chain.bytecode import Compiled, word

PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"

PROXY_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
"""What runs at the proxy's address on every chain that has it."""

PROXY_SIGNER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
"""The address that the signature of `PROXY_TRANSACTION` recovers to."""

PROXY_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe"
    + PROXY_CODE.hex()
    + "1b"
    + "a02222222222222222222222222222222222222222222222222222222222222222" * 2
)
"""The proxy's deployment: 100,000 gas at 100 gwei."""

PROXY_GAS_PRICE = 100 * 10**9
PROXY_COST = 100_000 * PROXY_GAS_PRICE
"""Wei that the signer must have."""

SALT = keccak(text="AnomalyHive")
"""Of every deployment that asks for no other."""

SUPPLY = 1_000_000_000 * 10**18
"""All tokens that will ever be: a thousand million, in 1e-18."""

REGISTRY_NONCE, RULES_NONCE = 1, 2
"""Of the hive, when it creates them."""


def created_by(creator: str, nonce: int) -> str:
    """The address of what a contract creates with CREATE."""
    return str(get_create_address(Web3.to_checksum_address(creator), Nonce(nonce)))


def created_with(salt: bytes, code: bytes) -> str:
    """The address of what the proxy deploys."""
    return str(get_create2_address(Web3.to_checksum_address(PROXY), Web3.to_hex(salt), Web3.to_hex(code)))


@dataclass(frozen=True)
class Plan:
    """A deployment before and after it happens. Two are equal if and only if their addresses are."""

    deployer: str
    verify_sums: bool
    salt: bytes = SALT

    @cached_property
    def token(self) -> str:
        """Where the token comes to be."""
        return created_with(self.salt, self.token_code)

    @cached_property
    def hive(self) -> str:
        """Where the hive comes to be."""
        return created_with(self.salt, self.hive_code)

    @cached_property
    def token_code(self) -> bytes:
        """Creation code and arguments of the token."""
        return Compiled.of("HiveToken").called_with(self.deployer, SUPPLY)

    @cached_property
    def hive_code(self) -> bytes:
        """Creation code and arguments of the hive."""
        return Compiled.of("Hive").called_with(self.token, self.verify_sums)

    @property
    def addresses(self) -> dict[str, str]:
        """Contract -> address."""
        return addresses_of(self.token, self.hive)

    @property
    def arguments(self) -> dict[str, list[str | bool]]:
        """Contract -> its constructor's arguments, numbers in decimal."""
        return {
            "HiveToken": [self.deployer, str(SUPPLY)],
            "NodeRegistry": [self.token],
            "TaskRules": [],
            "Hive": [self.token, self.verify_sums],
        }

    @property
    def creations(self) -> dict[str, bytes]:
        """Contract -> its creation code with the arguments."""
        return {
            "HiveToken": self.token_code,
            "NodeRegistry": Compiled.of("NodeRegistry").called_with(self.token),
            "TaskRules": Compiled.of("TaskRules").called_with(),
            "Hive": self.hive_code,
        }


def addresses_of(token: str, hive: str) -> dict[str, str]:
    """Contract -> address, for any hive."""
    return {
        "HiveToken": token,
        "NodeRegistry": created_by(hive, REGISTRY_NONCE),
        "TaskRules": created_by(hive, RULES_NONCE),
        "Hive": hive,
    }


def immutables(chain_id: int, addresses: Mapping[str, str], verify_sums: bool) -> dict[str, dict[str, bytes]]:
    """Contract -> immutable -> the word that it must be."""
    token, hive = addresses["HiveToken"], addresses["Hive"]
    return {
        "HiveToken": _token_immutables(chain_id, token),
        "NodeRegistry": {"token": word(token), "hive": word(hive)},
        "TaskRules": {},
        "Hive": {
            "token": word(token),
            "registry": word(addresses["NodeRegistry"]),
            "taskRules": word(addresses["TaskRules"]),
            "verifySums": word(verify_sums),
        },
    }


def _token_immutables(chain_id: int, token: str) -> dict[str, bytes]:
    """What OpenZeppelin's EIP712 remembers: the domain of signed approvals (EIP-2612), and its parts."""
    kind = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    name, version = "AnomalyHive", "1"
    hashes = keccak(text=name), keccak(text=version)
    domain = encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], [kind, *hashes, chain_id, token])
    return {
        "_cachedDomainSeparator": keccak(domain),
        "_cachedChainId": word(chain_id),
        "_cachedThis": word(token),
        "_hashedName": hashes[0],
        "_hashedVersion": hashes[1],
        "_name": _short(name),
        "_version": _short(version),
    }


def _short(text: str) -> bytes:
    """OpenZeppelin's ShortString: the characters, and their number in the last byte."""
    return text.encode().ljust(31, b"\0") + bytes([len(text)])
