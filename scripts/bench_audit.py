"""Print how long an audit takes: a hive of real contracts on Anvil, its rounds learned for real, exported and audited.

    python scripts/bench_audit.py [--rounds 100] [--nodes 100] [--rows 100] [--candidates 16] [--keep FILE.car]
    python scripts/bench_audit.py --file FILE.car

Every node has a key, a stake and a shard of random rows. Its update of every round is computed, committed to, signed
and submitted, all of a round in one transaction; three validators judge. The learner is boost with few candidates, so
that making the lineage does not take much longer than auditing it. Memory is that of the process which audits.
"""

from __future__ import annotations

import argparse
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from eth_account import Account

from anomalyhive.audit.export.auditing import audit_export
from anomalyhive.audit.export.writing import export_lineage
from anomalyhive.chain.deployment import Contracts, Deployment, deploy
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.signed_update import SignedUpdate, UpdateOrder
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Phase, Role, RoundView, TaskConfig
from anomalyhive.commitments import commit
from anomalyhive.content.cid import Codec, Link, cid_text, digest_of
from anomalyhive.content.kinds import Dataset, Spec, SpecShard, Update, Verdict
from anomalyhive.core.learner import Integers, Rows
from anomalyhive.errors import ContentMissing
from anomalyhive.protocol.hashing import verdict_hash
from anomalyhive.roles.lineage import publish_next
from anomalyhive.roles.task import Task

COLUMNS, SEATS, STAKE, BEST = 8, 3, 100, 254
SECONDS = 100_000
"""Of every phase: quotas end them."""


