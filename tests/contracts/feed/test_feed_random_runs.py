"""Random monitors, validators and appellants at random seconds, on the feed and on a plain model: both do the same.

After every call, refused or not, `riskOf` and the money are the model's, and the feed holds what it owes to the last
unit; at the end so are the record and the earnings of everybody. The runs are the same each time. For others:

    ANOMALYHIVE_FEED_SEED=7 .venv/bin/python -m pytest -s tests/contracts/feed/test_feed_random_runs.py

`-s` shows how often each call succeeded and how often it was refused.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from brownie.exceptions import VirtualMachineError
from feed_model import Model
from feed_records import Refused
from logs import plain
from watch import EVIDENCE, FUNDS, MONITOR, OVERTURNED, UNDECIDED, UPHELD, Watch, named, salt, subject

from anomalyhive.protocol import vote_hash
from rehearsal import BASE, TOKEN, VALIDATE, Node, Rehearsal

SEED = int(os.environ.get("ANOMALYHIVE_FEED_SEED", "1"))
RUNS, STEPS = 4, 150

SUBJECTS = [subject(1), subject(2)]

SHORT = {"longest_seconds": 150, "stand_seconds": 25, "vote_seconds": 40, "reveal_seconds": 50, "categories": 3}
"""Seconds, so that all of it happens often; calls are some of them apart."""

MOVES = {
    "say": 26, "settle": 16, "appeal": 8, "commit": 16, "reveal": 16, "decide": 6, "take": 5, "release": 2,
    "retract": 2, "claim": 3, "fetch": 2, "fund": 1, "withdraw": 2,
}  # fmt: skip
"""Call -> weight."""


class Run:
    """One run: draws a call, says what the model makes of it, and makes it."""

    def __init__(self, watch: Watch, cast: Sequence[Node], validators: Sequence[Node], seed: int) -> None:
        self.watch, self.cast, self.random = watch, cast, random.Random(seed)
        seats = {seat: node.number for seat, node in enumerate(validators)}
        self.model = Model(watch.rules, seats, BASE.quorum)
        self.keys = {node.number: node for node in (*cast, *validators)}
        self.now = watch.clock.now + 10
        self.done: Counter[tuple[str, bool]] = Counter()

    def step(self) -> None:
        """One call, some seconds after the last."""
        self.now += self.random.choice((1, 1, 1, 1, 2, 3, 4, 9))
        values = None
        while values is None:
            verb = self.random.choices(list(MOVES), list(MOVES.values()))[0]
            values, sender = getattr(self, f"_{verb}")()
        arguments, method, parameters = values
        try:
            getattr(self.model, verb)(self.now, *arguments)
            error = None
        except Refused as refusal:
            error = str(refusal)
        self.watch.clock.next(self.now)
        if error is None:
            method(*parameters, {"from": sender})
        else:
            with pytest.raises(VirtualMachineError) as caught:
                method(*parameters, {"from": sender})
            assert str(caught.value.revert_msg).split(":")[0] == error, (verb, arguments)
        self.done[verb, error is None] += 1
        self.look()

    def look(self) -> None:
        """Feed and model say the same of both subjects and of the money."""
        watch, model = self.watch, self.model
        for about in SUBJECTS:
            seen = watch.risk(about)
            assert (seen.pop("model") != b"\x00" * 32) == (seen["monitors"] > 0)
            assert seen == model.risk(self.now, about)
        assert watch.money == (model.escrow, model.locked)
        assert int(watch.token.balanceOf(watch.feed)) == model.balance == model.due()

    def look_at_everybody(self) -> None:
        """Feed and model say the same of every node and every appeal."""
        watch, model = self.watch, self.model
        assert watch.surplus() == 0
        for number in self.keys:
            assert int(watch.feed.owed(number)) == model.owed[number]
            assert plain(watch.feed.standingOf(number)) == tuple(model.records[number])
        assert [named(watch.feed.appealState(n + 1))["outcome"] for n in range(len(model.appeals))] == [
            one.outcome for one in model.appeals
        ]

    # What is drawn: arguments of the model, the feed's method and its arguments; and who calls

    def _monitor(self) -> tuple[int, Node]:
        """A post and, mostly, its holder."""
        post = self.random.randrange(self.watch.rules.posts)
        holder = self.model.holders.get(post)
        if holder is None or self.random.random() < 0.05:
            return post, self.random.choice(self.cast)
        return post, self.keys[holder]

    def _say(self) -> Any:
        post, node = self._monitor()
        rows = [
            (
                about,
                self.random.randint(1, 10_000),
                self.random.randrange(3),
                self.now + self.random.choice((0, 9, 60, 500, 500, 500)),
            )
            for about in self.random.choices(SUBJECTS, k=self.random.randint(1, 3))
        ]
        return ((post, node.number, rows), self.watch.feed.postAlerts, (post, 1, rows)), node.operator

    def _take(self) -> Any:
        free = [one for one in self.cast if one.number not in self.model.holders.values()]
        node = self.random.choice(free or list(self.cast))
        post = self.random.randrange(self.watch.rules.posts)
        return ((post, node.number), self.watch.feed.takePost, (post,)), node.operator

    def _release(self) -> Any:
        post, node = self._monitor()
        return ((post, node.number), self.watch.feed.releasePost, (post,)), node.operator

    def _retract(self) -> Any:
        post, node = self._monitor()
        about = self.random.choice(SUBJECTS)
        return ((post, node.number, about), self.watch.feed.retract, (node.number, post, [about])), node.operator

    def _settle(self) -> Any:
        post, about = self.random.randrange(self.watch.rules.posts), self.random.choice(SUBJECTS)
        return ((post, about), self.watch.feed.settle, (post, [about])), self._sponsor

    def _appeal(self) -> Any:
        flagged = [one for one in SUBJECTS if self.model.risk(self.now, one)["flagged"]]
        if not flagged and self.random.random() < 0.9:
            return None, None
        about = self.random.choice(flagged or SUBJECTS)
        return ((about, self._sponsor.address), self.watch.feed.appeal, (about, EVIDENCE)), self._sponsor

    def _case(self, since: int, until: int) -> int | None:
        """The number of an appeal, mostly of an open one that was opened so many seconds ago."""
        cases = self.model.appeals
        fit = [n for n, one in enumerate(cases, start=1) if not one.outcome and since <= self.now - one.opened < until]
        if fit and self.random.random() < 0.95:
            return self.random.choice(fit)
        return self.random.randint(1, len(cases)) if cases and self.random.random() < 0.1 else None

    def _commit(self) -> Any:
        number = self._case(0, 40)
        if number is None:
            return None, None
        # So that most appeals are decided: for one side or, in turn, for the other.
        empty = [one for one in self.model.seats if one not in self.model.appeals[number - 1].hidden]
        seat, uphold = self.random.choice(empty or [0]), self.random.random() < (0.1, 0.9)[number % 2]
        node = self.keys[self.model.seats[seat]]
        hidden = vote_hash(self.watch.feed.address, number, seat, node.number, uphold, salt(seat))
        return ((number, seat, uphold), self.watch.feed.commitVote, (number, seat, hidden)), node.operator

    def _reveal(self) -> Any:
        number = self._case(40, 90)
        if number is None:
            return None, None
        hidden = self.model.appeals[number - 1].hidden
        shown = self.model.appeals[number - 1].shown
        seat = self.random.choice([one for one in hidden if one not in shown] or [0])
        uphold = hidden.get(seat, True) ^ (self.random.random() < 0.1)
        vote = (number, seat, self.model.seats[seat], uphold, salt(seat))
        return ((number, seat, uphold), self.watch.feed.revealVote, vote), self._sponsor

    def _decide(self) -> Any:
        number = self._case(90, 10_000)
        return (((number,), self.watch.feed.decide, (number,)) if number else None), self._sponsor

    def _claim(self) -> Any:
        number = self.random.choice([one for one in self.keys if self.model.owed[one]] or list(self.keys))
        return ((number,), self.watch.feed.claim, (number,)), self._sponsor

    def _fetch(self) -> Any:
        return ((self._sponsor.address,), self.watch.feed.fetchBonds, (self._sponsor,)), self._sponsor

    def _fund(self) -> Any:
        amount = self.random.randint(1, 30 * TOKEN)
        return ((amount,), self.watch.feed.fund, (amount,)), self._sponsor

    def _withdraw(self) -> Any:
        amount = self.random.randint(1, 30 * TOKEN)
        return ((amount,), self.watch.feed.withdrawEscrow, (amount,)), self._sponsor

    @property
    def _sponsor(self) -> Any:
        return self.watch.rehearsal.sponsor


@pytest.fixture(scope="module")
def cast(deployed: Rehearsal, registry: Any, monitors: Sequence[Node], validators: Sequence[Node]) -> Sequence[Node]:
    """The monitors, and a validator who monitors too."""
    both = validators[0]
    registry.setRoles(both.number, VALIDATE | MONITOR, {"from": both.owner})
    return [*monitors, both]


def test_feed_and_model_do_the_same_in_random_runs(
    AlertFeed: Any, empty: Watch, cast: Sequence[Node], validators: Sequence[Node], watched: int
) -> None:
    total: Counter[tuple[str, bool]] = Counter()
    outcomes: Counter[int] = Counter()
    for number in range(RUNS):
        watch = Watch(AlertFeed, empty.rehearsal, watched, empty.monitors, empty.clock, **SHORT)
        watch.man(range(3))
        watch.feed.fund(FUNDS, watch.anyone)
        run = Run(watch, cast, validators, 1000 * SEED + number)
        run.model.fund(0, FUNDS)
        for post in range(3):
            run.model.take(0, post, cast[post].number)
        for _ in range(STEPS):
            run.step()
        run.look_at_everybody()
        total.update(run.done)
        outcomes.update(one.outcome for one in run.model.appeals)
    for verb in MOVES:
        print(f"{verb:<10}{total[verb, True]:>6} succeeded{total[verb, False]:>6} refused")
    print(f"appeals by outcome: {dict(outcomes)}")
    # A call that never succeeds, or an outcome that never comes about, tries nothing.
    assert all(total[verb, True] for verb in MOVES)
    assert {UNDECIDED, UPHELD, OVERTURNED} <= set(outcomes)
