"""The table of a monitor: read whole, refused with its line, and never showing what is secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.node.test_config import LEAST, complaint, read

from anomalyhive.errors import BadSetting
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.config_text import config_text
from anomalyhive.node.monitoring.settings import MONITOR, MonitorConfig, MonitorSetting
from anomalyhive.node.tomllines import TOML, nested_lines

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = """
[[monitor.webhooks]]
name = "ops"
url = "https://example.org/hush?key=hush"
secret_file = "ops.secret"
"""


def monitor(home: Path, text: str, **environ: str) -> MonitorConfig:
    found = read(home, f"{LEAST}[monitor]\n{text}", **environ).monitor
    assert found is not None
    return found


def test_file_without_the_table_has_no_monitor(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST).monitor is None


def test_empty_table_gives_defaults_and_absolute_paths(tmp_path: Path) -> None:
    found = monitor(tmp_path, "")
    assert (found.chain, found.source, found.source_chain_id, found.task) == ("ethereum", None, None, None)
    assert (found.threshold_bp, found.alert_seconds, found.behind) == (9_000, 86_400, 0)
    assert (found.folder, found.log) == (tmp_path / "watch", tmp_path / "watch" / "alerts.jsonl")
    assert (found.feed, found.post, found.claim_tokens, found.webhooks) == (None, None, 1, ())


def test_full_table_gives_what_it_says(tmp_path: Path) -> None:
    text = """
    chain = "polygon"
    source = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
    source_chain_id = 31337
    task = 3
    threshold_bp = 1
    alert_seconds = 60
    behind = 7
    start = 0
    chunks = "chunks"
    folder = "/watch"
    keep_blocks = 1000
    log = "log.jsonl"
    feed = "0x00000000000000000000000000000000000000Ab"
    post = 23
    claim_tokens = 0
    """
    found = monitor(tmp_path, text + HOOK)
    assert (found.chain, found.source) == ("polygon", ("http://127.0.0.1:1", "http://127.0.0.1:2"))
    assert (found.source_chain_id, found.task, found.threshold_bp, found.alert_seconds) == (31337, 3, 1, 60)
    assert (found.behind, found.start, found.chunks) == (7, 0, tmp_path / "chunks")
    assert (found.folder, found.log, found.keep_blocks) == (Path("/watch"), tmp_path / "log.jsonl", 1000)
    assert (found.feed, found.post, found.claim_tokens) == ("0x00000000000000000000000000000000000000Ab", 23, 0)
    hook = found.webhooks[0]
    assert (hook.name, hook.secret_file, hook.secret_variable) == ("ops", tmp_path / "ops.secret", None)


def test_variable_wins_over_the_file(tmp_path: Path) -> None:
    found = monitor(
        tmp_path, "threshold_bp = 1\npost = 3", ANOMALYHIVE_MONITOR_THRESHOLD_BP="77", ANOMALYHIVE_MONITOR_POST=""
    )
    assert (found.threshold_bp, found.post) == (77, None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("threshold_bp = 0", 9),
        ("\nthreshold_bp = 10001", 10),
        ("threshold_bp = 0.9", 9),
        ('chain = "bitcoin"', 9),
        ('source = "http://127.0.0.1"', 9),
        ("alert_seconds = 1", 9),
        ("behind = -1", 9),
        ('feed = "0x12"', 9),
        ('feed = "0x0000000000000000000000000000000000000000"', 9),
        ("post = 24", 9),
        ('folder = ""', 9),
        ("# a comment\n\nkeep_blocks = 1", 11),
        ("thresold_bp = 1", 9),
        ("webhooks = 3", 9),
        ("[monitor.webhooks]\nname = 'a'", 9),
        ("[[monitor.webhooks]]\nname = 'ops'", 9),
        (HOOK.replace('name = "ops"', 'name = "Ops"'), 10),
        (HOOK.replace("https", "ftp"), 10),
        (HOOK.replace('secret_file = "ops.secret"', ""), 10),
        (HOOK + 'secret_variable = "S"', 10),
        (HOOK + f'secret = "{SECRET}"', 10),
        (HOOK.replace('"ops.secret"', "3"), 10),
        (HOOK + HOOK, 10),
    ],
)
def test_wrong_setting_is_refused_with_its_line_and_nothing_secret(tmp_path: Path, text: str, line: int) -> None:
    said = complaint(tmp_path, f"{LEAST}[monitor]\n{text}")
    assert "hush" not in said
    assert SECRET not in said
    if "named" not in said and "has ftp" not in said:
        assert said.startswith(f"{tmp_path / 'node.toml'}, line {line}: "), said


def test_monitor_that_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "monitor is no table" in complaint(tmp_path, f"{LEAST}monitor = 3\n")


def test_wrong_variable_is_named(tmp_path: Path) -> None:
    said = complaint(tmp_path, f"{LEAST}[monitor]\n", ANOMALYHIVE_MONITOR_POST="99")
    assert said.startswith("environment variable ANOMALYHIVE_MONITOR_POST: ")


def test_secret_comes_from_its_file_or_its_variable(tmp_path: Path) -> None:
    (tmp_path / "ops.secret").write_text(SECRET + "\n")
    by_file = monitor(tmp_path, HOOK).webhooks[0]
    by_variable = monitor(tmp_path, HOOK.replace('secret_file = "ops.secret"', 'secret_variable = "S"')).webhooks[0]
    assert by_file.opened({}) == by_variable.opened({"S": SECRET})
    assert len(by_file.opened({}).secret) == 24


def test_secret_that_cannot_be_had_is_refused_and_not_shown(tmp_path: Path) -> None:
    hook = monitor(tmp_path, HOOK).webhooks[0]
    with pytest.raises(BadSetting, match=r"ops\.secret cannot be read \(.*\): put the secret there"):
        hook.opened({})
    (tmp_path / "ops.secret").write_text("hunter2")
    with pytest.raises(BadSetting, match="has no secret") as refused:
        hook.opened({})
    assert "hunter2" not in str(refused.value)
    other = monitor(tmp_path, HOOK.replace('secret_file = "ops.secret"', 'secret_variable = "S"')).webhooks[0]
    with pytest.raises(BadSetting, match="no environment variable S"):
        other.opened({})


def test_neither_source_nor_url_of_a_webhook_is_shown(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, f'{LEAST}[monitor]\nsource = ["https://example.org/hush"]\n{HOOK}'))
    assert "hush" not in shown


def test_settings_are_the_fields_of_the_config() -> None:
    assert {*(one.name for one in MONITOR), "webhooks"} == set(MonitorConfig.__dataclass_fields__)
    assert all(one.what for one in MONITOR)
    assert all(one.variable.startswith("ANOMALYHIVE_MONITOR_") for one in MONITOR)


NEW = {"endpoints": ["http://127.0.0.1:8545"], "chain_id": 1, "deployment": "d.json", "roles": ["monitor"]}


def test_new_file_has_the_whole_table_as_comments(tmp_path: Path) -> None:
    text = config_text(NEW)
    (tmp_path / "node.toml").write_text(text)
    assert NodeConfig.read(tmp_path, {}).monitor is None
    assert all(f"# {one.what}\n# {one.name} = " in text for one in MONITOR)


@pytest.mark.parametrize("one", MONITOR, ids=lambda one: one.name)
def test_new_file_shows_values_that_can_be_taken_out_of_their_comment(tmp_path: Path, one: MonitorSetting) -> None:
    text = config_text(NEW).replace("# [monitor]\n", "[monitor]\n").replace(f"# {one.name} = ", f"{one.name} = ")
    (tmp_path / "node.toml").write_text(text)
    assert NodeConfig.read(tmp_path, {}).monitor is not None
    assert one.name in TOML.loads(text)["monitor"]


def test_new_file_shows_a_webhook_that_can_be_taken_out_of_its_comments(tmp_path: Path) -> None:
    text = config_text(NEW)
    text = text.replace("# [monitor]\n", "[monitor]\n")
    text = re.sub(r"# (\[\[monitor\.webhooks\]\]|name = |url = |secret_file = )", r"\1", text)
    (tmp_path / "node.toml").write_text(text)
    found = NodeConfig.read(tmp_path, {}).monitor
    assert found is not None
    assert [one.name for one in found.webhooks] == ["ops"]


def test_nested_lines_are_those_of_headers_and_keys() -> None:
    text = "a = 1\n[b]\nc = '''\nd = 2\n'''\n# e = 3\nf = [\n1]\n[[b.g]]\nh = 1\n[[b.g]]\nh = 2\n[i . j]\n"
    assert nested_lines(text) == {
        "b": 2, "b.": 2, "b.c": 3, "b.f": 7, "b.g": 9, "b.h": 10, "i": 13, "i.j": 13,
    }  # fmt: skip
