"""Every error that AnomalyHive raises on purpose.

* AnomalyHiveError
  * BadInput: what the user gave cannot be used; the command line exits with 2
    * BadTable: a CSV or its columns
    * BadSetting: an option, a parameter or a configuration value
    * KeyInUse: another process sends transactions with the same key
  * Failure: the world did not cooperate; the command line exits with 1
    * ChainFailure: RPC, transaction or contract
      * Reverted: a contract refused, with its custom error
      * Refused: a node answered a call with an error
      * FeeTooHigh: gas costs more than one is willing to pay
      * NotMined: a transaction is on its way for too long
    * ContentFailure: blocks
      * ContentMissing: nobody has the block
      * ContentCorrupt: the block is not what its digest or its kind says
      * StoreUnusable: the disk or the daemon does not work
    * AuditFailure: a lineage does not hold

Each message names the offending value and says what to do about it.
"""

from __future__ import annotations


class AnomalyHiveError(Exception):
    """Base of all errors raised on purpose."""


class BadInput(AnomalyHiveError):
    """What the user gave cannot be used."""


class BadTable(BadInput):
    """A table cannot be learned from as it is."""


class BadSetting(BadInput):
    """An option, a parameter or a configuration value is out of its range."""


class KeyInUse(BadInput):
    """Another process sends transactions with the same key: one of both must end."""


class Failure(AnomalyHiveError):
    """Something outside the program did not do its part."""


class ChainFailure(Failure):
    """The chain did not answer, or not as it must."""


class Reverted(ChainFailure):
    """A contract refused a call.

    ``error`` is the name of its custom error, ``values`` its arguments by name.
    """

    def __init__(self, call: str, error: str, values: dict[str, object] | None = None) -> None:
        self.call = call
        self.error = error
        self.values = dict(values or {})
        shown = ", ".join(f"{name}={value}" for name, value in self.values.items())
        super().__init__(f"{call} was refused by the contract: {error}({shown})")


class Refused(ChainFailure):
    """A node answered a call with an error.

    ``code`` is the number that it gave (section 5.1 of JSON-RPC 2.0), ``words`` what it said.
    """

    def __init__(self, call: str, node: str, code: int | None, words: str) -> None:
        self.call = call
        self.code = code
        self.words = words
        super().__init__(f"{node} refused {call}: {words} (code {code}); see whether it is the right kind of node")


class FeeTooHigh(ChainFailure):
    """Gas costs more than one is willing to pay: ``asked`` and ``ceiling`` in wei for a unit of it."""

    def __init__(self, asked: int, ceiling: int) -> None:
        self.asked = asked
        self.ceiling = ceiling
        super().__init__(
            f"the chain asks {asked} wei for a unit of gas and the ceiling is {ceiling}: waiting until it is cheaper, "
            "or raise the ceiling"
        )


class NotMined(ChainFailure):
    """A transaction is on its way for longer than one waits at a time; it stays in the journal and is seen to later."""


class ContentFailure(Failure):
    """A block could not be had as it must be."""


class ContentMissing(ContentFailure):
    """No store has the block."""

    def __init__(self, digest: bytes, where: str) -> None:
        self.digest = digest
        super().__init__(f"block {digest.hex()} is not in {where}: restore it from a node or a CAR file that has it")


class ContentCorrupt(ContentFailure):
    """A block is not what its digest, its kind or its shape says."""

    def __init__(self, digest: bytes, reason: str) -> None:
        self.digest = digest
        self.reason = reason
        super().__init__(f"block {digest.hex()} is corrupt: {reason}")


class StoreUnusable(ContentFailure):
    """The disk or the daemon behind a store does not work."""


class AuditFailure(Failure):
    """A lineage does not hold."""
