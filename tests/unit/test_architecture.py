"""Data flows one way: a package imports only what stands above it in the table of docs/architecture.md.

And only those packages that it names there touch network, clock or chance.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "offchain"
PACKAGE = "anomalyhive"


def read_table() -> Mapping[str, int]:
    """Package or module -> its row in the table under "The tree"; what shares a row stands on one floor."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("\n## The tree\n")[1].split("| package |")[1].split("\n\n")[0]
    rows = [re.findall(r"`([a-z0-9_]+)(?:/|\.py)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    return {name: floor for floor, names in enumerate(rows) for name in names}


FLOORS = read_table()

OUTSIDE = {"http", "ipfshttpclient", "random", "requests", "secrets", "socket", "sqlite3", "subprocess", "time"}
"""What brings network, clock, chance or other processes in."""

TOUCHING = (
    "content/",
    "ingestion/",
    "chain/",
    "federation/",
    "monitor/",
    "node/",
    "audit/export/",
    "audit/live",
    "audit/run",
    "dashboard/",
    "cli/",
)
"""Who may import it."""


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every module that a source imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            # From the package itself, what is imported is a module.
            names = [f"{PACKAGE}.{one.name}" for one in node.names] if module == PACKAGE else [module]
        else:
            continue
        yield from ((node.lineno, name) for name in names)


def against_the_flow(place: str, source: str) -> list[str]:
    """The imports of a file of a package that do not go up in the table, in words."""
    found = []
    for line, name in imported(source):
        package, _, rest = name.partition(".")
        other = rest.split(".")[0]
        if package in (PACKAGE, "") and other != place and FLOORS.get(other, len(FLOORS)) >= FLOORS.get(place, 0):
            found.append(f"line {line} imports {name}")
    return found


def sources(place: str = "") -> Mapping[str, str]:
    """Path below the package -> source, of all files or of those of one package or module."""
    base = CODE / PACKAGE
    names = {path.relative_to(base): path for path in sorted(base.rglob("*.py"))}
    return {str(name): path.read_text(encoding="utf-8") for name, path in names.items() if place in ("", at(name))}


def at(name: Path) -> str:
    """The package or module in the table to which a path below the package belongs."""
    return name.parts[0].removesuffix(".py")


def test_table_names_every_package_and_nothing_else() -> None:
    assert {at(Path(name)) for name in sources()} - {"__init__"} == FLOORS.keys()


@pytest.mark.parametrize("place", ["__init__", *FLOORS])
def test_package_imports_only_what_stands_above_it(place: str) -> None:
    found = {name: against_the_flow(place, source) for name, source in sources(place).items()}
    assert found
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_pure_functions_take_time_seed_and_clients_as_arguments() -> None:
    pure = {name: source for name, source in sources().items() if not name.startswith(TOUCHING)}
    modules = {name: {module.split(".")[0] for _, module in imported(source)} for name, source in pure.items()}
    assert {name: found & OUTSIDE for name, found in modules.items() if found & OUTSIDE} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import anomalyhive.cli.words",
        "from anomalyhive.node.home import NodeHome",
        "from anomalyhive import audit",
        "def late():\n    from anomalyhive.roles import task",
        "from anomalyhive.unheard_of import thing",
        "from .. import roles",
        "from ..roles import task",
    ],
)
def test_import_against_the_flow_is_found(source: str) -> None:
    assert against_the_flow("chain", source)


def test_import_with_the_flow_is_let_pass() -> None:
    assert against_the_flow("chain", "from anomalyhive.content.cid import Link\nimport anomalyhive.chain.hive") == []
