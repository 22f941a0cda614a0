"""How far validators are from the medians, by hand and by properties."""

from __future__ import annotations

from anomalyhive.protocol import deviations, is_paid

UPDATES = {0: 11, 2: 12}


def test_deviations_add_distances_and_255_for_a_disagreement_about_acceptance() -> None:
    verdicts = {0: (1, bytes([10, 0, 20])), 1: (2, bytes([13, 0, 0])), 2: (3, bytes([10, 0, 25]))}
    assert deviations(UPDATES, verdicts, {0: 10, 2: 20}) == {0: (0, 2), 1: (3 + 20 + 255, 2), 2: (5, 2)}


def test_deviations_of_a_score_for_a_rejected_update_count_the_disagreement() -> None:
    assert deviations({0: 11}, {0: (1, bytes([200]))}, {0: 0}) == {0: (455, 1)}


def test_deviations_leave_the_own_update_out() -> None:
    verdicts = {0: (11, bytes([255, 0, 20]))}
    assert deviations(UPDATES, verdicts, {0: 1, 2: 20}) == {0: (0, 1)}


def test_deviations_do_not_read_scores_of_shards_without_an_update() -> None:
    assert deviations(UPDATES, {0: (1, bytes([10, 255, 20]))}, {0: 10, 2: 20}) == {0: (0, 2)}


def test_is_paid_up_to_the_tolerated_mean_and_no_further() -> None:
    assert is_paid(20, 2, 10)
    assert not is_paid(21, 2, 10)
    assert is_paid(0, 0, 0)
