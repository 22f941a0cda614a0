"""A run is shown while it goes on: from its chain, which goes on undisturbed, and afterwards from what that left."""

from __future__ import annotations

from pathlib import Path

import federations
from federations import Quiet, accounts

from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.places import RunPlace
from anomalyhive.dashboard.live.poller import Poller
from anomalyhive.federation.session import learn, opened
from anomalyhive.roles.steps import Taken

SMALL = {"candidates": 8, "kept": 4, "additive": 2, "refined": 4, "bins": 16}


class Looking(Quiet):
    """Looks at the run through its folder whenever a node has done something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.poller: Poller | None = None
        self.phases: dict[int, list[str]] = {}
        self.faults: list[str] = []

    def step(self, round_: int, taken: Taken) -> None:  # noqa: ARG002 - the signature
        if self.poller is None:
            self.poller = Poller(RunPlace(self.folder), RememberedContent.at(self.folder / "store"))
        self.poller.look()
        latest = self.poller.latest
        if not latest.connected or latest.book is None:
            self.faults.append(str(latest.problem))
            return
        name = latest.book.rounds[round_].progress.phase.name
        seen = self.phases.setdefault(round_, [])
        if name not in seen:
            seen.append(name)


def test_run_is_shown_in_every_phase_while_it_goes_on_and_from_its_state_when_it_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    settings = accounts(nodes=2, validators=1, rounds=2, params=SMALL, test_fraction="0.2")
    looking = Looking(folder)
    with opened(settings, folder, looking) as session:
        learn(session, looking)
        going_on = looking.poller
        assert going_on is not None
        going_on.look()
        assert going_on.latest.chain == "anvil"
        assert session.local is not None
        assert going_on.place.url() == session.local.url
        assert going_on.latest.book is not None
        for number, book in going_on.latest.book.rounds.items():
            theirs = session.contracts.hive.round(1, number)
            assert vars(book.view(theirs.now)) == vars(theirs)
    assert looking.faults == []
    # Steps are told after all nodes had their turn, so that some phases are over before anybody can look.
    assert set(looking.phases) == {1, 2}
    assert all(phases[-1] == "FINAL" and len(phases) > 1 for phases in looking.phases.values())
    # The chain has ended with the run, and a copy of what it left says the same.
    going_on.look()
    afterwards = Poller(RunPlace(folder), RememberedContent.at(folder / "store"))
    afterwards.look()
    for poller in (going_on, afterwards):
        assert (poller.latest.connected, poller.latest.problem) == (True, None)
        assert poller.latest.book is not None
        assert poller.latest.book.finals == 2
        assert poller.latest.spec is not None
        assert set(poller.latest.quality) == set(poller.latest.gas) == {1, 2}
    assert not list(folder.glob("dashboard*"))
    # A second start of the run finds nothing of the dashboard in its way.
    outcome = federations.run(accounts(nodes=2, validators=1, rounds=2, params=SMALL, test_fraction="0.2"), folder)
    assert len(outcome.rounds) == 2
    going_on.look()
    assert going_on.latest.connected
