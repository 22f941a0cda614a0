"""The auditor's key: opened by its password alone, and shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from anomalyhive.cli.auditor_key import MOST_BYTES, PASSWORD_VARIABLE, read_key
from anomalyhive.errors import BadSetting

KEY, PASSWORD = b"\x2a" * 32, "correct horse"


def keystore(kdf: str, cost: int) -> dict[str, Any]:
    return dict(Account.encrypt(KEY, PASSWORD, kdf=kdf, iterations=cost))


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)


@pytest.mark.parametrize(("kdf", "cost"), [("scrypt", 1024), ("pbkdf2", 1000)])
def test_read_key_opens_what_wallets_write(tmp_path: Path, kdf: str, cost: int) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(keystore(kdf, cost)))
    assert read_key(path) == KEY


def test_read_key_with_a_wrong_password_says_so_and_shows_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(keystore("scrypt", 1024)))
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong donkey")
    with pytest.raises(BadSetting, match="the password is wrong") as caught:
        read_key(path)
    assert "donkey" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_read_key_without_password_or_terminal_says_how_to_give_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(keystore("scrypt", 1024)))
    monkeypatch.delenv(PASSWORD_VARIABLE)
    with pytest.raises(BadSetting, match=PASSWORD_VARIABLE):
        read_key(path)


def with_cost(**changes: Any) -> bytes:
    changed = keystore("scrypt", 1024)
    changed["crypto"]["kdfparams"].update(changes)
    return json.dumps(changed).encode()


HOSTILE = {
    "nothing": b"",
    "no JSON": b"{",
    "deep": b"[" * 50_000,
    "list": b"[]",
    "large": b" " * (MOST_BYTES + 1),
    "other version": json.dumps({**keystore("scrypt", 1024), "version": 4}).encode(),
    "no crypto": b'{"version": 3}',
    "all memory": with_cost(n=1 << 40),
    "all memory by r": with_cost(r=1 << 30),
    "all time": with_cost(p=1 << 30),
    "odd cost": with_cost(n="1024"),
    "negative": with_cost(n=-1024),
    "no power of two": with_cost(n=1000),
    "long key": with_cost(dklen=1 << 40),
    "no ciphertext": json.dumps({"version": 3, "crypto": {"kdf": "scrypt", "kdfparams": {"n": 2}}}).encode(),
    "odd kdf": json.dumps({"version": 3, "crypto": {"kdf": [], "kdfparams": {"n": 2}}}).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_read_key_of_a_hostile_file_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(BadSetting, match=r"key\.json"):
        read_key(path)


def test_read_key_of_no_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"key\.json cannot be read"):
        read_key(tmp_path / "key.json")
