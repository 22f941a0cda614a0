"""The settings of a node: what each means, how it is read, and what holds where it is left out.

The order is that of the file that `config_text` writes. Each setting has an environment variable, which wins over the
file: ``ANOMALYHIVE_`` and its name in capitals, such as ``ANOMALYHIVE_CHAIN_ID``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anomalyhive.errors import BadSetting
from anomalyhive.node import readings
from anomalyhive.node.readings import Reading

PREFIX = "ANOMALYHIVE_"

REQUIRED = object()
"""In place of a default: the setting must be written."""

GWEI = 10**9
"""Wei."""


@dataclass(frozen=True)
class Setting:
    """One setting. ``what`` is said above it in the file, ``example`` is a value in TOML for a file without it."""

    name: str
    what: str
    reading: Reading
    default: Any = REQUIRED
    example: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that wins over the file."""
        return PREFIX + self.name.upper()

    def check(self, value: Any, where: str) -> None:
        """Raise BadSetting, naming where it was given, for a value that cannot be used."""
        try:
            self.reading.of_value(value)
        except readings.Unusable as error:
            raise BadSetting(f"{where} has {error.shown}: {error.instead}") from error


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "endpoints",
        "RPC endpoints of the chain, the preferred one first; the others stand in when it fails.",
        readings.endpoints('write a list of one to 16 http(s) URLs, such as ["http://127.0.0.1:8545"]'),
    ),
    Setting(
        "chain_id",
        "The id of the chain; an endpoint of another chain is not used.",
        readings.whole(1, 2**63 - 1, "write the id of the chain as a whole number from 1, such as 31337"),
    ),
    Setting(
        "deployment",
        "The deployment record of the hive. Relative paths start at this file's folder.",
        readings.path('write the path of the record in quotes, such as "deployment.json"'),
    ),
    Setting(
        "roles",
        "What the node does: train, validate, monitor, audit.",
        readings.roles('write a list of one or more of "train", "validate", "monitor" and "audit"'),
    ),
    Setting(
        "tasks",
        "The numbers of the tasks that it works for.",
        readings.tasks("write a list of different task numbers from 1, such as [1, 2]"),
        default=(),
    ),
    Setting(
        "shard",
        "The shard to take in each task; left out, any that is free.",
        readings.whole(0, 1023, "write a shard's number from 0 to 1023, or leave it out for any free one", True),
        default=None,
        example="0",
    ),
    Setting(
        "seat",
        "The seat to take in each task; left out, any that is free.",
        readings.whole(0, 19, "write a seat's number from 0 to 19, or leave it out for any free one", True),
        default=None,
        example="0",
    ),
    Setting(
        "rows",
        "The CSV file of this node's own rows, or a folder with 1.csv for task 1 and so on; for tasks in private mode.",
        readings.path('write the path of the file in quotes, such as "rows.csv", or leave it out', True),
        default=None,
        example='"rows.csv"',
    ),
    Setting(
        "store",
        'Where content is: "directory:PATH", or the address of a Kubo daemon.',
        readings.store('write "directory:PATH", or a multiaddr of Kubo such as "/ip4/127.0.0.1/tcp/5001"'),
        default="/ip4/127.0.0.1/tcp/5001",
    ),
    Setting(
        "keep_models",
        "So many of the latest models of a task stay pinned with what they were made from; 0: all of them.",
        readings.whole(0, 10**6, "write how many of the latest models to keep, from 1, or 0 for all"),
        default=0,
    ),
    Setting(
        "keeper",
        "Whether the node also opens, tallies and cancels rounds, which anyone may do: without a keeper none is paid.",
        readings.yes_or_no("write true or false, without quotes"),
        default=False,
    ),
    Setting(
        "claim_every",
        "Claim what was earned after so many final rounds; 0: never, use `anomalyhive node claim`.",
        readings.whole(0, 10**6, "write after how many rounds to claim, from 1, or 0 for never"),
        default=0,
    ),
    Setting(
        "confirmations",
        "Blocks on top of a transaction's before it is taken for good.",
        readings.whole(0, 10_000, "write a number of blocks from 0 to 10000"),
        default=12,
    ),
    Setting(
        "max_fee_wei",
        "The most that the node pays for gas, in wei for each unit (1 gwei is 1_000_000_000 wei).",
        readings.whole(1, 10**18, "write a whole number of wei from 1, such as 100_000_000_000 for 100 gwei"),
        default=100 * GWEI,
    ),
    Setting(
        "max_tip_wei",
        "The most of it that goes to the block's proposer, in wei for each unit of gas.",
        readings.whole(0, 10**18, "write a whole number of wei from 0, such as 2_000_000_000 for 2 gwei"),
        default=2 * GWEI,
    ),
    Setting(
        "listen",
        "Where /healthz and /metrics are served; left out, nowhere.",
        readings.address('write host and port in quotes, such as "127.0.0.1:9464", or leave it out'),
        default=None,
        example='"127.0.0.1:9464"',
    ),
    Setting(
        "log_format",
        'How the log is written: "text" for people, "json" for programs.',
        readings.choice(("text", "json"), 'write "text" or "json"'),
        default="text",
    ),
    Setting(
        "poll_seconds",
        "Seconds between two looks at the chain.",
        readings.decimal(0.01, 3600, "write a number of seconds from 0.01 to 3600, such as 2.0"),
        default=2.0,
    ),
)

NAMES = tuple(one.name for one in SETTINGS)
