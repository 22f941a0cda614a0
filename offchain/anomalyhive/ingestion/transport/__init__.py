"""Questions to nodes over HTTP: batched, concurrent, over several endpoints, and bounded in every way."""

from anomalyhive.ingestion.transport.client import Client, Unusable
from anomalyhive.ingestion.transport.endpoints import Patience
from anomalyhive.ingestion.transport.jsonrpc import JsonRpc

__all__ = ["Client", "JsonRpc", "Patience", "Unusable"]
