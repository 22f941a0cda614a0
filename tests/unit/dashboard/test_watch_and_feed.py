"""What a real book of a watch and a real alert feed say, as the interface answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.chain.conftest import Place
from tests.unit.chain.feeds import MODEL as FEED_MODEL
from tests.unit.chain.feeds import Watched, said, subject, watch
from tests.unit.monitor.watchbooks import MODEL, START, address, alert, begun, entry, filled, packed, time_of

from anomalyhive.dashboard.live.watching import Watching
from anomalyhive.errors import BadInput, BadSetting
from anomalyhive.metrics.features import FEATURES
from anomalyhive.monitor.alert import Withdrawal
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import Ended
from anomalyhive.monitor.schema import FILE

from .serving import Served, served, until, wanted

NOBODY = "0x" + "ab" * 20


@pytest.fixture(scope="module")
def feed(place: Place) -> Watched:
    """A feed with a flag on subject 1, and one alert of two that are needed on subject 2."""
    found = watch(place)
    found.man(0, 1)
    for post in (0, 1):
        found.say(post, said(1))
    found.say(0, said(2))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A watch of forty blocks and eight alerts."""
    made = tmp_path_factory.mktemp("watch")
    filled(made)
    return made


@pytest.fixture(scope="module")
def both(place: Place, feed: Watched, folder: Path) -> Iterator[Served]:
    """A dashboard of a hive with its feed and a watch."""
    hive = place.contracts.hive.address
    with served(rpc=place.chain.url, hive=hive, feed=feed.feed.address.lower(), watch=folder) as one:
        until(lambda: one.board.latest.connected)
        yield one


def test_hive_says_that_there_are_a_watch_and_a_feed(both: Served, feed: Watched) -> None:
    offers = both.get("/v1/hive").json()["offers"]
    assert (offers["watch"], offers["feed"]) == (True, feed.feed.address)


def test_alerts_are_those_of_the_book_page_by_page(both: Served) -> None:
    whole = both.get("/v1/alerts").json()
    assert [one["block_number"] for one in whole["items"]] == list(range(START + 35, START - 1, -5))
    assert whole["next"] is None
    found: list[Any] = []
    after = ""
    while True:
        page = both.get(f"/v1/alerts?limit=3{after}").json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole["items"]
    first = found[-1]
    assert (first["state"], first["ended_why"], first["id"]) == ("withdrawn", "cleared", alert(START, START).id)
    assert both.get(f"/v1/alerts/{first['id']}").json() == first


@pytest.mark.parametrize(
    ("query", "blocks"),
    [
        ("state=expired", [START + 5]),
        (f"address={address(START + 10).upper().replace('0X', '0x')}", [START + 10]),
        ("category=phishing&from_block=105&to_block=110", [110, 105]),
        ("category=dex", []),
        ("text=66 %25 of&limit=1", [START + 35]),
        ("text=6_", []),
        ("after=alert-1", []),
        ("after=alert-999999999999999", list(range(START + 35, START - 1, -5))),
    ],
)
def test_alerts_by_what_is_wished(both: Served, query: str, blocks: list[int]) -> None:
    assert [one["block_number"] for one in both.get(f"/v1/alerts?{query}").json()["items"]] == blocks


def test_anomaly_has_buckets_and_the_peaks_that_lead_to_alerts(both: Served) -> None:
    said_ = both.get("/v1/anomaly?buckets=10").json()
    assert len(said_["buckets"]) == 10
    assert said_["threshold_bp"] == 8000
    assert [one["block"] for one in said_["peaks"]] == list(range(START, START + 40, 5))
    assert all(one["alerts"] for one in said_["peaks"])
    assert said_["peaks"][0]["time"] == time_of(START)
    part = both.get("/v1/anomaly?from_block=110&to_block=110").json()
    assert [(one["from_block"], one["to_block"]) for one in part["buckets"]] == [(110, 110)]
    assert both.get("/v1/anomaly?from_block=9000").json()["buckets"] == []


def test_risk_is_the_watchs_first_and_the_feeds_else(both: Served) -> None:
    flagged = both.get(f"/v1/risk/{address(START + 35)}").json()
    assert (flagged["source"], flagged["verdict"], flagged["probability_bp"]) == ("watch", "flagged", 9000 + START + 35)
    assert flagged["probability"] == (9000 + START + 35) / 10_000
    assert (flagged["category"], flagged["model"], flagged["block"]) == ("phishing", MODEL, START + 35)
    assert flagged["alerts"] == [alert(START + 35, START + 35).id]
    assert flagged["reasons"]
    assert flagged["on_chain"]["monitors"] == 0
    assert both.get(f"/v1/risk/{address(7)}").json()["verdict"] == "clear"

    by_feed = both.get(f"/v1/risk/{subject(1)}").json()
    assert (by_feed["source"], by_feed["verdict"], by_feed["probability_bp"]) == ("feed", "flagged", 9000)
    assert by_feed["on_chain"]["flagged"] is True
    assert (by_feed["on_chain"]["model"], by_feed["on_chain"]["monitors"]) == (FEED_MODEL.hex(), 2)
    assert by_feed["category"] == by_feed["on_chain"]["category"] == "category 1"
    assert both.get(f"/v1/risk/{subject(2)}").json()["verdict"] == "clear"

    nothing = both.get(f"/v1/risk/{NOBODY}").json()
    assert (nothing["source"], nothing["verdict"], nothing["probability"]) == ("none", None, None)


