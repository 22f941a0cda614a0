"""How well several classes are told apart: each against all others, and which are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anomalyhive.core.learner import Integers, Learner, State
from anomalyhive.core.learners.classify import CLASSIFY, class_logits
from anomalyhive.evaluation.quality import Quality, average_precision, roc_auc


@dataclass(frozen=True, eq=False)
class ClassQuality:
    """Measures of K classes; None where rows have one class only.

    confusion: rows (K, K) by true class, then by the class that scores highest.
    """

    average_precisions: tuple[float | None, ...]
    roc_aucs: tuple[float | None, ...]
    confusion: Integers

    @property
    def macro(self) -> Quality:
        """The means over classes, each weighing the same; over class 1 alone where there are two."""
        if len(self.average_precisions) == 2:
            return Quality(self.average_precisions[1], self.roc_aucs[1])
        return Quality(_mean(self.average_precisions), _mean(self.roc_aucs))

    @property
    def f1(self) -> tuple[float, ...]:
        """2 TP / (2 TP + FP + FN) of each class; 0 for one that has no row and is never named."""
        right = np.diag(self.confusion).tolist()
        named, there = self.confusion.sum(axis=0).tolist(), self.confusion.sum(axis=1).tolist()
        return tuple(2 * tp / max(1, one + other) for tp, one, other in zip(right, named, there, strict=True))

    def as_json(self, classes: Sequence[str]) -> dict[str, Any]:
        """The measures by name of the class, as the report has them."""
        by_class = zip(classes, self.average_precisions, self.roc_aucs, self.f1, strict=True)
        rows = int(self.confusion.sum())
        return {
            "classes": [
                {"name": name, "rows": int(self.confusion[i].sum()), "average_precision": ap, "roc_auc": auc, "f1": f1}
                for i, (name, ap, auc, f1) in enumerate(by_class)
            ],
            "confusion": self.confusion.tolist(),
            "macro_average_precision": _mean(self.average_precisions),
            "macro_f1": sum(self.f1) / len(self.f1),
            "accuracy": int(np.trace(self.confusion)) / max(1, rows),
        }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def scores_by_class(learner: Learner, state: State, features: Integers) -> Integers:
    """The logit (n, K) of each class against all others, in 1/65536; K is 2 for a learner of two classes."""
    if learner.name == CLASSIFY:
        return class_logits(state, features)
    logits = learner.logits(state, features)
    return np.stack([-logits, logits], axis=1)


def class_quality(scores: Integers, labels: Integers) -> ClassQuality:
    """The quality of scores (n, K) for labels (n,) in 0 .. K - 1; a tie is the lower class's."""
    classes = scores.shape[1]
    named = scores.argmax(axis=1)
    confusion = np.bincount(labels * classes + named, minlength=classes * classes).reshape(classes, classes)
    of_class = [(scores[:, label], (labels == label).astype(np.int64)) for label in range(classes)]
    return ClassQuality(
        average_precisions=tuple(average_precision(*one) for one in of_class),
        roc_aucs=tuple(roc_auc(*one) for one in of_class),
        confusion=confusion.astype(np.int64),
    )
