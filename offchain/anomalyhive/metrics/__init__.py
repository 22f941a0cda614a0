"""Metrics: integer statistics of every address, which merge exactly, and the rows that a model learns from."""

from anomalyhive.metrics.encoding import STATISTICS_DIGEST, decode, encode
from anomalyhive.metrics.engines import ENGINES, Engine, engine_named
from anomalyhive.metrics.events import event_table
from anomalyhive.metrics.features import FEATURES, AddressRows, rows
from anomalyhive.metrics.partial import NOTHING, Partial, merge, partials
from anomalyhive.metrics.sketching import bucket_of

__all__ = [
    "ENGINES",
    "FEATURES",
    "NOTHING",
    "STATISTICS_DIGEST",
    "AddressRows",
    "Engine",
    "Partial",
    "bucket_of",
    "decode",
    "encode",
    "engine_named",
    "event_table",
    "merge",
    "partials",
    "rows",
]
