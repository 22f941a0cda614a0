"""What a lineage came to, from logs without a chain and content in a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anomalyhive.audit.naming import root_name
from anomalyhive.audit.replay import replay
from anomalyhive.audit.report import Findings
from anomalyhive.audit.summary import Lineage, Measure, summarise
from anomalyhive.chain.events import Event
from anomalyhive.chain.gas import Spent
from anomalyhive.chain.views import Phase
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Verdict
from anomalyhive.evaluation.quality import Quality

from . import logs
from .logs import CONFIG, SCORES, Log


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


def summary(
    log: Log, store: DirectoryStore, spent: dict[bytes, Spent] | None = None, measure: Measure | None = None
) -> dict[str, Any]:
    record = log.record()
    return summarise(Lineage(record, replay(record, Findings()), store, spent or {}, measure))


def rounds(log: Log, store: DirectoryStore, **given: Any) -> list[dict[str, Any]]:
    return list(summary(log, store, **given)["tasks"][0]["rounds"])


def test_summarise_of_a_final_round_names_base_model_updates_and_attestations(store: DirectoryStore) -> None:
    first, second = rounds(Log().found().final_round().final_round(), store)
    assert (first["end"], first["phase"], first["base"]) == ("final", "FINAL", None)
    assert first["model"] == root_name(logs.digest("model 1")) == second["base"]
    assert [(one["shard"], one["node"], one["accepted"], one["median"]) for one in first["updates"]] == [
        (0, 1, True, SCORES[0]),
        (1, 2, True, SCORES[1]),
    ]
    assert first["updates"][0]["digest"] == logs.digest("update 0").hex()
    assert first["attestations"] == [
        {"seat": seat, "model": logs.digest("model 1").hex(), "final": True} for seat in (0, 1)
    ]
    assert first["participation"] == {"submitted": 2, "accepted": 2, "shards": 2, "revealed": 3, "seats": 3}
    assert [(one["seat"], one["revealed"], one["paid"]) for one in first["verdicts"]] == [
        (0, True, True),
        (1, True, True),
        (2, True, True),
    ]


def test_summarise_splits_the_reward_of_a_round_to_the_last_unit(store: DirectoryStore) -> None:
    log = Log().found().final_round()
    found = rounds(log, store)[0]["rewards"]
    assert found == {
        "1": str(log.shares.rate * SCORES[0]),
        "2": str(log.shares.rate * SCORES[1]),
        **{str(node): str(log.shares.share) for node in logs.VALIDATORS},
    }
    returned = log.shares.returned(CONFIG.reward, log.worth, len(log.paid))
    assert sum(map(int, found.values())) + returned == CONFIG.reward


def test_summarise_of_a_rejected_update_says_it_and_pays_nothing(store: DirectoryStore) -> None:
    log = Log().found().open().submit(0).submit(1).judge(scores=bytes([200, 0])).tally().attest(0).finalize()
    found = rounds(log, store)[0]
    assert [one["accepted"] for one in found["updates"]] == [True, False]
    assert "2" not in found["rewards"]


def reasoned(store: DirectoryStore, reason: str, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A round whose validators reject shard 1 for a reason, with the content of the verdicts of seats 0 and 1."""
    log = Log()
    scores = bytes([200, 0])
    named = {
        f"verdict {seat}": Verdict(
            31337, bytes.fromhex(logs.HIVE[2:]), 1, 1, logs.VALIDATORS[seat], seat, scores, {1: reason}
        ).publish(store)
        for seat in (0, 1)
    }
    made = logs.digest
    monkeypatch.setattr(logs, "digest", lambda name: named.get(name) or made(name))
    return log.found().open().submit(0).submit(1).judge(scores=scores).tally().attest(0).finalize()


