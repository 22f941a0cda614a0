"""What a chain's blocks can be read from: one line an adapter.

Each is imported when it is asked for: what one needs takes as long to load as a thousand blocks to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.block import Source
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.urls import mistaken


@dataclass(frozen=True)
class Access:
    """How endpoints are asked: ``workers`` requests at once, each of up to ``batch`` calls; and if for receipts."""

    workers: int = 4
    batch: int = 32
    receipts: bool = True


OverRpc = Callable[[Chain, Sequence[str], Access], Source]
FromFiles = Callable[[Chain, Path], Source]


def _evm(chain: Chain, urls: Sequence[str], access: Access) -> Source:
    from anomalyhive.ingestion.evm.source import EvmSource

    return EvmSource(JsonRpc(urls, workers=access.workers, batch=access.batch), chain, access.receipts)


def _bitcoin(chain: Chain, urls: Sequence[str], access: Access) -> Source:
    from anomalyhive.ingestion.bitcoin.source import BITCOIN_FAMILY, NodeSource

    return NodeSource(JsonRpc(urls, workers=access.workers, batch=access.batch), chain.name, BITCOIN_FAMILY)


def _zcash(chain: Chain, urls: Sequence[str], access: Access) -> Source:
    from anomalyhive.ingestion.bitcoin.source import NodeSource
    from anomalyhive.ingestion.zcash.source import ZCASH_FAMILY

    return NodeSource(JsonRpc(urls, workers=access.workers, batch=access.batch), chain.name, ZCASH_FAMILY)


def _monero(_: Chain, urls: Sequence[str], access: Access) -> Source:
    from anomalyhive.ingestion.monero.source import RPC_PATH, MoneroSource

    # monerod takes no arrays of calls.
    return MoneroSource(JsonRpc(urls, path=RPC_PATH, workers=access.workers, batch=1))


OVER_RPC: Mapping[str, OverRpc] = {
    "evm": _evm,
    "bitcoin": _bitcoin,
    "zcash": _zcash,
    "monero": _monero,
}
"""Family -> its source over endpoints."""


def _evm_files(chain: Chain, folder: Path) -> Source:
    from anomalyhive.ingestion.files.evm import EvmFiles

    return EvmFiles(chain, folder)


def _bitcoin_files(chain: Chain, folder: Path) -> Source:
    from anomalyhive.ingestion.files.bitcoin import BitcoinFiles

    return BitcoinFiles(chain, folder)


FROM_FILES: Mapping[str, FromFiles] = {
    "bitcoin": _bitcoin_files,
    "evm": _evm_files,
    "zcash": _bitcoin_files,
}
"""Family -> its source over a folder of files."""


@contextmanager
def opened(chain: Chain, source: str, access: Access) -> Iterator[Source]:
    """The source that `--source` names: URLs with commas between, or a folder; closed at the end.

    Raises BadSetting for what is neither, or what there is no adapter for.
    """
    if "://" in source:
        adapters: Mapping[str, OverRpc | FromFiles] = OVER_RPC
    else:
        adapters = FROM_FILES
        if not source or not Path(source).is_dir():
            raise BadSetting(
                f"--source {mistaken(source)!r} is neither a folder nor a URL such as http://127.0.0.1:8545: name "
                "one of them"
            )
    if chain.family not in adapters:
        way = "endpoints" if adapters is OVER_RPC else "files"
        known = ", ".join(sorted(adapters)) or "none"
        raise BadSetting(f"--chain {chain.name} cannot be read from {way} ({known} can): name another --source")
    if adapters is OVER_RPC:
        urls = [url.strip() for url in source.split(",") if url.strip()]
        given = OVER_RPC[chain.family](chain, urls, access)
    else:
        given = FROM_FILES[chain.family](chain, Path(source))
    try:
        yield given
    finally:
        close = getattr(given, "close", None)
        if close is not None:
            close()
