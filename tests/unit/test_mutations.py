"""The mutations that `make mutants` hunts fit the contracts as they are."""

from __future__ import annotations

import pytest

from compiler import ROOT
from mutants import PROPERTIES, Mutation, mutations


@pytest.mark.parametrize("mutation", mutations(), ids=lambda one: f"{one.breaks} {one.name}")
def test_mutation_changes_one_place_of_its_source(mutation: Mutation) -> None:
    assert mutation.source() != (ROOT / mutation.file).read_text(encoding="utf-8")


def test_mutations_break_every_property() -> None:
    assert {one.breaks for one in mutations()} == set(PROPERTIES)


def test_mutation_that_fits_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        Mutation("P1", "none", "contracts/Hive.sol", "what no source says", "").source()