def test_address_has_its_history_and_its_alerts(both: Served) -> None:
    who = address(START + 35)
    said_ = both.get(f"/v1/addresses/{who}").json()
    assert said_["history"][-1]["probability_bp"] == 9000 + START + 35
    assert said_["history"][-1]["model"] == MODEL
    assert [one["address"] for one in said_["alerts"]] == [who]
    sent = {"name": "sent", "value": str(START + 35), "unit": "transactions"}
    assert [one for one in said_["statistics"] if one["name"] == "sent"] == [sent]
    assert [(one["name"], one["unit"]) for one in said_["statistics"]] == [(one.name, one.unit) for one in FEATURES]
    assert both.get(f"/v1/addresses/{NOBODY}").json() | {"address": ""} == {
        "address": "", "history": [], "alerts": [], "statistics": None,
    }  # fmt: skip


def test_statistics_that_are_too_large_for_a_float_are_exact(place: Place, tmp_path: Path) -> None:
    large, one = 2**60 + 1, entry(START, [(1, 10)])
    with begun(tmp_path) as book:
        book.write(replace(one, touched=[replace(one.touched[0], state=packed(sent_micro=large))]))
    with served(rpc=place.chain.url, hive=place.contracts.hive.address, watch=tmp_path) as running:
        row = running.get(f"/v1/addresses/{address(1)}").json()["statistics"]
    assert [(one["value"], one["unit"]) for one in row if one["name"] == "sent_micro"] == [(str(large), "microether")]


def test_feed_of_another_hive_or_none_is_told_and_the_watch_still_speaks(
    place: Place, folder: Path, feed: Watched
) -> None:
    # The token is no feed; the answer says so, and nothing else is the worse for it.
    options = {"rpc": place.chain.url, "hive": place.contracts.hive.address, "watch": folder}
    with served(**options, feed=place.contracts.token.address) as one:
        said_ = one.get(f"/v1/risk/{address(START + 35)}").json()
    assert (said_["source"], said_["on_chain"]) == ("watch", None)
    assert said_["problem"]


def test_watch_that_is_none_is_refused_at_once_and_so_is_a_feed(place: Place, tmp_path: Path) -> None:
    with (
        pytest.raises(BadInput, match="not the folder of a watch"),
        served(rpc=place.chain.url, hive=place.contracts.hive.address, watch=tmp_path),
    ):
        pass
    with (
        pytest.raises(BadSetting, match="--feed"),
        served(rpc=place.chain.url, hive=place.contracts.hive.address, feed="0x12"),
    ):
        pass
    assert wanted().port == 0


def test_watching_tells_each_alert_and_each_end_once(tmp_path: Path) -> None:
    heard: list[tuple[int, bool, str]] = []
    watching = Watching(tmp_path)
    watching.listeners.append(lambda one, new: heard.append((one.alert.block_number, new, one.state)))
    first, second = alert(START, 1), alert(START + 1, 2)
    with begun(tmp_path) as book:
        book.write(entry(START, [(1, 9000)], [first]))
        watching.look()
        assert heard == []  # what was there before is in the list that whoever begins to look asks for
        book.write(entry(START + 1, [(2, 9000)], [second], [Ended(first.id, "cleared")]))
        watching.look()
        watching.look()
        assert heard == [(START, False, "withdrawn"), (START + 1, True, "live")]
        heard.clear()
        for number in range(START + 2, START + 502):
            book.write(entry(number, [(number, 9000)], [alert(number, number)]))
        watching.look()
        assert [block for block, new, _ in heard] == list(range(START + 2, START + 502))
        assert {new for _, new, _ in heard} == {True}


def test_alert_and_its_end_come_over_the_stream_as_the_list_has_them(place: Place, tmp_path: Path) -> None:
    made = alert(START, 1)
    begun(tmp_path).close()
    with served(rpc=place.chain.url, hive=place.contracts.hive.address, watch=tmp_path) as one:
        watching: Any = one.board.watching
        until(lambda: watching._states is not None)
        with Book.open(tmp_path, 1) as book:
            book.write(entry(START, [(1, 9000)], [made]))
            until(lambda: any(b"event: alert" in told.wire for told in one.board.hub._past))
            book.write(entry(START + 1, [], [], [Ended(made.id, "retracted")]))
            until(lambda: any(b"event: withdrawal" in told.wire for told in one.board.hub._past))
        (ended,) = [told.wire.decode() for told in one.board.hub._past if b"event: withdrawal" in told.wire]
        end = Withdrawal(made.id, time_of(START + 1), "retracted")
        assert f'"id":"{end.id}"' in ended
        assert f'"alert_id":"{made.id}","at":{end.at},"why":"retracted"' in ended


def test_watch_that_breaks_later_is_told_without_naming_its_files(place: Place, tmp_path: Path) -> None:
    filled(tmp_path)
    with served(rpc=place.chain.url, hive=place.contracts.hive.address, watch=tmp_path) as one:
        assert one.get("/v1/alerts").json()["items"]
        (tmp_path / FILE).rename(tmp_path / "gone")
        answer = one.get("/v1/alerts")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:anomalyhive:problem:no-watch")
        assert str(tmp_path) not in answer.text
        risk = one.get(f"/v1/risk/{address(START + 35)}").json()
        assert (risk["source"], risk["problem"]) == ("none", "the watch cannot be read now")
