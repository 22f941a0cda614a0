"""The table of checks, and the examination: each stage needs the one before, and what it lacks is said once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from anomalyhive.errors import AnomalyHiveError
from anomalyhive.node.doctor import account, machine, watch, work
from anomalyhive.node.doctor.complaint import Complaint
from anomalyhive.node.doctor.patient import Clock, connected, settled, working
from anomalyhive.node.home import NodeHome

Check: TypeAlias = Callable[[Any], Iterator[Complaint]]

CHECKS: Mapping[str, Sequence[Check]] = MappingProxyType(
    {
        "machine": (
            machine.keys_are_there,
            machine.process_runs,
            machine.store_works,
            machine.endpoints_answer,
            machine.clock_is_right,
            watch.watch_is_told,
            watch.webhooks_work,
            watch.watch_keeps_up,
        ),
        "chain": (account.contracts_are_ours, account.operator_has_coin, account.fee_is_enough, account.tasks_exist),
        "hive": (
            account.nothing_is_stuck,
            account.node_is_registered,
            account.stake_suffices,
            account.node_stays,
            account.node_was_not_slashed,
            account.roles_agree,
            work.tasks_are_chosen,
            work.specs_are_there,
            work.slots_are_held,
            work.rounds_go_on,
            work.rounds_are_not_missed,
            work.updates_are_accepted,
            work.verdicts_are_paid,
            work.rewards_are_claimed,
            watch.post_is_held,
        ),
    }
)
"""Stage -> its checks, in the order in which they are told."""

Found: TypeAlias = list[tuple[str, Complaint]]
"""Complaints, each with the name of the check that found it."""


def examine(root: Path, clock: Clock) -> Found:
    """Everything that keeps a node from earning, as far as can be seen."""
    found: Found = []
    try:
        patient: Any = settled(NodeHome(root), clock)
    except AnomalyHiveError as error:
        return [("settings", Complaint(str(error)))]
    found += _checked("machine", patient)
    if not patient.home.operator.exists():
        return found
    for stage, reach in (("chain", connected), ("hive", working)):
        try:
            patient = reach(patient)
        except AnomalyHiveError as error:
            said = Complaint(str(error))
            return found if any(name == "endpoints_answer" for name, _ in found) and stage == "chain" else [
                *found, (stage, said)
            ]  # fmt: skip
        found += _checked(stage, patient)
        if any(name in ("contracts_are_ours", "tasks_exist") for name, _ in found):
            return found  # what other contracts answer means nothing, nor can the work be looked at without its task
    return found


def _checked(stage: str, patient: Any) -> Found:
    """What the checks of a stage find; one that cannot be made is a finding, and stops no other."""
    found: Found = []
    for check in CHECKS[stage]:
        try:
            found += [(check.__name__, one) for one in check(patient)]
        except AnomalyHiveError as error:
            found.append((check.__name__, Complaint(f"this could not be looked at: {error}")))
    return found
