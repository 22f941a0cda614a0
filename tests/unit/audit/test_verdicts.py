"""Reasons in verdicts, and when they excuse that content is absent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from anomalyhive.audit.replay import Round
from anomalyhive.audit.verdicts import Reasons
from anomalyhive.chain.views import Reveal, Submission
from anomalyhive.content.kinds import Verdict

AWAY, WRONG = "unavailable: nobody has it", "vector differs"


def reasons(said: Mapping[int, tuple[int, int, str | None]]) -> Reasons:
    """Seat -> (its node, its score of shard 0, its reason or None for a verdict without content)."""
    round_ = Round(1, bytes(32), bytes(32), 0, 1000, 0)
    round_.submissions[0] = Submission(0, 7, bytes(32), bytes(96))
    verdicts = {}
    for seat, (node, score, reason) in said.items():
        round_.reveals[seat] = Reveal(seat, node, bytes([score]), bytes(32))
        if reason is not None:
            given = {0: reason} if reason else {}
            verdicts[seat] = Verdict(1, bytes(20), 1, 1, node, seat, bytes([score]), given)
    return Reasons(round_, verdicts)


@pytest.mark.parametrize(
    ("said", "excused"),
    [
        ({0: (1, 0, AWAY), 1: (2, 0, AWAY), 2: (3, 0, WRONG)}, True),
        ({0: (1, 0, AWAY), 1: (2, 0, WRONG)}, False),
        ({0: (1, 0, AWAY), 1: (2, 200, "")}, True),
        ({0: (1, 0, AWAY), 1: (2, 0, None)}, False),
        ({0: (1, 0, WRONG)}, False),
        # The author's own word counts for nothing.
        ({0: (7, 0, AWAY), 1: (2, 0, WRONG)}, False),
        ({0: (7, 0, AWAY), 1: (2, 0, AWAY)}, True),
        ({}, False),
    ],
)
def test_excuse_absence_takes_most_of_the_seats_that_rejected(
    said: Mapping[int, tuple[int, int, str | None]], excused: bool
) -> None:
    assert reasons(said).excuse_absence(0) is excused


def test_of_gives_the_reasons_of_others_for_a_score_of_zero() -> None:
    found = reasons({0: (1, 0, WRONG), 1: (2, 9, "liked it"), 2: (7, 0, "mine")})
    assert found.of(0) == [WRONG]
    assert not found.any_unavailable()
    assert reasons({0: (1, 0, AWAY)}).any_unavailable()
