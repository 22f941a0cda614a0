"""Anvil and Ganache as child processes."""

from __future__ import annotations

import gzip
import socket
import subprocess
from pathlib import Path

import pytest
from web3 import Web3

from anomalyhive.chain.localchain import STATE_FILE, LocalChain, choose_port, stop_orphans
from anomalyhive.chain.rpc import adds_points, connect
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.urls import redact

STRANGER = Web3.to_checksum_address("0x" + "11" * 20)


@pytest.mark.parametrize(("kind", "adds"), [("anvil", True), ("ganache", False)])
def test_local_chain_started_again_has_its_balances_and_knows_its_precompiles(
    tmp_path: Path, kind: str, adds: bool
) -> None:
    with LocalChain(kind, tmp_path) as chain:
        assert adds_points(chain.web3) is adds
        sender = Signer(chain.web3, new_key())
        chain.fund(sender.address, 10**18)
        sender.transfer(STRANGER, 12345)
        chain.save()
    with LocalChain(kind, tmp_path) as chain:
        assert chain.web3.eth.get_balance(STRANGER) == 12345
        assert chain.web3.eth.get_transaction_count(Web3.to_checksum_address(sender.address)) == 1


@pytest.mark.parametrize("kind", ["anvil", "ganache"])
def test_fast_forward_to_a_time_is_exact_and_never_goes_back(tmp_path: Path, kind: str) -> None:
    with LocalChain(kind, tmp_path) as chain:
        start = chain.web3.eth.get_block("latest")["timestamp"]
        chain.fast_forward(start + 10_000)
        assert start + 10_000 <= chain.web3.eth.get_block("latest")["timestamp"] <= start + 10_005
        chain.fast_forward(start + 5)
        assert chain.web3.eth.get_block("latest")["timestamp"] >= start + 10_000


def running(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_stop_leaves_no_process_and_no_pid_file(tmp_path: Path) -> None:
    chain = LocalChain("anvil", tmp_path).start()
    pid = int((tmp_path / "anvil.pid").read_text().split()[0])
    assert running(pid)
    chain.stop()
    assert not running(pid)
    assert not list(tmp_path.glob("*.pid"))


@pytest.mark.parametrize("kind", ["anvil", "ganache"])
def test_start_after_a_kill_removes_the_orphan_and_takes_its_port_and_database(tmp_path: Path, kind: str) -> None:
    left = LocalChain(kind, tmp_path, choose_port(None)).start()
    orphan = int((tmp_path / f"{kind}.pid").read_text().split()[0])
    with LocalChain(kind, tmp_path, left.port) as second:
        assert not running(orphan)
        assert second.alive()
        assert not left.alive()
        assert second.port == left.port


def test_stop_orphans_spares_a_process_that_has_got_the_number_since(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "anvil.pid").write_text(f"{stranger.pid} 12345\n")
        stop_orphans(tmp_path)
        assert running(stranger.pid)
        assert not list(tmp_path.iterdir())
        stranger.kill()


def test_start_whose_pid_cannot_be_written_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "anvil.pid" / "in the way").mkdir(parents=True)
    chain = LocalChain("anvil", tmp_path)
    with pytest.raises(OSError, match="directory"):
        chain.start()
    assert not chain.alive()


def test_port_of_a_chain_that_has_just_ended_can_be_used_again(tmp_path: Path) -> None:
    with LocalChain("anvil", tmp_path / "a") as first:
        port = first.port
        # The side that closes first keeps the pair of ports for a minute.
        with socket.create_connection(("127.0.0.1", port or 0)) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while client.recv(1000):
                pass
    with LocalChain("anvil", tmp_path / "b", port) as second:
        assert second.alive()


def test_port_in_use_is_refused_by_number() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadSetting, match=f"port {port} cannot be used"):
            choose_port(port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(BadSetting, match=f"port {port}"):
        choose_port(port)


@pytest.mark.parametrize("content", [b"", b"junk", gzip.compress(b"not a state"), gzip.compress(b"{}")[:-4]])
def test_damaged_state_is_refused_and_nothing_is_left_running(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STATE_FILE).write_bytes(content)
    chain = LocalChain("anvil", tmp_path)
    with pytest.raises(ChainFailure, match="state"):
        chain.start()
    assert not chain.alive()
    assert (tmp_path / STATE_FILE).read_bytes() == content


def test_connect_where_nothing_listens_names_the_place_without_its_secrets() -> None:
    with pytest.raises(ChainFailure) as refused:
        connect(f"http://user:secret@127.0.0.1:{choose_port(None)}/v3/apikey?token=abc")
    assert "127.0.0.1" in str(refused.value)
    assert not any(word in str(refused.value) for word in ("secret", "apikey", "abc"))


@pytest.mark.parametrize("url", ["ftp://host", "localhost:8545", "http://", "", "anvil2"])
def test_connect_to_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="neither anvil, ganache nor"):
        connect(url)


def test_redact_keeps_scheme_host_and_port_alone() -> None:
    assert redact("https://u:p@node.example:444/v3/key?x=1") == "https://node.example:444"
