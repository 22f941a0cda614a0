"""Where a hive is: the folder of a run, whose chain may run or not, or a chain that is asked by its URL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol

from web3 import Web3

from anomalyhive.audit.run import opened_chain
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.history import first_block
from anomalyhive.chain.localchain import DATABASE, KINDS, STATE_FILE, running_url
from anomalyhive.chain.rpc import check_url, connect
from anomalyhive.chain.verification import deployment_at
from anomalyhive.errors import AnomalyHiveError, BadSetting, ChainFailure
from anomalyhive.federation.folder import RunFolder, read_json
from anomalyhive.federation.progress import Progress
from anomalyhive.node.home import checked_address
from anomalyhive.urls import conceal, redact

Quality = dict[int, dict[str, float | None]]
"""Round -> measure -> value from 0 to 1, None where it could not be measured."""

MEASURES = ("average_precision", "roc_auc")


class Place(Protocol):
    """Where a hive is. Everything raises ChainFailure or another AnomalyHiveError where it cannot be had now."""

    mode: Literal["run", "live"]
    resting: bool
    """Whether the chain stood still when it was looked at last: then nothing of it is replaced."""

    @property
    def shown(self) -> str:
        """The chain in words that hold no secret."""

    def deployment(self) -> Deployment:
        """Where the contracts are."""

    def reached(self) -> contextlib.AbstractContextManager[Web3 | None]:
        """The chain; None where it stands still and was read before."""

    def url(self) -> str:
        """Where the chain answers by itself. Raises ChainFailure where it does not."""

    def opened(self) -> contextlib.AbstractContextManager[Web3]:
        """The chain, or a copy of one that stands still, for as long as the block."""

    def quality(self) -> Quality:
        """What was measured of each round's model, where somebody measured."""

    def conceal(self, text: str) -> str:
        """The text without the secrets of an endpoint's URL."""


class RunPlace:
    """The folder of a run: nothing is written into it, and its lock is not taken.

    While its local chain runs that is asked, as any stranger may; else a copy of its state is brought up, once for
    every state.
    """

    mode: Literal["run", "live"] = "run"

    def __init__(self, root: Path) -> None:
        """Raises BadSetting where it is not the folder of a run."""
        self.folder = RunFolder(root)
        self.folder.require()
        self.resting = False
        self._seen: Any = None
        self._web3: Web3 | None = None
        self._url = ""

    @property
    def shown(self) -> str:
        """Anvil, Ganache or the host of a URL."""
        return redact(self._chain())

    def deployment(self) -> Deployment:
        """Where the contracts are."""
        if not self.folder.deployment.is_file():
            raise ChainFailure("the run is not founded yet: its contracts are not deployed")
        return Deployment.read(self.folder.deployment)

    @contextlib.contextmanager
    def reached(self) -> Iterator[Web3 | None]:
        """The chain that runs, or a copy of the one that does not."""
        chain = self._chain()
        url = running_url(chain, self.folder.chain) if chain in KINDS else chain
        self.resting = url is None
        if url is not None:
            self._seen = None
            if self._web3 is None or self._url != url:
                self._web3, self._url = connect(url, patient=False), url
            yield self._web3
            return
        state = self._state(chain)
        if state == self._seen:
            yield None
            return
        with opened_chain(self.folder.root) as web3:
            yield web3
        self._seen = state

    def url(self) -> str:
        """Where the chain answers while it runs."""
        chain = self._chain()
        url = running_url(chain, self.folder.chain) if chain in KINDS else chain
        if url is None:
            raise ChainFailure(f"the run's {chain} does not run now, and nobody else can be asked")
        return url

    @contextlib.contextmanager
    def opened(self) -> Iterator[Web3]:
        """The chain that runs, or a copy of the one that does not."""
        try:
            web3 = connect(self.url(), patient=False)
        except ChainFailure:
            with opened_chain(self.folder.root) as copied:
                yield copied
            return
        yield web3

    def quality(self) -> Quality:
        """What the run measured on the rows that no node has."""
        if not self.folder.progress.is_file():
            return {}
        try:
            rounds = Progress.read(self.folder.progress).rounds
        except AnomalyHiveError:  # the folder is another process's: the figures come with its next round
            return {}
        return {one["round"]: {name: _measure(one.get(name)) for name in MEASURES} for one in rounds}

    def conceal(self, text: str) -> str:
        """The text without the path of the URL and of the folder."""
        return conceal(text, self._url or self._chain())

    def _chain(self) -> str:
        settings = read_json(self.folder.settings)
        chain = settings.get("chain") if isinstance(settings, dict) else None
        if not isinstance(chain, str):
            raise BadSetting(f"{self.folder.settings} names no chain: restore it")
        return chain

    def _state(self, chain: str) -> Any:
        """What tells one state of a chain at rest from another."""
        path = self.folder.chain / (STATE_FILE if chain == "anvil" else DATABASE)
        if not path.exists():
            raise ChainFailure("the run has not saved its chain yet: it is being founded, or was stopped before that")
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        return [(str(one), one.stat().st_mtime_ns, one.stat().st_size) for one in files]


class HivePlace:
    """A hive on a chain that is asked by its URL."""

    mode: Literal["run", "live"] = "live"
    resting = False

    def __init__(self, url: str, hive: str) -> None:
        """Raises BadSetting for what is no URL or no address; nothing is asked yet."""
        check_url(url)
        self._url, self._hive = url, checked_address(hive, "--hive")
        self._web3: Web3 | None = None
        self._found: Deployment | None = None

    @property
    def shown(self) -> str:
        """The host of the URL."""
        return redact(self._url)

    def deployment(self) -> Deployment:
        """Where the contracts are, by the hive's own code."""
        if self._found is None:
            web3 = self._connected()
            found = deployment_at(web3, self._hive)
            self._found = replace(found, block=first_block(web3, found.token))
        return self._found

    @contextlib.contextmanager
    def reached(self) -> Iterator[Web3 | None]:
        """The chain."""
        yield self._connected()

    def url(self) -> str:
        """Where the chain answers."""
        return self._url

    @contextlib.contextmanager
    def opened(self) -> Iterator[Web3]:
        """A connection of one's own."""
        yield connect(self._url, patient=False)

    def quality(self) -> Quality:
        """Nobody measures a live hive on rows that no node has."""
        return {}

    def conceal(self, text: str) -> str:
        """The text without the secrets of the URL."""
        return conceal(text, self._url)

    def _connected(self) -> Web3:
        if self._web3 is None:
            self._web3 = connect(self._url, patient=False)
        return self._web3


def _measure(value: Any) -> float | None:
    """A measure as the progress of a run has it; None for what is none."""
    return float(value) if isinstance(value, (int, float)) and 0 <= value <= 1 else None
