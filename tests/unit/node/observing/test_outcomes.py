"""What came of rounds, updates and verdicts: each is told once, and nothing that ended before the first look."""

from __future__ import annotations

import pytest

from anomalyhive.chain.views import Phase
from anomalyhive.node.observing.outcomes import Outcomes, Seen

from .views import NODE, judged, view


@pytest.fixture
def outcomes() -> Outcomes:
    made = Outcomes()
    made.node = NODE
    return made


def test_outcomes_of_a_round_followed_to_its_end_come_once(outcomes: Outcomes) -> None:
    assert outcomes.of(1, view()) == Seen()
    assert outcomes.of(1, judged(Phase.ATTEST)) == Seen(updates=("accepted", "rejected"))
    assert outcomes.of(1, judged(Phase.ATTEST)) == Seen()
    assert outcomes.of(1, judged(Phase.FINAL)) == Seen(rounds=("final",), verdicts=("paid", "unpaid", "slashed"))
    assert outcomes.of(1, judged(Phase.FINAL)) == Seen()


def test_outcomes_of_a_round_seen_only_at_its_end_come_together(outcomes: Outcomes) -> None:
    outcomes.of(1, view())
    assert outcomes.of(1, judged(Phase.FINAL)).updates == ("accepted", "rejected")


def test_outcomes_of_a_cancelled_round_pay_no_verdict(outcomes: Outcomes) -> None:
    outcomes.of(1, view())
    assert outcomes.of(1, judged(Phase.CANCELLED)) == Seen(
        ("cancelled",), ("accepted", "rejected"), ("unpaid", "unpaid", "slashed")
    )


@pytest.mark.parametrize("phase", [Phase.FINAL, Phase.CANCELLED])
def test_outcomes_of_what_had_ended_before_the_first_look_are_none(outcomes: Outcomes, phase: Phase) -> None:
    assert outcomes.of(1, judged(phase)) == Seen()


def test_outcomes_of_a_round_that_ended_unseen_follow_from_the_next_ones_base(outcomes: Outcomes) -> None:
    outcomes.of(1, view())
    assert outcomes.of(1, view(round_=2)).rounds == ("cancelled",)
    assert outcomes.of(1, view(round_=3, base=b"m" * 32)).rounds == ("final",)


def test_outcomes_of_several_rounds_that_nobody_saw_are_called_so(outcomes: Outcomes) -> None:
    outcomes.of(1, view())
    outcomes.of(1, judged(Phase.FINAL))
    assert outcomes.of(1, view(round_=2)).rounds == ()
    assert outcomes.of(1, view(round_=5)).rounds == ("unseen",) * 3


def test_outcomes_of_tasks_are_apart(outcomes: Outcomes) -> None:
    outcomes.of(1, view())
    assert outcomes.of(2, judged(Phase.FINAL)) == Seen()
    assert outcomes.of(1, judged(Phase.FINAL)).rounds == ("final",)


def test_outcomes_of_a_node_that_is_not_known_yet_wait_for_it() -> None:
    outcomes = Outcomes()
    outcomes.of(1, view())
    assert outcomes.of(1, judged(Phase.ATTEST)).updates == ()
    outcomes.node = NODE
    assert outcomes.of(1, judged(Phase.ATTEST)).updates == ("accepted", "rejected")
