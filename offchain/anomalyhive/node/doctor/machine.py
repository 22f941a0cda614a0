"""Checks of this machine: files, processes, the store, the endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from anomalyhive.chain.localchain import CHAIN_IDS
from anomalyhive.chain.rpc import connect
from anomalyhive.errors import AnomalyHiveError, ChainFailure, ContentFailure
from anomalyhive.node.asking import asked, block_time
from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.patient import Settled
from anomalyhive.node.keystore import address_in
from anomalyhive.node.place import DIRECTORY, open_store, reach
from anomalyhive.urls import redact

TRIAL = b"AnomalyHive: can this store be written?"

MOST_LAG = 5
"""Blocks that an endpoint may be behind another one."""

MOST_SKEW = 30
"""Seconds that a block may be ahead of this machine's clock."""

MOST_AGE = 300
"""Seconds that the latest block may be behind it, on a chain that mines all the time."""

READABLE_BY_OTHERS = 0o077


def keys_are_there(patient: Settled) -> Iterator[Complaint]:
    """Each key is a keystore, and nobody else can read it."""
    for path in (patient.home.operator, patient.home.salt):
        try:
            address_in(path)
        except AnomalyHiveError as error:
            yield Complaint(str(error))
            continue
        if path.stat().st_mode & READABLE_BY_OTHERS:
            yield Complaint(f"{path} can be read by others", f"chmod 600 {path}")


def process_runs(patient: Settled) -> Iterator[Complaint]:
    """A process holds the home."""
    if not patient.home.runs():
        yield Complaint("the node does not run", f"anomalyhive node run --home {patient.home.root}")


def store_works(patient: Settled) -> Iterator[Complaint]:
    """The daemon answers or the directory can be written; one that is missing may be misspelt, and is not made."""
    if patient.config.store.startswith(DIRECTORY) and not Path(patient.config.store.removeprefix(DIRECTORY)).exists():
        yield Complaint(
            f"there is no folder {patient.config.store.removeprefix(DIRECTORY)}, which `store` names",
            f"name in {patient.home.config} the folder that the sponsor and the other nodes use",
        )
        return
    try:
        open_store(patient.config.store).put_raw(TRIAL)
    except ContentFailure as error:
        yield Complaint(str(error))


def endpoints_answer(patient: Settled) -> Iterator[Complaint]:
    """Each endpoint answers, is of the right chain, and is not behind the others."""
    heights = {}
    for url in patient.config.endpoints:
        try:
            web3 = connect(url, patient=False)
            found = asked("eth_chainId", lambda: web3.eth.chain_id)  # noqa: B023 - called at once
            height = asked("eth_blockNumber", lambda: web3.eth.block_number)  # noqa: B023 - called at once
        except ChainFailure as error:
            yield Complaint(f"{error} in `endpoints`")
            continue
        if found != patient.config.chain_id:
            yield Complaint(
                f"{redact(url)} is of chain {found}, and the settings say {patient.config.chain_id}",
                f"change endpoints or chain_id in {patient.home.config}",
            )
        else:
            heights[url] = height
    for url, height in heights.items():
        if max(heights.values()) - height > MOST_LAG:
            yield Complaint(
                f"{redact(url)} lags {max(heights.values()) - height} blocks behind another endpoint",
                "name it last in `endpoints`, or take it out",
            )


def clock_is_right(patient: Settled) -> Iterator[Complaint]:
    """The latest block of the first endpoint that answers is neither of the future nor old."""
    try:
        block = block_time(reach(patient.config))
    except ChainFailure:  # said by the check of the endpoints
        return
    ahead = block - int(patient.clock())
    if ahead > MOST_SKEW:
        yield Complaint(
            f"the latest block is {ahead} s ahead of this machine's clock, so phases seem to last longer than they do",
            "set the clock (timedatectl set-ntp true)",
        )
    elif -ahead > MOST_AGE and patient.config.chain_id not in CHAIN_IDS.values():
        yield Complaint(
            f"the latest block is {-ahead} s behind this machine's clock",
            "see whether the clock is ahead, and else name an endpoint that keeps up",
        )
