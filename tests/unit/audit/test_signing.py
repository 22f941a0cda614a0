"""A report's signature: who made it, and what it covers."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from eth_keys import keys
from eth_utils.crypto import keccak

from anomalyhive.audit.canonical import canonical
from anomalyhive.audit.signing import HALF_ORDER, check_signature, sign
from anomalyhive.errors import BadInput

KEY, OTHER = b"\x11" * 32, b"\x12" * 32
ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
ORDER = 2 * HALF_ORDER + 1
REPORT = {"holds": True, "checks": [{"name": "blocks", "count": 3}], "text": "ü \U0001f600"}


def test_sign_is_personal_sign_of_the_canonical_bytes() -> None:
    signed = sign(REPORT, KEY)
    message = canonical(REPORT)
    hashed = keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)
    value = bytes.fromhex(signed["signature"]["value"][2:])
    signature = keys.Signature(value[:64] + bytes([value[64] - 27]))
    assert signature.recover_public_key_from_msg_hash(hashed).to_checksum_address() == ADDRESS
    assert signed["signature"]["by"] == ADDRESS


def test_check_signature_of_what_was_signed_names_the_signer_whatever_the_layout() -> None:
    signed = json.loads(json.dumps(sign(REPORT, KEY), indent=3, sort_keys=True))
    assert check_signature(signed).signer == ADDRESS
    assert check_signature(signed).fault == ""


def test_sign_again_replaces_the_signature() -> None:
    assert sign(sign(REPORT, OTHER), KEY) == sign(REPORT, KEY)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a document has a leaf."""
    if isinstance(value, dict):
        return [found for key, one in value.items() for found in places(one, (*path, key))]
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in places(one, (*path, index))]
    return [path]


@pytest.mark.parametrize("path", places(REPORT))
def test_check_signature_of_a_report_with_one_leaf_changed_says_so(path: tuple[Any, ...]) -> None:
    signed = copy.deepcopy(sign(REPORT, KEY))
    place: Any = signed
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    place[path[-1]] = (not old) if isinstance(old, bool) else old + (1 if isinstance(old, int) else "x")  # type: ignore[operator]
    assert "not what" in check_signature(signed).fault


def test_check_signature_of_a_report_with_something_added_or_left_out_says_so() -> None:
    signed = sign(REPORT, KEY)
    assert check_signature({**signed, "more": 1}).fault
    assert check_signature({name: one for name, one in signed.items() if name != "text"}).fault


def test_check_signature_under_another_name_says_so() -> None:
    signed, other = sign(REPORT, KEY), sign(REPORT, OTHER)
    signed["signature"]["by"] = other["signature"]["by"]
    assert check_signature(signed).fault


def test_check_signature_of_a_report_without_says_that_it_is_not_signed() -> None:
    assert check_signature(REPORT).fault == "it is not signed"


def with_value(value: object) -> dict[str, Any]:
    signed = sign(REPORT, KEY)
    signed["signature"]["value"] = value
    return signed


def test_check_signature_refuses_the_other_form_of_the_same_signature() -> None:
    value = bytes.fromhex(sign(REPORT, KEY)["signature"]["value"][2:])
    s = ORDER - int.from_bytes(value[32:64], "big")
    turned = value[:32] + s.to_bytes(32, "big") + bytes([55 - value[64]])
    assert check_signature(with_value("0x" + turned.hex())).fault


@pytest.mark.parametrize("value", [None, 7, "", "0x", "0xzz", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64])
def test_check_signature_of_no_signature_says_so(value: object) -> None:
    assert check_signature(with_value(value)).fault


@pytest.mark.parametrize(
    "signature",
    [
        [],
        "0x",
        {},
        {"by": ADDRESS},
        {"by": "0x1", "scheme": "", "value": ""},
        {"by": ADDRESS, "scheme": "x", "value": "0x"},
    ],
)
def test_check_signature_that_cannot_be_read_is_refused(signature: object) -> None:
    with pytest.raises(BadInput, match="signature"):
        check_signature({**REPORT, "signature": signature})
