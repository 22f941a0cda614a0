"""Who stands behind a report: a signature over its canonical bytes by an Ethereum key, and how it is checked.

The signature is that of `personal_sign` (EIP-191, version 0x45), which every wallet makes and checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.exceptions import BadSignature
from eth_utils.address import is_address, to_checksum_address
from eth_utils.exceptions import ValidationError

from anomalyhive.audit.canonical import canonical
from anomalyhive.errors import BadInput

SIGNATURE = "signature"
"""Key of a report's signature, which covers everything else in it."""

SCHEME = "EIP-191 personal_sign of the RFC 8785 encoding of this document without its signature"

HALF_ORDER = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
"""s above it is the other form of the same signature, which Ethereum refuses (EIP-2)."""


@dataclass(frozen=True)
class Signed:
    """What the signature of a report says: ``signer`` is an address, ``fault`` what is wrong, empty if nothing is."""

    signer: str
    fault: str = ""


def sign(report: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """The report with the signature of a 32-byte private key in it."""
    content = {name: value for name, value in report.items() if name != SIGNATURE}
    account = Account.from_key(key)
    signature = account.sign_message(encode_defunct(primitive=canonical(content))).signature
    return {**content, SIGNATURE: {"by": account.address, "scheme": SCHEME, "value": "0x" + bytes(signature).hex()}}


def check_signature(report: Mapping[str, Any]) -> Signed:
    """Whether a report is what its signer signed. Raises BadInput where what it says of a signer cannot be read."""
    stated = report.get(SIGNATURE)
    if stated is None:
        return Signed("", "it is not signed")
    if not isinstance(stated, dict) or stated.keys() != {"by", "scheme", "value"}:
        raise BadInput("its signature has not the three parts by, scheme and value")
    by, value = stated["by"], stated["value"]
    if not isinstance(by, str) or not is_address(by) or stated["scheme"] != SCHEME:
        raise BadInput("its signature names no address, or another scheme")
    signer = str(to_checksum_address(by))
    content = {name: one for name, one in report.items() if name != SIGNATURE}
    found = _recovered(canonical(content), value)
    if found != signer:
        return Signed(signer, f"it is not what {signer} signed: it was changed, or signed by another key")
    return Signed(signer)


def _recovered(message: bytes, value: object) -> str | None:
    """The address whose key made a signature; None where it is none."""
    try:
        signature = bytes.fromhex(str(value).removeprefix("0x"))
        if (
            len(signature) != 65
            or int.from_bytes(signature[32:64], "big") > HALF_ORDER
            or signature[64] not in (27, 28)
        ):
            return None
        return str(Account.recover_message(encode_defunct(primitive=message), signature=signature))
    except (ValueError, BadSignature, ValidationError):
        return None
