"""What a watch does, on the screen: lines for people and logs, or lines of JSON for programs."""

from __future__ import annotations

import json
import time
from types import TracebackType
from typing import Any

from eth_utils.address import to_checksum_address
from rich.progress import Progress, TextColumn

from anomalyhive.cli.console import err, out, plain
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.watch import Happened
from anomalyhive.texts import counted, one_line

SAID_EVERY = 30.0
"""Seconds between lines on how far it has got, where there is no terminal."""

REASONS = 2
"""Reasons on the line of an alert; all of them are in the book."""

NAMED = {"orphaned": "its block is no longer the chain's", "cleared": "the address has fallen clearly below"}


class Lines:
    """Alerts and all that is out of the ordinary, a line each; and how far it has got."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        # What programs read holds lines of JSON alone.
        self._screen = err if as_json else out
        self._progress = Progress(
            TextColumn("{task.description}"), console=self._screen, disable=not self._screen.is_terminal, transient=True
        )
        self._said = -float("inf")
        self._blocks = self._alerts = 0

    def __enter__(self) -> Lines:
        self._progress.start()
        self._progress.add_task("")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begins(self, number: int, chain: str) -> None:
        """The first block that comes."""
        self._note(f"watching {chain} from block {number:,}")

    def ends(self, number: int) -> None:
        """The last block that was wanted is followed."""
        self._note(f"{counted(self._blocks, 'block')} up to {number:,} followed, {counted(self._alerts, 'alert')}")

    def problem(self, words: str) -> None:
        """Something is tried again."""
        self._say("problem", {"words": words}, one_line(words), "yellow")

    def happened(self, step: Happened) -> None:
        """All of a step."""
        if step.rolled_back is not None:
            words = f"the chain was reorganised above block {step.rolled_back:,}: what was followed there is taken back"
            self._say("rolled_back", {"block": step.rolled_back}, words, "yellow")
        for block in step.blocks:
            if block.quarantined:
                words = f"block {block.number:,} is set aside, and nothing of it is counted: {block.quarantined}"
                self._say("quarantined", {"block": block.number, "reasons": block.quarantined}, words, "yellow")
        for withdrawal in step.withdrawals:
            self._withdrawal(withdrawal)
        for alert in step.alerts:
            self._alert(alert)
        for words in step.problems:
            self.problem(words)
        self._blocks += len(step.blocks)
        self._alerts += len(step.alerts)
        self._how_far(step)

    def _alert(self, alert: Alert) -> None:
        words = [f"{alert.probability_bp / 100:.2f} %", f"block {alert.block_number:,}"]
        if alert.category != "unknown":
            words.insert(1, alert.category)
        told = "; ".join(alert.reasons[:REASONS])
        text = f"alert {to_checksum_address(alert.address)}  {', '.join(words)}{'  ' if told else ''}{told}"
        self._say("alert", json.loads(alert.to_json()), text, "bold red")

    def _withdrawal(self, one: Withdrawal) -> None:
        text = f"withdrawn: alert {one.alert_id[:16]}…, {NAMED.get(one.why, one.why)}"
        self._say("withdrawal", json.loads(one.to_json()), text, "dim")

    def _how_far(self, step: Happened) -> None:
        if not step.blocks:
            return
        last = step.blocks[-1]
        alerts = counted(self._alerts, "alert")
        words = f"block {last.number:,} of {step.head:,}, {alerts}, highest {last.highest_bp / 100:.2f} %"
        self._progress.update(self._progress.task_ids[0], description=words)
        if not self._screen.is_terminal and time.monotonic() - self._said >= SAID_EVERY:
            self._said = time.monotonic()
            self._note(words)

    def _note(self, text: str) -> None:
        self._progress.console.print(plain("· ", "dim") + plain(text), soft_wrap=True)

    def _say(self, event: str, fields: dict[str, Any], text: str, style: str) -> None:
        if self._json:
            out.print(plain(json.dumps({"event": event, **fields}, sort_keys=True)), soft_wrap=True)
        else:
            self._progress.console.print(plain(text, style), soft_wrap=True)
