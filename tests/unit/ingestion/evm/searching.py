"""Searches for the history of an address, and what they tell of themselves."""

from __future__ import annotations

from typing import Any

from anomalyhive.ingestion.evm.history import History, history_of
from anomalyhive.ingestion.transport import JsonRpc, Patience

from .busy import Tampering

SEARCH = "ots_searchTransactionsAfter"
NO_METHOD = {"error": {"code": -32601, "message": "the method does not exist"}}


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.passes: list[str] = []
        self.numbers: list[int] = []
        self.first = -1
        self.aside: dict[str, str] = {}

    def begins(self, what: str, blocks: range) -> None:
        self.passes.append(what)
        self.first = blocks.start

    def read(self, number: int) -> None:
        self.numbers.append(number)

    def set_aside(self, what: str, reasons: Any) -> None:
        self.aside[what] = "; ".join(reasons)


def fetch(url: str, address: str, blocks: range | None = None, heard: Heard | None = None) -> History:
    with JsonRpc([url], patience=Patience(first=0.001, longest=0.001, attempts=2)) as client:
        return history_of(client, address, blocks, heard or Heard())


def without_otterscan(method: str, _: Any, true: Any) -> Any:
    return NO_METHOD if method.startswith("ots_") else true


def changed(method: str, change: Any) -> Tampering:
    """A node that changes the results of one method."""

    def tampering(asked: str, _: Any, true: Any) -> Any:
        return change(true) if asked == method else true

    return tampering
