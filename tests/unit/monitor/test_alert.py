"""Alerts and withdrawals: one text each, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.monitor.alert import MOST_REASONS, WHY, Alert, Withdrawal
from monitor.watchbooks import alert

A = alert(100, 1)
W = Withdrawal(A.id, 1_600_000_000, "cleared")


def test_to_json_of_alert_and_back_is_the_same() -> None:
    assert Alert.from_json(A.to_json()) == A
    assert Alert.from_json(A.to_json().encode()).to_json() == A.to_json()


def test_to_json_of_withdrawal_and_back_is_the_same() -> None:
    assert [Withdrawal.from_json(replace(W, why=why).to_json()).why for why in WHY] == list(WHY)


def test_id_is_the_hash_of_chain_address_block_and_model() -> None:
    about = f'{{"address":"{A.address}","block_hash":"{A.block_hash}","chain_id":1,"model":"{A.model}"}}'
    assert A.id == hashlib.sha256(about.encode()).hexdigest()


@pytest.mark.parametrize("name", ["chain_id", "address", "block_hash", "model"])
def test_id_changes_with_what_the_alert_is_about(name: str) -> None:
    other = alert(101, 2, model="0" * 64, chain_id=5)
    assert replace(A, **{name: getattr(other, name)}).id != A.id


@pytest.mark.parametrize("name", ["probability_bp", "category", "expires_at", "round"])
def test_id_stays_when_the_rest_changes(name: str) -> None:
    other = alert(100, 1, probability_bp=1, category="dex", expires_at=2_000_000_000, round=9)
    assert replace(A, **{name: getattr(other, name)}).id == A.id


WRONG: list[tuple[str, Any]] = [
    ("chain_id", 0),
    ("chain_id", True),
    ("chain_id", 1 << 60),
    ("address", A.address.upper()),
    ("address", A.address[:-1]),
    ("address", 7),
    ("block_number", -1),
    ("block_number", 1.0),
    ("block_number", "1"),
    ("block_hash", A.block_hash[2:]),
    ("transactions", ["0x12"]),
    ("transactions", "0x"),
    ("transactions", [A.block_hash] * 101),
    ("probability_bp", 0),
    ("probability_bp", 10_001),
    ("probability_bp", float("nan")),
    ("category", ""),
    ("category", "a\nb"),
    ("category", "x" * 401),
    ("category_index", -1),
    ("reasons", ["\x1b[2J"]),
    ("reasons", ["a\u202eb"]),
    ("reasons", ["r"] * (MOST_REASONS + 1)),
    ("reasons", [["r"]]),
    ("model", "0x" + A.model),
    ("round", None),
    ("raised_at", -5),
    ("expires_at", A.raised_at),
    ("id", A.id[::-1]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_from_json_of_wrong_value_names_it(name: str, value: Any) -> None:
    given = {**json.loads(A.to_json()), name: value}
    with pytest.raises(BadInput, match=name.split("_")[0]):
        Alert.from_json(json.dumps(given))


@pytest.mark.parametrize("text", ["", "[]", "null", "7", "{", '{"id": 1}', "[" * 5000, b"\xff", A.to_json()[:-1]])
def test_from_json_of_no_alert_is_refused(text: str | bytes) -> None:
    for kind in (Alert, Withdrawal):
        with pytest.raises(BadInput):
            kind.from_json(text)


def test_from_json_with_a_name_too_many_or_too_few_is_refused() -> None:
    given = json.loads(A.to_json())
    for other in ({**given, "more": 1}, {name: value for name, value in given.items() if name != "round"}):
        with pytest.raises(BadInput, match=r"more|round"):
            Alert.from_json(json.dumps(other))


@pytest.mark.parametrize(("name", "value"), [("why", "bored"), ("why", 1), ("at", -1), ("alert_id", "x"), ("id", "0")])
def test_from_json_of_withdrawal_with_wrong_value_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadInput):
        Withdrawal.from_json(json.dumps({**json.loads(W.to_json()), name: value}))
