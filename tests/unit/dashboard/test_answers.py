"""What the interface answers of a live hive, and how it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from anomalyhive.chain.views import ZERO_DIGEST

from .rounds import DIGEST, Crew
from .serving import Served

UNKNOWN = "ab" * 32

CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
"""The first example of EIP-55."""

MISTYPED = CHECKSUMMED[:-1] + "e"


def test_hive_says_where_it_is_and_what_is_not_known_without_content(running: Served, crew: Crew) -> None:
    answer = running.get("/v1/hive")
    said = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (said["mode"], said["connected"], said["problem"], said["task"]) == ("live", True, None, crew.task)
    assert said["hive"] == crew.place.contracts.hive.address
    assert said["chain"] == crew.place.chain.url
    assert (said["rounds_final"], said["rounds_total"]) == (1, None)
    assert (said["learner"], said["label"], said["data_mode"]) == (None, None, None)
    assert said["offers"] == {"watch": False, "feed": None, "me": False, "audits": False}


def test_round_has_its_participants_and_what_each_earned(running: Served, crew: Crew) -> None:
    said = running.get("/v1/rounds/1").json()
    assert (said["phase"], said["accepted"], said["rejected"], said["model"]) == ("FINAL", 1, 1, DIGEST.hex())
    assert said["base_model"] is None
    assert [one["state"] for one in said["phases"]] == ["over"] * 5
    first, second, judge = said["participants"]
    assert (first["score"], first["accepted"], first["node"]) == (100, True, crew.number(crew.trainers[0]))
    assert (second["score"], second["accepted"], second["reward"]) == (0, False, "0")
    assert second["reason"] == "no validator gave a reason"
    assert (judge["kind"], judge["attested"], judge["model"]) == ("validator", True, DIGEST.hex())
    assert int(said["paid"]) == sum(int(one["reward"]) for one in said["participants"])
    assert said["gas"] > 0


def test_figures_models_nodes_and_rewards_agree_with_the_round(running: Served) -> None:
    round_ = running.get("/v1/rounds/1").json()
    (figures,) = running.get("/v1/participation").json()["items"]
    assert (figures["reward"], figures["gas"], figures["accepted"]) == (round_["paid"], round_["gas"], 1)
    model = running.get(f"/v1/models/{DIGEST.hex()}").json()
    assert [one["accepted"] for one in model["contributions"]] == [True, False]
    assert model["parent"] is None
    assert running.get("/v1/lineage").json() == {"genesis": None, "models": [DIGEST.hex()], "next": None}
    rewards = running.get("/v1/rewards").json()
    assert (
        sum(int(one["amount"]) for one in rewards["items"]) == int(rewards["totals"]["earned"]) == int(round_["paid"])
    )
    nodes = {one["id"]: one for one in running.get("/v1/nodes?limit=200").json()["items"]}
    for one in round_["participants"]:
        assert nodes[one["node"]]["unclaimed"] == one["reward"]
        assert running.get(f"/v1/nodes/{one['node']}").json() == nodes[one["node"]]


@pytest.mark.parametrize("path", ["/v1/risk/", "/v1/addresses/", "/v1/alerts?address="])
def test_address_is_taken_in_letters_of_one_case_or_with_its_checksum(running: Served, path: str) -> None:
    small = running.get(path + CHECKSUMMED.lower())
    assert small.status_code == 200
    for letters in (CHECKSUMMED, f"0x{CHECKSUMMED[2:].upper()}"):
        assert running.get(path + letters).json() == small.json()


def test_address_with_one_wrong_letter_is_refused_with_what_to_do(running: Served) -> None:
    for at, sign in enumerate(CHECKSUMMED):
        if at > 1 and sign.isalpha():
            wrong = CHECKSUMMED[:at] + sign.swapcase() + CHECKSUMMED[at + 1 :]
            answer = running.get(f"/v1/risk/{wrong}")
            detail = f"{wrong} has a wrong checksum: see whether a digit is mistyped, or write it in small letters"
            assert (answer.status_code, answer.json()["detail"]) == (422, detail)


@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/rewards"])
def test_pages_of_a_list_are_the_list(running: Served, path: str) -> None:
    whole = running.get(f"{path}?limit=200").json()["items"]
    found: list[Any] = []
    after = ""
    while True:
        page = running.get(f"{path}?limit=1{after}").json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole
    assert len(whole) > 1


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/rounds/2", 404, "unknown-round"),
        (f"/v1/models/{UNKNOWN}", 404, "unknown-model"),
        ("/v1/nodes/99", 404, "unknown-node"),
        (f"/v1/alerts/{UNKNOWN}", 404, "unknown-alert"),
        ("/v1/audits/0123456789abcdef", 404, "unknown-audit"),
        ("/v1/me/claim", 404, "no-node"),
        ("/v1/nothing", 404, "not-found"),
        ("/assets/../app.py", 404, "not-found"),
        ("/v1/rounds/0", 422, "invalid"),
        ("/v1/rounds/one", 422, "invalid"),
        ("/v1/rounds/99999999999999999999999", 422, "invalid"),
        (f"/v1/models/{UNKNOWN.upper()}", 422, "invalid"),
        ("/v1/rounds?limit=0", 422, "invalid"),
        ("/v1/rounds?limit=201", 422, "invalid"),
        ("/v1/rounds?after=model-1", 422, "invalid"),
        ("/v1/rounds?after=round-01", 422, "invalid"),
        ("/v1/rewards?after=reward-1", 422, "invalid"),
        ("/v1/risk/0x12", 422, "invalid"),
        (f"/v1/risk/{MISTYPED}", 422, "wrong-checksum"),
        (f"/v1/addresses/{MISTYPED}", 422, "wrong-checksum"),
        (f"/v1/alerts?address={MISTYPED}", 422, "wrong-checksum"),
        ("/v1/alerts?state=asleep", 422, "invalid"),
        (f"/v1/rounds?text={'x' * 3000}", 414, "too-long"),
        (f"/v1/{'x' * 600}", 414, "too-long"),
    ],
)  # fmt: skip
def test_request_that_cannot_be_answered_is_a_problem(running: Served, path: str, status: int, kind: str) -> None:
    answer = running.get(path)
    said = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, said["status"], said["type"]) == (status, status, f"urn:anomalyhive:problem:{kind}")
    assert set(said) == {"type", "title", "status", "detail", "instance"}
    assert "Traceback" not in answer.text
    assert "/work" not in answer.text
    assert "site-packages" not in answer.text


def test_method_that_a_path_does_not_take_is_a_problem_that_names_those_it_does(running: Served) -> None:
    answer = running.post("/v1/hive")
    assert (answer.status_code, answer.json()["status"], answer.headers["Allow"]) == (405, 405, "GET")


def test_unforeseen_error_is_a_problem_without_its_words(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path is broken")

    monkeypatch.setattr("anomalyhive.dashboard.api.routes.hive.hive_of", broken)
    answer = running.get("/v1/hive")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text


def test_file_of_the_page_has_a_tag_and_is_not_sent_twice(running: Served) -> None:
    first = running.get("/")
    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    for tag in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
        again = running.get("/", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert running.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_every_answer_has_the_headers_that_keep_strangers_out(running: Served) -> None:
    for path in ("/", "/v1/hive", "/v1/nothing", "/assets/app.css", "/healthz", "/openapi.json"):
        headers = running.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers


def test_description_names_every_operation_and_describes_every_field(running: Served) -> None:
    document = running.get("/openapi.json").json()
    assert len(document["paths"]) == 22
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (path, parameter["name"])
    told = {name: one for name, one in document["components"]["schemas"].items() if "properties" in one}
    bare = [
        f"{name}.{field}"
        for name, schema in told.items()
        for field, of in schema["properties"].items()
        if not of.get("description")
    ]
    assert bare == []


def test_digest_of_zeros_names_no_model(running: Served) -> None:
    assert running.get(f"/v1/models/{ZERO_DIGEST.hex()}").status_code == 404
