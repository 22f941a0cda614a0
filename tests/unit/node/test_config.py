"""Each way in which a file of settings can be wrong, with the line that the message must name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting
from anomalyhive.node.config import CONFIG, NodeConfig
from anomalyhive.node.settings import NAMES, SETTINGS

LEAST = """# a node
endpoints = [
  "http://127.0.0.1:8545",
]
chain_id = 31337
deployment = "deployment.json"
roles = ["train"]
"""
"""Seven lines."""


def read(home: Path, text: str | bytes, **environ: str) -> NodeConfig:
    content = text.encode() if isinstance(text, str) else text
    (home / CONFIG).write_bytes(content)
    return NodeConfig.read(home, environ)


def complaint(home: Path, text: str | bytes, **environ: str) -> str:
    with pytest.raises(BadSetting) as caught:
        read(home, text, **environ)
    return str(caught.value)


def test_read_of_least_file_gives_defaults_and_absolute_paths(tmp_path: Path) -> None:
    found = read(tmp_path, LEAST)
    assert found.home == tmp_path
    assert found.endpoints == ("http://127.0.0.1:8545",)
    assert (found.chain_id, found.roles, found.tasks) == (31337, frozenset({Role.TRAIN}), ())
    assert found.deployment == tmp_path / "deployment.json"
    assert (found.shard, found.seat, found.rows, found.listen) == (None, None, None, None)
    assert (found.max_fee_wei, found.max_tip_wei, found.confirmations) == (100 * 10**9, 2 * 10**9, 12)


def test_read_of_full_file_gives_what_it_says(tmp_path: Path) -> None:
    more = """
    tasks = [1, 2]
    shard = 3
    seat = 4
    rows = "/rows"
    store = "directory:store"
    keep_models = 5
    keeper = true
    claim_every = 6
    confirmations = 0
    max_fee_wei = 30_000_000_000
    max_tip_wei = 0
    listen = "[::1]:9464"
    log_format = "json"
    poll_seconds = 1
    """
    found = read(tmp_path, LEAST + more)
    assert (found.tasks, found.shard, found.seat, found.rows) == ((1, 2), 3, 4, Path("/rows"))
    assert (found.store, found.keep_models, found.keeper) == (f"directory:{tmp_path}/store", 5, True)
    assert (found.claim_every, found.confirmations) == (6, 0)
    assert (found.max_fee_wei, found.max_tip_wei) == (30 * 10**9, 0)
    assert (found.listen, found.log_format, found.poll_seconds) == (("::1", 9464), "json", 1.0)


WRONG_VALUES = [
    ('endpoints = "http://127.0.0.1"', 1),
    ("endpoints = []", 1),
    ('endpoints = [\n# none\n"http://a", "http://b",\n\n"ftp://c",\n]', 5),
    ('endpoints = ["http://a",\n"http://a"]', 2),
    ("endpoints = [\n1]", 2),
    ("chain_id = 0", 1),
    ('chain_id = "1"', 1),
    ("chain_id = 1.0", 1),
    ("chain_id = true", 1),
    ("chain_id = 9223372036854775808", 1),
    ("deployment = 7", 1),
    ('deployment = " "', 1),
    ("roles = []", 1),
    ('roles = [\n"train",\n"trian"]', 3),
    ('roles = "train"', 1),
    ("tasks = [1,\n\n0]", 3),
    ("tasks = [1,\n1]", 2),
    ("tasks = [true]", 1),
    ("tasks = 1", 1),
    ("shard = 1024", 1),
    ("shard = -1", 1),
    ("seat = 20", 1),
    ("rows = []", 1),
    ('store = "ipfs"', 1),
    ('store = "directory:"', 1),
    ('store = "/ip4/127.0.0.1/tcp/0"', 1),
    ('store = "/ip4/127.0.0.1/tcp/65536"', 1),
    ('store = "/ip4/127.0.0.1/udp/5001"', 1),
    ("store = 5001", 1),
    ("keep_models = -1", 1),
    ('keeper = "true"', 1),
    ("keeper = 1", 1),
    ("claim_every = -1", 1),
    ("confirmations = 10001", 1),
    ("max_fee_wei = 0", 1),
    ("max_fee_wei = 1e9", 1),
    ("max_tip_wei = -1", 1),
    ("max_tip_wei = 100_000_000_001", 1),
    ('listen = "127.0.0.1"', 1),
    ('listen = "127.0.0.1:65536"', 1),
    ('listen = "a/b:80"', 1),
    ("listen = 9464", 1),
    ('log_format = "xml"', 1),
    ("log_format = ['json']", 1),
    ("poll_seconds = 0", 1),
    ("poll_seconds = nan", 1),
    ("poll_seconds = inf", 1),
    ("poll_seconds = true", 1),
]


@pytest.mark.parametrize(("written", "line"), WRONG_VALUES)
def test_read_of_wrong_value_names_file_line_key_and_what_to_write(tmp_path: Path, written: str, line: int) -> None:
    name = written.split(" = ")[0]
    text = f"\n# first\n'{name}'{written.removeprefix(name)}\n" + "\n".join(
        one for one in LEAST.replace("[\n  ", "[").replace(",\n]", "]").splitlines() if not one.startswith(name)
    )
    said = complaint(tmp_path, text)
    assert said.startswith(f"{tmp_path / CONFIG}, line {line + 2}: {name} ")
    assert "write" in said or "name each" in said


@pytest.mark.parametrize("name", ["endpoints", "chain_id", "deployment", "roles"])
def test_read_without_required_setting_names_it(tmp_path: Path, name: str) -> None:
    text = LEAST.replace(f"{name} = ", f"# {name} = ").replace('  "http', '  # "http').replace("\n]", "\n#]")
    if name != "endpoints":
        text = text.replace("endpoints = [", 'endpoints = ["http://a"]')
    said = complaint(tmp_path, text)
    assert said.startswith(f"{tmp_path / CONFIG} lacks a line `{name} = …`: write ")


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ("max_fee_gwei = 3", 8, "did you mean max_fee_wei?"),
        ('"chain id" = 3', 8, "did you mean chain_id?"),
        ("\n\n[chain]\nid = 3", 10, "did you mean chain_id?"),
        ("zzz.y = 1", 8, "the settings are endpoints,"),
        ('password = "hunter2"', 8, "never written here"),
        ('private_key = "hunter2"', 8, "never written here"),
        ('pasword = "hunter2"', 8, "never written here"),
    ],
)
def test_read_of_unknown_setting_names_line_and_not_its_value(
    tmp_path: Path, added: str, line: int, words: str
) -> None:
    said = complaint(tmp_path, LEAST + added)
    assert said.startswith(f"{tmp_path / CONFIG}, line {line}: there is no setting ")
    assert words in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (LEAST + "keeper = yes", 8),
        (LEAST + "chain_id = 1", 8),
        (LEAST + "keeper true", 8),
        (LEAST + "shard = [1,", 8),
        (LEAST + 'rows = """', 8),
        (LEAST.encode() + b'rows = "\xff"', 8),
    ],
)
def test_read_of_what_is_no_toml_names_line(tmp_path: Path, text: str | bytes, line: int) -> None:
    assert complaint(tmp_path, text).startswith(f"{tmp_path / CONFIG}, line {line}: ")


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "1" * 5000, '"' + "x" * (1 << 20) + '"'])
def test_read_of_monstrous_value_is_refused(tmp_path: Path, value: str) -> None:
    assert str(tmp_path / CONFIG) in complaint(tmp_path, LEAST + f"shard = {value}")