@dataclass
class Memory:
    """A store in memory; the disk is not what is measured."""

    blocks: dict[Link, bytes] = field(default_factory=dict)

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block."""
        return self._put(block, Codec.RAW)

    def put_root(self, block: bytes) -> bytes:
        """Keep a root."""
        return self._put(block, Codec.DAG_CBOR)

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block."""
        if Link(digest, codec) not in self.blocks:
            raise ContentMissing(digest, "memory")
        return self.blocks[Link(digest, codec)]

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether it is there."""
        return Link(digest, codec) in self.blocks

    def digests(self) -> Iterator[Link]:
        """All blocks by ascending CID."""
        return iter(sorted(self.blocks, key=cid_text))

    def _put(self, block: bytes, codec: Codec) -> bytes:
        digest = digest_of(block)
        self.blocks[Link(digest, codec)] = block
        return digest


@dataclass
class Party:
    """A node: the key that acts for it, its number, its place."""

    operator: Signer
    key: bytes
    owner: bytes
    number: int


@dataclass
class Making:
    """Makes a lineage."""

    chain: LocalChain
    deployment: Deployment
    sponsor: Signer
    options: argparse.Namespace
    store: Memory = field(default_factory=Memory)

    def run(self) -> None:
        """Found a hive and have it learn."""
        self.contracts = Contracts.at(self.chain.web3, self.deployment)
        self.trainers = [self._join(Role.TRAIN) for _ in range(self.options.nodes)]
        self.judges = [self._join(Role.VALIDATE) for _ in range(SEATS)]
        self.task = self._create()
        for number in range(1, self.options.rounds + 1):
            self._round(number)
            if number % 10 == 0:
                print(f"  {number} rounds made", flush=True)

    def _join(self, role: Role) -> Party:
        token, registry = self.contracts.token, self.contracts.registry
        keys = new_key(), new_key()
        owner, operator = (Signer(self.chain.web3, key) for key in keys)
        for one in (owner, operator):
            self.chain.fund(one.address, 10**18)
        token.send(self.sponsor, owner.address, STAKE)
        token.approve(owner, registry.address, STAKE)
        number = registry.register(owner, operator.address, role, STAKE)
        return Party(operator, keys[1], bytes.fromhex(owner.address[2:]), number)

    def _create(self) -> Task:
        hive, nodes = self.contracts.hive, self.options.nodes
        random = np.random.default_rng(1)
        self.rows = []
        columns = tuple(f"column {place}" for place in range(COLUMNS))
        shards = []
        for _ in range(nodes):
            features = random.integers(0, 1 << 40, (self.options.rows, COLUMNS))
            labels = (features[:, 0] + random.integers(0, 1 << 39, self.options.rows) > 1 << 40).astype(np.int64)
            self.rows.append(Rows(features, labels, classes=2))
            dataset = Dataset(columns, features, labels).publish(self.store)
            shards.append(SpecShard(self.options.rows, dataset))
        params = {"candidates": self.options.candidates, "kept": max(self.options.candidates // 2, 1)}
        spec = Spec("bench", "boost", params, columns, "label", None, "public", tuple(shards), recheck=0)
        digest = spec.publish(self.store)
        config = TaskConfig(
            train_seconds=SECONDS,
            judge_seconds=SECONDS,
            reveal_seconds=SECONDS,
            tally_seconds=SECONDS,
            attest_seconds=SECONDS,
            shards=nodes,
            update_quota=nodes,
            min_updates=1,
            seats=SEATS,
            quorum=2,
            verdict_quota=SEATS,
            miss_limit=0,
            tolerance=32,
            reward=10**6,
            min_stake=STAKE,
            trainer_bps=8000,
            rounds=0,
            slash_amount=1,
            seed=secrets.token_bytes(32),
        )
        number = hive.create_task(self.sponsor, config, digest)
        amount = config.reward * self.options.rounds
        self.contracts.token.approve(self.sponsor, hive.address, amount)
        hive.fund(self.sponsor, number, amount)
        for shard, party in enumerate(self.trainers):
            hive.take_shard(party.operator, number, shard)
        for seat, party in enumerate(self.judges):
            hive.take_seat(party.operator, number, seat)
        owners = {one.number: one.owner for one in (*self.trainers, *self.judges)}
        address = bytes.fromhex(hive.address[2:])
        return Task(self.deployment.chain_id, address, number, config, spec, digest, owners.__getitem__)

    def _round(self, number: int) -> None:
        hive, task = self.contracts.hive, self.task
        hive.open_round(self.sponsor, task.number)
        view = hive.round(task.number, number)
        plan = task.learner.propose(task.state_of(self.store, task.base_of(view)), view.seed)
        vectors = {shard: task.learner.contribute(plan, rows) for shard, rows in enumerate(self.rows)}
        signed = [self._signed(view, shard, vector) for shard, vector in vectors.items()]
        hive.submit_updates(self.sponsor, task.number, number, signed)
        information = {shard: task.learner.worth(plan, vector) for shard, vector in vectors.items()}
        most = max(*information.values(), 1)
        scores = bytes(1 + BEST * information[shard] // most for shard in sorted(information))
        self._judge(view, scores)
        view = hive.round(task.number, number)
        slice_ = [view.submissions[shard] for shard in sorted(view.submissions)]
        hive.tally(self.sponsor, task.number, number, slice_, [scores] * SEATS)
        model = publish_next(task, hive.round(task.number, number), vectors, self.store).model
        for seat, party in enumerate(self.judges[:2]):
            hive.attest_model(party.operator, task.number, number, seat, model)
        if hive.phase(task.number, number)[0] is not Phase.FINAL:
            sys.exit(f"round {number} did not become final")

    def _signed(self, view: RoundView, shard: int, vector: Integers) -> SignedUpdate:
        party, task = self.trainers[shard], self.task
        base = task.base_of(view)
        update = Update(
            task.chain_id, task.hive, task.number, view.round, shard, party.number, party.owner, base,
            self.options.rows, vector,
        )  # fmt: skip
        digest, commitment = update.publish(self.store), commit(vector)
        order = UpdateOrder(task.number, view.round, shard, digest, commitment, expiry=2**40 - 1)
        return order.signed(Account.from_key(party.key), task.chain_id, self.contracts.hive.address)

    def _judge(self, view: RoundView, scores: bytes) -> None:
        hive, task = self.contracts.hive, self.task
        shown = []
        for seat, party in enumerate(self.judges):
            verdict = Verdict(task.chain_id, task.hive, task.number, view.round, party.number, seat, scores, {})
            digest, salt = verdict.publish(self.store), secrets.token_bytes(32)
            hidden = verdict_hash(task.number, view.round, party.number, scores, digest, salt)
            hive.commit_verdict(party.operator, task.number, view.round, seat, hidden)
            shown.append((digest, salt))
        for seat, (party, (digest, salt)) in enumerate(zip(self.judges, shown, strict=True)):
            hive.reveal_verdict(party.operator, task.number, view.round, seat, scores, digest, salt)


def make(options: argparse.Namespace, folder: Path, path: Path) -> None:
    """Make a lineage and export it."""
    began = time.perf_counter()
    with LocalChain("anvil", folder) as chain:
        key = new_key()
        sponsor = Signer(chain.web3, key)
        chain.fund(sponsor.address, 10**21)
        making = Making(chain, deploy(chain.url, key, folder / "deployment.json"), sponsor, options)
        making.run()
        made = time.perf_counter() - began
        began = time.perf_counter()
        written = export_lineage(chain.web3, making.deployment, making.store, path)
    print(
        f"made in {made:.0f} s, exported in {time.perf_counter() - began:.1f} s: {path.stat().st_size / 1e6:.1f} MB, "
        f"{written.events:,} events, {written.content:,} blocks of content"
    )


def measure(path: Path, recompute: int) -> None:
    """Audit a file in this process, and print one line."""
    began, worked = time.perf_counter(), time.process_time()
    report = audit_export(path, recompute=recompute)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    for check, failure in report.failures[:5]:
        print(f"{check}: {failure}")
    updates = report.check("updates").count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"recomputed {report.check('vectors').count:6,} of {updates:6,} updates: {'holds' if report.holds else 'NO'} "
        f"{seconds:7.1f} s {seconds * 1000 / max(updates, 1):7.2f} s per thousand updates, of processors "
        f"{worked * 1000 / max(updates, 1):7.2f} s, at most {peak:.0f} MiB",
        flush=True,
    )


def time_of_children() -> float:
    """Seconds of processors that processes took which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Make, export, and audit in processes of their own: all updates recomputed, a tenth of them, none."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100, help="of a shard")
    parser.add_argument("--candidates", type=int, default=16, help="of the learner: 128 entries of a vector each")
    parser.add_argument("--keep", type=Path, help="write the export here and keep it")
    parser.add_argument("--file", type=Path, help="audit this export instead of making one")
    parser.add_argument("--recompute", type=int, help="basis points: audit --file once, in this process")
    options = parser.parse_args()
    if options.recompute is not None:
        measure(options.file, options.recompute)
        return
    with tempfile.TemporaryDirectory(prefix="anomalyhive-bench-") as folder:
        path = options.file or options.keep or Path(folder) / "lineage.car"
        if options.file is None:
            print(f"{options.rounds} rounds of {options.nodes} nodes, {options.rows} rows each, boost with "
                  f"{options.candidates} candidates")  # fmt: skip
            make(options, Path(folder), path)
        spent = []
        for recompute in (10_000, 1_000, 0):
            before = time_of_children()
            command = [sys.executable, __file__, "--file", str(path), "--recompute", str(recompute)]
            subprocess.run(command, check=True)
            spent.append(time_of_children() - before)
        print(f"recomputing all takes {100 * (spent[0] - spent[-1]) / spent[0]:.0f} % of the processors' time")


if __name__ == "__main__":
    main()
