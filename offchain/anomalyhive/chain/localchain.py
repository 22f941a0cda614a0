"""A chain of one's own on this machine: Anvil or Ganache as a child process.

Anvil keeps its state in memory: `LocalChain.save` writes it to a file, whole or not at all, and the next
start reads that file. Ganache keeps a database in a folder and needs no saving. Both listen on the loopback
interface only, and both can be told that time has passed.
"""

from __future__ import annotations

import contextlib
import gzip
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

from anomalyhive.chain.rpc import connect, latest_time, request
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.jsontext import loads

PROJECT_ROOT = Path(__file__).resolve().parents[3]

KINDS = ("anvil", "ganache")
CHAIN_IDS = {"anvil": 31337, "ganache": 1337}
START_SECONDS = 60.0
BLOCK_GAS_LIMIT = 30_000_000
STOP_SECONDS = 10.0
LOG_CHARACTERS = 300
"""Of what a chain that does not start has said last."""

STATE_FILE, DATABASE = "state.json.gz", "ganache"
"""Where Anvil's state and Ganache's are kept in the folder."""

PID_SUFFIX = ".pid"


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
        # Connections of a chain that has ended linger for a minute: they do not keep the next one from listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise BadSetting(
                f"port {wanted} cannot be used ({error.strerror}): stop what listens there or leave out --port"
            ) from error
        port: int = probe.getsockname()[1]
        return port


class LocalChain:
    """Anvil or Ganache in a folder, on ``port`` or any free one.

    >>> with LocalChain("anvil", folder) as chain:     # doctest: +SKIP
    ...     chain.web3.eth.block_number
    """

    def __init__(self, kind: str, folder: Path, port: int | None = None) -> None:
        if kind not in KINDS:
            raise BadSetting(f"local chain {kind!r} is unknown: choose one of {', '.join(KINDS)}")
        self.kind = kind
        self.folder = folder
        self.port = port
        self._said_before = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._web3: Web3 | None = None

    @property
    def url(self) -> str:
        """Where the chain listens; without a port before `start`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def web3(self) -> Web3:
        """The connection; ChainFailure before `start`."""
        if self._web3 is None:
            raise ChainFailure(f"{self.kind} in {self.folder} has not been started")
        return self._web3

    def start(self) -> LocalChain:
        """Start the process, wait until it answers, bring the saved state back."""
        stop_orphans(self.folder)
        self.port = choose_port(self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self._unpack_state()
        try:
            with self._log.open("ab") as log:
                self._said_before = log.tell()
                self._process = subprocess.Popen(
                    [*self._command(), *(("--load-state", str(state)) if state else ())],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C is for the federation, which then stops the chain itself.
                    start_new_session=True,
                )
            self._pid_file.write_text(f"{self._process.pid} {_started(self._process.pid)}\n")
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
        dump = str(request(self.web3, "anvil_dumpState", [False]))
        path = self.folder / STATE_FILE
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                file.write(bytes.fromhex(dump.removeprefix("0x")))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise ChainFailure(f"the chain's state cannot be written to {path}: {error.strerror}") from error

    def has_state(self) -> bool:
        """Whether the folder has a state to go on from."""
        return (self.folder / (STATE_FILE if self.kind == "anvil" else DATABASE)).exists()

    def fast_forward(self, timestamp: int) -> None:
        """Let the next block be at `timestamp` (unix seconds) or later."""
        latest = latest_time(self.web3)
        if latest < timestamp:
            # Both count the increase from their own clock, which may be ahead of the latest block.
            now = max(latest, int(time.time()))
            request(self.web3, "evm_increaseTime", [max(timestamp - now, 1)])
            request(self.web3, "evm_mine", [])
        latest = latest_time(self.web3)
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
                process.wait(STOP_SECONDS)
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
        return self.folder / f"{self.kind}{PID_SUFFIX}"

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.kind}.log"

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
            *("--miner.blockGasLimit", hex(BLOCK_GAS_LIMIT), "--database.dbPath", str(self.folder / DATABASE)),
            "--logging.quiet",
        ]

    def _wait_until_ready(self) -> Web3:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                said = self._log.read_bytes()[self._said_before :].decode(errors="replace").strip()
                raise ChainFailure(
                    f"{self.kind} did not start ({said[-LOG_CHARACTERS:] or 'it says nothing'}): "
                    f"see {self._log}, and whether its saved state is whole"
                )
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port or 0), timeout=1):
                web3 = connect(self.url, patient=False)
                if self.alive():  # else another program was quicker to take the port
                    return web3
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
            loads(content)
            unpacked.write_bytes(content)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            unpacked.unlink(missing_ok=True)
            raise ChainFailure(
                f"the chain's state in {state} is damaged, or does not fit on the disk: {error}"
            ) from error
        return unpacked


def stop_orphans(folder: Path) -> None:
    """End the chains that a killed process left behind in a folder; return when they are gone.

    The folder is another's while its lock is held: call this only under it.
    """
    for file in folder.glob(f"*{PID_SUFFIX}"):
        try:
            pid, started = file.read_text().split()
            # Another program may have got the number since; it has not started at the same moment.
            if _started(int(pid)) == started:
                os.kill(int(pid), signal.SIGKILL)
                deadline = time.monotonic() + STOP_SECONDS
                while _started(int(pid)) == started and time.monotonic() < deadline:
                    time.sleep(0.01)  # until then it holds its port and its database
        except (OSError, ValueError):
            pass
        file.unlink(missing_ok=True)


def running_url(kind: str, folder: Path) -> str | None:
    """Where the chain of a folder listens while another process runs it; None where it does not, or cannot be seen."""
    option = "--port" if kind == "anvil" else "--server.port"
    try:
        pid, started = (folder / f"{kind}{PID_SUFFIX}").read_text().split()
        if not started or _started(int(pid)) != started:
            return None
        words = Path(f"/proc/{int(pid)}/cmdline").read_bytes().decode().split("\0")
        port = int(words[words.index(option) + 1])
    except (OSError, ValueError, IndexError):
        return None
    return f"http://127.0.0.1:{port}" if 1 <= port <= 65535 else None


def _started(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where it has ended, or where there is no /proc."""
    try:
        # proc(5): the fields after the command's name, which is in parentheses, from the third on.
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # A process that nobody has waited for yet still holds its port while any of its threads ends.
        gone = state in ("Z", "X") and len(list(Path(f"/proc/{pid}/task").iterdir())) <= 1
    except (OSError, ValueError):
        return ""
    return "" if gone else fields[18]
