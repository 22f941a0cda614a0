"""An export opened: its root, its content apart from its frame, and the record of the chain that its log gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.export.named import named_roots
from anomalyhive.audit.export.proving import Proving
from anomalyhive.audit.export.records import decoded
from anomalyhive.audit.export.writing import CONTRACT_OF, STRETCH_BYTES
from anomalyhive.audit.lineage import Progress
from anomalyhive.audit.reading import salt_in
from anomalyhive.audit.record import ChainRecord, Seat
from anomalyhive.audit.report import Findings
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.carstore import CarStore
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.kinds import Contents, Export, Log
from anomalyhive.content.kinds.contents import MOST_ROOTS
from anomalyhive.errors import AuditFailure, BadInput
from anomalyhive.ingestion.evm.account import code_hash
from anomalyhive.ingestion.evm.values import Malformed


@dataclass(frozen=True)
class Opened:
    """A file whose root is an export, and what the root says."""

    store: CarStore
    root: Link
    export: Export

    @property
    def deployment(self) -> Deployment:
        """Where the contracts are. Nothing before the log's first block is theirs."""
        export = self.export
        token, registry, hive = (to_checksum_address(one) for one in (export.token, export.registry, export.hive))
        return Deployment(export.chain, token, registry, hive, 0, export.verify_sums, gas={})

    def content(self) -> Mapping[Link, tuple[Link, ...]]:
        """The blocks of the lineage with what they link: what lies beneath the lists of contents."""
        roots = [link for one in self.export.contents for link in self.store.links.get(Link(one, Codec.DAG_CBOR), ())]
        return {link: self.store.links[link] for link in self.store.beneath(roots)}


def open_export(path: Path) -> Opened:
    """Open a file. Raises BadInput where it is no export, ContentFailure where its frame is damaged or cut."""
    store = CarStore(path)
    try:
        if len(store.roots) != 1:
            raise BadInput(f"{path} has {len(store.roots)} roots and an export has one: it is another kind of CAR file")
        return Opened(store, Link(store.roots[0], Codec.DAG_CBOR), Export.fetch(store, store.roots[0]))
    except BaseException:
        store.close()
        raise


def read_log(opened: Opened, findings: Findings, progress: Progress) -> tuple[ChainRecord, Proving]:
    """What the export says of the chain, with everything proven that can be; what does not hold is in the findings.

    Raises AuditFailure where the log cannot be read as one.
    """
    export = opened.export
    proving = Proving((export.token, export.registry, export.hive), findings)
    for done, digest in enumerate(export.log):
        progress("log", done, len(export.log))
        _read_stretch(Log.fetch(opened.store, digest), proving, is_last=done == len(export.log) - 1)
    progress("log", len(export.log), len(export.log))
    findings.rests_on.extend(proving.stretches)
    _check_code(opened, proving, findings)
    record = ChainRecord(
        deployment=opened.deployment,
        events=proving.events,
        times=proving.times,
        salts=_salts(proving, export.hive),
        code={CONTRACT_OF[name]: one.code for name, one in export.code.items()},
    )
    return record, proving


def inventory_of(opened: Opened, proving: Proving, findings: Findings) -> Inventory:
    """The content of an export; that its lists name what the log names, in that order, is checked."""
    inventory = Inventory(opened.store, findings)
    inventory.adopt(opened.content(), opened.store.shapeless)
    due = [one for one in named_roots(proving.events) if opened.store.has(one, Codec.DAG_CBOR)]
    lists = [Contents.fetch(opened.store, one).roots for one in opened.export.contents]
    expected = [tuple(due[at : at + MOST_ROOTS]) for at in range(0, max(len(due), 1), MOST_ROOTS)]
    if lists != expected:
        findings.fail("blocks", "the lists of contents are not the roots that the log names, in its order")
    return inventory


def _read_stretch(log: Log, proving: Proving, is_last: bool) -> None:
    """Prove the records of a stretch, which has the one length that its records allow."""
    where = f"the stretch of the log from block {log.first} to {log.last}"
    numbers: list[int] = []
    size = 0
    for record, length in decoded(log.records):
        if size >= STRETCH_BYTES:
            raise AuditFailure(f"{where} goes on after {STRETCH_BYTES} bytes")
        size += length
        numbers = [*numbers[:1], proving.take(record)]
    if (numbers[0], numbers[-1]) != (log.first, log.last):
        raise AuditFailure(f"{where} has the blocks {numbers[0]} to {numbers[-1]}")
    if size < STRETCH_BYTES and not is_last:
        raise AuditFailure(f"{where} ends after {size} bytes")


def _check_code(opened: Opened, proving: Proving, findings: Findings) -> None:
    """Every code is the one in the state of the last block; that for which there is no proof is noted as such."""
    addresses = opened.deployment.addresses
    for name, one in opened.export.code.items():
        contract = CONTRACT_OF[name]
        if proving.head is None or proving.head.number != proving.stretches[-1].last or not one.proof:
            proving.unproven[contract] = one.code
            continue
        what = f"the code of {contract} is not proven by the state of the log's last block"
        try:
            held = code_hash(proving.head.state, bytes.fromhex(addresses[contract][2:]), one.proof)
        except Malformed as error:
            findings.fail("contracts", f"{what}: {error}")
            continue
        if held != keccak(one.code):
            findings.fail("contracts", f"{what}: its hash is 0x{held.hex()} there")


def _salts(proving: Proving, hive: bytes) -> dict[Seat, bytes]:
    """The salts of revealed verdicts, from the calls that revealed them."""
    revealing = {event.transaction for event in proving.events if event.name == "VerdictRevealed"}
    salts: dict[Seat, bytes] = {}
    for hash_ in revealing:
        called = proving.calls.get(hash_)
        if called is not None and called.target == hive:
            salts.update(salt_in(called.input))
    return salts
