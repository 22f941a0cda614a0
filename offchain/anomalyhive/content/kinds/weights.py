"""The learned state alone: no task, no author, so that equal learning has equal digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root
from anomalyhive.content.state import MOST_STATE_ENTRIES, entries_in, read_value, write_value
from anomalyhive.content.store import Store
from anomalyhive.core.learner import State
from anomalyhive.errors import BadInput

_KEYS = frozenset({"learner", "params", "state"})


@dataclass(frozen=True, eq=False)
class Weights:
    """``state`` as the learner of that name made it under these parameters; arrays come back read-only."""

    learner: str
    params: Mapping[str, int]
    state: State

    def __post_init__(self) -> None:
        checks.text("learner", self.learner)
        checks.parameters("params", self.params)
        if not isinstance(self.state, Mapping):
            raise BadInput(f"state is of type {type(self.state).__name__}, not a map")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        state = write_value(store, self.state)
        if entries_in(state) > MOST_STATE_ENTRIES:
            raise BadInput(f"state has {entries_in(state)} entries in arrays, more than {MOST_STATE_ENTRIES}")
        return publish_root(store, "weights", {"learner": self.learner, "params": dict(self.params), "state": state})

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Weights:
        """The weights behind a digest, checked; whether the learner can use the state is for it to say."""
        with opened_root(store, digest, "weights", _KEYS) as fields:
            document = fields.table("state")
            if entries_in(document) > MOST_STATE_ENTRIES:
                raise BadInput(f"state has over {MOST_STATE_ENTRIES} entries in arrays")
            state = read_value(store, document)
            if not isinstance(state, Mapping):
                raise BadInput("state is an array, not a map")
            return cls(fields.text("learner"), fields.integers("params"), state)
