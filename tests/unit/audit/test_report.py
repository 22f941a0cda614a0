"""What an audit says."""

from __future__ import annotations

import json

from anomalyhive.audit import CHECKS
from anomalyhive.audit.report import Findings


def test_report_of_nothing_wrong_holds_and_lists_every_check_in_order() -> None:
    findings = Findings()
    findings.count("blocks", 7)
    report = findings.report()
    assert report.holds
    assert [check.name for check in report.checks] == list(CHECKS)
    assert report.check("blocks").count == 7
    assert report.failures == ()


def test_report_with_one_failure_does_not_hold_and_says_where_once() -> None:
    findings = Findings()
    for _ in range(2):
        findings.fail("models", "is another", task=1, round_=3, digest=b"d" * 32)
    findings.fail("blocks", "lies about")
    report = findings.report()
    assert not report.holds
    assert [str(failure) for failure in report.check("models").failures] == ["task 1, round 3: is another"]
    assert [check for check, _ in report.failures] == ["blocks", "models"]


def test_report_as_json_has_the_counts_beside_the_checks() -> None:
    findings = Findings()
    findings.count("updates", 5)
    findings.fail("updates", "is another", round_=3)
    content = json.loads(json.dumps(findings.report().as_json()))
    assert content["holds"] is False
    assert content["updates"] == 5
    assert {"holds", "checks", *CHECKS} == content.keys()
    line = next(one for one in content["checks"] if one["name"] == "updates")
    assert line == {
        "name": "updates",
        "title": CHECKS["updates"],
        "count": 5,
        "failures": ["round 3: is another"],
    }
