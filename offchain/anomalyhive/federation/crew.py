"""The nodes of a federation: their names, keys and private folders, and how they join the hive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Role
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.errors import Failure
from anomalyhive.federation.folder import RunFolder, write_bytes
from anomalyhive.federation.journal import FileJournal

TOKEN = 10**18
"""1 token in its smallest unit."""

STAKE = 1_000 * TOKEN
"""What each node of a local federation stakes."""


@dataclass(frozen=True)
class Member:
    """A node before and after it has joined: ``slot`` is its shard or its seat."""

    name: str
    role: Role
    slot: int
    owner: Signer
    operator: Signer
    drafts: DirectoryStore
    journal: FileJournal
    secret: bytes

    def number(self, contracts: Contracts) -> int:
        """The number of the node in the registry, 0 before it has joined."""
        return contracts.registry.node_of(self.operator.address)


def keep_key(path: Path) -> bytes:
    """The key in a file that only its user can read; made on the first call."""
    if path.exists():
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise Failure(
                f"the key in {path} cannot be read: restore it, or start a new run in another folder"
            ) from error
        if len(key) != 32:
            raise Failure(f"the key in {path} has {len(key)} bytes instead of 32: restore it")
        return key
    key = new_key()
    write_bytes(path, key.hex().encode() + b"\n", mode=0o600)
    return key


@contextmanager
def muster(folder: RunFolder, web3: Web3, trainers: int, validators: int) -> Iterator[list[Member]]:
    """All nodes of a run, with the keys that they had before or with new ones.

    Their journals are open until the end of the block, however it is left.
    """
    named = [(f"trainer-{i}", Role.TRAIN, i) for i in range(trainers)]
    named += [(f"validator-{i}", Role.VALIDATE, i) for i in range(validators)]
    with ExitStack() as open_:
        yield [_member(folder.node(name), web3, name, role, slot, open_) for name, role, slot in named]


def _member(home: Path, web3: Web3, name: str, role: Role, slot: int, open_: ExitStack) -> Member:
    return Member(
        name=name,
        role=role,
        slot=slot,
        owner=Signer(web3, keep_key(home / "owner.key")),
        operator=Signer(web3, keep_key(home / "operator.key")),
        drafts=DirectoryStore(home / "drafts"),
        journal=open_.enter_context(closing(FileJournal(home / "journal.sqlite"))),
        secret=keep_key(home / "salt.key"),
    )


def enlist(sponsor: Signer, contracts: Contracts, members: Iterable[Member]) -> None:
    """Give every node tokens to stake, and register it."""
    for member in members:
        register(sponsor, contracts, member.owner, member.operator.address, member.role)


def register(sponsor: Signer, contracts: Contracts, owner: Signer, operator: str, role: Role) -> int:
    """Give an owner tokens to stake, and register its node; the number of the node."""
    contracts.token.send(sponsor, owner.address, STAKE)
    contracts.token.approve(owner, contracts.registry.address, STAKE)
    return contracts.registry.register(owner, operator, int(role), STAKE)


def take_slots(contracts: Contracts, task: int, members: Iterable[Member]) -> None:
    """Let every node take its shard or its seat."""
    for member in members:
        if member.role is Role.TRAIN:
            contracts.hive.take_shard(member.operator, task, member.slot)
        else:
            contracts.hive.take_seat(member.operator, task, member.slot)
