"""Checks of the node on its chain: contracts, coin and fees, registration, stake, roles."""

from __future__ import annotations

from collections.abc import Iterator

from web3 import Web3

from anomalyhive.chain.events import read_named
from anomalyhive.chain.verification import verify
from anomalyhive.chain.views import Role
from anomalyhive.errors import Reverted
from anomalyhive.federation.coin import JOINING_GAS, ROUND_GAS
from anomalyhive.node.amounts import decimal, tokens
from anomalyhive.node.asking import base_fee, coin_of, gas_price
from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.patient import Connected, Working
from anomalyhive.node.joining import named, role_bits
from anomalyhive.node.leaving import utc
from anomalyhive.node.standing import open_attempts
from anomalyhive.texts import counted

STUCK_SECONDS = 120
"""A transaction in the journal that is not mined after this long has to do with why nothing is earned."""


def contracts_are_ours(patient: Connected) -> Iterator[Complaint]:
    """What runs at the addresses of the record is what these sources compile to."""
    for one in verify(patient.place.web3, patient.place.deployment):
        for fault in one.faults:
            yield Complaint(
                f"{one.contract} at {one.address} is not this version's: {fault}",
                "get the deployment record from who runs the hive, and the version of this program that it is of",
            )


def tasks_exist(patient: Connected) -> Iterator[Complaint]:
    """The hive has each task that the settings name."""
    for number in patient.config.tasks:
        try:
            patient.place.contracts.hive.task(number)
        except Reverted as error:
            if error.error != "UnknownTask":
                raise
            yield Complaint(
                f"the hive {patient.place.contracts.hive.address} has no task {number}",
                f"write the tasks to work for into `tasks` in {patient.home.config}",
            )


def operator_has_coin(patient: Connected) -> Iterator[Complaint]:
    """There is coin for a round of each role, at today's price of gas."""
    place = patient.place
    gas = sum(ROUND_GAS.get(role, 0) for role in patient.config.roles) or JOINING_GAS
    price, coin = gas_price(place.web3), coin_of(place.web3, place.operator)
    if coin < gas * price:
        yield Complaint(
            f"operator {place.operator} has {decimal(coin)} coin, and a round takes about {decimal(gas * price)}",
            f"send it coin, {decimal(100 * gas * price)} for a hundred rounds",
        )


def fee_is_enough(patient: Connected) -> Iterator[Complaint]:
    """The ceiling is above the base fee."""
    base = base_fee(patient.place.web3)
    if base > patient.config.max_fee_wei:
        yield Complaint(
            f"the base fee is {base} wei, above max_fee_wei, which is {patient.config.max_fee_wei}: nothing is sent",
            "wait until it falls, or raise max_fee_wei",
        )


def nothing_is_stuck(patient: Working) -> Iterator[Complaint]:
    """No transaction of the operator waits to be mined: of those in the journal, and of others."""
    place, pending = patient.place, patient.standing.operator.pending
    waiting = open_attempts(place)
    old = [one for one in waiting if patient.clock() - one.made > STUCK_SECONDS]
    for one in old:
        yield Complaint(
            f"{one.function} ({Web3.to_hex(one.hash)}, nonce {one.nonce}) is in the journal for "
            f"{int(patient.clock() - one.made)} s and not mined, for {one.offer.fee} wei for a unit of gas",
            "let the node run: it sends again and offers more, up to max_fee_wei; raise that if the fee is too low",
        )
    if pending > len({one.nonce for one in waiting}):
        yield Complaint(
            f"operator {place.operator} has sent {counted(pending, 'transaction')} that the chain has not mined, and "
            "not all of that is in the journal",
            "see that no other program uses the key; else give the node another (anomalyhive node rotate-operator)",
        )


def node_is_registered(patient: Working) -> Iterator[Complaint]:
    """The operator acts for a node."""
    if patient.standing.record is None:
        yield Complaint(
            f"operator {patient.standing.operator.address} acts for no node",
            f"anomalyhive node register --home {patient.home.root}",
        )


def stake_suffices(patient: Working) -> Iterator[Complaint]:
    """The stake is what each task asks for."""
    record = patient.standing.record
    if record is None or record.exit_at:
        return
    for task in patient.standing.tasks:
        needed = task.state.config.min_stake
        if record.stake < needed:
            yield Complaint(
                f"the stake is {tokens(record.stake)}, and task {task.number} asks for {tokens(needed)}",
                f"anomalyhive node register --home {patient.home.root} adds what is missing",
            )


def node_stays(patient: Working) -> Iterator[Complaint]:
    """The node is not on its way out."""
    record = patient.standing.record
    if record is not None and record.exit_at:
        yield Complaint(
            f"the node asked to leave and can take no slot; its stake is free from {utc(record.exit_at)} on",
            f"anomalyhive node exit --home {patient.home.root} goes on with it",
        )


def node_was_not_slashed(patient: Working) -> Iterator[Complaint]:
    """No verdict was committed and then kept back."""
    if patient.standing.record is None:
        return
    place = patient.place
    registry = place.contracts.registry
    found = read_named(
        place.web3, [registry.address], ("NodeSlashed",), place.deployment.block, patient.standing.number
    )
    burned = sum(event.values["amount"] for event in found)
    if burned:
        yield Complaint(
            f"{len(found)} times a verdict was committed and not revealed: {tokens(burned)} of stake were burned",
            "keep the node running from commit to reveal, and its journal and keys/salt.json with it",
        )


def roles_agree(patient: Working) -> Iterator[Complaint]:
    """The registry has the roles of the settings."""
    record = patient.standing.record
    if record is None or record.exit_at:
        return
    missing = role_bits(patient.config.roles) & ~record.roles
    if missing:
        yield Complaint(
            f"the settings have the roles {named(role_bits(patient.config.roles))}, the registry {named(record.roles)}",
            f"anomalyhive node register --home {patient.home.root} sets them",
        )
    earning = patient.config.monitor is not None and patient.config.monitor.feed is not None
    if not patient.config.roles & {Role.TRAIN, Role.VALIDATE} and not (
        Role.MONITOR in patient.config.roles and earning
    ):
        yield Complaint(
            f"the roles {named(role_bits(patient.config.roles))} earn nothing",
            f"add train or validate to roles in {patient.home.config}",
        )
