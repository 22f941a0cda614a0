"""The model that a watch judges by, while a hive goes on learning: taken from content, verified, followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from federations import Quiet, accounts
from rawruns import raw

from anomalyhive.content.directory import DirectoryStore
from anomalyhive.errors import BadSetting, ContentFailure, Failure
from anomalyhive.federation.session import Session, learn, opened
from anomalyhive.monitor.models import HiveModels, Learned, RunModels
from anomalyhive.monitor.threshold import Wish


class Following(Quiet):
    """Asks for the model whenever a round has become final."""

    def __init__(self, models: HiveModels) -> None:
        self.models = models
        self.seen: list[Learned] = []

    def round_done(self, _: Mapping[str, Any]) -> None:
        self.seen.append(self.models.latest())


def models_of(session: Session, **changed: Any) -> HiveModels:
    """The models of a session's hive, asked for anew each time."""
    return HiveModels(session.contracts.hive, session.task, session.store, Wish(bp=9000), lambda: 0.0, -1.0, **changed)


def test_latest_model_of_a_hive_is_that_of_each_final_round_as_its_run_has_it(tmp_path: Path) -> None:
    with opened(raw(rounds=2), tmp_path / "run", Quiet()) as session:
        models = models_of(session)
        with pytest.raises(Failure, match="no final round yet"):
            models.latest()
        following = Following(models)
        learn(session, following)
        assert [one.digest for one in following.seen] == [one["model"] for one in session.progress.rounds]
        assert [one.round for one in following.seen] == [1, 2]
        assert models.latest() is following.seen[-1]
        of_run = RunModels(tmp_path / "run", Wish(bp=9000)).latest()
        assert (of_run.digest, of_run.columns, of_run.round) == (models.latest().digest, models.latest().columns, 2)
        # What the store has not got, or has of another task, is refused, however long it is asked for.
        session_store = session.store
        empty = replace(session, store=DirectoryStore(tmp_path / "empty"))
        with pytest.raises(ContentFailure, match="is not in"):
            models_of(empty).latest()
        other = replace(session, store=session_store, task=replace(session.task, number=7, _states={}))
        with pytest.raises((ContentFailure, Failure)):
            models_of(other).latest()


def test_task_that_learns_from_a_table_is_refused(tmp_path: Path) -> None:
    with opened(accounts(nodes=2, rounds=1), tmp_path / "run", Quiet()) as session:
        with pytest.raises(BadSetting, match="does not learn from raw transactions"):
            models_of(session)
        learn(session, Quiet())
    with pytest.raises(BadSetting, match="name a run of federate --shards"):
        RunModels(tmp_path / "run", Wish(bp=9000)).latest()
