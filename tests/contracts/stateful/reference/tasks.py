"""Tasks and their escrow, as the model sees them."""

from __future__ import annotations

from collections.abc import Iterator

from anomalyhive.chain.views import TaskConfig
from reference.part import PANIC_OVERFLOW, Part, existing, refuse
from reference.state import NOTHING, Task

MAX_SHARDS, MAX_SEATS, MAX_SECONDS, ALL_BPS = 1024, 20, 30 * 24 * 3600, 10_000


class Tasks(Part):
    """See IHive, "Tasks"."""

    def create_task(self, values: tuple[object, ...], spec: bytes) -> None:
        if spec == NOTHING:
            refuse("ZeroDigest")
        config = TaskConfig.from_tuple(values)
        for holds, setting, value in rules(config):
            if not holds:
                refuse("InvalidConfig", setting, value)
        number = len(self.state.tasks) + 1
        self.state.tasks[number] = Task(self.sender, spec, config)
        self.emit("TaskCreated", number, self.sender, spec, config.as_tuple())

    def fund(self, number: int, amount: int) -> None:
        task = existing(self.state, number)
        if amount == 0:
            refuse("ZeroAmount")
        if task.escrow + amount >= 2**128:
            refuse("Panic", PANIC_OVERFLOW)
        self.emit("TaskFunded", number, self.sender, amount)
        self.pull(self.hive, amount)
        task.escrow += amount

    def withdraw_escrow(self, number: int, amount: int) -> None:
        task = self.state.tasks.get(number)
        if task is None or task.sponsor != self.sender:
            refuse("NotSponsor", number, self.sender)
        if amount == 0:
            refuse("ZeroAmount")
        if amount > task.escrow:
            refuse("EscrowTooSmall", task.escrow, amount)
        task.escrow -= amount
        self.emit("EscrowWithdrawn", number, amount)
        self.move(self.hive, self.sender, amount)


def rules(c: TaskConfig) -> Iterator[tuple[bool, str, int]]:
    """Whether each setting is in its range, in the order in which the contract looks."""
    yield 1 <= c.shards <= MAX_SHARDS, "shards", c.shards
    yield 1 <= c.seats <= MAX_SEATS, "seats", c.seats
    yield c.seats / 2 < c.quorum <= c.seats, "quorum", c.quorum
    yield 1 <= c.min_updates <= c.shards, "minUpdates", c.min_updates
    yield c.update_quota == 0 or c.min_updates <= c.update_quota <= c.shards, "updateQuota", c.update_quota
    yield c.verdict_quota == 0 or c.quorum <= c.verdict_quota <= c.seats, "verdictQuota", c.verdict_quota
    for setting in ("train", "judge", "reveal", "tally", "attest"):
        seconds = getattr(c, f"{setting}_seconds")
        yield 1 <= seconds <= MAX_SECONDS, f"{setting}Seconds", seconds
    yield c.trainer_bps <= ALL_BPS, "trainerBps", c.trainer_bps
    yield c.reward < 2**88, "reward", c.reward
    yield c.slash_amount <= c.min_stake, "slashAmount", c.slash_amount
