"""What a run tells of itself, kept for a test to look at."""

from __future__ import annotations


class Watch:
    def __init__(self) -> None:
        self.resumed_at: list[int] = []
        self.numbers: list[int] = []
        self.forks: list[int] = []
        self.set_aside: list[tuple[int, tuple[str, ...]]] = []

    def resumed(self, number: int) -> None:
        self.resumed_at.append(number)

    def read(self, number: int) -> None:
        self.numbers.append(number)

    def rolled_back(self, number: int) -> None:
        self.forks.append(number)

    def quarantined(self, number: int, reasons: tuple[str, ...]) -> None:
        self.set_aside.append((number, reasons))
