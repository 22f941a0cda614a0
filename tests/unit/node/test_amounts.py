"""Amounts as people write them: exact both ways, and refused where they are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomalyhive.errors import BadSetting
from anomalyhive.node.amounts import decimal, parse_amount, rounded, tokens

UNIT = 10**18


def test_tokens_says_one_token_of_exactly_one() -> None:
    assert [tokens(amount) for amount in (0, UNIT, UNIT + 1)] == ["0 tokens", "1 token", f"1.{1:018} tokens"]


@given(st.integers(0, 2**128))
def test_parse_amount_of_decimal_gives_the_amount(amount: int) -> None:
    assert parse_amount(decimal(amount), "--stake") == amount


@given(st.integers(0, 2**128))
def test_rounded_is_never_more_and_less_by_under_a_millionth(amount: int) -> None:
    shown = parse_amount(rounded(amount), "--stake")
    assert 0 <= amount - shown < UNIT // 10**6


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1", UNIT), ("0.5", UNIT // 2), ("1,000.25", 100_025 * UNIT // 100), ("1_000", 1_000 * UNIT), ("0", 0)],
)
def test_parse_amount_of_what_people_write(text: str, amount: int) -> None:
    assert parse_amount(text, "--stake") == amount


@pytest.mark.parametrize("text", ["", "-1", "1e3", ".5", "1.", "0x10", "nan", "1.0000000000000000001", "９", "9" * 31])
def test_parse_amount_of_what_is_none_names_the_option(text: str) -> None:
    with pytest.raises(BadSetting, match=r"^--stake .* is no amount"):
        parse_amount(text, "--stake")


def test_tokens_of_a_large_amount_is_exact() -> None:
    assert tokens(1_234 * UNIT + 5 * UNIT // 10 + 1) == "1,234.500000000000000001 tokens"
