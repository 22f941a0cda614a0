"""Nodes that cheat within a run: each is found, named with the reason and not paid, and the rest learn without it.

Many cheat at once, which is harder: the rest are a minority of the trainers. Who withholds content cheats in the other
run, where the auditor cannot hold scores against the content of the whole round.
"""

from __future__ import annotations

import pytest
from adversaries import (
    Boastful,
    Copier,
    Dicing,
    Disguised,
    Flipper,
    Garbled,
    LowOrder,
    Misattesting,
    Misdated,
    NonCanonical,
    OffCurve,
    Outsized,
    Reshaped,
    Shortened,
    Silent,
    Uncommitted,
    Withholding,
)
from federations import Outcome, accounts, centralised, run

from anomalyhive.federation.casting import Cast
from anomalyhive.federation.crew import STAKE
from anomalyhive.roles.trainer import Trainer

HONEST = 2

CHEATS: list[tuple[type[Trainer], str]] = [
    (Copier, "names shard 0 where the chain has {shard}"),
    (Misdated, "names round "),
    (Uncommitted, "commitment does not open to the vector"),
    (Shortened, "malformed: update: vector has the shape"),
    (Reshaped, "malformed: update: vector has the shape"),
    (Outsized, ", outside 0 to "),
    (Boastful, "rows where the spec gives its shard"),
    (Garbled, "malformed: it is not canonical dag-cbor"),
    (Disguised, "malformed: update: its root is not of kind update"),
    (Flipper, "vector differs from what shard {shard} gives in "),
    (OffCurve, "commitment does not open to the vector"),
    (NonCanonical, "commitment does not open to the vector"),
    (LowOrder, "commitment does not open to the vector"),
]
"""Who cheats, and what must stand in the reason."""

SHARD = {cheat: HONEST + number for number, (cheat, _) in enumerate(CHEATS)}


@pytest.fixture(scope="module")
def cheated(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Two rounds in which two trainers are honest."""
    cast = Cast(trainers={f"trainer-{shard}": cheat for cheat, shard in SHARD.items()})
    return run(accounts(nodes=HONEST + len(CHEATS), validators=3), tmp_path_factory.mktemp("cheated"), cast)


@pytest.mark.parametrize(("cheat", "reason"), CHEATS, ids=[cheat.__name__ for cheat, _ in CHEATS])
def test_trainer_that_cheats_is_named_with_the_reason_and_earns_nothing(
    cheated: Outcome, cheat: type[Trainer], reason: str
) -> None:
    node, shard = f"trainer-{SHARD[cheat]}", SHARD[cheat]
    assert all(reason.format(shard=shard) in str(said) for said in cheated.reasons("rejected", node))
    assert cheated.claims[node] == 0


def test_trainers_that_are_honest_among_cheats_are_paid_and_not_named(cheated: Outcome) -> None:
    for node in ("trainer-0", "trainer-1"):
        assert cheated.reasons("rejected", node) == [None, None]
        assert cheated.claims[node] > 0
    assert [entry["accepted"] for entry in cheated.rounds] == [HONEST, HONEST]


def test_weights_are_those_that_the_rest_alone_would_have_made(cheated: Outcome) -> None:
    assert cheated.weights == centralised(cheated.settings, set(SHARD.values()))
    assert cheated.weights != centralised(cheated.settings)


def test_audit_of_a_run_full_of_cheats_holds(cheated: Outcome) -> None:
    assert cheated.audit().failures == ()


# Judges that cheat, and a trainer that withholds

SEATS = {Misattesting: 0, Dicing: 1, Withholding: 2}
"""The first to attest is the one that attests another model, so that the round is still open when it does."""

SILENT = 1


@pytest.fixture(scope="module")
def misjudged(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Two rounds in which three of seven validators cheat, and one of four trainers publishes nothing."""
    cast = Cast(
        trainers={f"trainer-{SILENT}": Silent},
        validators={f"validator-{seat}": cheat for cheat, seat in SEATS.items()},
    )
    return run(accounts(nodes=4, validators=7), tmp_path_factory.mktemp("misjudged"), cast)


@pytest.mark.parametrize(
    ("cheat", "reason"),
    [
        (Dicing, "scores deviate from the medians by "),
        (Withholding, "committed a verdict and did not reveal it: "),
        (Misattesting, "attested model "),
    ],
)
def test_validator_that_cheats_is_named_with_the_reason_and_earns_nothing(
    misjudged: Outcome, cheat: type, reason: str
) -> None:
    node = f"validator-{SEATS[cheat]}"
    assert all(str(said).startswith(reason) for said in misjudged.reasons("unpaid", node))
    assert misjudged.claims[node] == 0


def test_validators_that_are_honest_among_cheats_share_their_part_and_are_not_named(misjudged: Outcome) -> None:
    honest = [f"validator-{seat}" for seat in range(7) if seat not in SEATS.values()]
    assert {entry["node"] for record in misjudged.rounds for entry in record["unpaid"]}.isdisjoint(honest)
    assert len({misjudged.claims[node] for node in honest}) == 1
    assert misjudged.claims[honest[0]] > 0


def test_verdict_that_is_not_revealed_burns_stake_which_nobody_receives(misjudged: Outcome) -> None:
    burned = 2 * STAKE // 10  # a tenth of the stake, in each of two rounds
    assert misjudged.before.supply - misjudged.learned.supply == burned
    assert misjudged.learned.supply == misjudged.after.supply
    for node, stake in misjudged.learned.stakes.items():
        assert stake == STAKE - (burned if node == f"validator-{SEATS[Withholding]}" else 0)
    assert misjudged.learned.balances == misjudged.before.balances
    assert misjudged.after.balances == {
        node: before + misjudged.claims[node] for node, before in misjudged.before.balances.items()
    }


def test_trainer_that_never_publishes_is_named_and_earns_nothing(misjudged: Outcome) -> None:
    node = f"trainer-{SILENT}"
    assert all(str(said).startswith("unavailable: ") for said in misjudged.reasons("rejected", node))
    assert misjudged.claims[node] == 0


def test_weights_without_what_was_withheld_are_those_of_the_rest(misjudged: Outcome) -> None:
    assert misjudged.weights == centralised(misjudged.settings, {SILENT})


def test_audit_of_a_run_with_withheld_content_holds(misjudged: Outcome) -> None:
    assert misjudged.audit().failures == ()
