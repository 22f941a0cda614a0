"""Finished runs beside LightGBM on the same split: quality on the rows that no node had, and Brier scores.

    .venv/bin/python scripts/bench_runs.py RUN [RUN ...]

Reads run.json and report.json of each folder and the table, or the chunks and labels, that the run learned from; trains
LightGBM with its default settings on all rows that the nodes had.
"""

from __future__ import annotations

import sys
from pathlib import Path

import lightgbm
import numpy as np

from anomalyhive.core.features import from_image, to_image
from anomalyhive.evaluation.classes import ClassQuality, class_quality
from anomalyhive.evaluation.reliability import reliability
from anomalyhive.federation.folder import RunFolder, read_json
from anomalyhive.federation.gathering import gather
from anomalyhive.federation.rows import Shared, share_out
from anomalyhive.federation.settings import Settings


def pooled_lightgbm(shared: Shared) -> tuple[ClassQuality, float | None]:
    """LightGBM's quality on the test rows, and its Brier score for "any class but the first"."""
    model = lightgbm.LGBMClassifier(random_state=0, n_jobs=2, verbose=-1)
    model.fit(from_image(shared.pooled.features), shared.pooled.labels)
    p = np.asarray(model.predict_proba(from_image(shared.test.features)), dtype=np.float64)
    known = np.round((1 - p[:, 0]) * 2.0**32).astype(np.int64)
    brier = reliability(known, (shared.test.labels > 0).astype(np.int64)).brier
    return class_quality(to_image(p), shared.test.labels), brier


def show(folder: RunFolder) -> None:
    """Print one run."""
    report = read_json(folder.report)
    settings = Settings.from_json(read_json(folder.settings))
    shared = share_out(settings) if settings.shards is None else gather(settings, lambda _: None)
    found, brier = pooled_lightgbm(shared)
    own, names = report["classes"], shared.test.classes or ("0", "1")
    print(f"\n{folder.root.name}: {len(shared.pooled):,} rows to learn from, {len(shared.test):,} to test on")
    print(f"{'class':<16}{'rows':>7}{'federated AP':>14}{'LightGBM AP':>13}{'fed. AUC':>10}{'LGBM AUC':>10}")
    lines = zip(names, own["classes"], found.average_precisions, found.roc_aucs, strict=True)
    for name, ours, ap, auc in lines:
        print(
            f"{name:<16}{ours['rows']:>7,}{ours['average_precision'] or 0:>14.4f}{ap or 0:>13.4f}"
            f"{ours['roc_auc'] or 0:>10.4f}{auc or 0:>10.4f}"
        )
    theirs = found.as_json(names)
    for name, key in (("macro AP", "macro_average_precision"), ("macro F1", "macro_f1"), ("accuracy", "accuracy")):
        print(f"{name:<23}{own[key] or 0:>14.4f}{theirs[key] or 0:>13.4f}")
    print(f"{'Brier score':<23}{report['calibration']['brier']:>14.4f}{brier or 0:>13.4f}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for root in sys.argv[1:]:
        show(RunFolder(Path(root)))