def test_read_of_wrong_endpoint_shows_no_secret(tmp_path: Path) -> None:
    for url in ("wss://user:hunter2@host/hunter2", "hunter2"):
        said = complaint(tmp_path, LEAST.replace("http://127.0.0.1:8545", url))
        assert "line 3" in said
        assert "hunter2" not in said
    twice = LEAST.replace("]\nchain_id", '"http://h/hunter2", "http://h/hunter2"]\nchain_id')
    assert "hunter2" not in complaint(tmp_path, twice)


def test_repr_of_config_shows_no_endpoint(tmp_path: Path) -> None:
    assert "hunter2" not in repr(read(tmp_path, LEAST.replace("8545", "8545/hunter2")))


def test_read_without_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="anomalyhive node init"):
        NodeConfig.read(tmp_path / "none", {})


def test_read_of_home_of_unknown_user_is_refused() -> None:
    with pytest.raises(BadSetting, match="not known"):
        NodeConfig.read(Path("~nobody-of-this-name"), {})


def test_read_with_variables_takes_them_before_the_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        LEAST + "listen = '127.0.0.1:1'\nshard = 3\n",
        ANOMALYHIVE_ENDPOINTS="http://a, http://b",
        ANOMALYHIVE_CHAIN_ID="137",
        ANOMALYHIVE_ROLES="validate,audit",
        ANOMALYHIVE_TASKS="3,4",
        ANOMALYHIVE_KEEPER="true",
        ANOMALYHIVE_LISTEN="",
        ANOMALYHIVE_SHARD="",
        ANOMALYHIVE_POLL_SECONDS="0.5",
        ANOMALYHIVE_STORE="directory:/store",
        ANOMALYHIVE_UNRELATED="x",
    )
    assert found.endpoints == ("http://a", "http://b")
    assert (found.chain_id, found.roles, found.tasks) == (137, frozenset({Role.VALIDATE, Role.AUDIT}), (3, 4))
    assert (found.keeper, found.listen, found.shard, found.poll_seconds) == (True, None, None, 0.5)
    assert found.store == "directory:/store"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ANOMALYHIVE_ENDPOINTS", "http://a,b"),
        ("ANOMALYHIVE_CHAIN_ID", "0x10"),
        ("ANOMALYHIVE_CHAIN_ID", "9" * 5000),
        ("ANOMALYHIVE_ROLES", ""),
        ("ANOMALYHIVE_TASKS", "1,x"),
        ("ANOMALYHIVE_KEEPER", "yes"),
        ("ANOMALYHIVE_POLL_SECONDS", "fast"),
        ("ANOMALYHIVE_POLL_SECONDS", "nan"),
        ("ANOMALYHIVE_MAX_FEE_WEI", "1"),
        ("ANOMALYHIVE_LOG_FORMAT", "JSON"),
    ],
)
def test_read_of_wrong_variable_names_it(tmp_path: Path, variable: str, text: str) -> None:
    said = complaint(tmp_path, LEAST, **{variable: text})
    if variable == "ANOMALYHIVE_MAX_FEE_WEI":  # below the tip, which the file leaves out
        assert "max_tip_wei is 2000000000, more than max_fee_wei, which is 1" in said
    else:
        assert said.startswith(f"environment variable {variable}: ")


def test_settings_are_the_fields_of_the_config() -> None:
    assert {*NAMES, "home", "monitor"} == set(NodeConfig.__dataclass_fields__)
    assert all(one.what for one in SETTINGS)


LINES = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=30),
    st.builds(
        "{} = {}".format,
        st.sampled_from([*NAMES, "a.b", '"shard"', "[x]"]),
        st.one_of(
            st.integers().map(str),
            st.floats().map(str),
            st.text(max_size=8).map(repr),
            st.sampled_from(["[", "]", "'''", '"""', "true", "{a=1}", "1979-05-27", "[[1], ['a']]", "[\n1,\n'x']"]),
        ),
    ),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=6), st.booleans())
def test_read_of_any_text_gives_settings_or_a_complaint_about_the_file(
    tmp_path: Path, lines: list[str], whole: bool
) -> None:
    text = (LEAST if whole else "") + "\n".join(lines)
    said = ""
    try:
        found = read(tmp_path, text.encode("utf-8", "surrogatepass"))
    except BadSetting as error:
        said = str(error)
    assert str(tmp_path / CONFIG) in said or "user who is not known" in said or found.home == tmp_path
