"""ABI and bytecode of the contracts, as compiled from `contracts/` by `make abi`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from anomalyhive.errors import Failure

CONTRACTS = ("HiveToken", "NodeRegistry", "Hive")


@cache
def artifact(contract: str) -> dict[str, Any]:
    """The artifact of a contract: ``abi`` and ``bytecode``. Raises Failure where it is missing or damaged."""
    place = files(__package__).joinpath(f"{contract}.json")
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"the artifact {place} cannot be read ({error}): run `make abi`") from error
    if not isinstance(content, dict) or not {"abi", "bytecode"} <= content.keys():
        raise Failure(f"the artifact {place} has no ABI and bytecode: run `make abi`")
    return content
