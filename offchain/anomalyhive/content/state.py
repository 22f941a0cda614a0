"""The learned state as a document: integers, text, bytes, lists, maps and integer arrays.

An array is written as vectors.py has it, a map of exactly the keys ``shape``, ``width`` and ``data``; so no
other map may have exactly these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from anomalyhive.content.codec import Document
from anomalyhive.content.scan import MOST_DEPTH
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import ARRAY_KEYS, array_shape, read_array, write_array
from anomalyhive.core.learner import Value
from anomalyhive.errors import BadInput

MOST_STATE_ENTRIES = 1 << 26
"""Entries of all arrays of a state together: half a GiB in memory."""


def write_value(store: Store, value: Value, name: str = "state", depth: int = 0) -> Document:
    """Put the arrays of ``value``; return the document that stands for it. BadInput names what cannot be."""
    if depth > MOST_DEPTH:
        raise BadInput(f"{name} nests deeper than {MOST_DEPTH} levels")
    if isinstance(value, np.ndarray):
        return dict(write_array(store, value, name))
    if isinstance(value, Mapping):
        if value.keys() == ARRAY_KEYS:
            raise BadInput(f"{name} has exactly the keys of an array, data, shape, width: rename one")
        return {key: write_value(store, item, f"{name}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [write_value(store, item, f"{name}[{index}]", depth + 1) for index, item in enumerate(value)]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str, bytes)):
        raise BadInput(f"{name} is {str(value)[:80]} of type {type(value).__name__}, which no state can hold")
    return value


def read_value(store: Store, document: Document, name: str = "state") -> Value:
    """The value that write_value put; its arrays are read-only."""
    if isinstance(document, dict):
        if document.keys() == ARRAY_KEYS:
            return read_array(store, document, name)
        return {key: read_value(store, item, f"{name}.{key}") for key, item in document.items()}
    if isinstance(document, list):
        return [read_value(store, item, f"{name}[{index}]") for index, item in enumerate(document)]
    if isinstance(document, bool) or not isinstance(document, (int, str, bytes)):
        raise BadInput(f"{name} is {document}: a state holds integers, text, bytes, lists, maps and arrays")
    return document


def entries_in(document: Document, name: str = "state") -> int:
    """Entries of all arrays together, from their declared shapes, before any of them is fetched."""
    if isinstance(document, dict):
        if document.keys() == ARRAY_KEYS:
            return math.prod(array_shape(document, name))
        return sum(entries_in(item, f"{name}.{key}") for key, item in document.items())
    if isinstance(document, list):
        return sum(entries_in(item, f"{name}[{index}]") for index, item in enumerate(document))
    return 0
