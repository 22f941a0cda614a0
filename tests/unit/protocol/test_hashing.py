"""The stored hashes bind all that they must, and refuse what has no place in them."""

from __future__ import annotations

from typing import Any

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.protocol import revealed_hash, round_seed, update_hash, verdict_hash, vote_hash

UPDATE: dict[str, Any] = {"round_": 1, "shard": 1, "node": 1, "digest": bytes(32), "commitment": bytes(96)}
VERDICT: dict[str, Any] = {
    "task": 1,
    "round_": 1,
    "node": 1,
    "scores": b"\x01\x02",
    "verdict": bytes(32),
    "salt": bytes(32),
}
VOTE: dict[str, Any] = {"feed": "0x" + "11" * 20, "appeal": 1, "seat": 1, "node": 1, "uphold": True, "salt": bytes(32)}


def flipped(value: int | bytes) -> int | bytes:
    """One bit of a value turned over."""
    return value ^ 2 if isinstance(value, int) else value[:-1] + bytes([value[-1] ^ 1])


@pytest.mark.parametrize("name", UPDATE)
def test_update_hash_of_one_bit_flipped_is_another(name: str) -> None:
    assert update_hash(**UPDATE) != update_hash(**{**UPDATE, name: flipped(UPDATE[name])})


def test_update_hash_ends_with_its_round_which_is_in_nothing_else() -> None:
    first, last = (update_hash(**{**UPDATE, "round_": round_}) for round_ in (1, 2**32 - 1))
    assert (first[28:], last[28:]) == (b"\0\0\0\x01", b"\xff" * 4)
    assert first[:28] == last[:28]


@pytest.mark.parametrize("name", VERDICT)
def test_verdict_hash_of_one_bit_flipped_is_another(name: str) -> None:
    assert verdict_hash(**VERDICT) != verdict_hash(**{**VERDICT, name: flipped(VERDICT[name])})


@pytest.mark.parametrize("name", VOTE)
def test_vote_hash_of_one_thing_changed_is_another(name: str) -> None:
    other = {"feed": "0x" + "11" * 19 + "12", "uphold": False}
    assert vote_hash(**VOTE) != vote_hash(**{**VOTE, name: other[name] if name in other else flipped(VOTE[name])})


def test_revealed_hash_names_its_node_and_its_scores() -> None:
    assert len({revealed_hash(1, b"\x01"), revealed_hash(2, b"\x01"), revealed_hash(1, b"\x02")}) == 3


def test_round_seed_is_another_in_every_round_and_task() -> None:
    assert len({round_seed(bytes(31) + bytes([seed]), round_) for seed in (1, 2) for round_ in (1, 2)}) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest", bytes(31)),
        ("digest", bytes(33)),
        ("commitment", bytes(95)),
        ("node", -1),
        ("shard", -1),
        ("round_", -1),
        ("round_", 2**32),
    ],
)
def test_update_hash_of_a_malformed_input_is_refused_by_name(name: str, value: int | bytes) -> None:
    with pytest.raises(BadInput, match=name.rstrip("_")):
        update_hash(**{**UPDATE, name: value})


@pytest.mark.parametrize(("name", "value"), [("verdict", bytes(31)), ("salt", b""), ("task", -1), ("node", 2**256)])
def test_verdict_hash_of_a_malformed_input_is_refused_by_name(name: str, value: int | bytes) -> None:
    with pytest.raises(BadInput, match=name):
        verdict_hash(**{**VERDICT, name: value})


def test_round_seed_of_a_short_seed_is_refused() -> None:
    with pytest.raises(BadInput, match="seed"):
        round_seed(bytes(8), 1)
