"""What a model of a run says of rows, all in one place: probability, verdict, category, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from anomalyhive.core.learner import Integers, Learner, State
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost.model import Model, read_model
from anomalyhive.core.learners.classify import CLASSIFY, class_probabilities, read_classifier
from anomalyhive.errors import BadSetting
from anomalyhive.fusion.categories import Category, categories
from anomalyhive.fusion.reasons import Explainer
from anomalyhive.fusion.threshold import Steps, threshold_of_false_positives, threshold_of_precision
from anomalyhive.fusion.units import with_unit
from anomalyhive.fusion.words import Written, in_words, plainly

CALIBRATION = "calibration"
"""The learner whose only column is a score."""


@dataclass(frozen=True, eq=False)
class Judge:
    """A model with the names that its spec gives columns and classes (none where labels are 0 and 1)."""

    learner: Learner
    state: State
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    written: Written

    @classmethod
    def of(cls, learner: str, state: State, columns: Sequence[str], classes: Sequence[str], raw: bool = False) -> Judge:
        """By the name of the learner; raises UnknownLearner. ``raw`` is whether columns are statistics with a unit."""
        written = with_unit if raw else plainly
        return cls(get_learner(learner), state, tuple(columns), tuple(classes), written)

    def threshold(
        self, features: Integers, labels: Integers, precision: Fraction | None, false_positives: Fraction | None
    ) -> int:
        """The logit from which a row is called, chosen on held-out rows (n, F) by one of both wishes."""
        if (precision is None) == (false_positives is None):
            raise BadSetting("--precision and --false-positive-rate choose a threshold each: give one")
        steps = Steps.of(self.learner.logits(self.state, features), (labels > 0) * 1)
        if precision is not None:
            return threshold_of_precision(steps, precision)
        assert false_positives is not None
        return threshold_of_false_positives(steps, false_positives)

    def verdicts(self, features: Integers, threshold: int) -> list[bool]:
        """Whether each row (n, F) is called."""
        called: list[bool] = (self.learner.logits(self.state, features) >= threshold).tolist()
        return called

    def categories(self, features: Integers) -> list[Category] | None:
        """The category of each row (n, F); None unless there are more than two classes."""
        if self.learner.name != CLASSIFY or len(self.classes) < 3:
            return None
        return categories(class_probabilities(self.state, features), self.classes)

    def reasons(self, features: Integers, most: int) -> list[list[str]] | None:
        """At most so many reasons for each row (n, F), see `words`; None where the learner is not boosted.

        Of several classes it is the model of the most probable one that is explained.
        """
        if not self._models:
            return None
        if len(self._models) == 1:
            return self._told(0, features, most)
        best = class_probabilities(self.state, features).argmax(axis=1)
        found: list[list[str]] = [[] for _ in range(len(features))]
        for index in sorted(set(best.tolist())):
            rows = (best == index).nonzero()[0]
            for row, texts in zip(rows.tolist(), self._told(index, features[rows], most), strict=True):
                found[row] = texts
        return found

    @cached_property
    def calibrated(self) -> bool:
        """Whether its probabilities went through counts of what was right, instead of being the model's own."""
        if self.learner.name == CLASSIFY:
            return bool(read_classifier(self.state).counts.any())
        return self.learner.name == CALIBRATION

    @cached_property
    def _models(self) -> tuple[Model, ...]:
        """The boosted models, of which there is one a class with several classes; none of another learner."""
        if self.learner.name == CLASSIFY:
            return tuple(read_classifier(self.state).models)
        return (read_model(self.state),) if self.learner.name == "boost" else ()

    @cached_property
    def _explainers(self) -> dict[int, Explainer]:
        """Those of the models that were asked for reasons."""
        return {}

    def _told(self, index: int, features: Integers, most: int) -> list[list[str]]:
        model = self._models[index]
        if index not in self._explainers:
            self._explainers[index] = Explainer.of(model)
        found = self._explainers[index].reasons(features)
        return in_words(model, self.columns, features, found, most, self.written)
