"""Detectors of a federation: further columns behind the statistics, each by weights that are content.

A detector is fitted without labels on the rows of all accounts that are learned from, before the task is founded; what
it learned is a root of kind ``weights`` that the spec names. So a node scores its rows by content, and whoever has the
partial statistics fits it again and gets the same bits. This needs a fit that is a sum of integers over rows: of the
detectors of `metrics` those in FEDERATED.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from anomalyhive.content.kinds import Fitting, Weights
from anomalyhive.content.store import Store
from anomalyhive.core.features import from_image, to_image
from anomalyhive.core.learner import Integers, State
from anomalyhive.errors import BadInput, BadSetting, ContentCorrupt
from anomalyhive.metrics.detectors import detector_named
from anomalyhive.metrics.detectors.detector import SCORE_BITS

FEDERATED: Mapping[str, str] = MappingProxyType({"half_space_trees": "density"})
"""Detector -> the learner whose state is what it fits."""

SEED = 0
"""Of what a detector draws: the same for all, so that everyone fits the same."""

LIFT = 4
"""Added to a score in its image: the public grid has fine cells for positive numbers alone, and a score of even density
is 0, one of half-space trees at its densest about -4.9."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Detectors by name, in the order of their columns, with what each has learned."""

    states: Mapping[str, State] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, which stand behind the statistics."""
        return tuple(self.states)

    def images(self, features: Integers) -> Integers:
        """The images (n, D) of the scores of rows (n, F) of the statistics that the detectors were fitted on."""
        scores = [detector_named(name).score(state, features) for name, state in self.states.items()]
        if not scores:
            return np.empty((len(features), 0), dtype=np.int64)
        return to_image(np.stack(scores, axis=1).astype(np.float64) / (1 << SCORE_BITS) + LIFT)

    def publish(self, store: Store) -> tuple[Fitting, ...]:
        """Put what the detectors have learned; return what a spec says of it."""
        return tuple(
            Fitting(name, Weights(FEDERATED[name], {}, state).publish(store)) for name, state in self.states.items()
        )

    @classmethod
    def fetch(cls, store: Store, said: Sequence[Fitting], columns: Sequence[str]) -> Fitted:
        """What a spec with these columns says. Raises ContentFailure for what cannot be had, or scores no row."""
        names, width = tuple(one.name for one in said), len(columns) - len(said)
        states: dict[str, State] = {}
        for one in said:
            weights = Weights.fetch(store, one.weights)
            if FEDERATED.get(one.name) != weights.learner:
                raise ContentCorrupt(
                    one.weights, f"learned by {weights.learner[:80]}, it is no detector {one.name[:80]!r}"
                )
            states[one.name] = weights.state
        if tuple(columns[width:]) != names:
            raise ContentCorrupt(said[0].weights, f"its task has no columns {', '.join(names)[:200]} at the end")
        found = cls(states)
        try:
            found.images(np.zeros((1, width), dtype=np.int64))
        except BadInput as error:
            raise ContentCorrupt(said[0].weights, f"it scores no row of {width} statistics: {error}") from error
        return found

    def differs(self, due: Fitted) -> str:
        """The first detector whose state is not the one that is due, bit for bit; empty if none is."""
        for name, state in due.states.items():
            mine = self.states.get(name, {})
            if mine.keys() != state.keys() or not all(
                np.array_equal(np.asarray(mine[key]), np.asarray(state[key])) for key in state
            ):
                return name
        return ""


NONE = Fitted()


def fitted_on(features: Integers, names: Sequence[str]) -> Fitted:
    """Detectors fitted on rows (n, F) of statistics, whatever their order."""
    return Fitted({name: detector_named(name).fit(features, SEED) for name in names})


def check_detectors(names: Sequence[str]) -> None:
    """Raise BadSetting for a detector that no federation can fit, or that is named twice."""
    for name in names:
        if name not in FEDERATED:
            raise BadSetting(f"--detectors {name!r} cannot be fitted by sums: a federation has {', '.join(FEDERATED)}")
    if len(set(names)) < len(names):
        raise BadSetting(f"--detectors {','.join(names)} names one twice: name each once")


def score_of(image: int) -> float:
    """The score behind an image of this module, higher is stranger."""
    return float(from_image(np.array([image], dtype=np.int64))[0]) - LIFT
