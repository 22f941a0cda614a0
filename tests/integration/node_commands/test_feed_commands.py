"""What sponsors, owners of monitors and those who ask do with a feed, through the command."""

from __future__ import annotations

import json
import re

import pytest

from anomalyhive.chain.feed_record import place_of
from anomalyhive.chain.rpc import request

from .hives import TOKEN, Command, Made
from .watching import RULES, Watched, on, record_of, subject


def test_fund_and_withdraw_move_what_they_say(command: Command, watched: Watched, sponsor: Made) -> None:
    shown = command("feed", "fund", "12.5", *on(watched, sponsor)).succeeded()
    assert "the feed has 62.5 tokens in escrow" in shown
    command("feed", "fund", "0", *on(watched, sponsor)).refused(2, "AMOUNT 0 tokens")
    command("feed", "withdraw", "63", *on(watched, sponsor)).refused(1, "62.5 tokens in escrow", "63 tokens")
    command("feed", "withdraw", "1", *on(watched, watched.monitors[0])).refused(1, "is sponsored by")
    command("feed", "withdraw", "2.5", *on(watched, sponsor)).succeeded()
    assert watched.feed.escrow() == 60 * TOKEN
    command("feed", "withdraw", *on(watched, sponsor)).succeeded()
    assert watched.feed.escrow() == 0
    command("feed", "fund", "1", *on(watched, watched.monitors[0])).refused(1, "has 0 tokens and is to give 1 token")


def test_status_shows_rules_money_posts_and_appeals(command: Command, watched: Watched, sponsor: Made) -> None:
    watched.say(1, 2)
    shown = command("feed", "status", *on(watched, sponsor)).succeeded()
    assert "2 monitors flag an address, of at most 3; stake: 1,000 tokens" in shown
    assert "escrow: 22 tokens; locked for alerts and votes: 28 tokens" in shown
    assert "once it stood for 2:46:40, and lives for 1 day, 3:46:40 at most" in shown
    assert "2 of 3 posts are held" in shown
    first, second = (one.number for one in watched.monitors)
    assert re.search(rf"0 0x[0-9a-fA-F]{{40}} {first} 2 0 0 0 0 1 0x[0-9a-fA-F]{{40}} {second} 2 0 0 0 0", shown)
    read = json.loads(command("feed", "status", "--json", *on(watched, sponsor)).succeeded())
    assert (read["escrow"], read["locked"], read["task"]) == (str(22 * TOKEN), str(28 * TOKEN), 1)
    assert read["rules"]["reward"] == str(7 * TOKEN)
    assert [(one["node"], one["posted"], one["unclaimed"]) for one in read["posts"]] == [
        (first, 2, "0"), (second, 2, "0"),
    ]  # fmt: skip
    assert read["appeals"] == []


def test_risk_and_alerts_say_what_the_monitors_say(command: Command, watched: Watched, sponsor: Made) -> None:
    watched.say(1)
    watched.say(2, posts=(0,))
    shown = command("feed", "risk", subject(1), *on(watched, sponsor)).succeeded()
    assert f"{subject(1)} is flagged" in shown
    assert "probability 80.00 %, category 2, model" in shown
    assert "live alerts: 2; 2 flag an address" in shown
    assert "is not flagged" in command("feed", "risk", subject(3).lower(), *on(watched, sponsor)).succeeded()
    read = json.loads(command("feed", "risk", subject(2), "--json", *on(watched, sponsor)).succeeded())
    assert (read["flagged"], read["probability"], read["monitors"]) == (False, 9_000, 1)
    assert [(one["post"], one["node"]) for one in read["alerts"]] == [(0, watched.monitors[0].number)]
    listed = command("feed", "alerts", *on(watched, sponsor)).succeeded()
    assert "addresses with live alerts: 2" in listed
    assert listed.index(subject(2)) < listed.index(subject(1))
    flagged = json.loads(command("feed", "alerts", "--flagged", "--json", *on(watched, sponsor)).succeeded())
    assert [(one["address"], one["monitors"]) for one in flagged] == [(subject(1), 2)]
    watched.pass_time(RULES.longest_seconds)
    assert "addresses with live alerts: 0" in command("feed", "alerts", *on(watched, sponsor)).succeeded()


@pytest.mark.parametrize(
    "address", ["0x12", "vitalik.eth", subject(1)[:-1] + "g", "0x" + subject(1)[2:].swapcase()], ids=len
)
def test_risk_of_what_is_no_address_names_it(command: Command, watched: Watched, sponsor: Made, address: str) -> None:
    command("feed", "risk", address, *on(watched, sponsor)).refused(2, "ADDRESS has", "no address")


