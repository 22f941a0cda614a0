"""A feed by a signer that survives: what is asked for after a kill is done once, and nothing else is taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import deploy_feed
from anomalyhive.chain.journaled import Pace
from anomalyhive.chain.purposes import feed_of, is_once, purpose_of
from anomalyhive.chain.rpc import request
from anomalyhive.chain.views import Role
from anomalyhive.errors import NotMined

from .conftest import TOKEN, Place
from .feeds import DIGEST, RULES, finished, said, subject
from .test_journaled import Book, book

HASTY = Pace(stuck=60, repeat=60, wait=0.2, doubts=1)


@pytest.fixture
def kept(anvil: Place, tmp_path: Path) -> Book:
    """The journal of an operator whose node monitors."""
    made, contracts = book(anvil, tmp_path), anvil.contracts
    signer = made.signer()
    contracts.token.send(anvil.sponsor, signer.address, TOKEN)
    contracts.token.approve(signer, contracts.registry.address, TOKEN)
    contracts.registry.register(signer, signer.address, int(Role.MONITOR), TOKEN)
    return made


@pytest.fixture
def feed(kept: Book) -> FeedClient:
    """A feed at whose post 0 the node is; the operator's own transaction made it."""
    task, _ = finished(kept.place)
    made = deploy_feed(kept.signer(), kept.place.contracts.hive.address, task, RULES)
    made.take_post(kept.signer(), 0)
    return made


def test_deploy_feed_by_a_journaled_signer_is_in_its_journal(kept: Book, feed: FeedClient) -> None:
    purposes = [purpose for _, purpose in kept.told]
    assert purposes[-2:] == [f"deployFeed/{feed.task()}", f"takePost/{feed.address.lower()}/0"]


def test_post_alerts_after_a_kill_posts_what_is_asked_for_and_what_was_on_its_way(kept: Book, feed: FeedClient) -> None:
    web3 = kept.place.web3
    request(web3, "evm_setAutomine", [False])
    try:
        with pytest.raises(NotMined):
            feed.post_alerts(kept.signer(pace=HASTY), 0, 1, [said(1)])
    finally:
        request(web3, "evm_setAutomine", [True])
    request(web3, "evm_mine", [])
    posted = feed.post_alerts(kept.signer(), 0, 1, [said(2)])
    assert [about for about, _ in posted.counted] == [subject(2)]
    assert [feed.alert_of(subject(n), 0).node > 0 for n in (1, 2, 3)] == [True, True, False]


def test_post_alerts_after_a_kill_of_the_same_batch_sends_it_once(kept: Book, feed: FeedClient) -> None:
    web3 = kept.place.web3
    request(web3, "evm_setAutomine", [False])
    try:
        with pytest.raises(NotMined):
            feed.post_alerts(kept.signer(pace=HASTY), 0, 1, [said(1)])
    finally:
        request(web3, "evm_setAutomine", [True])
    request(web3, "evm_mine", [])
    before = kept.nonce
    posted = feed.post_alerts(kept.signer(), 0, 1, [said(1)])
    assert ([about for about, _ in posted.counted], kept.nonce) == ([subject(1)], before)
    # Once it is known what became of it, the same again is a renewal.
    feed.post_alerts(kept.signer(), 0, 1, [said(1)])
    assert kept.nonce == before + 1


def test_purpose_of_a_vote_is_of_its_feed_and_of_one_vote(kept: Book, feed: FeedClient) -> None:
    where = feed.address.lower()
    vote = feed.call("commitVote", 4, 2, DIGEST)
    shown = feed.call("revealVote", 4, 2, 7, True, DIGEST)
    purposes = [purpose_of(str(one.fn_name), tuple(one.args), feed_of(one)) for one in (vote, shown)]
    assert purposes == [f"vote/{where}/4/2", f"vote-shown/{where}/4/2"]
    assert all(map(is_once, purposes))
    other = FeedClient(kept.place.web3, subject(5)).call("commitVote", 4, 2, DIGEST)
    assert purpose_of("commitVote", tuple(other.args), feed_of(other)) != purposes[0]


def test_purpose_of_a_function_that_the_hive_has_too_is_not_the_hives(kept: Book, feed: FeedClient) -> None:
    hive = kept.place.contracts.hive
    for function, arguments, others in (
        ("claim", (3,), (3, [])),
        ("fund", (3,), (3, 1)),
        ("withdrawEscrow", (3,), (3, 1)),
    ):
        ours, theirs = feed.call(function, *arguments), hive.call(function, *others)
        assert (feed_of(ours), feed_of(theirs)) == (feed.address, "")
        assert purpose_of(function, arguments, feed_of(ours)) != purpose_of(function, others, feed_of(theirs))
    assert not is_once(purpose_of("postAlerts", (0, 1, []), feed.address))
