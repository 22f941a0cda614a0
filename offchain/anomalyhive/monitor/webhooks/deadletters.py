"""Messages that a webhook never took, in a file of JSON lines for its operator to read and to send again."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from anomalyhive.atomic import appearing
from anomalyhive.errors import Failure
from anomalyhive.jsontext import loads
from anomalyhive.monitor.outgoing import Message
from anomalyhive.monitor.webhooks.webhook import NAME

FOLDER = "dead-letters"
"""In the folder of a watch; a webhook's file is NAME.jsonl."""


@dataclass(frozen=True)
class DeadLetter:
    """A message, the unix second at which it was given up, after how many tries, and the last answer in words."""

    message: Message
    at: int
    tries: int
    why: str

    @property
    def name(self) -> str:
        """The webhook-id of the message."""
        return name_of(self.message)


def name_of(message: Message) -> str:
    """The ``webhook-id``: the same whenever a message is sent again, and another when its alert comes back later."""
    return f"{message.id}-{message.seq}"


def given_up(folder: Path) -> list[str]:
    """The names of the webhooks that have had dead letters in a watch's folder; other files are passed over."""
    return sorted(one.stem for one in (folder / FOLDER).glob("*.jsonl") if NAME.fullmatch(one.stem))


class DeadLetters:
    """The dead letters of one webhook. Two processes may use them, one at a time."""

    def __init__(self, folder: Path, webhook: str) -> None:
        """``folder`` is the watch's."""
        self.path = folder / FOLDER / f"{webhook}.jsonl"
        self._seen: tuple[int, set[str]] = (0, set())

    def add(self, letter: DeadLetter) -> None:
        """Keep a letter, in the place of one with the same id. Raises Failure."""
        with self._held():
            size = self._size()
            if size != self._seen[0]:
                # Another process has taken letters out, or this is the first one: else they need not be read.
                self._seen = (size, set(self._read()))
            if letter.name not in self._seen[1]:
                self._append(letter)
            else:
                self._write({**self._read(), letter.name: letter})
            self._seen = (self._size(), {*self._seen[1], letter.name})

    def all(self) -> list[DeadLetter]:
        """The letters, the oldest first. Raises Failure for a file that is none of ours."""
        if not self._is_there():
            return []
        with self._held():
            return list(self._read().values())

    def count(self) -> int:
        """How many there are. Raises Failure."""
        if not self._is_there():
            return 0
        with self._held():
            return self.path.read_bytes().count(b"\n")

    def remove(self, ids: Collection[str]) -> None:
        """Forget letters, such as those that have been taken after all. Raises Failure."""
        with self._held():
            self._write({id_: one for id_, one in self._read().items() if id_ not in ids})

    def _read(self) -> dict[str, DeadLetter]:
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        # What a kill left of a line has no end, and its message was not marked as done: it comes again.
        whole = text[: text.rfind(b"\n") + 1]
        if whole != text:
            os.truncate(self.path, len(whole))
        found = {}
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                value = loads(line)
                letter = DeadLetter(Message(**value.pop("message")), **value)
                found[letter.name] = letter
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise Failure(f"{self.path}, line {number} is no dead letter ({error}): take the line out") from error
        return found

    def _is_there(self) -> bool:
        """Whether there are any: who only looks makes no folder, as `_held` does."""
        try:
            return self.path.exists()
        except OSError as error:
            raise self._unusable(error) from error

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _append(self, letter: DeadLetter) -> None:
        with self.path.open("ab") as file:
            file.write(_line(letter))
            file.flush()
            os.fsync(file.fileno())

    def _write(self, letters: dict[str, DeadLetter]) -> None:
        with appearing(self.path, 0o600) as file:
            file.writelines(_line(one) for one in letters.values())

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("ab") as lock:
                flock(lock, LOCK_EX)
                yield
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> Failure:
        return Failure(f"{self.path} cannot be used ({error.strerror}): make room, or see whose it is")


def _line(letter: DeadLetter) -> bytes:
    return json.dumps(asdict(letter), separators=(",", ":"), sort_keys=True).encode() + b"\n"
