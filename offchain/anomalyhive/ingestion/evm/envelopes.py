"""What transactions are made of, by their type."""

from __future__ import annotations

DYNAMIC = "chainId nonce maxPriorityFeePerGas maxFeePerGas gas to value input accessList"

FIELDS = {
    kind: fields.split()
    for kind, fields in {
        0: "nonce gasPrice gas to value input v r s",
        1: "chainId nonce gasPrice gas to value input accessList v r s",
        2: f"{DYNAMIC} v r s",
        3: f"{DYNAMIC} maxFeePerBlobGas blobVersionedHashes v r s",
        4: f"{DYNAMIC} authorizationList v r s",
    }.items()
}
"""Type -> the fields of a transaction in their order: EIP-155, 2930, 1559, 4844, 7702."""

TOPICS = 4
"""Topics of a log at most: LOG0 to LOG4."""
