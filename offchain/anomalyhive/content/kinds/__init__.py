"""The kinds of root: what the federation publishes.

Each is a frozen dataclass. ``publish(store)`` puts its blocks and returns the digest of its root;
``fetch(store, digest)`` returns a validated one, or raises ContentMissing or ContentCorrupt. Building one
with a value out of its range raises BadInput.
"""

from anomalyhive.content.kinds.contents import Contents
from anomalyhive.content.kinds.dataset import Dataset
from anomalyhive.content.kinds.export import Export, ProvenCode
from anomalyhive.content.kinds.fields import kind_of
from anomalyhive.content.kinds.labels import Labels
from anomalyhive.content.kinds.log import Log
from anomalyhive.content.kinds.model import Model
from anomalyhive.content.kinds.partial import Partial, PartialRoot
from anomalyhive.content.kinds.spec import Fitting, Origin, Spec, SpecShard
from anomalyhive.content.kinds.sum import Sum
from anomalyhive.content.kinds.update import Update
from anomalyhive.content.kinds.verdict import Verdict
from anomalyhive.content.kinds.weights import Weights

__all__ = [
    "Contents",
    "Dataset",
    "Export",
    "Fitting",
    "Labels",
    "Log",
    "Model",
    "Origin",
    "Partial",
    "PartialRoot",
    "ProvenCode",
    "Spec",
    "SpecShard",
    "Sum",
    "Update",
    "Verdict",
    "Weights",
    "kind_of",
]
