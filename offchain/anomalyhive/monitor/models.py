"""Which model a watch judges by: the latest of a run, or of a hive that goes on learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.content.kinds import Model
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadInput, BadSetting, ContentCorrupt, Failure
from anomalyhive.federation.progress import Progress
from anomalyhive.federation.run_model import RunModel
from anomalyhive.fusion.opinion import Judge
from anomalyhive.metrics.features import NAMES
from anomalyhive.monitor.alert import MOST_BP, MOST_REASONS, MOST_TEXT
from anomalyhive.monitor.threshold import Flags, Threshold, Wish, basis_points
from anomalyhive.raw.detecting import NONE, Fitted
from anomalyhive.raw.joining import as_images
from anomalyhive.roles.task import Task
from anomalyhive.tables.classes import UNKNOWN
from anomalyhive.texts import one_line

POLL_SECONDS = 5.0
"""How often a chain is asked whether a round has become final."""


@dataclass(frozen=True, eq=False)
class Opinion:
    """What a model says of addresses (n,).

    ``points`` in basis points, floored; whether each is ``called``; its category, and the number of it: 0 where it is
    unknown.
    """

    points: list[int]
    called: Flags
    categories: list[str]
    indexes: list[int]
    images: Integers


NO_OPINION = Opinion([], np.zeros(0, np.bool_), [], [], np.zeros((0, 0), np.int64))
"""On no address."""


@dataclass(frozen=True, eq=False)
class Learned:
    """A model in use: its digest as hex, the round that made it, and what is an alert by it."""

    digest: str
    round: int
    columns: tuple[str, ...]
    judge: Judge
    threshold: Threshold
    detectors: Fitted = NONE

    def opinion(self, features: Integers) -> Opinion:
        """On addresses by all their features (n, F), as `metrics` makes them."""
        images, judge = as_images(features, self.columns, self.detectors), self.judge
        points = basis_points(judge.learner.probabilities(judge.state, images))
        called = self.threshold.called(judge, images, points)
        names = [UNKNOWN] * len(points)
        indexes = [0] * len(points)
        if (told := judge.categories(images)) is not None:
            names = [one.name for one in told]
            indexes = [one.index if one.name != UNKNOWN else 0 for one in told]
        elif len(judge.classes) == 2:
            names = [judge.classes[1] if one > MOST_BP // 2 else UNKNOWN for one in points.tolist()]
            indexes = [int(name != UNKNOWN) for name in names]
        return Opinion(points.tolist(), called, names, indexes, images)

    def reasons(self, images: Integers, most: int) -> list[tuple[str, ...]]:
        """At most so many reasons in words for each row (n, F); none where the learner has none."""
        texts = self.judge.reasons(images, min(most, MOST_REASONS))
        if texts is None:
            return [()] * len(images)
        return [tuple(one_line(text, MOST_TEXT) for text in row) for row in texts]


class Models(Protocol):
    """Where a watch has its model from."""

    def latest(self) -> Learned:
        """The model to judge by now: the same object as long as it is the same one.

        Raises Failure where it cannot be had just now, BadInput where it never will be.
        """


class RunModels:
    """The latest model of a run, which may still be going on."""

    def __init__(self, run: Path, wish: Wish, model: str | None = None) -> None:
        """With a ``model``, that one for good."""
        self._run, self._wish, self._model = run, wish, model
        self._learned: Learned | None = None

    def latest(self) -> Learned:
        """See `Models`."""
        if self._learned is not None and (self._model is not None or self._digest() == self._learned.digest):
            return self._learned
        chosen = RunModel.open(self._run, self._model)
        if not chosen.raw:
            raise BadSetting(
                f"{self._run} learned from a table, and a chain gives statistics of raw transactions alone: name a run "
                "of federate --shards"
            )
        threshold = self._wish.on(chosen.judge, chosen.held_out())
        columns, detectors = chosen.spec.columns, chosen.detectors
        self._learned = Learned(chosen.digest, chosen.round, columns, chosen.judge, threshold, detectors)
        return self._learned

    def _digest(self) -> str | None:
        progress = RunModel.progress(self._run)
        return Progress.read(progress).rounds[-1]["model"] if progress.is_file() else None


class HiveModels:
    """The model of the last final round of a task of a hive, taken from content and held against the task."""

    def __init__(
        self,
        hive: HiveClient,
        task: Task,
        store: Store,
        wish: Wish,
        clock: Callable[[], float],
        every: float = POLL_SECONDS,
    ) -> None:
        """``clock`` gives seconds, of which the chain is asked once in ``every``. Raises BadInput for another task."""
        spec = task.spec
        detectors = () if spec.origin is None else spec.origin.detectors
        if spec.origin is None or not set(spec.columns) <= {*NAMES, *(one.name for one in detectors)}:
            raise BadSetting(
                f"task {task.number} does not learn from raw transactions, as its spec says: name one that does"
            )
        self._hive, self._task, self._store, self._wish = hive, task, store, wish
        self._clock, self._every, self._asked = clock, every, -float("inf")
        self._learned: Learned | None = None

    def latest(self) -> Learned:
        """See `Models`."""
        now = self._clock()
        if self._learned is not None and now - self._asked < self._every:
            return self._learned
        self._asked = now
        head = self._hive.task(self._task.number).head
        if head == ZERO_DIGEST:
            raise Failure(f"task {self._task.number} has no final round yet: wait for one")
        if self._learned is None or self._learned.digest != head.hex():
            self._learned = self._opened(head)
        return self._learned

    def _opened(self, digest: bytes) -> Learned:
        spec = self._task.spec
        try:
            # Held against chain, hive, task, spec and learner on the way.
            state = self._task.state_of(self._store, digest)
            root = Model.fetch(self._store, digest)
            assert spec.origin is not None
            detectors = Fitted.fetch(self._store, spec.origin.detectors, spec.columns)
            judge = Judge.of(spec.learner, state, spec.columns, spec.classes, raw=True)
            # What a stranger calls a model must judge, or else it is refused here and not in the middle of a block.
            judge.learner.probabilities(state, np.zeros((1, len(spec.columns)), dtype=np.int64))
        except BadInput as error:
            raise ContentCorrupt(digest, f"it is no model that judges: {error}") from error
        return Learned(digest.hex(), root.round, spec.columns, judge, self._wish.on(judge, None), detectors)
