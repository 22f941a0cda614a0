"""What is final may be kept and is not sent twice; what changes is never kept."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from test_dashboard.dashboards import Dashboard


def get(dashboard: Dashboard, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{dashboard.origin}{path}", headers=headers, timeout=30)


def model_of(dashboard: Dashboard, round_: int) -> str:
    models: list[dict[str, Any]] = get(dashboard, "/v1/models").json()["items"]
    return next(str(one["digest"]) for one in models if one["round"] == round_)


@pytest.mark.parametrize("what", ["round", "model"])
def test_final_round_and_model_have_a_tag_that_answers_for_them(dashboard: Dashboard, what: str) -> None:
    path = "/v1/rounds/2" if what == "round" else f"/v1/models/{model_of(dashboard, 2)}"
    first = get(dashboard, path)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, max-age=60, must-revalidate")
    again = get(dashboard, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get(dashboard, path, **{"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", ["/v1/hive", "/v1/rounds", "/v1/models", "/v1/nodes", "/v1/me", "/v1/alerts"])
def test_what_changes_is_never_kept(dashboard: Dashboard, path: str) -> None:
    answer = get(dashboard, path, **{"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in answer.headers
