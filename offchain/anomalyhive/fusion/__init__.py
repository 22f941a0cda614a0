"""Fusion: from a model and a row to what a person needs: a verdict at a threshold, a category, and the reasons."""

from anomalyhive.fusion.categories import Category, categories
from anomalyhive.fusion.reasons import Reasons, reasons
from anomalyhive.fusion.threshold import Steps, threshold_of_false_positives, threshold_of_precision
from anomalyhive.fusion.words import in_words

__all__ = [
    "Category",
    "Reasons",
    "Steps",
    "categories",
    "in_words",
    "reasons",
    "threshold_of_false_positives",
    "threshold_of_precision",
]
