"""A chain of one's own on this machine: Anvil or Ganache as a child process.

Anvil keeps its state in memory: `LocalChain.save` writes it to a file, whole or not at all, and the next
start reads that file. Ganache keeps a database in a folder and needs no saving. Both listen on the loopback
interface only, and both can be told that time has passed.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import zlib
from pathlib import Path
from types import TracebackType

from web3 import Web3

from anomalyhive.chain.rpc import connect, request
from anomalyhive.errors import BadSetting, ChainFailure

PROJECT_ROOT = Path(__file__).resolve().parents[3]

KINDS = ("anvil", "ganache")
CHAIN_IDS = {"anvil": 31337, "ganache": 1337}
START_SECONDS = 60.0
BLOCK_GAS_LIMIT = 30_000_000
STATE_FILE = "state.json.gz"


def find_executable(kind: str) -> list[str]:
    """The command that starts the chain: the project's npm packages first, then PATH."""
    packages = PROJECT_ROOT / "node_modules"
    if kind == "anvil":
        # The native binary itself: its Node wrapper would stay between us and the signals.
        for native in sorted(packages.glob("@foundry-rs/anvil-*/bin/anvil*")):
            return [str(native)]
    elif (script := packages / "ganache" / "dist" / "node" / "cli.js").is_file():
        node = shutil.which("node")
        if node:
            return [node, str(script)]
    found = shutil.which(kind)
    if found:
        return [found]
    raise ChainFailure(f"{kind} is neither in {packages} nor on PATH: run `make setup` in {PROJECT_ROOT}")


def choose_port(wanted: int | None) -> int:
    """The wanted port if it is free, any free one if none is wanted. Raises BadSetting."""
    if wanted is not None and not 1 <= wanted <= 65535:
        raise BadSetting(f"port {wanted} is outside 1 to 65535")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise BadSetting(
                f"port {wanted} cannot be used ({error.strerror}): stop what listens there or leave out --port"
            ) from error
        port: int = probe.getsockname()[1]
        return port


class LocalChain:
    """Anvil or Ganache in a folder.

    >>> with LocalChain("anvil", folder) as chain:     # doctest: +SKIP
    ...     chain.web3.eth.block_number
    """

    def __init__(self, kind: str, folder: Path, port: int | None = None) -> None:
        if kind not in KINDS:
            raise BadSetting(f"local chain {kind!r} is unknown: choose one of {', '.join(KINDS)}")
        self.kind = kind
        self.folder = folder
        self.port = choose_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._web3: Web3 | None = None

    @property
    def web3(self) -> Web3:
        """The connection; ChainFailure before `start`."""
        if self._web3 is None:
            raise ChainFailure(f"{self.kind} in {self.folder} has not been started")
        return self._web3

    def start(self) -> LocalChain:
        """Start the process, wait until it answers, bring the saved state back."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stop_orphan()
        state = self._unpack_state()
        with (self.folder / f"{self.kind}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command(), *(("--load-state", str(state)) if state else ())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the federation, which then saves the state and stops the chain itself.
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._process.pid))
        try:
            self._web3 = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        finally:
            if state:
                state.unlink(missing_ok=True)
        return self

    def save(self) -> None:
        """Write Anvil's state to the folder, atomically. Nothing to do for Ganache."""
        if self.kind != "anvil":
            return
        dump = request(self.web3, "anvil_dumpState", [True])
        path = self.folder / STATE_FILE
        partial = path.with_suffix(".partial")
        try:
            partial.write_bytes(bytes.fromhex(dump.removeprefix("0x")))
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise ChainFailure(f"the chain's state cannot be written to {path}: {error.strerror}") from error

    def fast_forward(self, timestamp: int) -> None:
        """Let the next block be at `timestamp` (unix seconds) or later."""
        latest = self.web3.eth.get_block("latest")["timestamp"]
        if latest < timestamp:
            # Both count the increase from their own clock, which may be ahead of the latest block.
            now = max(latest, int(time.time()))
            request(self.web3, "evm_increaseTime", [max(timestamp - now, 1)])
            request(self.web3, "evm_mine", [])
        latest = self.web3.eth.get_block("latest")["timestamp"]
        if latest < timestamp:
            request(self.web3, "evm_increaseTime", [timestamp - latest])
            request(self.web3, "evm_mine", [])

    def fund(self, address: str, wei: int) -> None:
        """Give an address this balance, as only a chain of one's own can."""
        method = "anvil_setBalance" if self.kind == "anvil" else "evm_setAccountBalance"
        request(self.web3, method, [address, hex(wei)])

    def stop(self) -> None:
        """End the process; harmless when it has ended already."""
        process, self._process, self._web3 = self._process, None, None
        if process is not None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._pid_file.unlink(missing_ok=True)

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> LocalChain:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.kind}.pid"

    def _command(self) -> list[str]:
        if self.kind == "anvil":
            return [
                *find_executable("anvil"),
                *("--host", "127.0.0.1", "--port", str(self.port), "--chain-id", str(CHAIN_IDS["anvil"])),
                *("--accounts", "1", "--gas-limit", str(BLOCK_GAS_LIMIT), "--silent"),
            ]
        return [
            *find_executable("ganache"),
            *("--server.host", "127.0.0.1", "--server.port", str(self.port)),
            *("--chain.chainId", str(CHAIN_IDS["ganache"]), "--chain.networkId", str(CHAIN_IDS["ganache"])),
            *("--chain.hardfork", "shanghai", "--wallet.totalAccounts", "1"),
            *("--miner.blockGasLimit", hex(BLOCK_GAS_LIMIT), "--database.dbPath", str(self.folder / "ganache")),
            "--logging.quiet",
        ]

    def _wait_until_ready(self) -> Web3:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                raise ChainFailure(
                    f"{self.kind} refused to start, or its saved state: see {self.folder / (self.kind + '.log')}"
                )
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return connect(self.url)
            time.sleep(0.02)
        raise ChainFailure(f"{self.kind} does not answer on port {self.port} after {START_SECONDS:.0f} s")

    def _unpack_state(self) -> Path | None:
        """Write the saved state where Anvil reads it: as a file, since requests have a limit of a few megabytes."""
        state = self.folder / STATE_FILE
        if self.kind != "anvil" or not state.is_file():
            return None
        unpacked = self.folder / "state.json"
        try:
            content = gzip.decompress(state.read_bytes())
            json.loads(content)
            unpacked.write_bytes(content)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            unpacked.unlink(missing_ok=True)
            raise ChainFailure(
                f"the chain's state in {state} is damaged or does not fit on the disk: {error}"
            ) from error
        return unpacked

    def _stop_orphan(self) -> None:
        """End the chain that a killed process left behind in this folder."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        # Another program may have got the number since.
        if self.kind.encode() in command:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
