"""The replay against the real contracts, in every way that a round, a slot or a token can go.

No content is involved: what the events give is held against what the contracts say of themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.audit import AuditReport, ChainRecord, read_record
from anomalyhive.audit.replay import Hive, replay
from anomalyhive.audit.replay.engine import STEPS
from anomalyhive.audit.report import Findings
from anomalyhive.audit.standing import check_standing
from anomalyhive.chain.deployment import deploy
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.chain.views import Phase
from test_audit.lineages import remembering
from test_audit.plays import Play, play


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainRecord]:
    folder: Path = tmp_path_factory.mktemp("play")
    with LocalChain("anvil", folder) as chain:
        key = new_key()
        sponsor = Signer(chain.web3, key)
        chain.fund(sponsor.address, 10**20)
        deployment = deploy(chain.url, key, folder / "deployment.json")
        play(Play(chain, deployment, sponsor))
        found = read_record(chain.web3, deployment)
        yield replace(found, answers=remembering(found))


def replayed(record: ChainRecord) -> tuple[Hive, AuditReport]:
    findings = Findings()
    hive = replay(record, findings)
    check_standing(record, hive, findings)
    return hive, findings.report()


def test_replay_of_everything_that_can_happen_gives_what_the_contracts_hold(record: ChainRecord) -> None:
    hive, report = replayed(record)
    assert [f"{check}: {failure}" for check, failure in report.failures] == []
    assert {event.name for event in record.events} == STEPS.keys()
    assert [round_.phase for round_ in hive.tasks[1].rounds.values()] == [
        Phase.FINAL, *[Phase.CANCELLED] * 5, Phase.FINAL,
    ]  # fmt: skip
    assert hive.tasks[1].rounds[1].medians == {0: 201, 1: 0, 33: 0, 39: 10}
    assert hive.given == {record.deployment.hive: 7, record.deployment.registry: 8}
    assert report.check("state").count > 150


def test_replay_of_everything_without_any_one_event_fails(record: ChainRecord) -> None:
    contracts = (record.deployment.hive, record.deployment.registry)
    for at, event in enumerate(record.events):
        if event.name == "Approval" and event.values["spender"] not in contracts:
            continue  # what somebody else may move is nothing to the hive
        without = replace(record, events=[*record.events[:at], *record.events[at + 1 :]])
        assert not replayed(without)[1].holds, (at, event.name)


def test_replay_with_a_second_more_or_less_at_any_block_is_found_where_a_phase_turns_on_it(
    record: ChainRecord,
) -> None:
    opened = [event.block for event in record.events if event.name == "RoundOpened"]
    for block in opened:
        for off in (-1, 1):
            assert not replayed(replace(record, times={**record.times, block: record.times[block] + off}))[1].holds
