"""What a learner is: three pure functions on integers, and the types that pass between them.

A round of learning is a sum. ``propose`` says what to sum (public, equal everywhere), ``contribute`` sums it over
the rows of one node, ``absorb`` makes the next model of the total. Because a vector depends on its rows through
sums of integers alone, the model is the same, bit for bit, however the rows are spread over nodes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadInput, BadSetting, BadTable

Integers: TypeAlias = NDArray[np.int64]
"""An int64 array; every number that is learned, summed or exchanged."""

Value: TypeAlias = Union[int, str, bytes, "list[Value]", "Mapping[str, Value]", Integers]
"""What a state may hold; ints fit int64, arrays are int64 of any number of dimensions."""

State: TypeAlias = Mapping[str, Value]
"""What is learned so far, canonical: equal learning gives equal bits."""


class UnknownLearner(BadSetting):
    """No learner has that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no learner {name!r}: choose one of {', '.join(known)}")


class BadParameter(BadSetting):
    """A parameter of a learner is unknown, not an integer or out of its range."""

    def __init__(self, name: str, value: object, reason: str) -> None:
        self.name = name
        self.value = value
        super().__init__(f"parameter {name}={value!r}: {reason}")


class BadState(BadInput):
    """A state, plan or vector does not have the shape that its learner gives it."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What one round sums; each learner derives its own. ``length`` is the number of coordinates, P."""

    length: int


MOST_CLASSES = 64
"""Most classes that the labels of a task tell apart."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one node: features int64 (n, F), images of float64, and labels int64 (n,) in 0 .. ``classes`` - 1.

    The arrays are frozen. ``memo`` keeps work that later rounds would repeat, such as the logits of a model that
    the next one extends; it is private to learners, and deleting it never changes a result.
    """

    features: Integers
    labels: Integers
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    classes: int = 2

    def __post_init__(self) -> None:
        """Raise BadTable unless shapes, types and labels are as stated; take frozen views of the arrays."""
        features, labels = np.asarray(self.features), np.asarray(self.labels)
        if features.ndim != 2 or features.dtype != np.int64:
            raise BadTable(f"features are {features.dtype} of shape {features.shape}: give int64 of shape (n, F)")
        if labels.shape != (features.shape[0],) or labels.dtype != np.int64:
            raise BadTable(
                f"labels are {labels.dtype} of shape {labels.shape}: give int64 of shape ({features.shape[0]},)"
            )
        if not 2 <= self.classes <= MOST_CLASSES:
            raise BadTable(f"labels of {self.classes} classes: give 2 to {MOST_CLASSES}")
        wrong = labels[(labels < 0) | (labels >= self.classes)]
        if wrong.size:
            allowed = "neither 0 nor 1" if self.classes == 2 else f"not from 0 to {self.classes - 1}"
            raise BadTable(f"label {int(wrong[0])} is {allowed}: map the classes to numbers from 0 first")
        for name, array in (("features", features), ("labels", labels)):
            frozen = array.view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    def __len__(self) -> int:
        """Number of rows, n."""
        return int(self.features.shape[0])


class Learner(Protocol):
    """Three pure functions that learn, and three that read what was learned.

    All are deterministic functions of their arguments: no clock, no float, no order of rows, no threads.
    """

    @property
    def name(self) -> str:
        """The name in a task's spec."""

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """The state before the first round. Raises BadParameter for a parameter that it does not take."""

    def propose(self, state: State, seed: bytes) -> Plan:
        """What the next round sums; ``seed`` is 32 public random bytes."""

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """The vector (P,) of these rows: sums over them alone, so no rows give zeros."""

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """The next state from the sum (P,) of all accepted vectors."""

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """The smallest and the largest value (P,) that each coordinate of an honest vector of ``rows`` can have."""

    def worth(self, plan: Plan, vector: Integers) -> int:
        """How much information is in a vector, >= 0; additive over rows."""

    def logits(self, state: State, features: Integers) -> Integers:
        """The score (n,) of rows (n, F) in 1/65536; higher is more suspicious."""

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The probability (n,) of label 1 in 2^-32, strictly monotone in the logit while 2^-32 resolves it."""


def checked_params(given: Mapping[str, int], allowed: Mapping[str, tuple[int, int, int]]) -> dict[str, int]:
    """All parameters by name: those given, else defaults. ``allowed`` is name -> (default, smallest, largest)."""
    for name, value in given.items():
        if name not in allowed:
            raise BadParameter(
                name, value, f"not a parameter of this learner, which takes {', '.join(sorted(allowed))}"
            )
        _, low, high = allowed[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadParameter(name, value, f"give an integer from {low} to {high}")
    return {name: int(given.get(name, default)) for name, (default, _, _) in sorted(allowed.items())}


def checked_columns(columns: int) -> int:
    """The number of feature columns, if a learner can take it; raises BadParameter."""
    if isinstance(columns, bool) or not isinstance(columns, int) or not 1 <= columns <= 1 << 16:
        raise BadParameter("columns", columns, "give an integer from 1 to 65536")
    return columns


def checked_vector(plan: Plan, vector: Integers) -> Integers:
    """The vector, if it is int64 of the plan's length; raises BadState."""
    array = np.asarray(vector)
    if array.dtype != np.int64 or array.shape != (plan.length,):
        raise BadState(
            f"vector is {array.dtype} of shape {array.shape}: this plan sums int64 of shape ({plan.length},)"
        )
    return array


def checked_features(features: Integers, columns: int) -> Integers:
    """The features, if they are int64 of shape (n, columns); raises BadTable."""
    array = np.asarray(features)
    if array.dtype != np.int64 or array.ndim != 2 or array.shape[1] != columns:
        raise BadTable(
            f"features are {array.dtype} of shape {array.shape}: the model takes int64 of shape (n, {columns})"
        )
    return array


def checked_labels(rows: Rows, classes: int = 2) -> Integers:
    """The labels (n,) of rows, if they are of that many classes; raises BadTable."""
    if rows.classes != classes:
        raise BadTable(f"rows have labels of {rows.classes} classes: this learner tells {classes} apart")
    return rows.labels


def integer(state: State, key: str) -> int:
    """The integer that a state holds under ``key``; raises BadState."""
    value = state.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise BadState(f"state holds {value!r} under {key!r} instead of an integer")
    return int(value)


def integers(state: State, key: str, dimensions: int) -> Integers:
    """The int64 array with that many dimensions that a state holds under ``key``; raises BadState."""
    value = state.get(key)
    if not isinstance(value, np.ndarray) or value.dtype != np.int64 or value.ndim != dimensions:
        raise BadState(f"state holds no int64 array of {dimensions} dimensions under {key!r}")
    return value


def held_params(state: State, allowed: Mapping[str, tuple[int, int, int]]) -> dict[str, int]:
    """The parameters that a state holds, validated again since a state may come from anyone."""
    return checked_params({name: integer(state, name) for name in allowed}, allowed)


def held_columns(state: State) -> int:
    """The number of columns that a state holds; raises BadState or BadParameter."""
    return checked_columns(integer(state, "columns"))
