"""Which feeds there are of a hive: a JSON file beside its deployment record, as far as somebody here made them.

chainId, hive   of the deployment
feeds           of each its address, task, rules, salt, and the block that has it

The file is no authority: what is at an address is held against the package's own code before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.deployment_record import load, unusable, write
from anomalyhive.chain.feed_views import Rules
from anomalyhive.errors import ChainFailure

SUFFIX = ".feeds.json"


@dataclass(frozen=True)
class Known:
    """A feed that somebody here made."""

    address: str
    task: int
    block: int
    salt: bytes
    rules: Rules

    def as_json(self) -> dict[str, Any]:
        """Its entry; amounts as decimal texts of 1e-18, for JSON's numbers are floats to many readers."""
        rules = {name: str(n) if name in _AMOUNTS else n for name, n in asdict(self.rules).items()}
        return {
            "address": self.address,
            "task": self.task,
            "block": self.block,
            "salt": Web3.to_hex(self.salt),
            "rules": rules,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Known:
        """Raises what reading something else raises."""
        return cls(
            address=Web3.to_checksum_address(entry["address"]),
            task=int(entry["task"]),
            block=int(entry["block"]),
            salt=Web3.to_bytes(hexstr=entry["salt"]),
            rules=Rules(**{name: int(n) for name, n in entry["rules"].items()}),
        )


_AMOUNTS = frozenset({"min_stake", "reward", "vote_reward", "bond"})


def place_of(record: Path) -> Path:
    """Where the feeds of the deployment of a record are written down."""
    return record.with_name(record.name.removesuffix(".json") + SUFFIX)


def known_feeds(record: Path, deployment: Deployment) -> list[Known]:
    """The feeds of a deployment that are written down, the oldest first. Raises ChainFailure for another file."""
    path = place_of(record)
    found = load(path)
    if found is None:
        return []
    try:
        if (found["chainId"], found["hive"]) != (deployment.chain_id, deployment.hive):
            raise ChainFailure(
                f"{path} is of hive {found['hive']} on chain {found['chainId']}, and this is {deployment.hive} on "
                f"{deployment.chain_id}: move it away"
            )
        return [Known.from_json(one) for one in found["feeds"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise unusable(path, error) from error


def remember(record: Path, deployment: Deployment, feed: Known) -> bool:
    """Write a feed down, unless it is; whether it was not."""
    known = known_feeds(record, deployment)
    if feed.address in {one.address for one in known}:
        return False
    entries = [one.as_json() for one in (*known, feed)]
    write(place_of(record), {"chainId": deployment.chain_id, "hive": deployment.hive, "feeds": entries})
    return True
