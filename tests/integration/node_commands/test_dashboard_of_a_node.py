"""My node in the dashboard: how it stands, which roles rest, and a claim that the server has not signed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from tests.unit.dashboard.serving import Served, serving, until, wanted

from anomalyhive.chain.fees import Offer
from anomalyhive.chain.outbox import Attempt, Outbox, State, latest_attempts
from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Kind, Role
from anomalyhive.dashboard.putting import TOKEN_FILE, board_of
from anomalyhive.dashboard.putting import served as put_together
from anomalyhive.node.doctor import CHECKS
from anomalyhive.node.pausing import paused_roles

from .playing import Play


@pytest.fixture
def mine(play: Play) -> Iterator[Served]:
    """The dashboard of trainer 0."""
    made = play.trainers[0]
    asked = wanted(
        rpc=play.hive.chain.url, hive=play.hive.contracts.hive.address, home=made.home, stores=(play.hive.store,)
    )
    board = board_of(asked, time.time)
    board.poller.seconds = 0.1
    with serving(board) as running:
        until(lambda: running.get("/v1/me").json()["problem"] is None)
        until(lambda: running.get("/v1/me").json()["doctor"] is not None)
        yield running


def test_my_node_stands_as_chain_journal_and_doctor_say(mine: Served, play: Play) -> None:
    made, contracts = play.trainers[0], play.hive.contracts
    said = mine.get("/v1/me").json()
    record = contracts.registry.node(made.number)
    assert (said["present"], said["id"], said["state"]) == (True, made.number, "active")
    assert (said["owner"], said["operator"], said["stake"]) == (record.owner, record.operator, str(record.stake))
    assert said["roles"] == [{"role": "train", "paused": False}]
    owed = contracts.hive.earned(1, 1, Kind.UPDATE, 0)
    assert said["earnings"] == {"earned": str(owed), "claimed": "0", "unclaimed": str(owed)}
    assert said["running"] is False
    found = {one["check"]: one for one in said["doctor"]}
    assert found.keys() >= {check.__name__ for checks in CHECKS.values() for check in checks}
    assert (found["rewards_are_claimed"]["state"], found["node_is_registered"]["state"]) == ("wrong", "ok")
    assert "anomalyhive node claim" in found["rewards_are_claimed"]["remedy"]
    assert mine.get("/v1/hive").json()["offers"] == {"watch": False, "feed": None, "me": True, "audits": True}


def test_round_says_why_an_update_was_rejected_and_a_verdict_unpaid(mine: Served, play: Play) -> None:
    participants = mine.get("/v1/rounds/1").json()["participants"]
    assert [one["accepted"] for one in participants] == [True, False, True, True, False]
    assert "commitment" in participants[1]["reason"]
    assert "deviate" in participants[4]["reason"]
    model = mine.get("/v1/models?limit=1").json()["items"][0]
    detail = mine.get(f"/v1/models/{model['digest']}").json()
    assert detail["derivation"]["weights"] == model["weights_digest"]
    assert [one["share_bp"] for one in detail["contributions"]] == [10_000, None]
    assert mine.get("/v1/lineage").json()["genesis"] == model["parent"]
    assert mine.get("/v1/hive").json()["label"] == "FLAG"


def test_role_rests_and_goes_on_by_who_has_the_token_alone(mine: Served, play: Play) -> None:
    home = play.trainers[0].folder.root
    token = mine.board.token
    assert mine.post("/v1/me/roles/train/pause").status_code == 401
    assert mine.post("/v1/me/roles/train/pause", token, headers={"Origin": "http://evil"}).status_code == 403
    assert paused_roles(home) == frozenset()
    paused = mine.post("/v1/me/roles/train/pause", token)
    assert (paused.status_code, paused.json()["roles"]) == (200, [{"role": "train", "paused": True}])
    assert paused_roles(home) == {Role.TRAIN}
    assert mine.post("/v1/me/roles/train/resume", token).json()["roles"] == [{"role": "train", "paused": False}]
    assert paused_roles(home) == frozenset()
    assert mine.post("/v1/me/roles/validate/pause", token).json()["type"] == "urn:anomalyhive:problem:unknown-role"
    assert mine.post("/v1/me/roles/fly/pause", token).status_code == 422
    assert mine.post("/v1/me/roles/train/stop", token).status_code == 422


def test_claim_that_anybody_signs_pays_the_owner(mine: Served, play: Play) -> None:
    contracts, web3 = play.hive.contracts, play.hive.chain.web3
    (claim,) = mine.get("/v1/me/claim").json()["transactions"]
    assert (claim["chain_id"], claim["to"], claim["value"]) == (31337, contracts.hive.address, "0")
    me = mine.get("/v1/me").json()
    before = contracts.token.balance(me["owner"])
    stranger: Any = Account.from_key(new_key())
    play.hive.chain.fund(stranger.address, 10**18)
    sent = web3.eth.send_raw_transaction(
        stranger.sign_transaction(
            {
                "chainId": claim["chain_id"], "to": claim["to"], "data": claim["data"], "value": int(claim["value"]),
                "gas": claim["gas"] + claim["gas"] // 5, "nonce": 0, "gasPrice": 10**10,
            }
        ).raw_transaction
    )  # fmt: skip
    assert web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.05)["status"] == 1
    assert contracts.token.balance(me["owner"]) - before == int(me["earnings"]["unclaimed"]) > 0
    assert mine.get("/v1/me/claim").json() == {"transactions": []}
    until(lambda: mine.get(f"/v1/nodes/{me['id']}").json()["unclaimed"] == "0")


def test_audit_of_a_live_hive_is_made_in_a_process_of_its_own_one_at_a_time(mine: Served) -> None:
    token = mine.board.token
    model = mine.get("/v1/models").json()["items"][0]["digest"]
    assert mine.post("/v1/audits", token, json={"model": "ab" * 32}).status_code == 404
    begun = mine.post("/v1/audits", token, json={"model": model})
    assert begun.status_code == 202
    again = mine.post("/v1/audits", token)
    assert (again.status_code, again.json()["type"]) == (409, "urn:anomalyhive:problem:audit-running")
    path = f"/v1/audits/{begun.json()['id']}"
    until(lambda: mine.get(path).json()["state"] != "running")
    said = mine.get(path).json()
    assert (said["state"], said["holds"], said["problem"]) == ("done", True, None)
    assert {one["name"]: one["failed"] for one in said["checks"]}["models"] == 0
    assert all(one["checked"] > 0 for one in said["checks"] if one["name"] in ("models", "sums", "vectors"))


def test_token_is_in_the_home_for_its_user_alone_and_gone_afterwards(play: Play) -> None:
    home = play.trainers[0].folder.root
    asked = wanted(rpc=play.hive.chain.url, hive=play.hive.contracts.hive.address, home=home)
    with put_together(asked, time.time) as made:
        file = home / TOKEN_FILE
        assert file.read_text().strip() == made.token
        assert file.stat().st_mode & 0o777 == 0o600
        assert made.token not in made.url
        assert made.problem is None
    assert not file.exists()


def test_latest_attempts_are_read_without_writing(play: Play, tmp_path: Any) -> None:
    path = tmp_path / "journal.sqlite"
    assert latest_attempts(path, 5) == []
    assert not path.exists()
    outbox = Outbox(path, 31337, "0x" + "11" * 20)
    for nonce in range(3):
        body = {"to": "0x", "data": "0x", "value": 0, "gas": 1}
        outbox.add(
            Attempt(0, f"update/1/{nonce}/0", "submitUpdate", nonce, bytes([nonce]) * 32, b"raw", body, Offer(1, 1),
                    State.OPEN, None, 5.0)
        )  # fmt: skip
    outbox.close()
    before = path.read_bytes()
    assert [one.nonce for one in latest_attempts(path, 2)] == [2, 1]
    assert path.read_bytes() == before
    assert json.dumps([one.purpose for one in latest_attempts(path, 1)]) == '["update/1/2/0"]'
