"""What rules a feed may have, and for which task it can be."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest
from logs import logged, plain
from refusals import refused
from watch import RULES, Watch

from rehearsal import BASE, Rehearsal

DAY = 86_400

# Field, the contract's name of it, the least and the most that is accepted; None: no bound.
BOUNDS = [
    ("posts", "posts", 2, 24),
    ("quorum", "quorum", 1, 4),
    ("categories", "categories", 1, None),
    ("longest_seconds", "longestSeconds", RULES.stand_seconds, 400 * DAY),
    ("stand_seconds", "standSeconds", None, RULES.longest_seconds),
    ("vote_seconds", "voteSeconds", 1, 30 * DAY),
    ("reveal_seconds", "revealSeconds", 1, 30 * DAY),
    ("vote_reward", "voteReward", None, RULES.bond // BASE.seats),
]


def deploy(container: Any, rehearsal: Rehearsal, task: int, **changes: int) -> Any:
    return container.deploy(rehearsal.hive, task, astuple(replace(RULES, **changes)), {"from": rehearsal.sponsor})


@pytest.mark.parametrize(("field", "rule", "least", "most"), BOUNDS, ids=[one[0] for one in BOUNDS])
def test_rule_at_its_bounds_is_accepted_and_beyond_them_refused(
    AlertFeed: Any, deployed: Rehearsal, task: int, field: str, rule: str, least: int | None, most: int | None
) -> None:
    for value in (least, most):
        if value is not None:
            made = deploy(AlertFeed, deployed, task, **{field: value})
            assert dict(zip(made.rules().keys(), plain(made.rules()), strict=True))[rule] == value
    beyond = [value for value in ((least or 0) - 1, most + 1 if most is not None else -1) if value >= 0]
    assert beyond
    for value in beyond:
        # Fewer posts than the quorum, or shorter lives than alerts must stand, are the fault of the later rule.
        named = (
            {"posts": "quorum", "longestSeconds": "standSeconds"}.get(rule, rule) if value == (least or 0) - 1 else rule
        )
        with refused("InvalidRules", named, getattr(replace(RULES, **{field: value}), _field(named))):
            deploy(AlertFeed, deployed, task, **{field: value})


def _field(rule: str) -> str:
    return next(field for field, name, *_ in BOUNDS if name == rule)


def test_rules_with_no_posts_or_no_life_are_refused(AlertFeed: Any, deployed: Rehearsal, task: int) -> None:
    with refused("InvalidRules", "posts", 0):
        deploy(AlertFeed, deployed, task, posts=0)
    with refused("InvalidRules", "longestSeconds", 0):
        deploy(AlertFeed, deployed, task, longest_seconds=0, stand_seconds=0)


def test_feed_of_an_unknown_task_is_refused(AlertFeed: Any, deployed: Rehearsal, task: int) -> None:
    for unknown in (0, task + 1):
        with refused("UnknownTask", unknown):
            deploy(AlertFeed, deployed, unknown)


def test_feed_of_an_address_without_code_is_refused(AlertFeed: Any, deployed: Rehearsal, stranger: Any) -> None:
    with pytest.raises(Exception, match="revert"):
        AlertFeed.deploy(stranger, 1, astuple(RULES), {"from": deployed.sponsor})


def test_new_feed_says_what_it_is(empty: Watch, deployed: Rehearsal, watched: int) -> None:
    feed = empty.feed
    assert (feed.hive(), feed.task()) == (deployed.hive.address, watched)
    assert (feed.registry(), feed.token()) == (deployed.registry.address, deployed.token.address)
    assert plain(feed.rules()) == astuple(RULES)
    assert (empty.money, feed.appealCount(), feed.termCount(), feed.unburned()) == ((0, 0), 0, 0, 0)
    [created] = logged(feed.tx, "FeedCreated")
    assert created == {"hive": deployed.hive.address, "task": watched, "rules": astuple(RULES)}


def test_feed_fits_the_limit_of_a_contract(empty: Watch) -> None:
    # EIP-170.
    assert len(empty.feed.bytecode) // 2 <= 24_576
