"""A node as a process of its own: started from its home as `anomalyhive node run` does it, killed, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wild.founding import PASSWORD

COMMAND = Path(sys.executable).with_name("anomalyhive")
"""As it is installed beside this interpreter."""

STOP_SECONDS = 30
TOLD = 2_000
"""Characters of a log that an error shows."""


@dataclass
class NodeProcess:
    """One node of a hive. ``prefix`` is a command to run it under, such as one that enters a network namespace."""

    name: str
    home: Path
    settings: Mapping[str, str]
    prefix: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    starts: int = 0

    @property
    def log(self) -> Path:
        """What the node said, over all its lives."""
        return self.home / "node.log"

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, from whatever its last life left behind."""
        if self.runs:
            return
        environment = {**os.environ, **self.settings, "ANOMALYHIVE_PASSWORD": PASSWORD}
        command = [*self.prefix, str(COMMAND), "node", "run", "--home", str(self.home)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.starts += 1

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-TOLD:] if self.log.exists() else ""
