"""The reading thread: what it keeps while the chain is away, and what it never says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.chain.conftest import Place, settle_in

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.places import HivePlace, RunPlace
from anomalyhive.dashboard.live.poller import Poller
from anomalyhive.dashboard.live.ticking import Ticker
from anomalyhive.errors import BadSetting

from .rounds import Crew
from .serving import until

SECRET = "s3cr3t-of-a-provider"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Place]:
    """A chain that a test may stop."""
    with LocalChain("anvil", tmp_path / "mortal") as chain:
        yield settle_in(chain)


def test_chain_that_goes_away_leaves_what_was_known_and_comes_back(mortal: Place, tmp_path: Path) -> None:
    Crew.at(mortal).play()
    url = f"{mortal.chain.url}/?key={SECRET}"
    poller = Poller(HivePlace(url, mortal.contracts.hive.address), RememberedContent.of(None))
    heard = []
    poller.listeners.append(lambda snapshot, changed: heard.append((snapshot.connected, changed)))
    assert poller.look() == poller.seconds
    assert (poller.latest.connected, poller.latest.problem) == (True, None)
    assert heard[-1] == (True, {1})
    known = poller.latest
    mortal.chain.save()
    mortal.chain.stop()
    pauses = [poller.look() for _ in range(3)]
    assert pauses == sorted(set(pauses))
    assert not poller.latest.connected
    assert poller.latest.problem
    assert SECRET not in poller.latest.problem
    assert (poller.latest.ledger, poller.latest.head) == (known.ledger, known.head)
    # Three failures in the same words are one piece of news.
    assert [connected for connected, _ in heard].count(False) == 1
    with LocalChain("anvil", tmp_path / "mortal", mortal.chain.port):
        until(lambda: poller.look() == poller.seconds)
        assert (poller.latest.connected, poller.latest.problem) == (True, None)
        assert poller.latest.book is not None
        assert poller.latest.book.finals == 1


def test_url_behind_which_there_is_no_hive_is_told_without_its_secret(mortal: Place) -> None:
    poller = Poller(HivePlace(f"{mortal.chain.url}/?key={SECRET}", "0x" + "11" * 20), RememberedContent.of(None))
    poller.look()
    assert "there is no Hive of this version" in (poller.latest.problem or "")
    away = Poller(HivePlace(f"http://127.0.0.1:9/{SECRET}", "0x" + "11" * 20), RememberedContent.of(None))
    away.look()
    assert SECRET not in (away.latest.problem or SECRET)
    assert away.latest.chain == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("url", "hive"),
    [
        ("ftp://x", "0x" + "11" * 20),
        ("", "0x" + "11" * 20),
        ("http://x", "0x11"),
        ("http://x", "11" * 20),
        ("http://x", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),  # one letter's case is wrong
    ],
)
def test_place_that_cannot_be_is_refused_at_once(url: str, hive: str) -> None:
    with pytest.raises(BadSetting):
        HivePlace(url, hive)


def test_folder_without_a_run_is_refused_and_one_that_is_being_founded_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="not the folder of a run"):
        RunPlace(tmp_path)
    (tmp_path / "run.json").write_text('{"chain": "anvil"}')
    poller = Poller(RunPlace(tmp_path), RememberedContent.at(tmp_path / "store"))
    poller.look()
    assert "not founded yet" in (poller.latest.problem or "")
    (tmp_path / "run.json").write_text('{"chain": 5}')
    with pytest.raises(BadSetting, match="names no chain"):
        Poller(RunPlace(tmp_path), RememberedContent.of(None))


def test_task_that_the_hive_does_not_have_is_said(mortal: Place) -> None:
    poller = Poller(HivePlace(mortal.chain.url, mortal.contracts.hive.address), RememberedContent.of(None))
    poller.look()
    assert (poller.latest.connected, poller.latest.problem) == (True, "the hive has no task yet")
    other = Poller(HivePlace(mortal.chain.url, mortal.contracts.hive.address), RememberedContent.of(None), wanted=7)
    other.look()
    assert (other.latest.connected, other.latest.problem) == (True, "the hive has no task 7")


def test_ticker_turns_until_it_is_told_to_stop() -> None:
    turns: list[int] = []

    def turn() -> float:
        turns.append(1)
        return 0.001

    ticker = Ticker("test", turn)
    ticker.start(patience=10)
    assert turns
    until(lambda: len(turns) > 3)
    ticker.stop()
    done = len(turns)
    ticker.stop()
    assert len(turns) == done
