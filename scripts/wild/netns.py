"""A network namespace of one node: its processes reach this machine over one cable, which can be pulled.

    with Namespace() as place:
        place.popen([...])          # a process that lives in there
        place.cut_off()             # it is still alive, and alone
        place.reunite()

In there are a loopback interface of its own and the cable (a veth pair); nothing else, so no Internet. Needs root and
iproute2. What listens on this machine's loopback interface only, such as a local chain, is reached through a
`wild.gate.Gate`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

NETWORK = "198.18"
"""Of the addresses for tests of networks (RFC 2544), which nobody routes."""


def obstacle() -> str | None:
    """Why no namespace can be made here; None where one can."""
    if shutil.which("ip") is None:
        return "iproute2 is not here: a node cut off in a network namespace was not tested"
    if os.geteuid() != 0:
        return "only root makes network namespaces: a node cut off in one was not tested"
    try:
        with Namespace():
            return None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        return f"no network namespace can be made ({said}): a node cut off in one was not tested"


class Namespace:
    """A namespace with one cable; ``here`` is the address of this machine's end, ``there`` that of the other one."""

    def __init__(self) -> None:
        self.name = f"hive-{secrets.token_hex(4)}"
        self._cable = f"h{secrets.token_hex(4)}"
        # A network of four addresses, of which there are 16,384 here.
        number = secrets.randbelow(1 << 14)
        high, low = divmod(number * 4, 256)
        self.here, self.there = f"{NETWORK}.{high}.{low + 1}", f"{NETWORK}.{high}.{low + 2}"

    def command(self, arguments: Sequence[str]) -> list[str]:
        """A command as it is run in the namespace."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def popen(self, arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process in the namespace; it gets the signals that are sent to what this returns."""
        return subprocess.Popen(self.command(arguments), **options)

    def run(self, arguments: Sequence[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command in the namespace."""
        return subprocess.run(self.command(arguments), **options)

    def cut_off(self) -> None:
        """Pull the cable: what is under way stops, and neither end is told."""
        _ip("link", "set", self._cable, "down")

    def reunite(self) -> None:
        """Put the cable back."""
        _ip("link", "set", self._cable, "up")

    def __enter__(self) -> Namespace:
        inner = f"{self._cable}n"
        _ip("netns", "add", self.name)
        try:
            _ip("link", "add", self._cable, "type", "veth", "peer", "name", inner, "netns", self.name)
            _ip("address", "add", f"{self.here}/30", "dev", self._cable)
            _ip("link", "set", self._cable, "up")
            for words in (
                ("link", "set", "lo", "up"),
                ("address", "add", f"{self.there}/30", "dev", inner),
                ("link", "set", inner, "up"),
            ):
                _ip("-netns", self.name, *words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # The cable goes with the namespace, but only when the last process in there has ended.
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "delete", self._cable)
        _ip("netns", "delete", self.name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
