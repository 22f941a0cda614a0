"""How rounds open, what comes in, and how they end, as the model sees it."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.views import Phase
from reference.part import existing, refuse
from reference.registry import Registry
from reference.state import NOTHING, OVER, UPDATE, VERDICT, Round, Settled, Update, Verdict
from reference.words import commit_word, head, mask, points, seed_word


@dataclass(frozen=True)
class Signed:
    """An item of `submitUpdates`: who signed it, NOBODY if what was signed is not what it says, here and now.

    What the signature looks like means nothing to the model.
    """

    shard: int
    expiry: int
    digest: bytes
    commitment: bytes
    signer: str
    signature: bytes


class Rounds(Registry):
    """See IHive, "Rounds", but for the tally."""

    chance: bytes = NOTHING
    """The seed that the chain draws in this block for the round that opens, if it does."""

    def open_round(self, number: int) -> None:
        task = existing(self.state, number)
        if task.rounds:
            phase, _, _ = task.rounds[task.latest].at(task.config, self.time)
            if phase not in OVER:
                refuse("RoundOpen", task.latest, phase)
        if task.config.rounds and len(task.finals) >= task.config.rounds:
            refuse("NoRoundsLeft", task.config.rounds)
        if task.config.reward > task.escrow:
            refuse("EscrowTooSmall", task.escrow, task.config.reward)
        task.escrow -= task.config.reward
        opened = task.latest + 1
        seed = seed_word(task.config.seed, opened) if task.config.seed != NOTHING else self.chance
        deadline = self.time + task.config.train_seconds
        self.emit("RoundOpened", number, opened, seed, head(task), deadline)
        task.rounds[opened] = Round(Phase.TRAIN, deadline, task.last_final, seed)

    def submit_update(self, number: int, round_: int, shard: int, digest: bytes, commitment: bytes) -> None:
        holder = self.caller_in(number, UPDATE, shard)
        found = self.in_phase(number, round_, Phase.TRAIN)
        if shard in found.updates:
            refuse("AlreadySubmitted", shard)
        self._submit(number, round_, shard, Update(holder.node, digest, commitment))

    def submit_updates(self, number: int, round_: int, items: tuple[Signed, ...]) -> None:
        found = self.in_phase(number, round_, Phase.TRAIN)
        before = len(found.updates)
        for item in items:
            holder = self.holder(number, UPDATE, item.shard)
            counts = (
                found.phase is Phase.TRAIN
                and holder is not None
                and item.signer == holder.operator
                and item.shard not in found.updates
                and self.time < item.expiry
            )
            if holder and counts:
                self._submit(number, round_, item.shard, Update(holder.node, item.digest, item.commitment))
        if len(found.updates) == before:
            refuse("NothingSubmitted", len(items))

    def commit_verdict(self, number: int, round_: int, seat: int, hidden: bytes) -> None:
        holder = self.caller_in(number, VERDICT, seat)
        if hidden == NOTHING:
            refuse("ZeroHash")
        found = self.in_phase(number, round_, Phase.JUDGE)
        if seat in found.verdicts:
            refuse("AlreadyCommitted", seat)
        found.verdicts[seat] = Verdict(holder.node, hidden)
        config = self.state.tasks[number].config
        if len(found.verdicts) == config.verdict_quota:
            found.phase, found.deadline = Phase.REVEAL, self.time + config.reveal_seconds
        self.emit("VerdictCommitted", number, round_, holder.node, seat, hidden)

    def reveal_verdict(self, number: int, round_: int, seat: int, scores: bytes, verdict: bytes, salt: bytes) -> None:
        holder = self.caller_in(number, VERDICT, seat)
        found, config = self.in_phase(number, round_, Phase.REVEAL), self.state.tasks[number].config
        if len(scores) != config.shards:
            refuse("WrongLength", len(scores), config.shards)
        one = found.verdicts.get(seat)
        shown = commit_word(number, round_, holder.node, scores, verdict, salt)
        if one is None or one.scores is not None or one.hidden != shown:
            refuse("WrongReveal", seat)
        one.scores = scores
        if not found.withheld:
            found.phase, found.deadline = Phase.TALLY, self.time + config.tally_seconds
        self.emit("VerdictRevealed", number, round_, holder.node, seat, scores, verdict)

    def attest_model(self, number: int, round_: int, seat: int, model: bytes) -> None:
        holder = self.caller_in(number, VERDICT, seat)
        if model == NOTHING:
            refuse("ZeroDigest")
        found, config = self.in_phase(number, round_, Phase.ATTEST), self.state.tasks[number].config
        if seat in found.named:
            refuse("AlreadyAttested", seat)
        found.named[seat] = model
        self.emit("ModelAttested", number, round_, holder.node, seat, model)
        if len(found.naming(model)) >= config.quorum:
            returned = finalize(found, model, config.reward)
            self.state.tasks[number].escrow += returned
            paid = found.settled.paid if found.settled else set()
            self.emit("RoundFinalized", number, round_, model, mask(paid), returned)

    def cancel_round(self, number: int, round_: int) -> None:
        found = self.round_(number, round_)
        phase, _, reached = found.at(self.state.tasks[number].config, self.time) if found else (Phase.NONE, 0, None)
        if found is None or phase is not Phase.STALLED:
            refuse("WrongPhase", phase, Phase.STALLED)
        found.phase, found.deadline = Phase.CANCELLED, 0
        task = self.state.tasks[number]
        task.escrow += task.config.reward
        self.emit("RoundCancelled", number, round_, reached, task.config.reward)
        if reached is Phase.REVEAL or (reached is Phase.TALLY and not found.medians):
            self.slash_withheld(number, round_)

    # Internals

    def slash_withheld(self, number: int, round_: int) -> None:
        """Who committed and did not reveal pays."""
        found, amount = self.state.tasks[number].rounds[round_], self.state.tasks[number].config.slash_amount
        for seat in found.withheld:
            node = found.verdicts[seat].node
            self.emit("SeatSlashed", number, round_, node, seat, self.burn_stake(node, amount))

    def _submit(self, number: int, round_: int, shard: int, update: Update) -> None:
        task = self.state.tasks[number]
        found = task.rounds[round_]
        found.updates[shard] = update
        if len(found.updates) == task.config.update_quota:
            found.phase, found.deadline = Phase.JUDGE, self.time + task.config.judge_seconds
        self.emit("UpdateSubmitted", number, round_, update.node, shard, update.digest, points(update.commitment))


def finalize(round_: Round, model: bytes, reward: int) -> int:
    """Makes the round final; what returns to the escrow."""
    dissent = set(round_.named) - round_.naming(model)
    settled = round_.settled or Settled(0, 0, set())
    settled.paid -= dissent
    round_.phase, round_.deadline, round_.model = Phase.FINAL, 0, model
    return reward - settled.rate * round_.worth - settled.share * len(settled.paid)
