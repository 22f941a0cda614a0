"""Documents of audits for pages: from logs and content, with a stranger's text wherever one can stand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from anomalyhive.audit.audited import Audited
from anomalyhive.audit.document import Circumstances, build_document
from anomalyhive.audit.replay import replay
from anomalyhive.audit.report import Findings
from anomalyhive.audit.rounds import Options
from anomalyhive.audit.summary import Lineage, summarise
from anomalyhive.chain.events import Event
from anomalyhive.chain.gas import Spent
from anomalyhive.chain.views import Phase
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Spec, Verdict
from anomalyhive.content.kinds.spec import SpecShard
from anomalyhive.evaluation.quality import Quality

from .. import logs

NOW = 1_790_000_000

HOSTILE = (
    "</script><script>document.title='obeyed'</script>",
    "\"'><img src=x onerror=\"document.title='obeyed'\">",
    "</style><style>body{display:none}</style>",
    "<a href=\"javascript:document.title='obeyed'\">see here</a>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<!-- ]]> </title></svg><iframe src='https://example.org/'>",
    "lia\u202er dellac\x1b[2J\x00\u2028",
)
"""Texts that want to be more than text."""


def document(folder: Path, text: str = "labels are turned", fault: str | None = None) -> dict[str, Any]:
    """Three final rounds, one with a rejected update, and a cancelled one; ``text`` is every name and reason in it.

    A ``fault`` is what two checks say: one of round 2, one of no place.
    """
    store = DirectoryStore(folder / "store")
    log = logs.Log().found(9000)
    log.final_round()
    log.open().submit(0).submit(1).judge(scores=bytes([200, 0])).tally().attest(0).finalize()
    log.open().submit(0)
    log.cancel(reached=int(Phase.JUDGE), at=log.now + 500)
    log.final_round()
    log.events = [_with_content(event, store, text) for event in log.events]
    record = log.record()
    hive = replay(record, Findings())
    findings = Findings()
    findings.count("blocks", 12_345)
    if fault is not None:
        findings.fail("models", fault, 1, 2, b"\x0d" * 32)
        findings.fail("blocks", fault)
    spent = {event.transaction: Spent(text, 60_000 + event.block) for event in log.events}
    qualities = iter((Quality(0.9, 0.95), Quality(0.93, 0.97), Quality(0.96, None)))
    summary = summarise(Lineage(record, hive, store, spent, lambda _: next(qualities)))
    audited = Audited(record, store, Options(2_500, b"\x05" * 32), findings.report())
    return build_document(audited, summary, Circumstances(NOW, (99, b"\x06" * 32)))


def many(document: dict[str, Any], rounds: int, nodes: int) -> dict[str, Any]:
    """The document with so many rounds, each with an update of so many nodes, three of which are rejected."""
    task = document["tasks"][0]
    final = next(one for one in task["rounds"] if one["round"] == 2)
    good, bad = (next(one for one in final["updates"] if one["accepted"] is kind) for kind in (True, False))
    made = []
    for number in range(1, rounds + 1):
        updates = [
            {
                **(bad if shard % 40 == number % 40 else good),
                "shard": shard,
                "node": shard + 1,
                "digest": _digest(number, shard),
            }
            for shard in range(nodes)
        ]
        accepted = sum(one["accepted"] for one in updates)
        taken = {**final["participation"], "submitted": nodes, "accepted": accepted, "shards": nodes + 2}
        quality = {"average_precision": f"{1 - 0.3 / number:.6f}", "roc_auc": f"{1 - 0.1 / number:.6f}"}
        one = {**final, "round": number, "updates": updates, "participation": taken, "quality": quality}
        if number % 17 == 0:
            one |= {"end": "cancelled", "phase": "ATTEST", "model": None, "quality": None}
        made.append(one)
    rewards = [{**task["rewards"][0], "node": node, "earned": str(10**18 * node)} for node in range(1, nodes + 1)]
    return {**document, "tasks": [{**task, "shards": nodes + 2, "rounds": made, "rewards": rewards}]}


def _digest(round_: int, shard: int) -> str:
    return hashlib.sha256(f"{round_} {shard}".encode()).hexdigest()


def _with_content(event: Event, store: DirectoryStore, text: str) -> Event:
    """The event with the digest of content that there is: a spec, or the verdict that was revealed."""
    v = event.values
    if event.name == "TaskCreated":
        return replace(event, values={**v, "spec": _spec(text).publish(store)})
    if event.name == "VerdictRevealed":
        place = {"chain": 31337, "hive": bytes.fromhex(logs.HIVE[2:]), "task": v["task"], "round": v["round"]}
        verdict = Verdict(**place, author=v["node"], seat=v["seat"], scores=v["scores"], reasons={1: text})
        return replace(event, values={**v, "verdict": verdict.publish(store)})
    return event


def _spec(text: str) -> Spec:
    shards = (SpecShard(3, b"\x01" * 32), SpecShard(4, b"\x01" * 32))
    return Spec(text, text, {}, ("a",), "label", None, "public", shards, 10_000, classes=(f"not {text}", text))
