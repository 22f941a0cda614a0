"""Those who do their part when it is their turn: one at a time, or all who do not stay away."""

from __future__ import annotations

from collections.abc import Callable

from eth_utils.crypto import keccak
from reference.claims import Claim
from reference.state import OVER, UPDATE, VERDICT, Round, Task
from reference.tally import Row
from reference.words import commit_word

from anomalyhive.chain.views import Phase
from arena.cast import commitments, no_points
from arena.dice import Dice
from arena.world import Secret, World

STYLES = ("fair", "fair", "fair", "just tolerated", "own high", "zeros", "any")
BYTES = (0, 1, 2, 90, 100, 101, 120, 254, 255)


def take_turn(world: World, dice: Dice, task: int, n_absent: int = 0) -> None:
    """What is due in a task, by all who can do it, one in ``n_absent`` staying away (0: nobody does)."""
    phase, deadline = world.phase(task)
    if phase in (Phase.NONE, Phase.FINAL, Phase.CANCELLED):
        _open(world, dice, task)
    elif phase is Phase.STALLED:
        world.act("anybody", dice.one(world.keys), "cancelRound", task, world.state.tasks[task].latest)
    elif phase is Phase.TALLY:
        tally(world, dice, task)
    elif willing := due(world, task, phase):
        coming = dice.some(willing, n_absent) if n_absent else [dice.one(willing)]
        for index in dice.order(coming):
            # A quota may have ended the phase meanwhile.
            if world.phase(task)[0] is phase:
                STEPS[phase](world, dice, task, index)
    else:
        world.wait_until(deadline, mine=False)


def due(world: World, number: int, phase: Phase) -> list[int]:
    """The shards or seats whose holder has something to do in this phase and has not done it."""
    task, _, round_ = world.latest(number)
    if phase is Phase.TRAIN:
        return [shard for shard in sorted(task.shards) if shard not in round_.updates]
    if phase is Phase.JUDGE:
        # Who committed for this round in the one before does not mean to do it again.
        early = {seat for of, number_, seat in world.early if (of, number_) == (number, task.latest)}
        return [seat for seat in sorted(task.seats) if seat not in round_.verdicts and seat not in early]
    if phase is Phase.REVEAL:
        return [seat for seat in round_.withheld if (number, task.latest, seat) in world.secrets]
    return [seat for seat in sorted(task.seats) if seat not in round_.named]


def _open(world: World, dice: Dice, number: int) -> None:
    task = world.state.tasks[number]
    if task.config.reward > task.escrow and dice.luck(2):
        world.act("sponsor", task.sponsor, "fund", number, 2 * task.config.reward)
    world.act("anybody", dice.one(world.keys), "openRound", number)


def submit(world: World, dice: Dice, number: int, shard: int) -> None:
    """The holder of a shard submits."""
    task, latest, _ = world.latest(number)
    operator = task.shards[shard].operator
    world.act("trainer", operator, "submitUpdate", number, latest, shard, world.digest(), commitment(dice))


def commit(world: World, dice: Dice, number: int, seat: int) -> None:
    """The holder of a seat commits, and keeps what it needs to reveal."""
    task, latest, round_ = world.latest(number)
    holder = task.seats[seat]
    scores = _scores(dice, task, round_, holder.node)
    secret = Secret(scores, world.digest(), world.digest())
    hidden = commit_word(number, latest, holder.node, scores, secret.verdict, secret.salt)
    if world.act("validator", holder.operator, "commitVerdict", number, latest, seat, hidden):
        world.secrets[number, latest, seat] = secret


def reveal(world: World, dice: Dice, number: int, seat: int) -> None:
    """The holder of a seat reveals."""
    task, latest, _ = world.latest(number)
    one = world.secrets[number, latest, seat]
    operator = task.seats[seat].operator
    world.act("validator", operator, "revealVerdict", number, latest, seat, one.scores, one.verdict, one.salt)


def attest(world: World, dice: Dice, number: int, seat: int) -> None:
    """The holder of a seat names the model; now and then another one."""
    task, latest, _ = world.latest(number)
    model = model_of(number, latest) if not dice.luck(8) else keccak(text="another model")
    world.act("validator", task.seats[seat].operator, "attestModel", number, latest, seat, model)


def tally(world: World, dice: Dice, number: int) -> None:
    """Anybody has the next slice counted: all that is left, or less."""
    _, latest, round_ = world.latest(number)
    rows = rows_of(round_)
    if dice.luck(2):
        rows = rows[: max(1, len(round_.medians) + dice.below(len(rows)))]
    world.act("anybody", dice.one(world.keys), "tally", number, latest, rows, scores_of(round_))


def claim(world: World, dice: Dice, node: int) -> None:
    """A node's owner, or anybody, has it paid: everything, or less of it."""
    claims = claimable(world, node)
    if claims and dice.luck(2):
        at = dice.below(len(claims))
        one = claims[at]
        finals = world.state.tasks[one.task].finals
        claims[at] = one._replace(through=dice.one([n for n in finals if n <= (one.term or n)] or [0]))
        claims = claims[at:] if dice.luck(2) else claims
    world.act("claimant", dice.one(world.keys), "claim", node, claims)


def claimable(world: World, node: int) -> list[Claim]:
    """One item for each term of the node, present or ended."""
    found = []
    for number, task in world.state.tasks.items():
        for kind in (UPDATE, VERDICT):
            found += [Claim(number, kind, i, 0, 0) for i, one in task.slots(kind).items() if one.node == node]
        found += [Claim(number, *key, 0) for key, one in task.terms.items() if one.node == node]
    return found


def whole_round(world: World, dice: Dice, number: int, between: Callable[[], None]) -> None:
    """A task's round to its end, one in nine staying away, with something ``between`` two phases."""
    for _ in range(12):
        between()
        if dice.luck(12):
            # Now and then nobody comes in time.
            world.wait_until(world.phase(number)[1], mine=False)
        take_turn(world, dice, number, 9)
        if world.phase(number)[0] in OVER:
            break


STEPS = {Phase.TRAIN: submit, Phase.JUDGE: commit, Phase.REVEAL: reveal, Phase.ATTEST: attest}


# What they bring


def commitment(dice: Dice) -> bytes:
    """Mostly a point."""
    return dice.one(no_points()) if dice.luck(7) else dice.one(commitments())


def rows_of(round_: Round) -> list[Row]:
    """All updates, as the tally takes them."""
    updates = sorted(round_.updates.items())
    return [Row(shard, one.node, one.digest, one.commitment) for shard, one in updates]


def scores_of(round_: Round) -> list[bytes]:
    """All score strings, as the tally takes them."""
    return [scores for _, scores in round_.revealed.values()]


def model_of(number: int, round_: int) -> bytes:
    """The model that a round makes."""
    return keccak(text=f"model of {number}, {round_}")


def _scores(dice: Dice, task: Task, round_: Round, node: int) -> bytes:
    style, scores = dice.one(STYLES), bytearray(task.config.shards)
    # The first one may be one more than what those who judge fairly tolerate.
    over = dice.below(2) if style == "just tolerated" else 0
    for shard, update in sorted(round_.updates.items()):
        if style == "fair":
            scores[shard] = 0 if update.commitment in no_points() else 100 + shard % 3
        elif style == "just tolerated":
            scores[shard] = min(255, 100 + shard % 3 + task.config.tolerance + over)
            over = 0
        elif style == "own high":
            scores[shard] = 255 if update.node == node else 1
        elif style == "any":
            scores[shard] = dice.one(BYTES)
    return bytes(scores)
