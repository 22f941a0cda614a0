"""Updates in batches under signatures, sound ones and others.

Anvil signs, which knows EIP-712 and nothing of the hive.
"""

from __future__ import annotations

from typing import Any

from reference.rounds import Signed
from reference.state import NOBODY

from anomalyhive.chain.views import Phase
from arena.cast import Cast
from arena.dice import Dice
from arena.honest import commitment, due
from arena.world import World

STRUCT = [
    ("task", "uint64"),
    ("round", "uint32"),
    ("shard", "uint16"),
    ("digest", "bytes32"),
    ("commitment", "bytes"),
    ("expiry", "uint40"),
]
DOMAIN = [("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address")]

FLAWS = ("", "", "", "another's", "expired", "expires now", "other digest", "other round", "other chain", "other hive",
         "garbage")  # fmt: skip
"""What can be wrong with an item."""


def relay(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Somebody collects signed updates of a task's shards, some of them flawed, and submits them."""
    if world.phase(number)[0] is Phase.NONE:
        return
    task, latest, _ = world.latest(number)
    willing = due(world, number, Phase.TRAIN) if not dice.luck(4) else sorted(task.shards)
    flaw = dice.one(FLAWS)
    items = []
    for i, shard in enumerate(dice.order(dice.some(willing, 3))):
        signer = task.shards[shard].operator
        items.append(sign(world, number, latest, shard, signer, commitment(dice), flaw if i == 0 else "", cast))
    if dice.luck(3):
        items += items[:1]
    world.act("relayer", dice.one(cast.keys), "submitUpdates", number, latest, items)


def sign(
    world: World, number: int, round_: int, shard: int, signer: str, point: bytes, flaw: str, cast: Cast
) -> Signed:
    """An item for the batch of a round that is signed as the flaw says."""
    expiry = {"expired": world.at - 1, "expires now": world.at}.get(flaw, world.at + 1)
    digest = world.digest()
    key = cast.stranger if flaw == "another's" else signer
    message = {
        "task": number,
        "round": round_ + (flaw == "other round"),
        "shard": shard,
        "digest": "0x" + (world.digest() if flaw == "other digest" else digest).hex(),
        "commitment": "0x" + point.hex(),
        "expiry": expiry,
    }
    domain = {
        "name": "AnomalyHive",
        "version": "1",
        "chainId": 31337 + (flaw == "other chain"),
        "verifyingContract": world.model.registry if flaw == "other hive" else world.model.hive,
    }
    data: dict[str, Any] = {
        "types": {"EIP712Domain": _fields(DOMAIN), "SubmitUpdate": _fields(STRUCT)},
        "primaryType": "SubmitUpdate",
        "domain": domain,
        "message": message,
    }
    signature = bytes.fromhex(world.chain.request("eth_signTypedData_v4", key, data)[2:])
    if flaw == "garbage":
        signature = b"\xff" * 64 + b"\x1b"
    sound = flaw in ("", "another's", "expired", "expires now")
    return Signed(shard, expiry, digest, point, key if sound else NOBODY, signature)


def _fields(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in pairs]
