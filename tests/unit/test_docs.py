"""The documents say what there is: commands, options, settings, phases, functions and make targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.views import Phase
from anomalyhive.cli import DEBUG_VARIABLE, app
from anomalyhive.core.learners import LEARNERS
from anomalyhive.federation.coin import FUNDER_VARIABLE
from anomalyhive.node.home import HOME_VARIABLE
from anomalyhive.node.making import OWNER_KEY
from anomalyhive.node.passwords import FILE_SUFFIX, OWNER_PASSWORD, PASSWORD
from anomalyhive.node.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
EVERYTHING = "\n".join([README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), *DOCS.values()])


def commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command under a group, by the words that call it."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def options() -> list[tuple[str, str]]:
    return [
        (name, option)
        for name, command in commands(typer.main.get_command(app))
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    ]


@pytest.mark.parametrize(("command", "option"), options())
def test_option_of_a_command_is_in_the_documents(command: str, option: str) -> None:
    assert f"anomalyhive {command}" in EVERYTHING
    assert re.search(rf"{option}\b", EVERYTHING), f"{command} {option} is in no document"


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_learner_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", [name for name, _ in commands(typer.main.get_command(app))])
def test_command_is_in_the_documents(name: str) -> None:
    assert f"anomalyhive {name}" in EVERYTHING


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_setting_of_a_node_is_in_the_documents(setting: Setting) -> None:
    assert f"`{setting.name}`" in DOCS["running-a-node.md"]


VARIABLES = [
    FUNDER_VARIABLE, DEBUG_VARIABLE, "ANOMALYHIVE_CACHE", PASSWORD, PASSWORD + FILE_SUFFIX, OWNER_PASSWORD,
    OWNER_PASSWORD + FILE_SUFFIX, OWNER_KEY, HOME_VARIABLE,
]  # fmt: skip


@pytest.mark.parametrize("variable", VARIABLES)
def test_environment_variable_is_in_the_documents(variable: str) -> None:
    assert variable in EVERYTHING


@pytest.mark.parametrize("phase", [phase.name for phase in Phase if phase is not Phase.NONE])
def test_phase_is_in_the_glossary(phase: str) -> None:
    assert phase in DOCS["glossary.md"]


def functions() -> list[str]:
    return sorted(
        {
            entry["name"]
            for contract in CONTRACTS[1:]
            for entry in artifact(contract)["abi"]
            if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
        }
    )


@pytest.mark.parametrize("function", functions())
def test_function_that_changes_state_is_in_the_specification(function: str) -> None:
    assert f"`{function}`" in DOCS["specification.md"]


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
def test_make_target_is_in_the_documents(target: str) -> None:
    assert f"`make {target}`" in EVERYTHING or f"make {target}  " in EVERYTHING


def links() -> list[tuple[str, str]]:
    texts = {"README.md": README, "CONTRIBUTING.md": EVERYTHING, **{f"docs/{n}": t for n, t in DOCS.items()}}
    return [
        (name, target)
        for name, text in texts.items()
        if name != "CONTRIBUTING.md"
        for target in re.findall(r"\]\(([^)#]+)\)", text)
        if "://" not in target
    ]


@pytest.mark.parametrize(("name", "target"), links())
def test_link_leads_somewhere(name: str, target: str) -> None:
    assert (ROOT / name).parent.joinpath(target).exists()


def test_specification_numbers_are_consecutive() -> None:
    numbers = re.findall(r"^(\d+)\.(\d+) ", DOCS["specification.md"], re.MULTILINE)
    expected: dict[str, int] = {}
    for section, number in numbers:
        expected[section] = expected.get(section, 0) + 1
        assert int(number) == expected[section], f"{section}.{number} is out of order"


def named_tests() -> list[str]:
    return sorted(set(re.findall(r"`([a-z_/]*test_[a-z_/]*(?:\.py)?)`", DOCS["properties.md"])))


@pytest.mark.parametrize("name", named_tests())
def test_test_that_a_property_names_is_there(name: str) -> None:
    assert (ROOT / name).exists() or list((ROOT / "tests" / "contracts").rglob(name))


def test_properties_are_numbered_and_each_names_a_test() -> None:
    rows = re.findall(r"^\| \*\*P(\d+)\*\* \|(.*)\|(.*)\|$", DOCS["properties.md"], re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 24))
    assert all("test_" in tests for _, _, tests in rows)
