"""The file of a new node says every setting, and reads back as what it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomalyhive.node.config import CONFIG, NodeConfig
from anomalyhive.node.config_text import config_text, toml
from anomalyhive.node.settings import SETTINGS
from anomalyhive.node.tomllines import TOML

LEAST = {
    "endpoints": ["http://127.0.0.1:8545"],
    "chain_id": 31337,
    "deployment": "deployment.json",
    "roles": ["train", "validate"],
}


def test_config_text_of_least_settings_reads_back_with_every_setting_explained(tmp_path: Path) -> None:
    text = config_text(LEAST)
    (tmp_path / CONFIG).write_text(text)
    found = NodeConfig.read(tmp_path, {})
    assert (found.endpoints, found.chain_id) == (("http://127.0.0.1:8545",), 31337)
    assert all(one.what in text for one in SETTINGS)


@pytest.mark.parametrize("one", [one for one in SETTINGS if one.name not in LEAST], ids=lambda one: one.name)
def test_config_text_shows_values_that_can_be_taken_out_of_their_comment(tmp_path: Path, one: object) -> None:
    name = one.name  # type: ignore[attr-defined]
    text = config_text(LEAST).replace(f"# {name} = ", f"{name} = ")
    (tmp_path / CONFIG).write_text(text)
    NodeConfig.read(tmp_path, {})
    assert name in TOML.loads(text)


@given(
    st.text(st.characters(blacklist_categories=("Cs",))) | st.integers() | st.booleans() | st.floats(allow_nan=False)
)
def test_toml_of_any_value_reads_back(value: object) -> None:
    assert TOML.loads(f"a = {toml(value)}")["a"] == value
    assert TOML.loads(f"a = {toml([value])}")["a"] == [value]
