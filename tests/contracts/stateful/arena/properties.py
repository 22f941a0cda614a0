"""The protocol's properties, by their numbers, over a whole run: from the state, and from the logs alone.

Written apart from the model, so that a mistake that model and contracts share shows here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median_low
from typing import Any

from reference.part import Event
from reference.state import OVER, UPDATE, VERDICT, State
from reference.tally import is_point

from anomalyhive.chain.views import Phase, TaskConfig
from anomalyhive.commitments import add_all

RANKS = {
    "RoundOpened": Phase.NONE,
    "UpdateSubmitted": Phase.TRAIN,
    "VerdictCommitted": Phase.JUDGE,
    "VerdictRevealed": Phase.REVEAL,
    "UpdatesTallied": Phase.TALLY,
    "RoundTallied": Phase.TALLY,
    "ModelAttested": Phase.ATTEST,
    "RoundFinalized": Phase.FINAL,
    "RoundCancelled": Phase.CANCELLED,
}
"""The phase of which an event tells."""


def promised(state: State) -> int:
    """P1: escrows, rewards locked in open rounds, and what holders and ended terms can still claim."""
    total = 0
    for task in state.tasks.values():
        total += task.escrow
        total += sum(task.config.reward for one in task.rounds.values() if one.phase not in OVER)
        for kind in (UPDATE, VERDICT):
            open_terms = [(i, one.paid_through, task.last_final) for i, one in task.slots(kind).items()]
            ended = [(i, one.paid_through, one.through) for (of, i, _), one in task.terms.items() if of == kind]
            for index, after, through in open_terms + ended:
                rounds = [task.rounds[number] for number in task.finals if after < number <= through]
                total += sum(one.earned(kind, index) for one in rounds)
    return total


class History:
    """What the logs of a run say, round by round."""

    def __init__(self, logs: Iterable[tuple[int, Sequence[Event]]]) -> None:
        self.events = [event for _, events in logs for event in events]
        self.configs = {one.values[0]: TaskConfig.from_tuple(one.values[3]) for one in self.of("TaskCreated")}

    def of(self, name: str, *place: Any) -> list[Event]:
        """The events of a name, of a task or a round where one is given."""
        found = [one for one in self.events if one.name == name]
        return [one for one in found if one.values[: len(place)] == place]

    def check(self) -> None:
        """All that holds at any time."""
        self.phases_only_move_forward()
        self.nothing_comes_twice()
        self.slots_in_use_stay()
        for task, round_, *_ in (one.values for one in self.of("RoundOpened")):
            self.medians_are_those_of_the_others(task, round_)
            self.rewards_add_up(task, round_)
            self.only_who_withheld_is_slashed(task, round_)

    def phases_only_move_forward(self) -> None:
        """P7; and P3: a round that is over logs nothing any more but that it is claimed."""
        reached: dict[Any, int] = {}
        for event in self.events:
            if event.name in RANKS:
                rank, last = RANKS[event.name], reached.get(event.values[:2], -1)
                assert last not in OVER, f"P3: {event} after the end"
                assert rank >= last, f"P7: {event} after phase {last}"
                reached[event.values[:2]] = rank

    def nothing_comes_twice(self) -> None:
        """P10, and P9: one update a shard and round, one verdict, one attestation, one slash a seat and round."""
        seen: Counter[Any] = Counter()
        for event in self.events:
            if event.name in ("UpdateSubmitted", "VerdictCommitted", "VerdictRevealed", "ModelAttested", "SeatSlashed"):
                seen[(event.name, *event.values[:2], event.values[3])] += 1
            if event.name == "VerdictCommitted":
                seen[("node", *event.values[:3])] += 1
            if event.name in ("RoundOpened", "RoundTallied", "RoundFinalized", "RoundCancelled"):
                seen[(event.name, *event.values[:2])] += 1
        assert max(seen.values(), default=0) <= 1, f"P10: {seen.most_common(1)}"

    def slots_in_use_stay(self) -> None:
        """P12: whose update or verdict it is holds the slot when the round ends."""
        holders: dict[Any, int] = {}
        used: dict[Any, dict[Any, int]] = defaultdict(dict)
        for name, values in ((one.name, one.values) for one in self.events):
            if name in ("ShardTaken", "SeatTaken"):
                holders[values[0], name[:4], values[1]] = values[2]
            elif name in ("ShardReleased", "ShardFreed", "SeatReleased", "SeatFreed"):
                del holders[values[0], name[:4], values[1]]
            elif name in ("UpdateSubmitted", "VerdictCommitted"):
                used[values[:2]][values[0], "Shar" if name[0] == "U" else "Seat", values[3]] = values[2]
            elif name in ("RoundFinalized", "RoundCancelled"):
                for slot, node in used[values[:2]].items():
                    assert holders.get(slot) == node, f"P12: {slot} of {values[:2]} went from {node}"

    def medians_are_those_of_the_others(self, task: int, round_: int) -> None:
        """P6: the lower median of the other nodes' scores; accepted and in the sum if and only if it is above 0."""
        tallied = self.of("RoundTallied", task, round_)
        if not tallied:
            return
        accepted, worth, *_, sum_ = tallied[0].values[2:]
        verdicts = [one.values for one in self.of("VerdictRevealed", task, round_)]
        summands, medians = [], self.medians(task, round_)
        for _, _, node, shard, _, point in (one.values for one in self.of("UpdateSubmitted", task, round_)):
            others = [scores[shard] for _, _, judge, _, scores, _ in verdicts if judge != node]
            median = median_low(others) if others and is_point(b"".join(point)) else 0
            assert medians[shard] == median, f"P6: shard {shard} of {task}, {round_}"
            if median:
                summands.append(b"".join(point))
        assert (accepted, worth) == (len(summands), sum(medians.values())), f"P6: {tallied}"
        assert b"".join(sum_) == add_all(summands), f"P6: {tallied}"

    def medians(self, task: int, round_: int) -> dict[int, int]:
        """Shard -> median, as the slices told them; a shard that comes again must be the same."""
        told: dict[int, int] = {}
        for _, _, first, medians in (one.values for one in self.of("UpdatesTallied", task, round_)):
            for shard, median in enumerate(medians, first):
                assert told.setdefault(shard, median) == median, f"P6: shard {shard} of {task}, {round_} changed"
        return told

    def rewards_add_up(self, task: int, round_: int) -> None:
        """P4: what is earned and what returns is the reward; all of it returns from a cancelled round."""
        reward = self.configs[task].reward
        for cancelled in self.of("RoundCancelled", task, round_):
            assert cancelled.values[3] == reward, f"P4: {cancelled}"
        for final in self.of("RoundFinalized", task, round_):
            [tallied] = self.of("RoundTallied", task, round_)
            _, _, _, worth, rate, share, paid, _ = tallied.values
            assert final.values[3] & ~paid == 0, f"P4: {final}"
            owed = rate * worth + share * final.values[3].bit_count()
            assert owed + final.values[4] == reward, f"P4: {final}"

    def only_who_withheld_is_slashed(self, task: int, round_: int) -> None:
        """P9: once the reveal phase was reached and the round is over, just those who committed and did not reveal."""
        ends = self.of("RoundFinalized", task, round_) + self.of("RoundCancelled", task, round_)
        committed = {one.values[3]: one.values[2] for one in self.of("VerdictCommitted", task, round_)}
        withheld = {s: n for s, n in committed.items() if s not in self._seats("VerdictRevealed", task, round_)}
        slashed = {one.values[3]: one.values[2] for one in self.of("SeatSlashed", task, round_)}
        burned = [one.values[4] for one in self.of("SeatSlashed", task, round_)]
        assert max(burned, default=0) <= self.configs[task].slash_amount, f"P9: {burned}"
        early = any(one.name == "RoundCancelled" and one.values[2] < Phase.REVEAL for one in ends)
        expected = withheld if ends and not early else {}
        assert slashed == expected or (not ends and slashed == withheld), f"P9: {slashed} of {withheld}"

    def everybody_was_paid(self) -> None:
        """P5, once all has been claimed: each node what its own updates and verdicts earned, to the last unit."""
        earned: Counter[int] = Counter()
        for task, round_, _, paid, _ in (one.values for one in self.of("RoundFinalized")):
            [tallied] = self.of("RoundTallied", task, round_)
            rate, share = tallied.values[4:6]
            medians = self.medians(task, round_)
            for one in self.of("UpdateSubmitted", task, round_):
                earned[one.values[2]] += rate * medians[one.values[3]]
            for one in self.of("VerdictRevealed", task, round_):
                earned[one.values[2]] += share * (paid >> one.values[3] & 1)
        claimed: Counter[int] = Counter()
        for one in self.of("Claimed"):
            claimed[one.values[1]] += one.values[7]
        assert +claimed == +earned, f"P5: {claimed} of {earned}"

    def _seats(self, name: str, task: int, round_: int) -> set[int]:
        return {one.values[3] for one in self.of(name, task, round_)}
