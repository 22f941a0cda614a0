"""The client of a feed on a real chain, and the feed's state as its events tell it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import FeedPlan, deploy_feed, feed_at
from anomalyhive.chain.feed_folding import fold_feed
from anomalyhive.chain.feed_views import LATEST, Monitor, Outcome, Risk, Said, Standing
from anomalyhive.chain.rpc import request
from anomalyhive.chain.verification import deployment_at
from anomalyhive.errors import BadInput, ChainFailure, Reverted

from .conftest import TOKEN, Place
from .feeds import EVIDENCE, FUNDS, MODEL, RULES, Watched, said, subject, watch

NOTHING = Risk(False, False, 0, 0, 0, 0, bytes(32))


@pytest.fixture
def watched(anvil: Place) -> Watched:
    """A feed whose posts 0 and 1 are manned."""
    made = watch(anvil)
    made.man(0, 1)
    return made


def agrees(watched: Watched) -> None:
    """The events say what the contract says: posts, alerts, appeals, records and every token."""
    feed, book = watched.feed, watched.feed.book()
    assert book.rules == feed.rules()
    assert (book.escrow, book.locked, book.unburned) == (feed.escrow(), feed.locked(), feed.unburned())
    for post in range(RULES.posts):
        assert book.posts.get(post, Monitor("0x" + "00" * 20, 0, 0)) == feed.post(post)
    for (about, post), entry in book.entries.items():
        assert entry == feed.alert_of(about, post)
        assert (feed.posts_on(about) >> post & 1 == 0) is ((about, post) in book.gone)
    assert {term: feed.term_end(term) for term in range(1, book.terms + 1)} == {
        term: book.ended.get(term, 0) for term in range(1, book.terms + 1)
    }
    for signer in (*watched.monitors, *watched.validators):
        node = watched.number(signer)
        assert book.owed.get(node, 0) == feed.owed(node)
        assert book.standings.get(node, Standing(0, 0, 0, 0)) == feed.standing_of(node)
    assert len(book.appeals) == feed.appeal_count()
    for number, one in book.appeals.items():
        assert one == feed.appeal_state(number)
        assert book.bonds.get(one.appellant, 0) == feed.bonds(one.appellant)
    for round_, model in book.models.items():
        assert model == feed.model_of(round_)


def test_deploy_feed_again_finds_the_same_and_another_salt_makes_another(watched: Watched) -> None:
    place, feed = watched.place, watched.feed
    sent = place.web3.eth.get_transaction_count(place.sponsor.address)  # type: ignore[arg-type]
    again = deploy_feed(place.sponsor, feed.hive(), feed.task(), RULES)
    assert (again.address, again.deployed_in) == (feed.address, feed.deployed_in)
    assert place.web3.eth.get_transaction_count(place.sponsor.address) == sent  # type: ignore[arg-type]
    other = deploy_feed(place.sponsor, feed.hive(), feed.task(), RULES, b"\x01" * 32)
    assert other.address == FeedPlan(feed.hive(), feed.task(), RULES, b"\x01" * 32).address != feed.address
    assert (feed.rules(), feed.hive(), feed.escrow()) == (RULES, place.contracts.hive.address, FUNDS)


def test_deploy_feed_under_refused_rules_says_which_and_sends_nothing(anvil: Place) -> None:
    task = anvil.task()
    sent = anvil.web3.eth.get_transaction_count(anvil.sponsor.address)  # type: ignore[arg-type]
    with pytest.raises(Reverted) as refused:
        deploy_feed(anvil.sponsor, anvil.contracts.hive.address, task, replace(RULES, quorum=4, vote_reward=0))
    assert (refused.value.error, refused.value.values) == ("InvalidRules", {"rule": "quorum", "value": 4})
    with pytest.raises(Reverted, match="UnknownTask"):
        deploy_feed(anvil.sponsor, anvil.contracts.hive.address, 999, RULES)
    assert anvil.web3.eth.get_transaction_count(anvil.sponsor.address) == sent  # type: ignore[arg-type]


def test_deploy_feed_without_the_proxy_says_where_it_comes_from(ganache: Place) -> None:
    with pytest.raises(ChainFailure, match=r"no deployment proxy at 0x4e59.*scripts/deploy.py"):
        deploy_feed(ganache.sponsor, ganache.contracts.hive.address, ganache.task(), RULES)


def test_feed_at_an_address_is_the_feed_and_nothing_else(watched: Watched) -> None:
    web3, feed = watched.place.web3, watched.feed
    deployment = deployment_at(web3, feed.hive())
    found = feed_at(web3, feed.address.lower(), deployment)
    assert (found.address, found.deployed_in) == (feed.address, feed.deployed_in)
    for address in (feed.hive(), subject(1)):
        with pytest.raises(ChainFailure, match="no AlertFeed of this version"):
            feed_at(web3, address, deployment)
    stranger = replace(deployment, hive=subject(7))
    with pytest.raises(ChainFailure, match=rf"no AlertFeed of hive {subject(7)}: immutable hive is"):
        feed_at(web3, feed.address, stranger)


def test_feed_at_code_with_one_byte_changed_is_refused(watched: Watched) -> None:
    web3, feed = watched.place.web3, watched.feed
    code = bytearray(web3.eth.get_code(feed.address))  # type: ignore[arg-type]
    code[5000] ^= 1
    request(web3, "anvil_setCode", [subject(99), "0x" + code.hex()])
    with pytest.raises(ChainFailure, match="bytes of the code differ"):
        feed_at(web3, subject(99), deployment_at(web3, feed.hive()), 0)


def test_risk_of_an_address_is_what_the_live_alerts_come_to(watched: Watched) -> None:
    feed = watched.feed
    assert feed.risk_of(subject(1)) == NOTHING
    watched.say(0, said(probability=9_000, category=2))
    first = feed.alert_of(subject(1), 0)
    assert feed.risk_of(subject(1)) == Risk(False, False, 9_000, 2, 1, 0, MODEL)
    watched.say(1, said(probability=7_000, category=3))
    assert feed.risk_of(subject(1).lower()) == Risk(True, False, 7_000, 2, 2, first.expiry, MODEL)
    assert first.expiry == first.since + RULES.longest_seconds
    assert list(feed.book().live(first.since)) == [
        (subject(1), 0, first),
        (subject(1), 1, feed.alert_of(subject(1), 1)),
    ]
    agrees(watched)


def test_post_alerts_in_batches_says_what_counted_and_what_did_not(watched: Watched) -> None:
    feed, monitor = watched.feed, watched.monitors[0]
    gone = [said(number, expiry=1) for number in (7, 8)]
    posted = feed.post_alerts(monitor, 0, 1, [said(1), said(2), said(3), *gone, said(1, 5_000)], batch=2)
    # The batches: two that count, one of which one counts, one that renews; 7 and 8 have expired.
    assert [subject for subject, _ in posted.counted] == [subject(1), subject(2), subject(3), subject(1)]
    assert posted.skipped == (subject(7), subject(8))
    assert [mined.function for mined in posted.mined] == ["postAlerts"] * 3
    assert feed.alert_of(subject(1), 0).probability == 5_000
    assert feed.standing_of(watched.number(monitor)).posted == 3
    only = feed.post_alerts(monitor, 0, 1, gone)
    assert (only.mined, only.counted, only.skipped) == ((), (), (subject(7), subject(8)))
    agrees(watched)


def test_post_alerts_that_the_feed_takes_from_nobody_is_refused_in_words(watched: Watched) -> None:
    feed, monitor = watched.feed, watched.monitors[0]
    with pytest.raises(Reverted) as refused:
        feed.post_alerts(monitor, 0, 1, [said(category=4)])
    assert refused.value.error == "UnknownCategory"
    assert refused.value.values == {"subject": subject(1).lower(), "category": 4}
    with pytest.raises(Reverted, match=r"NotFinal\(round=2\)"):
        feed.post_alerts(monitor, 0, 2, [said()])
    with pytest.raises(Reverted, match="NotOperator"):
        feed.post_alerts(monitor, 1, 1, [said()])
    with pytest.raises(BadInput, match="nothing to post"):
        feed.post_alerts(monitor, 0, 1, [])


@pytest.mark.parametrize(
    "wrong",
    [
        ("0x12", 1, 0, 1),
        ("0x" + "00" * 20, 1, 0, 1),
        (subject(1), 0, 0, 1),
        (subject(1), 10_001, 0, 1),
        (subject(1), 1, 256, 1),
        (subject(1), 1, 0, 0),
        (subject(1), 1, 0, LATEST + 1),
    ],
)
def test_said_of_what_no_feed_takes_is_refused(wrong: tuple[str, int, int, int]) -> None:
    with pytest.raises(BadInput):
        Said(*wrong)


def test_reads_of_what_is_no_address_are_refused(watched: Watched) -> None:
    mistyped = subject(1)[:-1] + "g"
    with pytest.raises(BadInput, match="is no address"):
        watched.feed.risk_of(mistyped)


def test_posts_are_taken_given_up_and_freed(watched: Watched) -> None:
    feed, registry = watched.feed, watched.place.contracts.registry
    node = watched.number(watched.monitors[0])
    assert (feed.post_of(node), feed.post(0).node, feed.post(2).node) == (0, node, 0)
    with pytest.raises(Reverted, match="PostHeld"):
        feed.take_post(watched.monitors[2], 0)
    feed.refresh_post(watched.place.sponsor, 0)
    feed.release_post(watched.monitors[0], 0)
    assert (feed.post_of(node), feed.post(0).node) == (None, 0)
    with pytest.raises(Reverted, match="NotFreeable"):
        feed.free_post(watched.place.sponsor, 1)
    leaving = watched.monitors[1]
    leaving.transact(registry.call("requestExit", watched.number(leaving)))
    feed.free_post(watched.place.sponsor, 1)
    watched.man(2)
    assert feed.post(1).node == 0
    agrees(watched)


def test_alert_that_stood_is_settled_and_claimed_once(watched: Watched) -> None:
    feed, token = watched.feed, watched.place.contracts.token
    watched.say(0)
    watched.say(1)
    assert (feed.escrow(), feed.locked()) == (FUNDS - 14 * TOKEN, 14 * TOKEN)
    watched.pass_time(RULES.stand_seconds + 1)
    feed.settle(watched.place.sponsor, 0, [subject(1)])
    first, second = (watched.number(one) for one in watched.monitors[:2])
    assert (feed.owed(first), feed.owed(second)) == (7 * TOKEN, 0)
    feed.claim(watched.place.sponsor, first)
    assert token.balance(watched.monitors[0].address) == 7 * TOKEN
    with pytest.raises(Reverted, match="NothingToClaim"):
        feed.claim(watched.place.sponsor, first)
    paid_until = feed.past_of(subject(1), first).paid_until
    assert paid_until == feed.alert_of(subject(1), 0).since + RULES.longest_seconds
    feed.withdraw_escrow(watched.place.sponsor, feed.escrow())
    agrees(watched)


def test_retract_takes_an_alert_back(watched: Watched) -> None:
    feed, node = watched.feed, watched.number(watched.monitors[0])
    watched.say(0, said(1), said(2))
    feed.retract(watched.monitors[0], node, 0, [subject(1)])
    assert (feed.standing_of(node), feed.locked()) == (Standing(2, 0, 1, 0), 7 * TOKEN)
    with pytest.raises(Reverted, match="NoAlert"):
        feed.retract(watched.monitors[0], node, 0, [subject(1)])
    agrees(watched)


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ((False, False, True), Outcome.OVERTURNED),
        ((True, True, False), Outcome.UPHELD),
        ((True, False), Outcome.UNDECIDED),
    ],
)
def test_appeal_goes_as_the_seats_vote(watched: Watched, votes: tuple[bool, ...], outcome: Outcome) -> None:
    feed, token, sponsor = watched.feed, watched.place.contracts.token, watched.place.sponsor
    watched.say(0)
    watched.say(1)
    before, supply = token.balance(sponsor.address), token.supply()
    number = feed.appeal(sponsor, subject(1), EVIDENCE)
    assert (number, feed.appeal_on(subject(1)), feed.risk_of(subject(1)).appealed) == (1, 1, True)
    assert before - token.balance(sponsor.address) == RULES.bond
    agrees(watched)
    watched.vote(number, *votes)
    state = feed.appeal_state(number)
    assert (state.outcome, state.subject, state.appellant) == (outcome, subject(1), sponsor.address)
    assert feed.risk_of(subject(1)).flagged is (outcome is not Outcome.OVERTURNED)
    assert feed.bonds(sponsor.address) == (0 if outcome is Outcome.UPHELD else RULES.bond)
    assert supply - token.supply() == (RULES.bond if outcome is Outcome.UPHELD else 0)
    owed = [feed.owed(watched.number(one)) for one in watched.validators]
    decisive = outcome is not Outcome.UNDECIDED
    assert owed == [2 * TOKEN, 2 * TOKEN, 0] if decisive else owed == [0, 0, 0]
    assert (feed.appealable_at(subject(1)) == 0) is (outcome is Outcome.OVERTURNED)
    agrees(watched)
    if outcome is not Outcome.UPHELD:
        feed.fetch_bonds(sponsor, sponsor.address)
        assert feed.bonds(sponsor.address) == 0
        agrees(watched)


def test_appeal_against_no_flag_is_refused(watched: Watched) -> None:
    with pytest.raises(Reverted, match="NotFlagged"):
        watched.feed.appeal(watched.place.sponsor, subject(1), EVIDENCE)
    with pytest.raises(Reverted, match="UnknownAppeal"):
        watched.feed.appeal_state(1)


def test_book_of_events_with_one_missing_is_refused(watched: Watched) -> None:
    watched.say(0)
    events = watched.feed.events()
    with pytest.raises(ChainFailure, match="never made"):
        fold_feed(events[1:], {})
    with pytest.raises(ChainFailure, match="not even its making"):
        fold_feed([], {})
    watched.feed.retract(watched.monitors[0], watched.number(watched.monitors[0]), 0, [subject(1)])
    kept = [one for one in watched.feed.events() if one.name != "AlertPosted"]
    with pytest.raises(ChainFailure, match="AlertSettled of what never came to be"):
        fold_feed(kept, {})


def test_client_of_what_is_no_feed_says_so(anvil: Place) -> None:
    with pytest.raises(ChainFailure, match="there is no AlertFeed of this version"):
        FeedClient(anvil.web3, subject(1)).escrow()
