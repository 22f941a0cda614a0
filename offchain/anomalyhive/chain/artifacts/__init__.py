"""The contracts as compiled from `contracts/` by `make abi`: ABI, code, places of immutables, and the compiler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from anomalyhive.errors import Failure

CONTRACTS = ("HiveToken", "NodeRegistry", "TaskRules", "Hive")
"""What a deployment consists of."""

FEED = "AlertFeed"
"""What anyone may deploy beside it, for a task. Apart, for some of its events have names of the hive's."""

ALL = (*CONTRACTS, FEED)
"""Everything that the package has an artifact of."""

PARTS = frozenset({"abi", "bytecode", "compiler", "deployedBytecode", "immutables"})


@cache
def artifact(contract: str) -> dict[str, Any]:
    """The artifact of a contract, with all `PARTS`. Raises Failure where it is missing or damaged."""
    place = files(__package__).joinpath(f"{contract}.json")
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"the artifact {place} cannot be read ({error}): run `make abi`") from error
    if not isinstance(content, dict) or not content.keys() >= PARTS:
        raise Failure(f"the artifact {place} does not have {', '.join(sorted(PARTS))}: run `make abi`")
    return content


def abi_type(parameter: Mapping[str, Any]) -> str:
    """The type of a parameter in an ABI, a struct as the tuple of its fields.

    >>> abi_type({"type": "tuple[]", "components": [{"type": "uint8"}, {"type": "address"}]})
    '(uint8,address)[]'
    """
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    return f"({','.join(map(abi_type, parameter['components']))}){parameter['type'][len('tuple') :]}"
