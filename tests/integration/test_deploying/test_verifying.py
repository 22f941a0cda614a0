"""`anomalyhive verify-deployment` on a chain where one thing is not as it was deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anomalyhive.chain.bytecode import WORD, Compiled, metadata_length, word
from anomalyhive.chain.create2 import Plan
from anomalyhive.chain.rpc import request
from anomalyhive.chain.verification import code_at
from anomalyhive.cli import run as anomalyhive
from test_deploying.chains import DEPLOYER, Chain, anvil, deployed

PLAN = Plan(DEPLOYER, True)
OTHER = "0x" + "0b" * 20


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record") / "deployment.json"


@pytest.fixture(scope="module")
def deployment(record: Path) -> Iterator[Chain]:
    with anvil() as chain:
        deployed(chain.url, record)
        yield chain


@pytest.fixture
def chain(deployment: Chain) -> Iterator[Chain]:
    """The chain as it was deployed on, for every test."""
    snapshot = request(deployment.web3, "evm_snapshot", [])
    yield deployment
    request(deployment.web3, "evm_revert", [snapshot])


def flipped(chain: Chain, contract: str, at: int) -> None:
    """Flip one bit of one byte of the code."""
    code = bytearray(code_at(chain.web3, PLAN.addresses[contract]))
    code[at] ^= 1
    chain.set_code(PLAN.addresses[contract], bytes(code))


def with_immutable(chain: Chain, contract: str, name: str, value: bytes) -> None:
    """Give an immutable another value, wherever the code has it."""
    code = bytearray(code_at(chain.web3, PLAN.addresses[contract]))
    for place in Compiled.of(contract).immutables[name]:
        code[place : place + WORD] = value
    chain.set_code(PLAN.addresses[contract], bytes(code))


def verify(chain: Chain, *arguments: object) -> int:
    return anomalyhive(["verify-deployment", *map(str, arguments), "--rpc", chain.url])


def fails(chain: Chain, record: Path, capsys: pytest.CaptureFixture[str], *words: str) -> None:
    """Assert that neither the record nor, by its address, the hive is verified, and that this is why."""
    for arguments in ([record], ["--hive", PLAN.hive]):
        assert verify(chain, *arguments) == 1
        said = capsys.readouterr().err
        assert all(one in said for one in words), said


def test_verify_of_a_deployment_holds_by_its_record_and_by_its_hive(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([record], ["--hive", PLAN.hive], [record, "--hive", PLAN.hive.lower()]):
        assert verify(chain, *arguments) == 0
        said = capsys.readouterr()
        assert "NO" not in said.out
        assert said.err == ""


@pytest.mark.parametrize("contract", ["HiveToken", "NodeRegistry", "TaskRules", "Hive"])
@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_verify_of_code_with_one_bit_flipped_fails(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str], contract: str, part: float
) -> None:
    runtime = Compiled.of(contract).runtime
    at = int(part * (len(runtime) - metadata_length(runtime)))
    flipped(chain, contract, at)
    fails(chain, record, capsys, f"{contract}: 1 bytes of the code differ, the first at {at}")


IMMUTABLES: dict[str, tuple[str, str, bytes]] = {
    "registry of another hive": ("NodeRegistry", "hive", word(OTHER)),
    "registry of another token": ("NodeRegistry", "token", word(OTHER)),
    "token": ("Hive", "token", word(OTHER)),
    "registry": ("Hive", "registry", word(OTHER)),
    "rules": ("Hive", "taskRules", word(OTHER)),
    "domain": ("HiveToken", "_cachedDomainSeparator", bytes(32)),
    "chain id": ("HiveToken", "_cachedChainId", word(1)),
}


@pytest.mark.parametrize("case", IMMUTABLES)
def test_verify_with_another_immutable_fails(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    contract, name, value = IMMUTABLES[case]
    with_immutable(chain, contract, name, value)
    assert verify(chain, record) == 1
    assert f"{contract}: immutable {name} is" in capsys.readouterr().err
    # The hive's word for its parts leads to what is not there, or to what does not know it.
    assert verify(chain, "--hive", PLAN.hive) == 1


def test_verify_with_another_answer_to_whether_sums_are_verified_fails(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_immutable(chain, "Hive", "verifySums", word(False))
    assert verify(chain, record) == 1
    assert "immutable verifySums is 0 instead of 1" in capsys.readouterr().err


def test_verify_with_an_immutable_that_is_not_the_same_everywhere_fails(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flipped(chain, "Hive", Compiled.of("Hive").immutables["token"][-1] + WORD - 1)
    fails(chain, record, capsys, "immutable token is")


@pytest.mark.parametrize("contract", ["HiveToken", "NodeRegistry", "TaskRules"])
def test_verify_without_code_fails(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str], contract: str
) -> None:
    chain.set_code(PLAN.addresses[contract], b"")
    fails(chain, record, capsys, f"{contract}: there is no code")


def test_verify_without_a_hive_fails(chain: Chain, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chain.set_code(PLAN.hive, b"")
    assert verify(chain, record) == 1
    assert "Hive: there is no code" in capsys.readouterr().err
    assert verify(chain, "--hive", PLAN.hive) == 1
    assert "there is no Hive" in capsys.readouterr().err


def test_verify_of_code_with_other_metadata_alone_holds_and_says_so(
    chain: Chain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flipped(chain, "TaskRules", -20)
    assert verify(chain, "--hive", PLAN.hive) == 0
    assert "but for" in capsys.readouterr().out


def test_verify_on_another_chain_fails(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with anvil("--chain-id", 5) as other:
        assert verify(other, record) == 1
        assert "the contracts are on chain 31337, and this is 5" in capsys.readouterr().err


Record = dict[str, Any]
LIES: dict[str, Callable[[Record], None]] = {
    "salt": lambda record: record.update(salt="0x" + "11" * 32),
    "deployer": lambda record: record.update(deployer=OTHER),
    "address": lambda record: record["contracts"]["NodeRegistry"].update(address=PLAN.addresses["TaskRules"]),
    "arguments": lambda record: record["contracts"]["HiveToken"].update(arguments=[DEPLOYER, "1"]),
    "codeHash": lambda record: record["contracts"]["Hive"].update(codeHash="0x00"),
    "codeSha256": lambda record: record["contracts"]["TaskRules"].update(codeSha256="00"),
    "creationHash": lambda record: record["contracts"]["Hive"].pop("creationHash"),
}
WORDS = {
    "salt": "these sources lead to",
    "deployer": "these sources lead to",
    "address": "the hive would have created it at",
}


@pytest.mark.parametrize("lie", LIES)
def test_verify_of_a_record_that_says_what_is_not_so_fails(
    chain: Chain, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    content = json.loads(record.read_text())
    LIES[lie](content)
    (tmp_path / "lie.json").write_text(json.dumps(content))
    assert verify(chain, tmp_path / "lie.json") == 1
    assert WORDS.get(lie, f"the record's {lie} is") in capsys.readouterr().err


MISUSED: list[tuple[list[str], str]] = [
    ([], "nothing to verify"),
    (["--hive", "0x12"], "is no address"),
    (["--hive", OTHER], "there is no Hive"),
    (["nowhere.json"], "no such file"),
]


@pytest.mark.parametrize(("arguments", "words"), MISUSED)
def test_verify_of_what_is_none_says_so(
    chain: Chain, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert verify(chain, *arguments) != 0
    assert words in capsys.readouterr().err


def test_verify_of_a_record_and_of_another_hive_is_refused(
    chain: Chain, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(chain, record, "--hive", OTHER) == 2
    assert "give one of them" in capsys.readouterr().err


def test_verify_without_a_url_takes_that_of_the_environment(
    chain: Chain, record: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANOMALYHIVE_RPC_URL", raising=False)
    assert anomalyhive(["verify-deployment", str(record)]) == 2
    assert "no chain to ask" in capsys.readouterr().err
    monkeypatch.setenv("ANOMALYHIVE_RPC_URL", chain.url)
    assert anomalyhive(["verify-deployment", str(record)]) == 0
