"""Times of the chain as they are shown."""

from __future__ import annotations

import pytest

from anomalyhive.node.leaving import lasting


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (20_000, "5:33:20"), (86_400, "1 day"), (90_000, "1 day, 1:00:00"), (604_800, "7 days")],
)
def test_lasting_of_whole_days_has_no_hours(seconds: int, text: str) -> None:
    assert lasting(seconds) == text
