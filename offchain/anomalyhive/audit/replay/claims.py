"""Claims: what the final rounds of a term paid, each once, to the owner of the node whose term it is."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import Slot, Task, Term
from anomalyhive.chain.views import Kind
from anomalyhive.errors import AuditFailure


def claimed(at: Replay, v: Values) -> None:
    """A node was paid for final rounds of one of its terms."""
    task, node, through = at.task(v), at.node(v["node"]), v["through"]
    at.findings.count("claims")
    if v["kind"] not in (Kind.UPDATE, Kind.VERDICT):
        raise AuditFailure(f"has the kind {v['kind']}, which is neither update nor verdict")
    kind = Kind(v["kind"])
    what = f"{'shard' if kind is Kind.UPDATE else 'seat'} {v['index']}"
    term = _term(task, kind, v["index"], v["term"], what)
    at.expect(f"the node of {what}", v["node"], term.node, "claims")
    at.expect(f"after which {what} is paid", v["after_"], term.paid_through, "claims")
    if through not in task.rounds or not task.rounds[through].final:
        raise AuditFailure(f"pays {what} up to round {through}, which is not final")
    if isinstance(term, Term) and through > term.through:
        at.fault(f"pays {what} up to round {through}, and the term ended at {term.through}", "claims")
    if through <= term.paid_through:
        at.fault(f"{what} was paid up to round {term.paid_through} before", "claims")
    due = sum(round_.earned(kind, v["index"]) for round_ in task.finals_in(term.paid_through, through))
    if v["amount"] != due:
        at.fault(f"{what} is paid {v['amount']} and earned {due}", "claims")
    term.paid_through = through
    at.claimed[v["node"]] += v["amount"]
    at.owe(at.hive, node.owner, v["amount"])


def settle(at: Replay) -> None:
    """A claim that pays nothing at all is refused."""
    for node, amount in sorted(at.claimed.items()):
        if not amount:
            at.fault(f"its transaction pays node {node} nothing for its claims", "claims")
    at.claimed.clear()


def _term(task: Task, kind: Kind, index: int, number: int, what: str) -> Slot | Term:
    """The term that a claim names: that of the present holder (0), or one that ended, by its last final round."""
    found = task.terms.get((kind, index, number)) if number else task.slots(kind).get(index)
    if found is None:
        whose = f"a term that ended at round {number}" if number else "its holder"
        raise AuditFailure(f"pays {what} for {whose}, and there is none to be paid")
    return found