def test_summarise_gives_validators_reasons_as_they_are_seats_that_agree_together(
    store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "</script><b onclick='x'>\u202e\x1b[2J"
    found = rounds(reasoned(store, hostile, monkeypatch), store)[0]
    assert [one["reasons"] for one in found["updates"]] == [[], [{"reason": hostile, "seats": [0, 1]}]]


def test_summarise_of_a_cancelled_round_says_what_phase_it_had_come_to(store: DirectoryStore) -> None:
    log = Log().found().open().submit(0)
    log.cancel(reached=int(Phase.JUDGE), at=log.now + CONFIG.train_seconds + CONFIG.judge_seconds + 5)
    found = rounds(log, store)[0]
    assert (found["end"], found["phase"], found["model"], found["sum"]) == ("cancelled", "JUDGE", None, None)
    assert found["rewards"] == {}


def test_summarise_of_a_round_under_way_calls_it_open(store: DirectoryStore) -> None:
    found = rounds(Log().found().open().submit(0), store)[0]
    assert (found["end"], found["phase"]) == ("open", "TRAIN")
    assert found["updates"][0]["median"] is None


def test_summarise_counts_seconds_and_transactions_of_a_round(store: DirectoryStore) -> None:
    found = rounds(Log().found().final_round(), store)[0]
    # Opening, two updates, three commits, three reveals, tally and two attestations, a second apart.
    assert (found["transactions"], found["seconds"]) == (12, 11)


def used(events: list[Event], gas: int = 7) -> dict[bytes, Spent]:
    return {event.transaction: Spent("called", gas) for event in events}


def test_summarise_adds_gas_of_a_round_only_where_all_receipts_are_known(store: DirectoryStore) -> None:
    log = Log().found().final_round()
    spent = used(log.events)
    assert rounds(log, store, spent=spent)[0]["gas"] == 12 * 7
    assert summary(log, store, spent)["gas"]["called"]["median"] == 7
    del spent[log.events[-1].transaction]
    assert rounds(log, store, spent=spent)[0]["gas"] is None


def test_summarise_measures_final_models_alone(store: DirectoryStore) -> None:
    log = Log().found().final_round().open()
    asked: list[bytes] = []

    def measure(model: bytes) -> Quality:
        asked.append(model)
        return Quality(0.5, None)

    found = rounds(log, store, measure=measure)
    assert [one["quality"] for one in found] == [{"average_precision": "0.500000", "roc_auc": None}, None]
    assert asked == [logs.digest("model 1")]


def test_summarise_of_a_task_counts_work_pay_and_claims_by_node(store: DirectoryStore) -> None:
    log = Log().found().final_round()
    amount = log.shares.rate * SCORES[0]
    log.claim(1, 0, 0, amount)
    found = {one["node"]: one for one in summary(log, store)["tasks"][0]["rewards"]}
    assert found[1] == {
        "node": 1,
        "updates": 1,
        "accepted": 1,
        "verdicts": 0,
        "paid": 0,
        "earned": str(amount),
        "claimed": str(amount),
        "burned": "0",
    }
    assert (found[3]["verdicts"], found[3]["paid"], found[3]["claimed"]) == (1, 1, "0")


def test_summarise_of_a_seat_that_did_not_reveal_shows_what_was_burned(store: DirectoryStore) -> None:
    log = Log().found().open().submit(0).submit(1).commit(0).commit(1).commit(2).reveal(0).reveal(1)
    log.tally(at=log.now + 2 * CONFIG.reveal_seconds).attest(0).finalize()
    result = summary(log, store)["tasks"][0]
    lazy = result["rounds"][0]["verdicts"][2]
    assert (lazy["revealed"], lazy["paid"], lazy["burned"]) == (False, False, str(CONFIG.slash_amount))
    assert next(one for one in result["rewards"] if one["node"] == 5)["burned"] == str(CONFIG.slash_amount)


def test_summarise_of_content_that_nobody_has_still_says_what_the_chain_says(store: DirectoryStore) -> None:
    found = summary(Log().found().final_round(), store)["tasks"][0]
    assert found["learning"] is None
    assert found["spec"] == root_name(logs.digest("spec"))
    assert found["rounds"][0]["sum"]["digest"] is None
