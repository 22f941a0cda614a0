"""The auditor's key: read from an encrypted keystore with a password from the environment or the terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from eth_account import Account

from anomalyhive.errors import BadSetting

PASSWORD_VARIABLE = "ANOMALYHIVE_PASSWORD"  # noqa: S105 - the name of a variable, not what is in it
"""Environment variable with the password of a keystore; without it a terminal is asked."""

MOST_BYTES = 1 << 16
"""Size of a keystore; real ones have less than a kilobyte."""

MOST_MEMORY = 1 << 30
"""Bytes that scrypt may take (128 N r; RFC 7914, section 2); wallets use a quarter of it."""

MOST_ROUNDS = 10_000_000
"""Iterations of PBKDF2; wallets use 262,144."""


def read_key(path: Path) -> bytes:
    """The 32-byte key in a keystore (Web3 secret storage, version 3).

    Raises BadSetting; neither key nor password is ever shown.
    """
    keystore = _keystore(path)
    try:
        return bytes(Account.decrypt(keystore, _password(path)))
    except (ValueError, TypeError, KeyError, AttributeError, NotImplementedError) as error:
        # What the library says may quote the file, never the password; a wrong one is "MAC mismatch".
        wrong = "the password is wrong" if "MAC mismatch" in str(error) else f"it is damaged ({type(error).__name__})"
        raise BadSetting(f"the keystore {path} does not open: {wrong}") from None


def _keystore(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        keystore = json.loads(text) if len(text) <= MOST_BYTES else None
    except OSError as error:
        raise BadSetting(f"the keystore {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        keystore = None
    if not isinstance(keystore, dict) or keystore.get("version") != 3:
        raise BadSetting(f"{path} is no keystore: give a file of Web3 secret storage, version 3")
    crypto = keystore.get("crypto", keystore.get("Crypto"))
    cost = crypto.get("kdfparams") if isinstance(crypto, dict) else None
    if not isinstance(cost, dict) or not _is_bearable(cost):
        raise BadSetting(f"the keystore {path} asks for more work than any wallet's, or does not say for how much")
    return keystore


def _is_bearable(cost: Mapping[str, Any]) -> bool:
    """Whether a keystore's key can be derived: a hostile one could ask for all memory and time there is."""
    numbers = {name: cost.get(name, 1) for name in ("n", "r", "p", "c", "dklen")}
    if not all(type(one) is int and one > 0 for one in numbers.values()):
        return False
    memory, rounds = 128 * numbers["n"] * numbers["r"], numbers["c"]
    return bool(memory * numbers["p"] <= MOST_MEMORY and rounds <= MOST_ROUNDS and numbers["dklen"] <= 64)


def _password(path: Path) -> str:
    if (known := os.environ.get(PASSWORD_VARIABLE)) is not None:
        return known
    if not sys.stdin.isatty():
        raise BadSetting(f"no password for {path}: set {PASSWORD_VARIABLE}, or start this in a terminal")
    return str(typer.prompt(f"Password of {path}", hide_input=True, err=True))
