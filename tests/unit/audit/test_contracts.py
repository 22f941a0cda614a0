"""Whether code on chain is the compiled code, with the immutables of its deployment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anomalyhive.audit.contracts import check_code
from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.report import Findings
from anomalyhive.chain.artifacts import CONTRACTS
from anomalyhive.chain.bytecode import Compiled
from anomalyhive.chain.create2 import Plan, immutables
from anomalyhive.chain.deployment import Deployment
from audit.logs import SPONSOR, Log

PLAN = Plan(SPONSOR, True)
DEPLOYMENT = Deployment(31337, PLAN.token, PLAN.addresses["NodeRegistry"], PLAN.hive, 1, True, {})
CODE = {
    name: Compiled.of(name).filled(values) for name, values in immutables(31337, DEPLOYMENT.addresses, True).items()
}


def record(code: dict[str, bytes]) -> ChainRecord:
    return replace(Log().record(), deployment=DEPLOYMENT, code=code)


def test_check_code_of_the_compiled_contracts_finds_nothing() -> None:
    findings = Findings()
    check_code(record(CODE), findings)
    line = findings.report().check("contracts")
    assert (line.count, line.failures) == (len(CONTRACTS), ())


@pytest.mark.parametrize("contract", CONTRACTS)
def test_check_code_names_the_contract_whose_code_is_another(contract: str) -> None:
    findings = Findings()
    check_code(record({**CODE, contract: b"\x60\x00"}), findings)
    line = findings.report().check("contracts")
    assert line.count == len(CONTRACTS)
    assert [f"{contract} on chain" in str(failure) for failure in line.failures] == [True]


def test_check_code_finds_a_registry_of_another_hive() -> None:
    other = immutables(31337, {**DEPLOYMENT.addresses, "Hive": SPONSOR}, True)["NodeRegistry"]
    findings = Findings()
    check_code(record({**CODE, "NodeRegistry": Compiled.of("NodeRegistry").filled(other)}), findings)
    (failure,) = findings.report().check("contracts").failures
    assert "immutable hive is" in str(failure)


def test_check_code_of_a_record_without_code_counts_nothing() -> None:
    findings = Findings()
    check_code(record({}), findings)
    assert findings.report().check("contracts").count == 0
