"""A node of one's own: how it stands, what the doctor says, its journal, and which roles rest.

Standing and doctor ask endpoints, daemons and disks, so each is looked at on a thread of its own now and then, and
whoever asks gets what was seen last. Nothing is signed: no key of the node is ever opened here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from anomalyhive.chain.dues import Dues
from anomalyhive.chain.outbox import Attempt, latest_attempts
from anomalyhive.chain.registry import NodeRecord
from anomalyhive.chain.views import Role
from anomalyhive.dashboard.live.claims import Unsigned, unsigned_claims
from anomalyhive.errors import AnomalyHiveError, BadSetting
from anomalyhive.node.claiming import unclaimed
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.doctor import CHECKS, Complaint, examine
from anomalyhive.node.home import NodeHome
from anomalyhive.node.pausing import paused_roles, set_paused
from anomalyhive.node.place import Place
from anomalyhive.texts import one_line

STANDING_SECONDS, DOCTOR_SECONDS = 10.0, 120.0
"""Between two looks; the doctor's takes seconds and asks everybody."""

JOURNAL = 50
"""Entries of the journal that are shown."""

NOT_LOOKED_AT = "this could not be looked at"
"""How the doctor's complaint begins where a check could not be made."""


@dataclass(frozen=True)
class Own:
    """The node as it was seen last; ``number`` is 0 and ``record`` None before it is registered.

    ``dues`` go by task. ``problem`` says why it could not be looked at, and then the rest is what was seen before.
    """

    number: int = 0
    record: NodeRecord | None = None
    owner: str | None = None
    operator: str | None = None
    running: bool | None = None
    dues: Mapping[int, Dues] = field(default_factory=dict)
    journal: tuple[Attempt, ...] = ()
    problem: str | None = "the node has not been looked at yet"


@dataclass(frozen=True)
class Finding:
    """A check of the doctor: ``state`` is ok, wrong or unknown, ``words`` and ``remedy`` are empty where it is ok."""

    check: str
    state: str
    words: str = ""
    remedy: str = ""


class Mine:
    """The node in a home."""

    def __init__(self, root: Path, clock: Callable[[], float]) -> None:
        """Raises BadSetting where there is no node."""
        self.home = NodeHome(root)
        self.config = NodeConfig.read(self.home.root)
        self.latest = Own()
        self.findings: tuple[Finding, ...] | None = None
        self._clock = clock
        self._claiming = Lock()

    def look(self) -> float:
        """See how the node stands; the seconds until the next time."""
        try:
            self.latest = self._seen()
        except AnomalyHiveError as error:
            self.latest = Own(**{**vars(self.latest), "problem": one_line(str(error))})
        except Exception as error:  # noqa: BLE001 - whatever an endpoint answers, the dashboard goes on
            self.latest = Own(**{**vars(self.latest), "problem": f"unforeseen {type(error).__name__}"})
        return STANDING_SECONDS

    def examine(self) -> float:
        """Let the doctor look; the seconds until the next time."""
        try:
            self.findings = told(examine(self.home.root, self._clock))
        except Exception as error:  # noqa: BLE001 - a doctor that stumbles is no reason to stop
            self.findings = (Finding("doctor", "unknown", f"unforeseen {type(error).__name__}"),)
        return DOCTOR_SECONDS

    def roles(self) -> list[tuple[Role, bool]]:
        """The roles of the settings, and whether each rests. Raises BadSetting where that cannot be told."""
        resting = paused_roles(self.home.root)
        return [(role, role in resting) for role in Role if role in self.config.roles]

    def turn(self, role: Role, paused: bool) -> None:
        """Let a role rest or go on. Raises BadSetting, Failure."""
        set_paused(self.home.root, role, paused)

    def claims(self) -> list[Unsigned]:
        """What the owner may sign to be paid, as of now. Raises BadSetting while another asks, ChainFailure."""
        if not self._claiming.acquire(blocking=False):
            raise BadSetting("the claim is being prepared for somebody else: ask again")
        try:
            place = Place.of(self.home.root)
            number = place.number
            return unsigned_claims(place, number, unclaimed(place, number)) if number else []
        finally:
            self._claiming.release()

    def _seen(self) -> Own:
        place = Place.of(self.home.root)
        number = place.number
        record = place.contracts.registry.node(number) if number else None
        return Own(
            number=number,
            record=record,
            owner=record.owner if record is not None else _owner(self.home),
            operator=place.operator,
            running=self.home.runs(),
            dues=unclaimed(place, number) if number else {},
            journal=tuple(latest_attempts(self.home.journal, JOURNAL)),
            problem=None,
        )


def _owner(home: NodeHome) -> str | None:
    try:
        return home.owner_address()
    except AnomalyHiveError:  # before the owner is known
        return None


def told(found: list[tuple[str, Complaint]]) -> tuple[Finding, ...]:
    """Every check with what the doctor found; those that were not reached are unknown."""
    names = {name for name, _ in found}
    findings = [
        Finding(name, "unknown" if one.says.startswith(NOT_LOOKED_AT) else "wrong", one.says, one.remedy)
        for name, one in found
    ]
    for stage, checks in CHECKS.items():
        reached = _reached(stage, names)
        findings += [
            Finding(check.__name__, "ok" if reached else "unknown")
            for check in checks
            if check.__name__ not in names
        ]  # fmt: skip
    return tuple(findings)


def _reached(stage: str, names: set[str]) -> bool:
    """Whether the doctor came to a stage; see `examination.examine`."""
    if "settings" in names:
        return False
    if stage == "machine":
        return True
    away = bool(names & {"chain", "endpoints_answer", "keys_are_there"})
    if stage == "chain":
        return not away
    return not (away or names & {"hive", "contracts_are_ours", "tasks_exist"})
