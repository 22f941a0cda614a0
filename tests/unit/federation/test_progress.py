"""How far a run has got."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, Failure
from anomalyhive.federation.folder import RunFolder, write_json
from anomalyhive.federation.progress import Progress, clear, keep_settings, progress_of
from anomalyhive.federation.settings import Settings

SETTINGS = Settings(data="accounts.csv", label="FLAG", nodes=5, rounds=20)
PROGRESS = Progress(1, [{"round": 1, "model": "ab" * 32}], [{"round": 2}], 1.5)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_progress_of_an_empty_folder_is_none(folder: RunFolder) -> None:
    assert progress_of(folder, SETTINGS) is None


def test_progress_of_a_founded_run_is_what_was_written(folder: RunFolder) -> None:
    keep_settings(folder, SETTINGS)
    write_json(folder.progress, PROGRESS.as_json())
    assert progress_of(folder, SETTINGS) == PROGRESS


def test_progress_of_a_founded_run_with_other_settings_is_refused(folder: RunFolder) -> None:
    keep_settings(folder, SETTINGS)
    write_json(folder.progress, PROGRESS.as_json())
    with pytest.raises(BadSetting, match=r"another run.*--nodes was 5 and is now 6"):
        progress_of(folder, replace(SETTINGS, nodes=6))


def test_progress_of_a_run_that_was_never_founded_asks_for_no_settings(folder: RunFolder) -> None:
    keep_settings(folder, SETTINGS)
    assert progress_of(folder, replace(SETTINGS, nodes=6)) is None


def test_progress_of_a_finished_run_that_lost_it_is_refused_lest_the_run_be_founded_over_it(folder: RunFolder) -> None:
    keep_settings(folder, SETTINGS)
    write_json(folder.report, {})
    with pytest.raises(Failure, match=r"progress\.json is missing beside a report"):
        progress_of(folder, SETTINGS)


@pytest.mark.parametrize("name", ["store", "chain", "nodes", "evaluation", "progress.json", "report.json"])
def test_progress_of_a_folder_that_is_no_runs_and_has_its_names_is_refused(folder: RunFolder, name: str) -> None:
    (folder.root / name).mkdir(parents=True)
    with pytest.raises(BadSetting, match=f"not the folder of a run and holds {name}"):
        progress_of(folder, SETTINGS)


def test_progress_of_a_folder_with_other_files_is_none(folder: RunFolder) -> None:
    folder.root.mkdir()
    (folder.root / "accounts.csv").write_text("a\n1\n")
    assert progress_of(folder, SETTINGS) is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {**PROGRESS.as_json(), "more": 1},
        {**PROGRESS.as_json(), "task": "1"},
        {**PROGRESS.as_json(), "task": True},
        {**PROGRESS.as_json(), "seconds": None},
        {**PROGRESS.as_json(), "rounds": {}},
        {**PROGRESS.as_json(), "rounds": [7]},
        {**PROGRESS.as_json(), "rounds": [{"round": 1}]},
        {**PROGRESS.as_json(), "rounds": [{"round": 1, "model": "zz" * 32}]},
        {**PROGRESS.as_json(), "rounds": [{"round": "1", "model": "ab" * 32}]},
        {**PROGRESS.as_json(), "cancelled": [{}]},
    ],
)
def test_read_of_a_damaged_progress_is_refused(folder: RunFolder, content: object) -> None:
    write_json(folder.progress, content)
    with pytest.raises(Failure, match="restore it"):
        Progress.read(folder.progress)


def test_clear_removes_chain_store_and_evaluation_and_keeps_keys(folder: RunFolder) -> None:
    for part in (folder.chain, folder.store, folder.evaluation, folder.node("trainer-0")):
        part.mkdir(parents=True)
        (part / "file").write_text("x")
    clear(folder)
    assert [one.name for one in folder.root.iterdir()] == ["nodes"]
    assert (folder.node("trainer-0") / "file").is_file()


@pytest.mark.parametrize(
    ("chain", "mode"), [("anvil", 0o644), ("http://127.0.0.1:1", 0o644), ("https://host/v3/key", 0o600)]
)
def test_keep_settings_with_a_secret_in_the_url_is_for_the_user_alone(folder: RunFolder, chain: str, mode: int) -> None:
    keep_settings(folder, replace(SETTINGS, chain=chain))
    assert stat.S_IMODE(folder.settings.stat().st_mode) == mode & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
