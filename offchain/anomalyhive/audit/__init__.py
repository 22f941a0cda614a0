"""The auditor: replays a lineage from genesis and says, line by line, what holds. It trusts nobody."""

from anomalyhive.audit.lineage import Progress, audit_lineage
from anomalyhive.audit.reading import read_record
from anomalyhive.audit.record import Answers, ChainRecord, View
from anomalyhive.audit.report import CHECKS, AuditReport, Check, Failure
from anomalyhive.audit.rounds import Options
from anomalyhive.audit.run import audit_run, opened_chain

__all__ = [
    "CHECKS",
    "Answers",
    "AuditReport",
    "ChainRecord",
    "Check",
    "Failure",
    "Options",
    "Progress",
    "View",
    "audit_lineage",
    "audit_run",
    "opened_chain",
    "read_record",
]
