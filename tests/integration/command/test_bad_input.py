"""What a user may get wrong: one clear message, exit code 2, and nothing left behind."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from .command import Warm, federate

HEADER = "account,height,width,kind,label"
GOOD = [f"a{i},{i},{i * i % 17},{i % 3},{int(i % 4 == 0)}" for i in range(40)]


def changed(row: int, column: int, cell: str) -> list[str]:
    """The good rows with one other cell; the header is row 1."""
    rows = [line.split(",") for line in GOOD]
    rows[row - 2][column] = cell
    return [",".join(cells) for cells in rows]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a good table in it and nothing else."""
    (tmp_path / "good.csv").write_text("\n".join([HEADER, *GOOD]) + "\n")
    return tmp_path


def refuse(warm: Warm, place: Path, words: Sequence[str], *more: object, data: str = "good.csv") -> None:
    """Assert that a federation with these options is refused with these words, and that nothing comes of it."""
    before = contents(place)
    run = ("--data", place / data, "--label", "label", "--id", "account", "--nodes", 2, "--rounds", 1)
    warm("federate", *run, "--run", place / "run", *more).refused(2, *words)
    assert contents(place) == before


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder."""
    return {str(one): one.read_bytes() if one.is_file() else None for one in sorted(folder.rglob("*"))}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ["no row"]),
        ([line[:-1] + "0" for line in GOOD], ["every row has the label 0", "both classes"]),
        (changed(5, 1, ""), ["row 5, column 'height'", "no value", "--missing"]),
        (changed(6, 1, "nan"), ["row 6, column 'height'", "'nan'", "--missing"]),
        (changed(7, 2, "inf"), ["row 7, column 'width'", "'inf' is infinity"]),
        (changed(8, 2, "-Infinity"), ["row 8, column 'width'", "'-Infinity' is infinity"]),
        (changed(9, 2, "1e999"), ["row 9, column 'width'", "'1e999'", "beyond float64"]),
        (changed(10, 3, "tall"), ["column 'kind' holds text ('tall' in row 10)", "--drop kind"]),
        (changed(11, 4, "yes"), ["row 11", "'yes'", "label"]),
        (changed(12, 0, ""), ["row 12", "id"]),
        ([*GOOD, "a,1"], ["row 42", "2 cells where the header has 5"]),
        ([*GOOD, '"a,1,2,3,1'], ["line", "CSV"]),
    ],
)
def test_federate_of_a_table_that_cannot_be_learned_from_names_the_place(
    warm: Warm, place: Path, rows: list[str], words: list[str]
) -> None:
    (place / "bad.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    refuse(warm, place, words, data="bad.csv")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", ["empty.csv is empty"]),
        ("blank.csv", b"\n\n\n", ["blank.csv"]),
        ("semicolons.csv", b"account;label\na;1\n", ["commas"]),
        ("latin.csv", "account,x,label\nä,1,1\n".encode("latin-1"), ["latin.csv", "UTF-8"]),
        ("plain.csv.gz", b"account,label\na,1\n", ["plain.csv.gz", "gzip"]),
        ("binary.csv", bytes(range(256)), ["binary.csv"]),
        ("twice.csv", b"account,x,x,label\na,1,2,1\n", ["'x'", "rename one"]),
    ],
)
def test_federate_of_a_file_that_is_no_table_names_it(
    warm: Warm, place: Path, name: str, content: bytes, words: list[str]
) -> None:
    (place / name).write_bytes(content)
    refuse(warm, place, words, data=name)


def test_federate_of_a_missing_file_or_of_a_folder_names_it(warm: Warm, place: Path) -> None:
    refuse(warm, place, ["nowhere.csv", "No such file", "--data"], data="nowhere.csv")
    refuse(warm, place, [str(place), "Is a directory", "--data"], data=".")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--label", "lable"], ["'lable'", "did you mean 'label'", "'height'"]),
        (["--id", "acount"], ["'acount'", "did you mean 'account'"]),
        (["--drop", "depth"], ["'depth'", "'height'"]),
        (["--drop", "label"], ["'label' is the label"]),
        (["--id", "label"], ["'label'", "both label and id"]),
        (["--drop", "height", "--drop", "width", "--drop", "kind"], ["no column is left"]),
        (["--split", "column:depth"], ["'column:depth'", "'height'"]),
        (["--split", "alphabet"], ["--split 'alphabet'", "random, label or column:NAME"]),
        (["--nodes", "33"], ["33 nodes for 32 rows", "fewer nodes"]),
        (["--nodes", "0"], ["--nodes 0", "1 to 1024"]),
        (["--nodes", "many"], ["--nodes", "integer"]),
        (["--validators", "0"], ["--validators 0", "1 to 20"]),
        (["--validators", "21"], ["--validators 21", "1 to 20"]),
        (["--rounds", "0"], ["--rounds 0"]),
        (["--rounds", "-3"], ["--rounds -3"]),
        (["--seed", "-1"], ["--seed -1"]),
        (["--seed", str(2**63)], [f"--seed {2**63}"]),
        (["--test-fraction", "half"], ["--test-fraction", "'half'"]),
        (["--test-fraction", "0.95"], ["--test-fraction 0.95", "0 to 0.9"]),
        # As a power of ten this would take all memory there is.
        (["--test-fraction", "1e-999999999"], ["--test-fraction", "'1e-999999999'"]),
        (["--missing", str(2**60)], [str(2**60), "2^53"]),
        (["--learner", "oracle"], ["'oracle'", "boost"]),
        (["--param", "wisdom=1"], ["wisdom=1", "depth"]),
        (["--param", "depth=1000000"], ["depth", "1000000"]),
        (["--param", "depth"], ["--param 'depth'", "NAME=INTEGER"]),
        (["--param", "depth=deep"], ["--param 'depth=deep'", "NAME=INTEGER"]),
        (["--chain", "bitcoin"], ["'bitcoin'", "anvil, ganache", "http://127.0.0.1:8545"]),
        (["--chain", "ftp://host"], ["'ftp://host'"]),
        (["--chain", "http://host:port"], ["'http://…'", "http://127.0.0.1:8545"]),
        (["--port", "0"], ["port 0", "1 to 65535"]),
        (["--port", "65536"], ["port 65536", "1 to 65535"]),
        (["--json", "/dev/null/report.json"], ["/dev/null/report.json", "write elsewhere"]),
        (["--json", "/"], ["/ is a directory"]),
        (["--private", "--validators", "20", "--nodes", "30"], ["30 nodes"]),
        (["--run", "/dev/null/run"], ["/dev/null/run", "Not a directory"]),
        (["--colour", "red"], ["--colour", "anomalyhive federate --help"]),
        (["more"], ["more", "anomalyhive federate --help"]),
    ],
)
def test_federate_with_an_option_that_cannot_be_names_it_and_what_can(
    warm: Warm, place: Path, options: list[str], words: list[str]
) -> None:
    refuse(warm, place, words, *options)


def test_federate_without_options_names_the_first_that_is_missing(warm: Warm) -> None:
    warm("federate").refused(2, "--run", "anomalyhive federate --help")


def test_anomalyhive_without_a_command_shows_the_commands(warm: Warm) -> None:
    done = warm()
    assert (done.code, done.err) == (2, "")
    assert all(command in done.out for command in ("federate", "score", "audit"))


def test_unknown_command_is_named(warm: Warm) -> None:
    warm("train").refused(2, "train", "anomalyhive --help")


def test_federate_on_a_port_in_use_names_it(warm: Warm, place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refuse(warm, place, [f"port {port} cannot be used", "--port"], "--port", port)


def test_federate_that_would_overwrite_its_data_is_refused(warm: Warm, place: Path) -> None:
    refuse(warm, place, ["good.csv", "overwritten"], "--json", place / "good.csv")


def test_federate_on_a_chain_that_is_not_there_fails_without_the_secrets_of_its_url(warm: Warm, place: Path) -> None:
    before = contents(place)
    run = ("--data", place / "good.csv", "--label", "label", "--id", "account", "--run", place / "run")
    done = warm("federate", *run, "--chain", "http://user:s3cret@127.0.0.1:9/v3/s3cret")
    done.refused(1, "no chain answers at http://127.0.0.1:9", "start it or name another")
    assert "s3cret" not in done.out + done.err
    assert contents(place) == before


def test_federate_into_a_folder_of_something_else_changes_nothing_in_it(warm: Warm, place: Path) -> None:
    (place / "run" / "store").mkdir(parents=True)
    (place / "run" / "store" / "precious").write_text("photos")
    refuse(warm, place, ["not the folder of a run", "store", "--run"])


def test_federate_into_a_file_is_refused(warm: Warm, place: Path) -> None:
    (place / "run").write_text("a file")
    refuse(warm, place, [str(place / "run"), "cannot be used"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rounds", "3"], ["--rounds was 2 and is now 3"]),
        (["--nodes", "4"], ["--nodes was 3 and is now 4"]),
        (["--seed", "1", "--private"], ["--seed was 0 and is now 1", "--private was False and is now True"]),
        (["--chain", "ganache"], ["--chain was 'anvil' and is now 'ganache'"]),
    ],
)
def test_federate_into_the_folder_of_another_run_names_the_differences(
    warm: Warm, finished: Path, options: list[str], words: list[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    arguments: list[Any] = federate(finished, nodes=3)
    warm(*arguments, *options).refused(2, "holds another run", *words)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_audit_of_what_is_no_run_is_refused(warm: Warm, finished: Path, tmp_path: Path) -> None:
    warm("audit", tmp_path / "none").refused(2, str(tmp_path / "none"))
    warm("audit", tmp_path).refused(2, "run.json is missing")
    warm("audit", finished, "--json", tmp_path).refused(2, "is a directory")
    warm("audit", finished, "--json", "/dev/null/audit.json").refused(2, "/dev/null/audit.json")
    shutil.copy(finished / "run.json", tmp_path)
    warm("audit", tmp_path).refused(1, "deployment.json", "there is no such file")
    (tmp_path / "run.json").write_text(json.dumps({"chain": 7}))
    warm("audit", tmp_path).refused(2, "run.json", "7")
