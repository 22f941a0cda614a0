"""Digests with their CIDs, and values that every reader of JSON reads alike."""

from __future__ import annotations

from anomalyhive.audit.naming import EXACT, exact, quality_text, root_name
from anomalyhive.content.cid import Codec, Link, parse_cid


def test_root_name_has_digest_and_cid_of_the_same_root() -> None:
    name = root_name(b"\x07" * 32)
    assert name is not None
    assert name["digest"] == "07" * 32
    assert parse_cid(name["cid"]) == Link(b"\x07" * 32, Codec.DAG_CBOR)


def test_root_name_of_the_digest_of_nothing_is_none() -> None:
    assert root_name(bytes(32)) is None


def test_quality_text_has_six_decimals() -> None:
    assert quality_text(2 / 3) == "0.666667"
    assert quality_text(None) is None


def test_exact_turns_only_what_readers_would_round_into_text() -> None:
    assert exact({"a": [EXACT, EXACT + 1, -EXACT - 1, True, None, "x"], 3: ()}) == {
        "a": [EXACT, str(EXACT + 1), str(-EXACT - 1), True, None, "x"],
        "3": [],
    }


def test_exact_of_half_a_character_is_its_code() -> None:
    assert exact(["a\udc80"]) == [r"a\udc80"]
