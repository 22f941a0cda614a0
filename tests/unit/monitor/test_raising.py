"""Which scores raise, renew and clear alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.entries import Ended
from anomalyhive.monitor.models import Learned, Opinion
from anomalyhive.monitor.raising import Terms, expired, raised, scores_of
from monitor.learnt import sample_rows
from monitor.watchbooks import BLOCK_SECONDS, START, entry, time_of

LIFE = 10 * BLOCK_SECONDS
WHO = ["0x" + digit * 40 for digit in "abc"]


def judged(
    learned: Learned, number: int, points: list[int], live: Mapping[str, Alert], life: int = LIFE
) -> tuple[list[Alert], list[Ended]]:
    """What a block does whose three addresses have these scores by a model."""
    images = learned.opinion(sample_rows().features[:3]).images
    called = np.array([one >= learned.threshold.bp for one in points])
    opinion = Opinion(points, called, ["unknown", "dex", "unknown"], [0, 2, 0], images)
    block = entry(number).block
    hashes = {WHO[0]: [block.hash], WHO[1]: []}
    scores = scores_of(block, WHO, opinion, learned.digest, hashes)
    assert [one.transaction_hash for one in scores] == [block.hash, "", ""]
    return raised(CHAINS["ethereum"], block, scores, opinion, learned, live, hashes, Terms(life, 2))


def test_raised_alert_says_all_of_the_score(model: Learned) -> None:
    (one,), ended = judged(model, START, [4999, 5000, 0], {})
    assert ended == []
    assert (one.address, one.probability_bp, one.category, one.category_index) == (WHO[1], 5000, "dex", 2)
    assert (one.block_number, one.raised_at, one.expires_at) == (START, time_of(START), time_of(START) + LIFE)
    assert (one.model, one.round, one.chain_id, one.transactions) == (model.digest, 1, 1, ())
    assert one.reasons == tuple(model.judge.reasons(model.opinion(sample_rows().features[1:2]).images, 2)[0])  # type: ignore[index]


def test_raised_again_before_half_of_its_life_stays_as_it_is(model: Learned) -> None:
    (one,), _ = judged(model, START, [0, 5000, 0], {})
    assert judged(model, START + 4, [0, 5000, 0], {WHO[1]: one}) == ([], [])


def test_raised_again_after_half_of_its_life_renews_it(model: Learned) -> None:
    (one,), _ = judged(model, START, [0, 5000, 0], {})
    (again,), ended = judged(model, START + 5, [0, 6000, 0], {WHO[1]: one})
    assert (again.probability_bp, again.expires_at) == (6000, time_of(START + 5) + LIFE)
    assert again.id != one.id
    assert ended == [Ended(one.id, "renewed")]


def test_raised_by_a_newer_model_renews_at_once(model: Learned, newer: Learned) -> None:
    (one,), _ = judged(model, START, [0, 5000, 0], {})
    (again,), ended = judged(newer, START + 1, [0, 5000, 0], {WHO[1]: one})
    assert (again.model, again.round) == (newer.digest, 2)
    assert ended == [Ended(one.id, "renewed")]


@pytest.mark.parametrize(("points", "ends"), [(4999, False), (4500, False), (4499, True), (0, True)])
def test_live_alert_is_cleared_only_clearly_below_the_threshold(model: Learned, points: int, ends: bool) -> None:
    (one,), _ = judged(model, START, [0, 5000, 0], {})
    alerts, ended = judged(model, START + 1, [0, points, 0], {WHO[1]: one})
    assert alerts == []
    assert ended == ([Ended(one.id, "cleared")] if ends else [])


def test_alerts_of_a_block_each_have_their_own_reasons(model: Learned) -> None:
    alerts, _ = judged(model, START, [9000, 5000, 7000], {})
    assert [one.address for one in alerts] == WHO
    assert len({one.reasons for one in alerts}) > 1


def test_expired_leaves_out_what_has_ended_otherwise(model: Learned) -> None:
    alerts, _ = judged(model, START, [9000, 5000, 0], {})
    ended = [Ended(alerts[0].id, "renewed")]
    assert expired(alerts, ended) == [Ended(alerts[1].id, "expired")]


def test_alert_by_a_threshold_of_next_to_nothing_has_one_basis_point(model: Learned) -> None:
    eager = replace(model, threshold=replace(model.threshold, bp=1))
    alerts, _ = judged(eager, START, [1, 0, 0], {})
    assert [one.probability_bp for one in alerts] == [1]
