"""A private key in a file, encrypted under a password: Web3 secret storage, version 3.

https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/ with scrypt (RFC 7914), as
wallets write and read it. Neither key nor password is ever in a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3

from anomalyhive.atomic import appearing
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.jsontext import loads

COST = 1 << 18
"""scrypt's N, which wallets use: about a second and 256 MiB for each guess of a password."""

MOST_COST, MOST_BLOCK, MOST_LANES = 1 << 20, 16, 16
"""N, r and p that a file may ask for: what is beyond would only exhaust the machine."""

MOST_MEMORY = 1 << 30
"""Bytes, 128·N·r, that a file may ask for."""

MOST_ROUNDS = 10_000_000
"""Of PBKDF2, with which older wallets write their files."""

LARGEST = 1 << 16
"""Bytes of a file; a real one has about 500."""

MODE = 0o600


def write_key(path: Path, key: bytes, password: str) -> str:
    """Keep a key (32 bytes) in a file that only its user can read; return its address.

    Raises BadSetting where there is a file already: a key is never overwritten.
    """
    if path.exists():
        raise BadSetting(f"{path} is there already and stays as it is: a lost key cannot be made again")
    content = Account.encrypt(key, password, kdf="scrypt", iterations=COST)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with appearing(path, MODE) as file:
            file.write(json.dumps(content).encode() + b"\n")
    except OSError as error:
        raise Failure(f"{path} cannot be written ({error.strerror}): make room or choose another folder") from error
    return address_in(path)


def address_in(path: Path) -> str:
    """The address that a file says its key has; no password is needed to read it."""
    return _address(path, _content(path))


def read_key(path: Path, password: str) -> bytes:
    """The key in a file. Raises BadSetting for another password than that it was written with."""
    content = _content(path)
    address = _address(path, content)
    _check_cost(path, content)
    try:
        key = bytes(Account.decrypt(dict(content), password))
    except ValueError as error:
        if "MAC mismatch" not in str(error):
            raise _damaged(path, "its parts do not fit together") from error
        raise BadSetting(f"the password is not that of {path}: try again, or restore the file's own password") from None
    except (KeyError, TypeError, AttributeError, NotImplementedError, OverflowError, MemoryError) as error:
        raise _damaged(path, "it lacks a part, or has one of another kind") from error
    if len(key) != 32 or str(Account.from_key(key).address) != address:
        raise _damaged(path, f"its key is not that of {address}")
    return key


def _content(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise BadSetting(f"there is no key in {path}: restore it from where you keep it, or name another") from error
    except OSError as error:
        raise BadSetting(f"{path} cannot be read ({error.strerror}): see who owns it") from error
    try:
        content = loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("version") != 3:
        raise _damaged(path, "it is no Web3 secret storage of version 3")
    return content


def _address(path: Path, content: Mapping[str, Any]) -> str:
    address = content.get("address")
    if not isinstance(address, str) or not Web3.is_address("0x" + address.removeprefix("0x").lower()):
        raise _damaged(path, "it does not say its address")
    return str(Web3.to_checksum_address("0x" + address.removeprefix("0x").lower()))


def _check_cost(path: Path, content: Mapping[str, Any]) -> None:
    """Raise where decryption would take more than any wallet asks for: the file may be a stranger's."""
    crypto = content.get("crypto", content.get("Crypto"))
    params = crypto.get("kdfparams") if isinstance(crypto, dict) else None
    if not isinstance(crypto, dict) or not isinstance(params, dict):
        raise _damaged(path, "it does not say how it is encrypted")
    named = ("n", "r", "p") if crypto.get("kdf") == "scrypt" else ("c",)
    values = [params.get(name) for name in (*named, "dklen")]
    if not all(type(one) is int and one > 0 for one in values) or params["dklen"] > 64:
        raise _damaged(path, "its encryption has a parameter that is no number, or a wrong one")
    if "c" in named:
        held = params["c"] <= MOST_ROUNDS
    else:
        n, r, p = params["n"], params["r"], params["p"]
        held = n <= MOST_COST and r <= MOST_BLOCK and p <= MOST_LANES and 128 * n * r <= MOST_MEMORY
    if not held:
        raise _damaged(path, "its encryption asks for more work than any wallet does")


def _damaged(path: Path, why: str) -> BadSetting:
    return BadSetting(f"{path} cannot be used ({why}): restore it from where you keep it")
