"""The settings of a monitor: the table ``[monitor]`` of a node's file, and its ``[[monitor.webhooks]]``.

As with all settings an environment variable wins: ``ANOMALYHIVE_MONITOR_`` and the name in capitals. A webhook's secret
stands in a file of its own, or in a variable that the file of settings names; never in that file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.monitor.webhooks import Webhook, check_webhooks, read_secret
from anomalyhive.node import readings
from anomalyhive.node.readings import Reading, Unusable
from anomalyhive.node.settings import PREFIX, Setting

TABLE = "monitor"
"""Name of the table in the file."""

WEBHOOKS = "webhooks"

EVM = tuple(name for name, chain in CHAINS.items() if chain.family == "evm")
"""Chains with accounts to watch."""

DAY = 86_400


@dataclass(frozen=True)
class MonitorSetting(Setting):
    """One setting of the table."""

    @property
    def variable(self) -> str:
        """The environment variable that wins over the file."""
        return f"{PREFIX}{TABLE.upper()}_{self.name.upper()}"


def optional(reading: Reading) -> Reading:
    """A reading by which an empty variable means that there is nothing."""

    def of_value(value: Any) -> Any:
        return None if value in (None, "", []) else reading.of_value(value)

    return Reading(of_value, reading.of_text)


def feed_address(instead: str) -> Reading:
    """An address of a contract."""

    def of_value(value: Any) -> str:
        if type(value) is str and re.fullmatch(r"0x[0-9a-fA-F]{40}", value) and int(value, 16):
            return value
        raise Unusable(instead, readings.shown(value))

    return Reading(of_value)


MONITOR: tuple[MonitorSetting, ...] = (
    MonitorSetting(
        "chain",
        f"Which chain is watched, as `ingest` names it: {' or '.join(EVM)}.",
        readings.choice(EVM, f"write {' or '.join(EVM)} in quotes"),
        default="ethereum",
    ),
    MonitorSetting(
        "source",
        "RPC endpoints of the chain that is watched; left out, those of the node itself.",
        optional(readings.endpoints('write a list of one to 16 http(s) URLs, such as ["http://127.0.0.1:8545"]')),
        default=None,
        example='["http://127.0.0.1:8545"]',
    ),
    MonitorSetting(
        "source_chain_id",
        "The id of that chain; left out, the known one, or the node's own for the node's own endpoints.",
        readings.whole(1, 2**63 - 1, "write the id of the chain as a whole number from 1, or leave it out", True),
        default=None,
        example="31337",
    ),
    MonitorSetting(
        "task",
        "The task whose models judge; left out, the first of `tasks`.",
        readings.whole(1, 2**63 - 1, "write the number of a task from 1, or leave it out", True),
        default=None,
        example="1",
    ),
    MonitorSetting(
        "threshold_bp",
        "From which probability on an address is an alert, in basis points: 9000 is 90 %.",
        readings.whole(1, 10_000, "write basis points from 1 to 10000"),
        default=9_000,
    ),
    MonitorSetting(
        "alert_seconds",
        "How long an alert holds unless it is renewed.",
        readings.whole(60, 400 * DAY, f"write seconds from 60 to {400 * DAY}, such as {DAY} for a day"),
        default=DAY,
    ),
    MonitorSetting(
        "behind",
        "Blocks that the watch stays behind the chain's last one: late alerts, and fewer that are taken back.",
        readings.whole(0, 10_000, "write a number of blocks from 0 to 10000"),
        default=0,
    ),
    MonitorSetting(
        "start",
        "The first block of a new watch; left out, the chain's last one.",
        readings.whole(0, 2**63 - 1, "write the number of a block from 0, or leave it out", True),
        default=None,
        example="18_000_000",
    ),
    MonitorSetting(
        "chunks",
        "A folder of ingested chunks that a new watch begins with, so that it knows what addresses did before.",
        readings.path('write the path of the folder in quotes, such as "chunks", or leave it out', True),
        default=None,
        example='"chunks"',
    ),
    MonitorSetting(
        "folder",
        "The folder of the watch. Relative paths start at this file's folder.",
        readings.path('write the path of the folder in quotes, such as "watch"'),
        default="watch",
    ),
    MonitorSetting(
        "keep_blocks",
        "Blocks whose rows, scores and delivered messages the watch keeps.",
        readings.whole(1_000, 10**9, "write a number of blocks from 1000"),
        default=200_000,
    ),
    MonitorSetting(
        "log",
        "The log of alerts, as JSON lines; left out, alerts.jsonl in the watch's folder.",
        readings.path('write the path of the file in quotes, such as "alerts.jsonl", or leave it out', True),
        default=None,
        example='"alerts.jsonl"',
    ),
    MonitorSetting(
        "feed",
        "The address of the alert feed on the node's chain to post to; left out, alerts go to no chain.",
        optional(feed_address("write the address of the feed in quotes, 0x and 40 hexadecimal digits")),
        default=None,
        example='"0x0123456789abcdef0123456789abcdef01234567"',
    ),
    MonitorSetting(
        "post",
        "The post to take on the feed; left out, any that is free.",
        readings.whole(0, 23, "write a post's number from 0 to 23, or leave it out for any free one", True),
        default=None,
        example="0",
    ),
    MonitorSetting(
        "claim_tokens",
        "Claim once the feed owes so many tokens; 0: never.",
        readings.whole(0, 10**12, "write a whole number of tokens, or 0 for never"),
        default=1,
    ),
)

NAMES = tuple(one.name for one in MONITOR)


@dataclass(frozen=True)
class MonitorConfig:
    """The settings of a monitor, as `MONITOR` describes them; paths are absolute. ``source`` may hold API keys."""

    chain: str
    source: tuple[str, ...] | None = field(repr=False)
    source_chain_id: int | None
    task: int | None
    threshold_bp: int
    alert_seconds: int
    behind: int
    start: int | None
    chunks: Path | None
    folder: Path
    keep_blocks: int
    log: Path
    feed: str | None
    post: int | None
    claim_tokens: int
    webhooks: tuple[HookSetting, ...] = ()


@dataclass(frozen=True)
class HookSetting:
    """A webhook in the settings: where its secret is, and not yet the secret."""

    name: str
    url: str = field(repr=False)
    secret_file: Path | None
    secret_variable: str | None

    def opened(self, environ: Mapping[str, str] | None = None) -> Webhook:
        """The webhook with its secret. Raises BadSetting for one that cannot be had."""
        environ = os.environ if environ is None else environ
        where = f"the webhook {self.name}"
        if self.secret_file is not None:
            try:
                text = self.secret_file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is not UTF-8"
                raise BadSetting(
                    f"{where}: its secret_file {self.secret_file} cannot be read ({why}): put the secret there, "
                    "readable by the node's user"
                ) from error
            return Webhook(self.name, self.url, read_secret(text, f"{where}: its secret_file {self.secret_file}"))
        assert self.secret_variable is not None
        if self.secret_variable not in environ:
            raise BadSetting(f"{where}: there is no environment variable {self.secret_variable}: set it to the secret")
        found = f"{where}: the variable {self.secret_variable}"
        return Webhook(self.name, self.url, read_secret(environ[self.secret_variable], found))


def with_paths(values: Mapping[str, Any], absolute: Callable[[str], Path]) -> MonitorConfig:
    """The settings from values by name, whose paths are made ``absolute``."""
    made = {name: value for name, value in values.items() if name != WEBHOOKS}
    for name in ("chunks", "folder", "log"):
        made[name] = None if made[name] is None else absolute(made[name])
    made["log"] = made["log"] or made["folder"] / "alerts.jsonl"
    hooks = []
    for one in values[WEBHOOKS]:
        file = one.get("secret_file")
        hooks.append(HookSetting(one["name"], one["url"], file and absolute(file), one.get("secret_variable")))
    return MonitorConfig(**made, webhooks=tuple(hooks))


HOOK_NAMES = ("name", "url", "secret_file", "secret_variable")


def check_hooks(value: Any, where: str) -> list[dict[str, str]]:
    """The tables of webhooks. Raises BadSetting, which names ``where`` they stand."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadSetting(f"{where}: webhooks are tables: write [[monitor.webhooks]] above each")
    for one in value:
        for name, text in one.items():
            if name not in HOOK_NAMES:
                # The name alone, never the value: it may be a secret in the wrong place.
                raise BadSetting(
                    f"{where}: a webhook has no setting {name[:60]!r}: write {', '.join(HOOK_NAMES[:2])} and where "
                    "its secret is, secret_file or secret_variable; the secret itself never stands here"
                )
            if type(text) is not str or not text.strip() or "\0" in text:
                raise BadSetting(f"{where}: {name} of a webhook is no text: write it in quotes")
        missing = [name for name in HOOK_NAMES[:2] if name not in one]
        if missing:
            raise BadSetting(f"{where}: a webhook lacks {' and '.join(missing)}: write it")
        if ("secret_file" in one) == ("secret_variable" in one):
            raise BadSetting(f"{where}: a webhook has its secret from one place: write secret_file or secret_variable")
    # The rules of names and URLs, with a secret that is none.
    check_webhooks([Webhook(one["name"], one["url"], b"") for one in value])
    return value
