"""The greedy, who want more than their part, and the malicious, who want others to have less.

Each move stands as near to one that is allowed as it can: one thing is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reference.claims import Claim
from reference.state import NOTHING, UPDATE, VERDICT, Round
from reference.tally import Row
from reference.words import commit_word

from anomalyhive.chain.views import Phase
from arena.cast import Cast
from arena.dice import Dice
from arena.honest import claimable, commitment, due, model_of, rows_of, scores_of
from arena.world import Secret, World

Move = Callable[[World, Dice, Cast, int], None]
Moves = Mapping[Move, Sequence[Phase]]


# The greedy


def submit_again(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Two updates of a shard, in whatever phase it is."""
    task = world.state.tasks[number]
    for shard in sorted(task.shards)[dice.below(2) :][:1]:
        for _ in range(2):
            sender = task.shards[shard].operator
            world.act("greedy", sender, "submitUpdate", number, task.latest, shard, world.digest(), commitment(dice))


def copy_verdict(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Commits what another committed, which it can never reveal and pays for; then what it likes better."""
    if world.phase(number)[0] is Phase.JUDGE:
        task, latest, round_ = world.latest(number)
        others = [one.hidden for one in round_.verdicts.values()]
        for seat in (due(world, number, Phase.JUDGE) or sorted(task.seats))[:1]:
            for hidden in (dice.one([*others, NOTHING]), world.digest()):
                world.act("greedy", task.seats[seat].operator, "commitVerdict", number, latest, seat, hidden)


def attest_again(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Names two models, or none."""
    if world.phase(number)[0] is Phase.ATTEST:
        task, latest, _ = world.latest(number)
        for seat in (due(world, number, Phase.ATTEST) or sorted(task.seats))[:1]:
            for model in (model_of(number, latest), dice.one([world.digest(), NOTHING])):
                world.act("greedy", task.seats[seat].operator, "attestModel", number, latest, seat, model)


def claim_twice(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Every item twice in one claim, or once more after it was paid."""
    node = 1 + dice.below(len(world.state.nodes))
    claims = claimable(world, node)
    world.act("greedy", dice.one(cast.owners), "claim", node, claims * 2 if dice.luck(2) else claims)


def claim_wrongly(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Another's term, a round that is not final, one after the term, a slot or a term that there is not."""
    node = dice.below(len(world.state.nodes) + 2)
    victim = 1 + dice.below(len(world.state.nodes))
    task = world.state.tasks[number]
    through = dice.below(task.latest + 3)
    own = claimable(world, dice.one([node, victim]))
    made_up = Claim(number, dice.below(2), dice.one([0, 1, 69, 40_000]), dice.below(task.latest + 2), through)
    claim = dice.one(own)._replace(through=through) if own and dice.luck(2) else made_up
    world.act("greedy", dice.one(cast.owners), "claim", node, [claim, *own[: dice.below(2)]])


def take_more(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """A second seat, a slot that is held, one beyond the last, one in no task."""
    task = world.state.tasks[number]
    free = [seat for seat in range(task.config.seats) if seat not in task.seats]
    if free and task.seats and dice.luck(2):
        world.act("greedy", task.seats[dice.one(sorted(task.seats))].operator, "takeSeat", number, free[0])
        return
    number = dice.one([number, number, number, 99])
    function, index = dice.one([("takeSeat", 0), ("takeSeat", 1), ("takeSeat", 3), ("takeShard", 1), ("takeShard", 70)])
    world.act("greedy", dice.one(cast.operators), function, number, index + dice.below(2))


# The malicious


def commit_garbage(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Commits what it cannot reveal; or what it could in the next round, without a commit there."""
    if world.phase(number)[0] is Phase.JUDGE:
        task, latest, _ = world.latest(number)
        for seat in due(world, number, Phase.JUDGE)[:1]:
            holder = task.seats[seat]
            one = Secret(bytes([100]) * task.config.shards, world.digest(), world.digest())
            hidden = commit_word(number, latest + dice.below(2), holder.node, one.scores, one.verdict, one.salt)
            if world.act("malicious", holder.operator, "commitVerdict", number, latest, seat, hidden):
                world.early[number, latest + 1, seat] = one


def reveal_uncommitted(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Reveals what was not committed in this round: what was in the one before, or what others did."""
    if world.phase(number)[0] is Phase.REVEAL:
        task, latest, round_ = world.latest(number)
        for seat in [seat for seat in sorted(task.seats) if seat not in round_.verdicts]:
            one = world.early.get((number, latest, seat), Secret(bytes(task.config.shards), NOTHING, NOTHING))
            shown = (one.scores, one.verdict, one.salt)
            world.act("malicious", task.seats[seat].operator, "revealVerdict", number, latest, seat, *shown)


def reveal_wrongly(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """One thing of what was committed is another, or nothing was committed, or it was shown before."""
    reveal_uncommitted(world, dice, cast, number)
    if world.phase(number)[0] is Phase.REVEAL:
        task, latest, round_ = world.latest(number)
        for seat in sorted(round_.verdicts)[dice.below(2) :][:1]:
            one = world.secrets.get((number, latest, seat), Secret(bytes(task.config.shards), NOTHING, NOTHING))
            scores = dice.one([one.scores, one.scores[:-1], one.scores + b"\0", b"\x07" + one.scores[1:]])
            verdict, salt = dice.one([(one.verdict, one.salt), (one.salt, one.verdict), (one.verdict, world.digest())])
            sender = task.seats[seat].operator
            world.act("malicious", sender, "revealVerdict", number, latest, seat, scores, verdict, salt)


def tally_wrongly(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Rows or scores that are wrong, some ways of it in a row: it may be right by chance and end the tally."""
    for _ in range(3):
        if world.phase(number)[0] is Phase.TALLY:
            _, latest, round_ = world.latest(number)
            rows, scores = _wrong_scores(dice, round_) if dice.luck(3) else _wrong_rows(world, dice, round_)
            world.act("malicious", dice.one(cast.keys), "tally", number, latest, rows, scores)


def _wrong_rows(world: World, dice: Dice, round_: Round) -> tuple[list[Row], list[bytes]]:
    """Rows that are missing, doubled, out of order, another's or made up."""
    rows, at = rows_of(round_), dice.below(len(round_.updates))
    row = rows[at]
    bad = dice.one(["order", "twice", "left out", "none new", "another's", "too wide", "digest", "commitment"])
    if bad == "order":
        rows.reverse()
    elif bad == "twice":
        rows.insert(at, row)
    elif bad == "left out":
        # The first that is left: what follows shows that it is missing, if anything does.
        del rows[len(round_.medians)]
    elif bad == "none new":
        rows = rows[: len(round_.medians)]
    elif bad == "digest":
        rows[at] = row._replace(digest=world.digest())
    elif bad == "commitment":
        rows[at] = row._replace(commitment=commitment(dice))
    else:
        rows[at] = row._replace(node=row.node + (1 if bad == "another's" else 2**32))
    return rows, scores_of(round_)


def _wrong_scores(dice: Dice, round_: Round) -> tuple[list[Row], list[bytes]]:
    """Score strings that are missing, too many, out of order or made up."""
    scores = scores_of(round_)
    wrong = [scores[1:], [*scores, scores[0]], [bytes(len(scores[0])), *scores[1:]], scores[::-1]]
    return rows_of(round_), dice.one(wrong)


def act_for_another(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """What only a slot's operator may do, with another's key or in a slot that nobody holds."""
    number = dice.one([number, number, number, 99])
    latest = world.state.tasks[number].latest if number in world.state.tasks else 1
    sender, index = dice.one(cast.keys), dice.below(4)
    hidden = commit_word(number, latest, 1, b"\0", NOTHING, NOTHING)
    function, *rest = dice.one(
        [
            ("submitUpdate", world.digest(), commitment(dice)),
            ("commitVerdict", hidden),
            ("revealVerdict", b"\0", NOTHING, NOTHING),
            ("attestModel", world.digest()),
        ]
    )
    world.act("malicious", sender, function, number, latest, index, *rest)


def act_out_of_turn(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """A round cancelled or opened early, one that there is not, one that is over."""
    number = dice.one([number, number, number, 99])
    latest = world.state.tasks[number].latest if number in world.state.tasks else 1
    round_ = dice.one([latest, 0, max(latest - 1, 0), latest + 1])
    function, *rest = dice.one(
        [("cancelRound", round_), ("openRound",), ("tally", round_, [], []), ("submitUpdates", round_, [])]
    )
    world.act("malicious", dice.one(cast.keys), function, number, *rest)


def speak_out_of_turn(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """A seat's own operator in the wrong phase."""
    task = world.state.tasks[number]
    for seat in sorted(task.seats)[dice.below(3) :][:1]:
        function, *rest = dice.one(
            [
                ("commitVerdict", world.digest()),
                ("revealVerdict", b"", NOTHING, NOTHING),
                ("attestModel", NOTHING[:-1] + b"\1"),
            ]
        )
        world.act("malicious", task.seats[seat].operator, function, number, task.latest, seat, *rest)


def free_others(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Slots that others hold, rightly or wrongly: freed, released, refreshed."""
    number = dice.one([number, number, number, 99])
    kind = dice.one([UPDATE, VERDICT])
    task = world.state.tasks.get(number)
    held = sorted(task.slots(kind)) if task else []
    index = dice.one([*held, 5])
    function = dice.one(["free", "free", "release", "refresh"]) + ("Shard" if kind == UPDATE else "Seat")
    world.act("malicious", dice.one(cast.keys), function, number, index)


def slash(world: World, dice: Dice, cast: Cast, number: int) -> None:
    """Burns another's stake, if anybody lets it."""
    world.act("malicious", dice.one(cast.keys), "slash", 1 + dice.below(8), 10**18)


ANY = tuple(Phase)

GREEDY: Moves = {
    submit_again: (Phase.TRAIN,),
    copy_verdict: (Phase.JUDGE,),
    attest_again: (Phase.ATTEST,),
    claim_twice: ANY,
    claim_wrongly: ANY,
    take_more: ANY,
}
"""Move -> the phases in which there is a point to it."""

MALICIOUS: Moves = {
    commit_garbage: (Phase.JUDGE,),
    reveal_wrongly: (Phase.REVEAL,),
    tally_wrongly: (Phase.TALLY,),
    act_for_another: ANY,
    act_out_of_turn: ANY,
    speak_out_of_turn: ANY,
    free_others: ANY,
    slash: ANY,
}
"""Likewise."""


def make_trouble(world: World, dice: Dice, cast: Cast, moves: Moves, number: int) -> None:
    """One move in a task: of those that its phase invites, or of all."""
    phase = world.phase(number)[0]
    inviting = [move for move, phases in moves.items() if phases is not ANY and phase in phases]
    dice.one(inviting if inviting and not dice.luck(3) else list(moves))(world, dice, cast, number)
