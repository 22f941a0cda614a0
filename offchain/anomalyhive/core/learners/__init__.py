"""The learners by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from anomalyhive.core.learner import Learner, UnknownLearner
from anomalyhive.core.learners.boost import Boost
from anomalyhive.core.learners.calibration import Calibration
from anomalyhive.core.learners.classify import Classify
from anomalyhive.core.learners.density import Density
from anomalyhive.core.learners.edges import Edges
from anomalyhive.core.learners.fedavg import FedAvg

__all__ = ["LEARNERS", "get_learner"]

LEARNERS: Mapping[str, Learner] = MappingProxyType(
    {learner.name: learner for learner in (Boost(), Calibration(), Classify(), Density(), Edges(), FedAvg())}
)
"""Every learner by its name in a spec."""


def get_learner(name: str) -> Learner:
    """The learner of that name; raises UnknownLearner naming those that there are."""
    try:
        return LEARNERS[name]
    except KeyError:
        raise UnknownLearner(name, sorted(LEARNERS)) from None
