"""What a monitor does on a feed, on a real chain: everything once, whatever it is killed at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.chain.feeds import RULES, said, subject

from anomalyhive.chain.journaled import Pace
from anomalyhive.chain.rpc import request
from anomalyhive.chain.signer import new_key
from anomalyhive.errors import ChainFailure, NotMined
from anomalyhive.monitor.book import Book
from anomalyhive.node.monitoring.voice import LATER

from .posts import Desk

HASTY = Pace(stuck=60, repeat=60, wait=0.2, doubts=1)


@pytest.fixture
def posted(monitor: Desk) -> Desk:
    """A monitor at its post that has said 1 and 2."""
    monitor.write([monitor.alert(1), monitor.alert(2)])
    voice = monitor.voice()
    voice.turn()
    voice.turn()
    return monitor


@contextmanager
def nothing_mined(monitor: Desk) -> Iterator[None]:
    web3 = monitor.watched.place.web3
    request(web3, "evm_setAutomine", [False])
    try:
        yield
    finally:
        request(web3, "evm_setAutomine", [True])


def test_turn_takes_a_post_then_posts_what_the_watch_says(posted: Desk) -> None:
    assert posted.feed.post_of(posted.node) is not None
    assert posted.heard.failures == []
    entry = posted.feed.alert_of(subject(1), posted.feed.post_of(posted.node))
    assert (entry.node, entry.probability, entry.category, entry.round) == (posted.node, 9_000, 2, 1)
    assert len(posted.events("AlertPosted")) == 2
    # Both in one transaction, which is in the book.
    sent = {one.posted_tx for one in posted.voice().wishes.live().values()}
    assert sent == {"0x" + posted.events("AlertPosted")[0].transaction.hex()}


def test_turns_of_other_processes_do_nothing_more(posted: Desk) -> None:
    before = posted.watched.place.web3.eth.block_number
    for _ in range(3):
        posted.voice().turn()
    assert posted.watched.place.web3.eth.block_number == before


def test_quorum_of_monitors_flags(posted: Desk) -> None:
    watched, post = posted.watched, posted.feed.post_of(posted.node)
    other = next(one for one in range(RULES.posts) if one != post)
    watched.man(other)
    assert not posted.feed.risk_of(subject(1)).flagged
    watched.say(other, said(1, probability=8_000))
    risk = posted.feed.risk_of(subject(1))
    assert (risk.flagged, risk.probability, risk.monitors) == (True, 8_000, 2)


def test_alert_that_the_watch_withdraws_is_retracted_once(posted: Desk) -> None:
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.write(ended=[(one, "cleared")])
    for _ in range(2):
        posted.voice().turn()
    assert [event.values["subject"] for event in posted.events("AlertRetracted")] == [subject(1)]
    assert posted.feed.standing_of(posted.node).retracted == 1


def test_alert_of_a_block_that_the_chain_gave_up_is_retracted(posted: Desk) -> None:
    posted.book.roll_back(posted.number - 2, posted.feed.now())
    posted.voice().turn()
    assert {event.values["subject"] for event in posted.events("AlertRetracted")} == {subject(1), subject(2)}


def test_alert_that_comes_back_is_posted_anew(posted: Desk) -> None:
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.write(ended=[(one, "cleared")])
    posted.voice().turn()
    posted.write([posted.alert(1)])
    posted.voice().turn()
    assert len(posted.events("AlertPosted")) == 3


def test_empty_book_takes_nothing_back(posted: Desk, tmp_path: Path) -> None:
    fresh = desk_with_the_same_key(posted, tmp_path / "anew")
    fresh.voice().turn()
    assert posted.events("AlertRetracted") == []
    fresh.book.close()


def desk_with_the_same_key(former: Desk, path: Path) -> Desk:
    """A node whose folder was lost, but for the key."""
    path.mkdir()
    made = Desk(former.watched, Book.open(path / "watch", 1), path, former.key, former.clock, former.heard)
    made.book.begin(made.number)
    return made


def test_node_without_its_journal_posts_nothing_twice(posted: Desk, tmp_path: Path) -> None:
    fresh = desk_with_the_same_key(posted, tmp_path / "anew")
    fresh.write([fresh.alert(1), fresh.alert(3)])
    fresh.voice().turn()
    fresh.book.close()
    assert [event.values["subject"] for event in posted.events("AlertPosted")] == [subject(n) for n in (1, 2, 3)]


@pytest.mark.parametrize("more", [(), (2,)], ids=["same", "more"])
def test_kill_while_alerts_are_on_their_way_posts_them_once(monitor: Desk, more: tuple[int, ...]) -> None:
    monitor.voice().turn()
    monitor.write([monitor.alert(1)])
    with nothing_mined(monitor), pytest.raises(NotMined):
        monitor.voice(HASTY).turn()
    if more:
        monitor.write([monitor.alert(number) for number in more])
    request(monitor.watched.place.web3, "evm_mine", [])
    for _ in range(2):
        monitor.voice().turn()
    assert [one.values["subject"] for one in monitor.events("AlertPosted")] == [subject(n) for n in (1, *more)]


def test_kill_before_alerts_have_left_posts_them_once(monitor: Desk) -> None:
    web3 = monitor.watched.place.web3
    monitor.voice().turn()
    monitor.write([monitor.alert(1)])
    with nothing_mined(monitor):
        with pytest.raises(NotMined):
            monitor.voice(HASTY).turn()
        # What is in the journal, and in no node's memory.
        request(web3, "anvil_dropAllTransactions", [])
    monitor.write([monitor.alert(2)])
    for _ in range(2):
        monitor.voice().turn()
    assert [one.values["subject"] for one in monitor.events("AlertPosted")] == [subject(1), subject(2)]


def test_reorganisation_that_takes_the_posting_away_posts_it_again(monitor: Desk) -> None:
    web3 = monitor.watched.place.web3
    monitor.voice().turn()
    monitor.write([monitor.alert(1)])
    snapshot = request(web3, "evm_snapshot", [])
    voice = monitor.voice()
    voice.turn()
    assert len(monitor.events("AlertPosted")) == 1
    request(web3, "evm_revert", [snapshot])
    assert monitor.events("AlertPosted") == []
    voice.gear.signer.settle()
    voice.turn()
    assert len(monitor.events("AlertPosted")) == 1


def test_alert_that_is_about_to_be_over_is_renewed(posted: Desk) -> None:
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.watched.pass_time(4_000)
    posted.write([posted.alert(1, expires_at=one.expires_at + 6_000)], [(one, "renewed")])
    for _ in range(2):
        posted.voice().turn()
    entry = posted.feed.alert_of(subject(1), posted.feed.post_of(posted.node))
    assert entry.expiry == one.expires_at + 6_000
    assert posted.feed.standing_of(posted.node).posted == 2


def test_alert_with_much_life_left_is_not_renewed(posted: Desk) -> None:
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.write([posted.alert(1, expires_at=one.expires_at + 6_000)], [(one, "renewed")])
    posted.voice().turn()
    assert len(posted.events("AlertPosted")) == 2


def test_alert_that_is_over_in_no_time_is_not_posted(monitor: Desk) -> None:
    now = monitor.feed.now()
    monitor.write([monitor.alert(1, raised_at=now - 100, expires_at=now + 5)])
    for _ in range(2):
        monitor.voice().turn()
    assert monitor.events("AlertPosted") == []


@pytest.mark.parametrize(("category", "index"), [("unknown", 2), ("mixer", 4)])
def test_category_that_the_feed_does_not_know_is_0(monitor: Desk, category: str, index: int) -> None:
    monitor.write([monitor.alert(1, category=category, category_index=index)])
    for _ in range(2):
        monitor.voice().turn()
    assert monitor.feed.alert_of(subject(1), monitor.feed.post_of(monitor.node)).category == 0


def test_alert_that_stood_is_settled_and_claimed_for_the_owner(posted: Desk) -> None:
    watched, post = posted.watched, posted.feed.post_of(posted.node)
    other = next(one for one in range(RULES.posts) if one != post)
    watched.man(other)
    watched.say(other, said(1))
    posted.voice(claim_at=1).turn()
    assert posted.events("AlertSettled") == []
    watched.pass_time(RULES.stand_seconds + 2)
    for _ in range(2):
        posted.voice(claim_at=1).turn()
    assert {(one.values["subject"], one.values["stood"]) for one in posted.events("AlertSettled")} == {
        (subject(1), True), (subject(2), False),
    }  # fmt: skip
    assert [one.values["amount"] for one in posted.events("Claimed")] == [RULES.reward]
    assert watched.place.contracts.token.balance(posted.signer().address) == RULES.reward


def test_claim_waits_until_enough_is_owed(posted: Desk) -> None:
    watched, post = posted.watched, posted.feed.post_of(posted.node)
    other = next(one for one in range(RULES.posts) if one != post)
    watched.man(other)
    watched.say(other, said(1))
    watched.pass_time(RULES.stand_seconds + 2)
    posted.voice(claim_at=RULES.reward + 1).turn()
    assert (posted.events("Claimed"), posted.feed.owed(posted.node)) == ([], RULES.reward)


def test_alert_under_appeal_is_settled_when_that_is_over(posted: Desk) -> None:
    watched, post, feed = posted.watched, posted.feed.post_of(posted.node), posted.feed
    other = next(one for one in range(RULES.posts) if one != post)
    watched.man(other)
    watched.say(other, said(1))
    watched.place.contracts.token.approve(watched.place.sponsor, feed.address, RULES.bond)
    appeal = feed.appeal(watched.place.sponsor, subject(1), b"\x01" * 32)
    watched.pass_time(RULES.stand_seconds + 2)
    voice = posted.voice()
    voice.turn()
    assert [one.values["subject"] for one in posted.events("AlertSettled")] == [subject(2)]
    before = watched.place.web3.eth.block_number
    voice.turn()
    assert watched.place.web3.eth.block_number == before
    watched.pass_time(RULES.vote_seconds + RULES.reveal_seconds)
    feed.decide(watched.place.sponsor, appeal)
    posted.clock.time += LATER + 1
    voice.turn()
    assert len(posted.events("AlertSettled")) == 2


def test_post_that_is_wanted_is_taken_and_no_other(monitor: Desk) -> None:
    monitor.wanted = 2
    monitor.voice().turn()
    assert monitor.feed.post_of(monitor.node) == 2


@pytest.mark.parametrize("wanted", [None, 1])
def test_post_that_others_hold_is_waited_for(monitor: Desk, wanted: int | None) -> None:
    monitor.watched.man(0, 1, 2)
    monitor.wanted = wanted
    voice = monitor.voice()
    with pytest.raises(ChainFailure, match="held by others"):
        voice.turn()
    voice.turn()  # does not ask again at once
    monitor.feed.release_post(monitor.watched.monitors[1], 1)
    monitor.clock.time += LATER
    voice.turn()
    assert monitor.feed.post_of(monitor.node) == 1


def test_post_is_told_of_a_rotated_operator(posted: Desk) -> None:
    place, owner, key = posted.watched.place, posted.signer(), new_key()
    node = posted.node
    posted.key = key
    operator = posted.signer().address
    place.chain.fund(operator, 10**19)
    owner.transact(place.contracts.registry.call("rotateOperator", node, operator))
    posted.write([posted.alert(3)])
    for _ in range(2):
        posted.voice().turn()
    assert posted.feed.post(posted.feed.post_of(node)).operator == operator
    assert len(posted.events("AlertPosted")) == 3


def test_subject_that_an_appeal_took_off_is_not_posted_again(posted: Desk) -> None:
    watched, post, feed = posted.watched, posted.feed.post_of(posted.node), posted.feed
    other = next(one for one in range(RULES.posts) if one != post)
    watched.man(other)
    watched.say(other, said(1))
    watched.place.contracts.token.approve(watched.place.sponsor, feed.address, RULES.bond)
    watched.vote(feed.appeal(watched.place.sponsor, subject(1), b"\x01" * 32), False, False)
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.write([posted.alert(1, expires_at=feed.now() + 5_000)], [(one, "renewed")])
    posted.voice().turn()
    ours = [one for one in posted.events("AlertPosted") if one.values["node"] == posted.node]
    assert [one.values["subject"] for one in ours] == [subject(1), subject(2)]
    assert posted.heard.failures == []


def test_role_that_rests_begins_nothing_and_takes_back_what_does_not_hold(posted: Desk) -> None:
    one = posted.voice().wishes.live()[subject(1)].alert
    posted.write([posted.alert(3)], [(one, "cleared")])
    posted.voice().turn(resting=True)
    assert [len(posted.events(name)) for name in ("AlertPosted", "AlertRetracted")] == [2, 1]


def test_role_that_rests_takes_no_post(monitor: Desk) -> None:
    assert not monitor.voice().turn(resting=True)
    assert monitor.feed.post_of(monitor.node) is None


def test_zero_address_is_never_posted(monitor: Desk) -> None:
    monitor.write([monitor.alert(1, address="0x" + "0" * 40), monitor.alert(2)])
    for _ in range(2):
        monitor.voice().turn()
    assert [one.values["subject"] for one in monitor.events("AlertPosted")] == [subject(2)]
