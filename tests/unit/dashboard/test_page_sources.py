"""The page's files hold what its policy demands: no markup from texts, nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import anomalyhive.dashboard

PAGE = Path(anomalyhive.dashboard.__file__).parent / "page"
FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]

MOST_LINES = 300

MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML"
    r"|\beval\s*\(|new Function|setTimeout\(\s*[\"'`]|javascript:"
)
"""What would let a text become markup or a script."""

ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)

NAMESPACE = "http://www.w3.org/2000/svg"
"""A name, and no address that is asked."""

IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'`]([^"'`$]+)["'`]""")


def name_of(path: Path) -> str:
    return path.relative_to(PAGE).as_posix()


def code_of(path: Path) -> str:
    """The script without its comments, in which addresses and bad examples may stand."""
    return re.sub(r"^\s*(?://|/\*\*|\*).*$|\s//\s.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_page_has_files() -> None:
    assert {"index.html", "app.css", "js/main.js", "js/views/hive.js", "js/views/lineage.js"} <= set(
        map(name_of, FILES)
    )


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_makes_nothing_of_a_text_but_text(path: Path) -> None:
    assert MARKUP.findall(code_of(path)) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_asks_nothing_of_other_hosts(path: Path) -> None:
    text = code_of(path) if path.suffix == ".js" else path.read_text(encoding="utf-8")
    assert ELSEWHERE.findall(text.replace(NAMESPACE, "")) == []
    assert "@import" not in text


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_imports_only_what_there_is(path: Path) -> None:
    for target in IMPORT.findall(path.read_text(encoding="utf-8")):
        if target.startswith("."):
            found = (path.parent / target).resolve()
            assert found.is_file(), f"{name_of(path)} imports {target}"
            assert found.is_relative_to(PAGE)


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_imports_only_what_it_uses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = [
        one.split(" as ")[-1].strip()
        for group in re.findall(r"import \{([^}]*)\} from", text)
        for one in group.split(",")
    ]
    assert [name for name in names if name and len(re.findall(rf"\b{re.escape(name)}\b", text)) < 2] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_document_has_nothing_inline() -> None:
    document = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", document) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", document) == []
    for name in re.findall(r"(?:src|href)=\"/assets/([^\"]+)\"", document):
        assert (PAGE / name).is_file(), name
