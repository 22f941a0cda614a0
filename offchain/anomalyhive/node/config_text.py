"""The file of settings that a new node gets: every setting with what it means, those left out as comments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anomalyhive.node.monitoring.settings import MONITOR
from anomalyhive.node.settings import REQUIRED, SETTINGS

HEAD = """\
# The settings of a node of AnomalyHive. Each has an environment variable that wins over this file: ANOMALYHIVE_ and
# its name in capitals, such as ANOMALYHIVE_CHAIN_ID. Neither key nor password belongs here.
"""


MONITOR_HEAD = """\
# What a node with the role monitor watches, and whom it tells. The variables of these settings begin with
# ANOMALYHIVE_MONITOR_. Take the # off the next line to have it.
# [monitor]
"""

WEBHOOK = """\
# Where alerts are sent, as often as there are receivers. The secret is in a file of its own, or in the environment
# variable that secret_variable names; `echo whsec_$(openssl rand -base64 32)` makes one.
# [[monitor.webhooks]]
# name = "ops"
# url = "https://example.org/alerts"
# secret_file = "webhook.secret"
"""


def config_text(values: Mapping[str, Any]) -> str:
    """The text for settings by name, as TOML has them; others stand as comments with what holds without them."""
    parts = [HEAD]
    for one in SETTINGS:
        if one.name in values:
            line = f"{one.name} = {toml(values[one.name])}"
        else:
            assert one.default is not REQUIRED, f"{one.name} must be given"
            line = f"# {one.name} = {toml(one.default) if one.default is not None else one.example}"
        parts.append(f"# {one.what}\n{line}\n")
    return "\n".join([*parts, *_monitor()])


def _monitor() -> list[str]:
    """The table of a monitor, all of it as comments."""
    parts = [MONITOR_HEAD]
    for one in MONITOR:
        shown = toml(one.default) if one.default is not None else one.example
        parts.append(f"# {one.what}\n# {one.name} = {shown}\n")
    return [*parts, WEBHOOK]


def toml(value: Any) -> str:
    """A value as TOML writes it: text, numbers, truth values and lists of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}" if value >= 10**6 else str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml(one) for one in value)}]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants escaped, and halves of surrogate pairs.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
