"""The auditor: replays a lineage from genesis and says, line by line, what holds. It trusts nobody.

One thing is taken as it is given: that the log is the chain's own. Where the chain can be asked, everything that the
events give is compared with what the contracts hold. Offline, a changed event is found by what contradicts it: the
rules, the other events, the content; a setting that never took effect, or two changes in the order of which nothing
depends, contradict nothing.
"""

from anomalyhive.audit.document import document_of
from anomalyhive.audit.lineage import Progress, audit_lineage
from anomalyhive.audit.reading import read_record
from anomalyhive.audit.record import Answers, ChainRecord, View
from anomalyhive.audit.report import CHECKS, RAW_CHECKS, AuditReport, Check, Failure
from anomalyhive.audit.rounds import Options
from anomalyhive.audit.run import audit_run, opened_chain

__all__ = [
    "CHECKS",
    "RAW_CHECKS",
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
    "document_of",
    "opened_chain",
    "read_record",
]