def test_feed_that_is_none_or_is_not_known_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    hive = watched.play.hive.contracts.hive.address
    command("feed", "status", "--home", sponsor.home, "--feed", hive).refused(1, "no AlertFeed of this version", hive)
    command("feed", "status", "--home", sponsor.home).refused(2, "which feed", "has none", "--feed")
    command("feed", "status", "--home", sponsor.home, "--feed", "0x1").refused(2, "--feed has '0x1'")
    place_of(record_of(sponsor)).write_text("{}")
    command("feed", "status", "--home", sponsor.home).refused(1, str(place_of(record_of(sponsor))))


def test_feed_whose_code_is_another_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    web3 = watched.play.hive.web3
    code = bytearray(web3.eth.get_code(watched.feed.address))  # type: ignore[arg-type]
    code[4000] ^= 1
    request(web3, "anvil_setCode", [subject(9), "0x" + code.hex()])
    command("feed", "risk", subject(1), "--home", sponsor.home, "--feed", subject(9)).refused(
        1, f"{subject(9)} is no AlertFeed", "bytes of the code differ"
    )


def test_post_is_taken_refreshed_and_given_up(command: Command, watched: Watched) -> None:
    feed, (first, second) = watched.feed, watched.monitors
    assert f"node {first.number} is at post 0 already" in command("feed", "take-post", *on(watched, first)).succeeded()
    assert "give up post 0" in command("feed", "release-post", *on(watched, first)).succeeded()
    assert feed.post_of(first.number) is None
    command("feed", "release-post", *on(watched, first)).refused(1, "holds no post", "take-post")
    command("feed", "take-post", 1, *on(watched, first)).refused(1, "PostHeld")
    command("feed", "take-post", 2, *on(watched, first)).succeeded()
    assert feed.post_of(first.number) == 2
    command("feed", "release-post", *on(watched, first)).succeeded()
    assert "take post 0" in command("feed", "take-post", *on(watched, first)).succeeded()
    assert "tell post 0 of the operator" in command("feed", "refresh-post", *on(watched, first)).succeeded()
    command("feed", "free-post", 1, *on(watched, first)).refused(1, "NotFreeable")
    registry = watched.play.hive.contracts.registry
    second.owner.transact(registry.call("requestExit", second.number))
    assert "free post 1" in command("feed", "free-post", 1, *on(watched, first)).succeeded()
    assert feed.post(1).node == 0


def test_take_post_by_a_node_that_does_not_monitor_is_refused(command: Command, watched: Watched) -> None:
    command("feed", "take-post", *on(watched, watched.play.trainers[0])).refused(1, "takePost", "NotEligible")


def test_alerts_that_stood_are_settled_and_claimed_to_the_owner(command: Command, watched: Watched) -> None:
    feed, first, token = watched.feed, watched.monitors[0], watched.play.hive.contracts.token
    watched.say(1, 2)
    watched.say(3, posts=(0,))
    assert "that stood: 0, that did not: 0" in command("feed", "settle", *on(watched, first)).succeeded()
    assert "nothing to claim" in command("feed", "claim", *on(watched, first)).succeeded()
    watched.pass_time(RULES.stand_seconds + 1)
    shown = command("feed", "settle", *on(watched, first)).succeeded()
    assert f"settle alerts of node {first.number}: 3" in shown
    assert "alerts that stood: 2, that did not: 1 · to be claimed: 14 tokens" in shown
    before = token.balance(first.folder.owner_address())
    assert "14 tokens to 0x" in command("feed", "claim", *on(watched, first)).succeeded()
    assert token.balance(first.folder.owner_address()) - before == 14 * TOKEN
    assert feed.owed(watched.monitors[1].number) == 0


def test_retract_takes_the_nodes_alerts_back(command: Command, watched: Watched) -> None:
    first = watched.monitors[0]
    watched.say(1, 2)
    command("feed", "retract", subject(1), subject(3), *on(watched, first)).refused(1, f"no alert about {subject(3)}")
    assert (
        f"take back what post 0 said of {subject(1)}, {subject(2)}"
        in command("feed", "retract", subject(1), subject(2), *on(watched, first)).succeeded()
    )
    assert watched.feed.standing_of(first.number).retracted == 2
    assert not watched.feed.risk_of(subject(1)).flagged
