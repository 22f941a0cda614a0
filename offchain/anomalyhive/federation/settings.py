"""What a user asks of a federation, checked before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from anomalyhive.chain.localchain import KINDS
from anomalyhive.chain.rpc import check_url
from anomalyhive.errors import BadSetting
from anomalyhive.raw.detecting import check_detectors
from anomalyhive.tables.holdout import parse_fraction
from anomalyhive.urls import redact

NoneType = type(None)

LISTS = ("drop", "classes", "detectors")
"""Settings that are tuples of texts, and lists in JSON."""

MAX_NODES = 1024
"""Shards of a task: one byte each in every verdict."""

MAX_VALIDATORS = 20
"""Seats of a task: the contract sorts their scores for every update."""

MAX_ROUNDS = 100_000


@dataclass(frozen=True)
class Settings:
    """The settings of a run, as they stand in run.json.

    Rows come from the table ``data``, or from the folder of chunks ``shards`` and the list ``labels``; then ``era``
    is FROM:TO in days. ``test_fraction`` is a decimal text, so that it is exact. ``data_digest`` is the sha-256 of the
    data file, or of chunks and labels, so that a resumed run cannot continue on other data. ``classes`` names the
    classes of the label column, see `tables.classes`; it is empty for labels 0 and 1.
    """

    data: str
    label: str
    nodes: int
    rounds: int
    id: str | None = None
    drop: tuple[str, ...] = ()
    missing: int | None = None
    classes: tuple[str, ...] = ()
    validators: int = 3
    split: str = "random"
    test_fraction: str = "0.2"
    seed: int = 0
    private: bool = False
    chain: str = "anvil"
    learner: str = "boost"
    params: dict[str, int] = field(default_factory=dict)
    data_digest: str = ""
    shards: str | None = None
    labels: str | None = None
    era: str | None = None
    detectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise BadSetting, naming the option and what it may be."""
        _between("--nodes", self.nodes, 1, MAX_NODES)
        _between("--validators", self.validators, 1, MAX_VALIDATORS)
        _between("--rounds", self.rounds, 1, MAX_ROUNDS)
        _between("--seed", self.seed, 0, 2**63 - 1)
        if self.split not in ("random", "label") and not (self.split.startswith("column:") and self.split != "column:"):
            raise BadSetting(f"--split {self.split!r} is unknown: choose random, label or column:NAME")
        if self.fraction > Fraction(9, 10):
            raise BadSetting(f"--test-fraction {self.test_fraction} is outside 0 to 0.9")
        self._check_source()
        if self.chain not in KINDS:
            check_url(self.chain)

    def _check_source(self) -> None:
        if self.shards is None:
            if not self.data:
                raise BadSetting("there is nothing to learn from: give a table with --data, or chunks with --shards")
            given = [name for name in ("labels", "era", "detectors") if getattr(self, name)]
            if given:
                raise BadSetting(f"--{given[0]} goes with --shards: leave it out, or give a folder of chunks")
            return
        if self.data:
            raise BadSetting("--data and --shards exclude each other: give one of them")
        if self.labels is None:
            raise BadSetting("--shards needs --labels: name the CSV file that says which accounts are what")
        if self.split != "random" or self.missing is not None:
            option = "--split" if self.split != "random" else "--missing"
            raise BadSetting(f"{option} goes with --data: with --shards, accounts go by their address and lack nothing")
        if self.detectors and self.private:
            raise BadSetting("--detectors does not go with --private: a detector is fitted on the rows of all nodes")
        check_detectors(self.detectors)

    @property
    def fraction(self) -> Fraction:
        """The share of rows that no node gets. Raises BadSetting for what is no decimal."""
        return parse_fraction(self.test_fraction, "--test-fraction")

    @property
    def shown_chain(self) -> str:
        """The chain without the secrets that its URL may have."""
        return redact(self.chain)

    def as_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return {**asdict(self), **{name: list(getattr(self, name)) for name in LISTS}}

    @classmethod
    def from_json(cls, content: Any) -> Settings:
        """Settings from run.json. Raises BadSetting where the file is not one of ours."""
        if not isinstance(content, dict) or content.keys() != TYPES.keys() or not _typed(content):
            raise BadSetting("run.json does not hold the settings of this version: start a new run in another folder")
        return cls(**{**content, **{name: tuple(content[name]) for name in LISTS}})

    def differences(self, other: Settings) -> list[str]:
        """The options in which two settings differ, with both values."""
        named = {one.name: f"--{one.name.replace('_', '-')}" for one in fields(self)}
        before, now = vars(other) | {"chain": other.shown_chain}, vars(self) | {"chain": self.shown_chain}
        return [
            f"{option} was {before[name]!r} and is now {now[name]!r}"
            for name, option in named.items()
            if getattr(self, name) != getattr(other, name)
        ]


TYPES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("data", "label", "split", "test_fraction", "chain", "learner", "data_digest"), (str,)),
        **dict.fromkeys(("nodes", "rounds", "validators", "seed"), (int,)),
        **dict.fromkeys(("id", "shards", "labels", "era"), (str, NoneType)),
        "missing": (int, NoneType),
        **dict.fromkeys(LISTS, (list,)),
        "private": (bool,),
        "params": (dict,),
    }
)
"""What JSON has for each setting."""


def _typed(content: Mapping[str, Any]) -> bool:
    return (
        all(type(content[name]) in types for name, types in TYPES.items())
        and all(type(name) is str for name in (one for part in LISTS for one in content[part]))
        and all(type(value) is int for value in content["params"].values())
    )


def _between(option: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadSetting(f"{option} {value} is outside {low} to {high}")
