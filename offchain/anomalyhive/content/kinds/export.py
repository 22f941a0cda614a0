"""A lineage as one root: the deployment, the log of its chain, the code of its contracts, and all of its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import RAW_LIMIT, Document
from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import exact_keys, opened_root, publish_root, root_digest
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput

CONTRACTS = ("token", "registry", "rules", "hive")
"""The contracts of a hive, as the fields of an export name them."""

MOST_PARTS = 1 << 14
"""Logs and lists of contents of an export at most: 64 GiB of log, 134 million roots."""

MOST_NODES = 64
"""Nodes of a proof at most: one for each nibble of a key."""

MOST_NODE_BYTES = 1 << 10
"""Bytes of a node of a trie: a branch of 17 references has 532."""

_CODE_KEYS = frozenset({"code", "proof"})
_KEYS = frozenset({"chain", "token", "registry", "hive", "verify_sums", "code", "log", "contents"})


@dataclass(frozen=True)
class ProvenCode:
    """The code of a contract, with the nodes of the state trie that prove it; none where the chain gave none."""

    code: bytes
    proof: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.code, bytes) or len(self.code) > RAW_LIMIT:
            raise BadInput(f"a code is not bytes, {RAW_LIMIT} at most")
        if len(self.proof) > MOST_NODES:
            raise BadInput(f"a proof has {len(self.proof)} nodes, more than {MOST_NODES}")
        for node in self.proof:
            if not isinstance(node, bytes) or len(node) > MOST_NODE_BYTES:
                raise BadInput(f"a node of a proof is not bytes, {MOST_NODE_BYTES} at most")


@dataclass(frozen=True)
class Export:
    """``chain`` is the chain id, ``token``, ``registry`` and ``hive`` are addresses, ``verify_sums`` is whether the
    hive adds commitments itself. ``code`` is contract -> its code as of the log's last block. ``log`` and ``contents``
    are the digests of roots of these kinds, in order.
    """

    chain: int
    token: bytes
    registry: bytes
    hive: bytes
    verify_sums: bool
    code: Mapping[str, ProvenCode]
    log: tuple[bytes, ...]
    contents: tuple[bytes, ...]

    def __post_init__(self) -> None:
        checks.integer("chain", self.chain, 1, checks.MOST_INTEGER)
        for name in ("token", "registry", "hive"):
            checks.octets(name, getattr(self, name), checks.ADDRESS_BYTES)
        if not isinstance(self.verify_sums, bool):
            raise BadInput(f"verify_sums is {self.verify_sums!r}, neither true nor false")
        if set(self.code) != set(CONTRACTS):
            raise BadInput(f"code names {', '.join(sorted(self.code))} instead of {', '.join(sorted(CONTRACTS))}")
        for name in ("log", "contents"):
            parts = getattr(self, name)
            if not 1 <= len(parts) <= MOST_PARTS or len(set(parts)) != len(parts):
                raise BadInput(f"{name} has {len(parts)} parts, not 1 to {MOST_PARTS} different ones")
            for part in parts:
                checks.digest(f"a part of {name}", part)

    def publish(self, store: Store) -> bytes:
        """Put the root and the codes; return the digest."""
        code: dict[str, Document] = {
            name: {"code": Link(store.put_raw(one.code), Codec.RAW), "proof": list(one.proof)}
            for name, one in self.code.items()
        }
        return publish_root(
            store,
            "export",
            {
                "chain": self.chain,
                "token": self.token,
                "registry": self.registry,
                "hive": self.hive,
                "verify_sums": self.verify_sums,
                "code": code,
                "log": [Link(one, Codec.DAG_CBOR) for one in self.log],
                "contents": [Link(one, Codec.DAG_CBOR) for one in self.contents],
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Export:
        """The export behind a digest, checked in itself."""
        with opened_root(store, digest, "export", _KEYS) as fields:
            verify_sums = fields.raw("verify_sums")
            if not isinstance(verify_sums, bool):
                raise BadInput(f"verify_sums is {str(verify_sums)[:80]}, neither true nor false")
            code = exact_keys("code", fields.raw("code"), frozenset(CONTRACTS))
            return cls(
                chain=fields.integer("chain"),
                token=fields.octets("token"),
                registry=fields.octets("registry"),
                hive=fields.octets("hive"),
                verify_sums=verify_sums,
                code={name: _read_code(store, name, code[name]) for name in CONTRACTS},
                log=tuple(root_digest("a part of log", one) for one in fields.items("log")),
                contents=tuple(root_digest("a part of contents", one) for one in fields.items("contents")),
            )


def _read_code(store: Store, name: str, value: Document) -> ProvenCode:
    fields = exact_keys(f"code.{name}", value, _CODE_KEYS)
    link, proof = fields["code"], fields["proof"]
    if not isinstance(link, Link) or link.codec is not Codec.RAW or not isinstance(proof, list):
        raise BadInput(f"code.{name} is not a link to a raw block and a list of nodes")
    nodes = tuple(node for node in proof if isinstance(node, bytes))
    if len(nodes) != len(proof):
        raise BadInput(f"code.{name}.proof holds something that is no byte string")
    return ProvenCode(store.get(link.digest, Codec.RAW), nodes)
