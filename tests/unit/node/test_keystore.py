"""Keys in files: written and read again, in the form that wallets use, and refused when anything is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anomalyhive.errors import BadSetting
from anomalyhive.node import keystore
from anomalyhive.node.keystore import address_in, read_key, write_key

KEY = bytes(range(1, 33))
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystore, "COST", 1 << 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "one.json"
    write_key(file, KEY, PASSWORD)
    return file


def test_read_key_with_its_password_gives_the_key(path: Path) -> None:
    assert read_key(path, PASSWORD) == KEY


def test_write_key_makes_file_that_only_its_user_reads_and_wallets_understand(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    content = json.loads(path.read_text())
    assert (content["version"], content["crypto"]["kdf"]) == (3, "scrypt")
    assert bytes(Account.decrypt(content, PASSWORD)) == KEY
    assert address_in(path) == Account.from_key(KEY).address


def test_read_key_of_wallet_with_pbkdf2_gives_the_key(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(Account.encrypt(KEY, PASSWORD, kdf="pbkdf2", iterations=10)))
    assert read_key(file, PASSWORD) == KEY


def test_write_key_where_one_is_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BadSetting, match="already"):
        write_key(path, bytes([7]) * 32, PASSWORD)
    assert path.read_bytes() == before


def test_read_key_with_wrong_password_says_so_and_shows_neither(path: Path) -> None:
    with pytest.raises(BadSetting, match="the password is not that of") as caught:
        read_key(path, "wrong horse")
    assert caught.value.__cause__ is None
    assert "horse" not in str(caught.value)
    assert KEY.hex() not in str(caught.value)


def changed(path: Path, *keys: str, to: Any) -> None:
    content = json.loads(path.read_text())
    place = content
    for key in keys[:-1]:
        place = place[key]
    if to is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = to
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("keys", "to"),
    [
        (("version",), 1),
        (("address",), "00" * 20),
        (("address",), "zz"),
        (("address",), None),
        (("crypto",), None),
        (("crypto",), []),
        (("crypto", "kdf"), "md5"),
        (("crypto", "kdf"), None),
        (("crypto", "mac"), None),
        (("crypto", "mac"), 5),
        (("crypto", "ciphertext"), "zz"),
        (("crypto", "cipherparams"), None),
        (("crypto", "kdfparams", "n"), 1 << 40),
        (("crypto", "kdfparams", "n"), 3),
        (("crypto", "kdfparams", "n"), "many"),
        (("crypto", "kdfparams", "r"), 1 << 20),
        (("crypto", "kdfparams", "p"), 1 << 20),
        (("crypto", "kdfparams", "dklen"), 1 << 30),
        (("crypto", "kdfparams", "salt"), None),
    ],
)
def test_read_key_of_damaged_file_names_it(path: Path, keys: tuple[str, ...], to: Any) -> None:
    changed(path, *keys, to=to)
    with pytest.raises(BadSetting) as caught:
        read_key(path, PASSWORD)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{" * 70_000, b"[" * 60_000])
def test_read_key_of_what_is_no_keystore_names_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(content)
    with pytest.raises(BadSetting, match=r"key\.json cannot be used"):
        read_key(file, PASSWORD)


def test_read_key_without_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="restore it"):
        read_key(tmp_path / "none.json", PASSWORD)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PLACES = [
    ("crypto", "kdfparams", "n"), ("crypto", "kdfparams", "r"), ("crypto", "kdfparams", "p"),
    ("crypto", "kdfparams", "dklen"), ("crypto", "kdfparams", "salt"), ("crypto", "kdfparams"), ("crypto", "kdf"),
    ("crypto", "mac"), ("crypto", "cipher"), ("crypto", "cipherparams"), ("crypto", "cipherparams", "iv"),
    ("crypto", "ciphertext"), ("crypto",), ("address",), ("version",),
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), JSON)
def test_read_key_with_any_part_replaced_gives_the_key_or_names_the_file(
    tmp_path: Path, keys: tuple[str, ...], to: Any
) -> None:
    file = tmp_path / "any.json"
    file.unlink(missing_ok=True)
    write_key(file, KEY, PASSWORD)
    changed(file, *keys, to=to)
    said, found = "", b""
    try:
        found = read_key(file, PASSWORD)
    except BadSetting as error:
        said = str(error)
    assert found == KEY or str(file) in said
