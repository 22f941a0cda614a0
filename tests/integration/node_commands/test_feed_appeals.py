"""What appellants and validators do about an appeal, through the command."""

from __future__ import annotations

import re

from anomalyhive.chain.feed_views import LATEST, Outcome, Said
from anomalyhive.chain.views import Role

from .hives import Command, Made
from .watching import FUNDS, RULES, Watched, on, subject


def appealed(command: Command, watched: Watched, who: Made) -> None:
    """The sponsor appeals for subject 1, which two monitors have flagged."""
    watched.say(1)
    evidence = who.home / "evidence.txt"
    evidence.write_text("this address is an exchange's")
    shown = command("feed", "appeal", subject(1), "--evidence", evidence, *on(watched, who)).succeeded()
    assert "this is appeal 1: votes until" in shown


def test_appeal_is_voted_about_shown_and_decided_by_the_same_commands_again(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    feed, validators = watched.feed, watched.play.validators
    appealed(command, watched, sponsor)
    command("feed", "vote", 2, "uphold", *on(watched, validators[0])).refused(1, "has no appeal 2", "feed status")
    command("feed", "decide", 2, *on(watched, sponsor)).refused(1, "has no appeal 2", "feed status")
    command("feed", "vote", 1, *on(watched, validators[0])).refused(2, "which side")
    command("feed", "vote", 1, "yes", *on(watched, validators[0])).refused(2, "'yes' is neither uphold")
    for made in validators[:2]:
        shown = command("feed", "vote", 1, "overturn", *on(watched, made)).succeeded()
        assert "unseen" in shown
        assert "call this again from" in shown
    # Too early to show; and it is not voted twice, nor changed.
    height = watched.play.hive.web3.eth.block_number
    assert "call this again from" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    command("feed", "vote", 1, "uphold", *on(watched, validators[0])).refused(2, "has committed to overturn")
    assert watched.play.hive.web3.eth.block_number == height
    command("feed", "decide", 1, *on(watched, sponsor)).refused(1, "can be decided from")
    status = command("feed", "status", *on(watched, sponsor)).succeeded()
    assert re.search(rf"1 {subject(1)} votes until [0-9 :-]+ UTC 2 0 0", status)
    watched.pass_time(RULES.vote_seconds)
    command("feed", "vote", 1, "uphold", *on(watched, validators[2])).refused(1, "were to be committed until")
    for made in validators[:2]:
        shown = command("feed", "vote", 1, *on(watched, made)).succeeded()
        assert "show the vote of seat" in shown
    assert "has shown its vote" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    watched.pass_time(RULES.reveal_seconds)
    assert "appeal 1 is overturned" in command("feed", "decide", 1, *on(watched, sponsor)).succeeded()
    assert "appeal 1 is overturned" in command("feed", "decide", 1, *on(watched, sponsor)).succeeded()
    assert "is decided: overturned" in command("feed", "vote", 1, *on(watched, validators[0])).succeeded()
    assert not feed.risk_of(subject(1)).flagged
    assert "9 tokens to" in command("feed", "bonds", *on(watched, sponsor)).succeeded()
    assert "no bond" in command("feed", "bonds", *on(watched, sponsor)).succeeded()
    assert "2 tokens to" in command("feed", "claim", *on(watched, validators[0])).succeeded()


def test_vote_that_was_committed_is_shown_though_the_journal_is_lost(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    feed, made = watched.feed, watched.play.validators[0]
    appealed(command, watched, sponsor)
    command("feed", "vote", 1, "uphold", *on(watched, made)).succeeded()
    for file in made.home.glob("journal.sqlite*"):
        file.unlink()
    watched.pass_time(RULES.vote_seconds)
    assert "show the vote of seat 0: uphold" in command("feed", "vote", 1, *on(watched, made)).succeeded()
    assert feed.appeal_state(1).upholding == 1
    watched.pass_time(RULES.reveal_seconds)
    command("feed", "decide", 1, *on(watched, made)).succeeded()
    assert feed.appeal_state(1).outcome is Outcome.UNDECIDED


def test_vote_of_another_homes_salt_is_not_shown(command: Command, watched: Watched, sponsor: Made) -> None:
    feed, made, other = watched.feed, *watched.play.validators[:2]
    appealed(command, watched, sponsor)
    hidden = feed.vote_hash(1, 0, made.number, True, b"\x01" * 32)
    feed.commit_vote(made.operator, 1, 0, hidden)
    watched.pass_time(RULES.vote_seconds)
    command("feed", "vote", 1, *on(watched, made)).refused(1, "not made with the salt of this home")
    command("feed", "vote", 1, "uphold", *on(watched, other)).refused(1, "were to be committed until")


def test_vote_without_a_seat_is_refused(command: Command, watched: Watched, sponsor: Made) -> None:
    appealed(command, watched, sponsor)
    command("feed", "vote", 1, "uphold", *on(watched, watched.monitors[0])).refused(1, "holds no seat in task 1")
    command("feed", "vote", 7, "uphold", *on(watched, watched.play.validators[0])).refused(
        1, "has no appeal 7", "feed status"
    )


def test_vote_that_the_feed_takes_from_nobody_there_says_why(command: Command, watched: Watched, sponsor: Made) -> None:
    (own, late), contracts = watched.play.validators[:2], watched.play.hive.contracts
    own.owner.transact(contracts.registry.call("setRoles", own.number, int(Role.VALIDATE | Role.MONITOR)))
    watched.feed.take_post(own.operator, 2)
    watched.feed.post_alerts(own.operator, 2, 1, [Said(subject(1), 9_000, 2, LATEST)])
    late.owner.transact(contracts.hive.call("releaseSeat", 1, 1))
    contracts.hive.take_seat(late.operator, 1, 1)
    appealed(command, watched, sponsor)
    told = f"no vote about appeal 1: node {own.number} has an alert about this address itself"
    command("feed", "vote", 1, "uphold", *on(watched, own)).refused(1, told)
    command("feed", "vote", 1, "uphold", *on(watched, late)).refused(1, "no vote about appeal 1: seat 1", "too late")
    assert watched.feed.appeal_state(1).committed == 0


def test_appeal_that_cannot_be_is_refused_before_anything_is_approved(
    command: Command, watched: Watched, sponsor: Made
) -> None:
    height = watched.play.hive.web3.eth.block_number
    refused = command("feed", "appeal", subject(1), "--evidence", "0x" + "11" * 32, *on(watched, sponsor))
    refused.refused(1, f"{subject(1)} is not flagged")
    for evidence, words in (("00" * 32, "zeros"), ("nothing.txt", "neither a file nor a digest")):
        command("feed", "appeal", subject(1), "--evidence", evidence, *on(watched, sponsor)).refused(2, words)
    assert watched.play.hive.web3.eth.block_number == height
    appealed(command, watched, sponsor)
    again = command("feed", "appeal", subject(1), "--evidence", "11" * 32, *on(watched, sponsor))
    again.refused(1, f"appeal 1 about {subject(1)} is open")
    poor = watched.monitors[0]
    watched.say(2)
    short = command("feed", "appeal", subject(2), "--evidence", "11" * 32, *on(watched, poor))
    short.refused(1, "has 0 tokens and is to give 9 tokens")
    assert watched.feed.escrow() == FUNDS - 4 * RULES.reward - 3 * RULES.vote_reward
