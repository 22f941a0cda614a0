"""What a user asks of a federation, checked before anything is started."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

from anomalyhive.errors import BadSetting

MAX_NODES = 1024
"""Shards of a task: one byte each in every verdict."""

MAX_VALIDATORS = 20
"""Seats of a task: the contract sorts their scores for every update."""

MAX_ROUNDS = 100_000


@dataclass(frozen=True)
class Settings:
    """The settings of a run, as they stand in run.json.

    ``test_fraction`` is a decimal text, so that it is exact. ``data_digest`` is the sha-256 of the data file, so that
    a resumed run cannot continue on other data.
    """

    data: str
    label: str
    nodes: int
    rounds: int
    id: str | None = None
    drop: tuple[str, ...] = ()
    missing: int | None = None
    validators: int = 3
    split: str = "random"
    test_fraction: str = "0.2"
    seed: int = 0
    private: bool = False
    chain: str = "anvil"
    learner: str = "boost"
    params: dict[str, int] = field(default_factory=dict)
    data_digest: str = ""

    def __post_init__(self) -> None:
        """Raise BadSetting, naming the option and what it may be."""
        _between("--nodes", self.nodes, 1, MAX_NODES)
        _between("--validators", self.validators, 1, MAX_VALIDATORS)
        _between("--rounds", self.rounds, 1, MAX_ROUNDS)
        _between("--seed", self.seed, 0, 2**63 - 1)
        if self.split not in ("random", "label") and not (self.split.startswith("column:") and self.split != "column:"):
            raise BadSetting(f"--split {self.split!r} is unknown: choose random, label or column:NAME")
        try:
            fraction = Fraction(self.test_fraction)
        except (ValueError, ZeroDivisionError) as error:
            raise BadSetting(f"--test-fraction {self.test_fraction!r} is no number: give one from 0 to 0.9") from error
        if not 0 <= fraction <= Fraction(9, 10):
            raise BadSetting(f"--test-fraction {self.test_fraction} is outside 0 to 0.9")

    @property
    def fraction(self) -> Fraction:
        """The share of rows that no node gets."""
        return Fraction(self.test_fraction)

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return {**asdict(self), "drop": list(self.drop)}

    @classmethod
    def from_json(cls, content: Any) -> Settings:
        """Settings from run.json. Raises BadSetting where the file is not one of ours."""
        names = {one.name for one in fields(cls)}
        if not isinstance(content, dict) or content.keys() != names:
            raise BadSetting("run.json does not hold the settings of this version: start a new run in another folder")
        return cls(**{**content, "drop": tuple(content["drop"])})

    def differences(self, other: Settings) -> list[str]:
        """The options in which two settings differ, with both values."""
        return [
            f"--{one.name.replace('_', '-')} was {getattr(other, one.name)!r} and is now {getattr(self, one.name)!r}"
            for one in fields(self)
            if getattr(self, one.name) != getattr(other, one.name)
        ]


def _between(option: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadSetting(f"{option} {value} is outside {low} to {high}")
