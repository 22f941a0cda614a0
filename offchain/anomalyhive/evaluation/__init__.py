"""Evaluation: scores of a model, and how well they rank rows that no node has."""

from anomalyhive.evaluation.quality import Quality, average_precision, quality, roc_auc
from anomalyhive.evaluation.scoring import score_table, write_scores

__all__ = ["Quality", "average_precision", "quality", "roc_auc", "score_table", "write_scores"]
