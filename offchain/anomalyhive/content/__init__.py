"""Everything off chain: blocks named by their digest, the roots made of them, and the stores of them."""

from anomalyhive.content.car import export_car, import_car
from anomalyhive.content.cid import Codec, Link, cid_text, digest_of, parse_cid
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import (
    Dataset,
    Fitting,
    Labels,
    Model,
    Origin,
    Partial,
    Spec,
    SpecShard,
    Sum,
    Update,
    Verdict,
    Weights,
    kind_of,
)
from anomalyhive.content.store import Store
from anomalyhive.content.walk import failures, links, walk

__all__ = [
    "Codec",
    "Dataset",
    "DirectoryStore",
    "Fitting",
    "Labels",
    "Link",
    "Model",
    "Origin",
    "Partial",
    "Spec",
    "SpecShard",
    "Store",
    "Sum",
    "Update",
    "Verdict",
    "Weights",
    "cid_text",
    "digest_of",
    "export_car",
    "failures",
    "import_car",
    "kind_of",
    "links",
    "parse_cid",
    "walk",
]
