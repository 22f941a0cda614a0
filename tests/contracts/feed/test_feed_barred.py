"""No alert gets past an appeal: what is overturned, under appeal or taken back under it is not simply posted again."""

from __future__ import annotations

import pytest
from refusals import refused
from watch import BAD, FOREVER, MONITOR, RULES, Watch, subject

from rehearsal import Rehearsal


def test_post_about_what_was_overturned_is_barred_to_the_second(watch: Watch) -> None:
    watch.flag()
    watch.overturn()
    zero = watch.monitors[0]
    end = watch.clock.now + RULES.longest_seconds
    assert watch.feed.pastOf(BAD, zero.number)[0] == end
    with refused("NothingPosted", 1):
        watch.say(0, at=end - 1)
    watch.say(0, at=end)
    assert watch.standing(0) == (2, 0, 0, 1)


def test_bar_is_the_nodes_at_whatever_post_and_not_its_successors(watch: Watch, rehearsal: Rehearsal) -> None:
    watch.flag()
    watch.overturn()
    zero, heir = watch.monitors[0], rehearsal.register(MONITOR)
    watch.feed.releasePost(0, {"from": zero.operator})
    watch.feed.takePost(3, {"from": zero.operator})
    watch.feed.takePost(0, {"from": heir.operator})
    with refused("NothingPosted", 1):
        watch.say(3, by=zero)
    watch.say(0, by=heir)
    assert watch.entry(0)["node"] == heir.number


def test_renewal_while_an_appeal_is_open(watch: Watch) -> None:
    start = watch.flag()
    watch.appeal()
    watch.say(0, at=start + 100)
    assert (watch.entry(0)["since"], watch.entry(0)["expiry"]) == (start, start + 100 + RULES.longest_seconds)


def test_other_monitors_may_join_while_an_appeal_is_open(watch: Watch) -> None:
    watch.flag()
    watch.appeal()
    watch.say(2)
    assert watch.risk()["monitors"] == 3


def test_retraction_while_an_appeal_is_open_bars_as_if_overturned(watch: Watch) -> None:
    watch.flag()
    number = watch.appeal()
    zero = watch.monitors[0]
    watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})
    end = watch.clock.now + RULES.longest_seconds
    with refused("NothingPosted", 1):
        watch.say(0)
    watch.decide(number, {0: False, 1: False})
    assert (watch.standing(0), watch.standing(1)) == ((1, 0, 1, 0), (1, 0, 0, 1))
    with refused("NothingPosted", 1):
        watch.say(0, at=end - 1)
    watch.say(0, at=end)


@pytest.mark.parametrize("paid", [True, False], ids=["locked", "not locked"])
def test_alert_that_expires_under_appeal_is_not_posted_anew_before_the_decision(
    empty: Watch, watch: Watch, paid: bool
) -> None:
    if not paid:
        watch.feed.withdrawEscrow(watch.money[0], watch.anyone)
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 50)
    watch.say(1, at=start + 1, expiry=FOREVER)
    assert watch.entry(0)["locked"] == paid
    number = watch.appeal(at=start + 49)
    with refused("NothingPosted", 1):
        watch.say(0, at=start + 50)
    watch.decide(number, {0: False, 1: False})
    assert watch.standing(0)[3] == 1


def test_author_does_not_post_from_another_post_while_the_appeal_is_open(watch: Watch, rehearsal: Rehearsal) -> None:
    watch.flag()
    watch.appeal()
    zero, heir = watch.monitors[0], rehearsal.register(MONITOR)
    watch.feed.releasePost(0, {"from": zero.operator})
    watch.feed.takePost(3, {"from": zero.operator})
    watch.feed.takePost(0, {"from": heir.operator})
    for post, node in ((3, zero), (0, heir)):
        with refused("NothingPosted", 1):
            watch.say(post, by=node)
    # About others both may speak: the appeal harms no batch.
    watch.say(3, BAD, subject(2), by=zero)
    assert watch.feed.postsOn(subject(2)) == 1 << 3
