"""A model of a run, ready to judge rows: from the run's folder and the model's content alone."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Dataset, Labels, Model, Spec, Weights
from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadSetting, ContentFailure
from anomalyhive.federation.folder import RunFolder, read_json
from anomalyhive.federation.progress import Progress
from anomalyhive.fusion.opinion import Judge
from anomalyhive.metrics.features import NAMES
from anomalyhive.raw.detecting import NONE, Fitted
from anomalyhive.tables.holdout import parse_fraction

LISTED = 3
"""Models that a message names."""


@dataclass(frozen=True)
class Wishes:
    """What a verdict is to keep: at most one of both, as the user wrote them."""

    precision: str | None
    false_positive_rate: str | None

    @property
    def any(self) -> bool:
        """Whether a verdict is asked for."""
        return self.precision is not None or self.false_positive_rate is not None

    def fractions(self) -> tuple[Fraction | None, Fraction | None]:
        """Both as exact fractions. Raises BadSetting for what is none."""
        return (
            None if self.precision is None else parse_fraction(self.precision, "--precision", whole=True),
            None
            if self.false_positive_rate is None
            else parse_fraction(self.false_positive_rate, "--false-positive-rate", whole=True),
        )


@dataclass(frozen=True, eq=False)
class RunModel:
    """A model with its spec and what it says of rows; ``digest`` is its own as hex, ``round`` the one that made it.

    ``shards`` are the chunks that the run says it learned from. ``raw`` is whether the model reads statistics as they
    are made of raw transactions, and maybe scores of ``detectors``. Names of columns do not tell: a table may have the
    same ones.
    """

    folder: RunFolder
    digest: str
    round: int
    spec: Spec
    judge: Judge
    shards: Path | None
    raw: bool
    detectors: Fitted

    @classmethod
    def open(cls, run: Path, model: str | None) -> RunModel:
        """The model with that digest, the latest by default. Raises BadSetting, ContentFailure."""
        folder = RunFolder(run)
        folder.require()
        store = DirectoryStore(folder.store, read_only=True)
        digest, root = _model(store, folder, model)
        spec, weights = Spec.fetch(store, root.spec), Weights.fetch(store, root.weights)
        shards = _shards(folder)
        # A private task names no origin of its rows; but its run names its chunks.
        detectors = NONE if spec.origin is None else Fitted.fetch(store, spec.origin.detectors, spec.columns)
        raw = (spec.origin is not None or shards is not None) and set(spec.columns) <= {*NAMES, *detectors.names}
        judge = Judge.of(weights.learner, weights.state, spec.columns, spec.classes, raw)
        return cls(folder, digest.hex(), root.round, spec, judge, shards, raw, detectors)

    @staticmethod
    def progress(run: Path) -> Path:
        """The file of a run that says which models there are."""
        return RunFolder(run).progress

    @property
    def names(self) -> tuple[str, str]:
        """What a row is called, and what otherwise."""
        classes = self.spec.classes
        if len(classes) == 2:
            return classes[1], classes[0]
        return (f"not {classes[0]}", classes[0]) if classes else ("1", "0")

    def label_of(self, address: str) -> str | None:
        """The label with which the model has learned from an address; None if it has not, or nobody may know."""
        if self.spec.origin is None:
            return None
        labels = Labels.fetch(DirectoryStore(self.folder.store, read_only=True), self.spec.origin.labels)
        at = bisect_left(labels.accounts, address)
        if labels.accounts[at : at + 1] != (address,):
            return None
        label = int(labels.labels[at])
        return self.spec.classes[label] if self.spec.classes else str(label)

    def verdicts(self, features: Integers, wishes: Wishes) -> tuple[list[str], int]:
        """What each row (n, F) is called, by a threshold chosen on the run's test rows; and how many those are."""
        fractions = wishes.fractions()
        if (test := self.held_out()) is None:
            raise BadSetting(
                f"{self.folder.root} has no test rows to choose a threshold by: run with a --test-fraction above 0"
            )
        threshold = self.judge.threshold(*test, *fractions)
        yes, no = self.names
        return [yes if one else no for one in self.judge.verdicts(features, threshold)], len(test[1])

    def held_out(self) -> tuple[Integers, Integers] | None:
        """Features (n, F) and labels (n,) of the run's test rows, which no node learned from; None if it has none."""
        if not self.folder.test_rows.is_file():
            return None
        digest = bytes.fromhex(read_json(self.folder.test_rows)["dataset"])
        test = Dataset.fetch(DirectoryStore(self.folder.evaluation, read_only=True), digest)
        return np.asarray(test.features), np.asarray(test.labels)

    def reasons(self, features: Integers, most: int) -> list[list[str]]:
        """At most so many reasons for each row (n, F). Raises BadSetting for a learner that has none."""
        if (texts := self.judge.reasons(features, most)) is None:
            name = self.judge.learner.name
            raise BadSetting(f"--reasons {most}: the learner {name} has none; boost and classify do")
        return texts


def _shards(folder: RunFolder) -> Path | None:
    settings = read_json(folder.settings)
    named = settings.get("shards") if isinstance(settings, dict) else None
    return Path(named) if isinstance(named, str) else None


def _model(store: DirectoryStore, folder: RunFolder, wanted: str | None) -> tuple[bytes, Model]:
    """The model that is wanted with its digest, else that of the latest final round; BadSetting for none."""
    rounds = Progress.read(folder.progress).rounds if folder.progress.is_file() else []
    if wanted is None and not rounds:
        raise BadSetting(f"{folder.root} has no final round yet: finish the run, or name a model with --model")
    digest = bytes.fromhex(rounds[-1]["model"]) if wanted is None else _digest(wanted)
    try:
        return digest, Model.fetch(store, digest)
    except ContentFailure as error:
        known = [one["model"] for one in rounds]
        if digest.hex() in known:
            raise
        listed = f": those of its rounds are {', '.join(known[-LISTED:])}" if known else ""
        raise BadSetting(f"--model {digest.hex()} is no model of {folder.root}{listed}") from error


def _digest(text: str) -> bytes:
    digits = text.removeprefix("0x")
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise BadSetting(f"--model {text!r} is no digest: give 64 hexadecimal digits, such as report.json has")
    return digest
