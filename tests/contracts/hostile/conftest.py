"""Hives on tokens that are not as they should be, and contracts that take part."""

from __future__ import annotations

from typing import Any

import pytest
from actor import Actor
from bystanders import Founding
from sources import sources

from rehearsal import Rehearsal


@pytest.fixture(scope="module")
def found(module_isolation: None, NodeRegistry: Any, Hive: Any, accounts: Any) -> Founding:
    """`found("Levy")`: a hive on the token of that name, which behaves so far."""

    def founded(token: str) -> Rehearsal:
        return Rehearsal((sources()[token], NodeRegistry, Hive), list(accounts))

    return founded


@pytest.fixture
def puppet(accounts: Any) -> Actor:
    """A contract that does what the test wants."""
    return Actor.born(accounts[0])
