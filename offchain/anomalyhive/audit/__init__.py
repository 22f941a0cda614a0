"""The auditor: replays a lineage from genesis and says, line by line, what holds. It trusts nobody.

Where a chain can be asked, everything that the events give is compared with what the contracts hold. In a file the
log proves itself: by receipts roots, block hashes and links to parents (`export.proving`). What is left to be taken as
given are the last hashes that all the others follow from, and the report names them.
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
