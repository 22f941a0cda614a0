"""Events as plain values, each of the type that the contracts' ABI gives it.

A log may come from a file: whatever is read from an event afterwards has the right name, type and range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from eth_utils.address import is_address, to_checksum_address

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.events import Event
from anomalyhive.errors import AuditFailure


@cache
def _inputs() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Name of an event -> its inputs in the ABI."""
    return {
        str(entry["name"]): entry["inputs"]
        for contract in CONTRACTS
        for entry in artifact(contract)["abi"]
        if entry["type"] == "event"
    }


def plain(event: Event) -> Event:
    """The event with int, bytes, checksum address, tuple and list values. Raises AuditFailure."""
    inputs = _inputs().get(event.name)
    if inputs is None:
        raise AuditFailure(f"{event.name} is no event of these contracts")
    names = {str(one["name"]) for one in inputs}
    if event.values.keys() != names:
        raise AuditFailure(f"has the values {sorted(event.values)} instead of {sorted(names)}")
    values = {str(one["name"]): _value(str(one["name"]), one, event.values[str(one["name"])]) for one in inputs}
    return replace(event, values=values)


def _value(name: str, abi: Mapping[str, Any], value: Any) -> Any:
    kind = str(abi["type"])
    if kind.endswith("[]"):
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise AuditFailure(f"has {name}={value!r}, which is no list")
        item = {**abi, "type": kind[:-2]}
        return [_value(f"{name}[{index}]", item, one) for index, one in enumerate(value)]
    if kind == "tuple":
        return _struct(name, abi["components"], value)
    if kind.startswith("uint"):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << int(kind[4:]):
            raise AuditFailure(f"has {name}={value!r}, which is no {kind}")
        return int(value)
    if kind == "address":
        if not isinstance(value, (str, bytes)) or not is_address(value):
            raise AuditFailure(f"has {name}={value!r}, which is no address")
        return to_checksum_address(value)
    if kind.startswith("bytes"):
        length = int(kind[5:] or 0)
        if not isinstance(value, bytes) or (length and len(value) != length):
            raise AuditFailure(f"has {name}={value!r}, which is no {kind}")
        return bytes(value)
    raise AuditFailure(f"has {name} of the type {kind}, which no event of these contracts has")


def _struct(name: str, components: Sequence[Mapping[str, Any]], value: Any) -> tuple[Any, ...]:
    """A struct as a tuple in the order of its fields, from a tuple or from a map by name."""
    if isinstance(value, Mapping):
        value = [value[str(one["name"])] for one in components if str(one["name"]) in value]
    if not isinstance(value, (list, tuple)) or len(value) != len(components):
        raise AuditFailure(f"has {name}={value!r}, which is no struct of {len(components)} fields")
    return tuple(_value(f"{name}.{one['name']}", one, part) for one, part in zip(components, value, strict=True))
