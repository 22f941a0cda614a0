"""Detectors: every module of this package registers one, so a new one is one file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from anomalyhive.metrics.detectors.detector import DETECTORS, Detector, Ints, detector_named, register
from anomalyhive.metrics.features import AddressRows

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

UNIT = "1/65536, higher is stranger"


def fitted_on(features: Ints, names: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """What each detector learns of rows (n, F). Raises BadSetting."""
    return {name: detector_named(name).fit(features, seed) for name in names}


def with_detectors(rows: AddressRows, fitted: Mapping[str, Any]) -> AddressRows:
    """The rows with a further column for each detector."""
    scores = [detector_named(name).score(state, rows.features)[:, None] for name, state in fitted.items()]
    return AddressRows(
        rows.addresses,
        np.concatenate([rows.features, *scores], axis=1),
        (*rows.names, *fitted),
        (*rows.units, *(UNIT for _ in fitted)),
    )


__all__ = ["DETECTORS", "Detector", "detector_named", "fitted_on", "register", "with_detectors"]
