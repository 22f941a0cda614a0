"""The history of one address, from a node that finds it (Otterscan's methods) or block by block."""

from anomalyhive.ingestion.evm.history.history import History, Listener
from anomalyhive.ingestion.evm.history.node import history_of

__all__ = ["History", "Listener", "history_of"]
