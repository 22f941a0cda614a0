"""What a watch says of an address, and how it takes it back: exact JSON, named by a digest of what it is about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from anomalyhive.errors import BadInput
from anomalyhive.jsontext import loads

ADDRESS, HASH, DIGEST = (re.compile(one) for one in ("0x[0-9a-f]{40}", "0x[0-9a-f]{64}", "[0-9a-f]{64}"))

MOST_BP = 10_000
"""Basis points of certainty."""

MOST_TRANSACTIONS, MOST_REASONS, MOST_TEXT = 100, 20, 400
"""Transactions and reasons that an alert names, and characters of a text in it."""

MOST_NUMBER = 1 << 53
"""Numbers are below it, so that every reader of JSON has them exactly."""

WHY = ("orphaned", "retracted", "expired", "cleared")
"""Why an alert is withdrawn: its block is no longer the chain's; its author takes it back; its time is over; the
address has fallen clearly below the threshold."""


@dataclass(frozen=True)
class Alert:
    """An address that a model finds likely to be what is looked for.

    ``transactions`` are those of the block that touch the address, the first MOST_TRANSACTIONS of them; of an alert
    that a newer model renewed, those of the alert before. ``probability_bp`` is in basis points, floored, and at least
    1. ``category_index`` is that of the most probable class, also where ``category`` is "unknown". ``model`` is a
    digest, made by ``round``. ``raised_at`` is the block's time and ``expires_at`` later, in unix seconds.
    """

    chain_id: int
    address: str
    block_number: int
    block_hash: str
    transactions: tuple[str, ...]
    probability_bp: int
    category: str
    category_index: int
    reasons: tuple[str, ...]
    model: str
    round: int
    raised_at: int
    expires_at: int

    def __post_init__(self) -> None:
        """Raise BadInput for what no alert says."""
        _number("chain_id", self.chain_id, 1)
        _matches("address", self.address, ADDRESS)
        _number("block_number", self.block_number)
        _matches("block_hash", self.block_hash, HASH)
        _several("transactions", self.transactions, MOST_TRANSACTIONS)
        for one in self.transactions:
            _matches("transactions", one, HASH)
        _number("probability_bp", self.probability_bp, 1, MOST_BP)
        _text("category", self.category)
        _number("category_index", self.category_index)
        _several("reasons", self.reasons, MOST_REASONS)
        for one in self.reasons:
            _text("reasons", one)
        _matches("model", self.model, DIGEST)
        _number("round", self.round)
        _number("raised_at", self.raised_at)
        _number("expires_at", self.expires_at, self.raised_at + 1)

    @property
    def id(self) -> str:
        """SHA-256, as hex, of what the alert is about: one address in one block, by one model."""
        names = ("address", "block_hash", "chain_id", "model")
        return _digest({name: getattr(self, name) for name in names})

    def to_json(self) -> str:
        """The one text of the alert: names in their alphabet, no spaces."""
        return canonical({"id": self.id, **vars(self)})

    @classmethod
    def from_json(cls, text: str | bytes) -> Alert:
        """The alert of a text. Raises BadInput for what is none, and for an id that is not that of its content."""
        given = _object(text, {"id", *cls.__dataclass_fields__}, "alert")
        said = given.pop("id")
        for name in ("transactions", "reasons"):
            if not isinstance(given[name], list):
                raise BadInput(f"{name} of an alert is {_shown(given[name])}: a list is due")
            given[name] = tuple(given[name])
        return _named(cls(**given), said)


@dataclass(frozen=True)
class Withdrawal:
    """An alert does not hold any more: ``at`` (unix seconds, a block's time), ``why`` one of WHY."""

    alert_id: str
    at: int
    why: str

    def __post_init__(self) -> None:
        """Raise BadInput for what no withdrawal says."""
        _matches("alert_id", self.alert_id, DIGEST)
        _number("at", self.at)
        if self.why not in WHY:
            raise BadInput(f"an alert is withdrawn why: {_shown(self.why)} is none of {', '.join(WHY)}")

    @property
    def id(self) -> str:
        """SHA-256, as hex, of the rest."""
        return _digest(vars(self))

    def to_json(self) -> str:
        """The one text of the withdrawal."""
        return canonical({"id": self.id, **vars(self)})

    @classmethod
    def from_json(cls, text: str | bytes) -> Withdrawal:
        """The withdrawal of a text. Raises BadInput for what is none."""
        given = _object(text, {"id", *cls.__dataclass_fields__}, "withdrawal")
        said = given.pop("id")
        return _named(cls(**given), said)


_Made = TypeVar("_Made", Alert, Withdrawal)


def canonical(fields: Mapping[str, Any]) -> str:
    """JSON in its one form: ASCII, names in their alphabet, no spaces."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(fields).encode("ascii")).hexdigest()


def _object(text: str | bytes, names: set[str], what: str) -> dict[str, Any]:
    try:
        given = loads(text)
    except ValueError as error:
        raise BadInput(f"{_shown(text)} is no {what}: it is no JSON ({str(error)[:100]})") from error
    if not isinstance(given, dict) or set(given) != names:
        odd = sorted(set(given) ^ names) if isinstance(given, dict) else [type(given).__name__]
        raise BadInput(f"{_shown(text)} is no {what}: see to {', '.join(odd)[:200]}")
    return given


def _named(made: _Made, said: object) -> _Made:
    if said != made.id:
        raise BadInput(f"the id {_shown(said)} is not that of its content, {made.id}: it was changed on the way")
    return made


def _number(name: str, value: object, low: int = 0, high: int = MOST_NUMBER - 1) -> None:
    if type(value) is not int or not low <= value <= high:
        raise BadInput(f"{name} is {_shown(value)}: a whole number from {low} to {high} is due")


def _matches(name: str, value: object, form: re.Pattern[str]) -> None:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadInput(f"{name} is {_shown(value)}: {form.pattern} is due")


def _several(name: str, value: object, most: int) -> None:
    if not isinstance(value, tuple) or len(value) > most:
        raise BadInput(f"{name} is {_shown(value)}: a tuple of at most {most} is due")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT or not value.isprintable():
        raise BadInput(f"{name} is {_shown(value)}: 1 to {MOST_TEXT} printable characters are due")


def _shown(value: object) -> str:
    return repr(value)[:100]
