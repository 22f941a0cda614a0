"""The page of an audit: complete, self-contained, and deaf to whatever a stranger wrote into the lineage."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from anomalyhive.audit.page import render
from anomalyhive.audit.page.rendering import number, short, tokens
from anomalyhive.audit.signing import sign

from .documents import HOSTILE, document, many

VOID = {"meta", "link", "input", "br"}


class Seen(HTMLParser):
    """What a browser would make of a page: elements, attributes, texts, and what is nested wrongly."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], f"{self._open} are never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"{tag} was not open"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        self.inside.setdefault(self._open[-1] if self._open else "", []).append(data)

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """Elements with the names of their attributes: what must not depend on a text."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]

    @property
    def text(self) -> str:
        return "".join(self.texts)


@pytest.mark.parametrize("text", HOSTILE)
def test_render_with_a_hostile_text_everywhere_has_the_same_elements_as_with_a_harmless_one(
    tmp_path: Path, text: str
) -> None:
    hostile, harmless = (
        Seen(render(document(tmp_path / name, one, fault=one)))
        for name, one in (("hostile", text), ("harmless", "a word"))
    )
    assert hostile.shape == harmless.shape
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    # A name, a learner, two classes, a reason, a fault in two places, a function.
    assert hostile.text.count(shown) == harmless.text.count("a word") >= 8


def test_render_shows_codes_for_what_nobody_would_see(tmp_path: Path) -> None:
    page = render(document(tmp_path, HOSTILE[-1], fault=HOSTILE[-1]))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", page)


def test_render_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    seen = Seen(render(many(document(tmp_path), 3, 5)))
    for tag, attributes in seen.elements:
        assert tag not in {"img", "iframe", "object", "embed", "base", "form", "audio", "video", "use", "image"}
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset", "srcdoc")]
        for name in ("src", "href", "xlink:href", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith("#") or attributes[name] == "data:,"
    page = render(document(tmp_path / "other"))
    assert "url(" not in page
    assert "@import" not in page


def test_render_allows_its_own_style_and_script_by_their_hashes_and_nothing_else(tmp_path: Path) -> None:
    seen = Seen(render(document(tmp_path)))
    policy = next(one["content"] for tag, one in seen.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("style", "script"):
        (text,) = seen.inside[name]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_render_of_a_lineage_that_holds_says_so_first(tmp_path: Path) -> None:
    text = Seen(render(document(tmp_path))).text
    assert "✓ The lineage holds." in text
    assert "does not hold" not in text
    assert "3 of 4 rounds are final, 1 cancelled; 5 of 7 updates went into a model." in text
    assert "25 % were recomputed" in text


def test_render_of_a_file_s_audit_says_what_it_rests_on(tmp_path: Path) -> None:
    report = document(tmp_path)
    assert "rests on the block hashes" not in Seen(render(report)).text
    report["rests_on"] = [{"first": 3, "last": 1_234, "hash": "0x" + "1e" * 32}]
    seen = Seen(render(report))
    assert "rests on the block hashes" in seen.text
    assert "Rests on blocks 3 to 1,234" in seen.text
    assert "0x" + "1e" * 32 in seen.inside["code"]


def test_render_of_a_lineage_that_does_not_hold_names_each_failure_and_leads_to_its_round(tmp_path: Path) -> None:
    seen = Seen(render(document(tmp_path, fault="is another")))
    assert "✗ The lineage does not hold." in seen.text
    assert "2 of 18 checks do not hold, in 2 places." in seen.text
    assert "task 1, round 2: is another" in seen.text
    links = [one.get("href") for tag, one in seen.elements if tag == "a"]
    assert links.count("#round-1-2") == 2  # from the failure and from the lineage
    assert "0d" * 32 in seen.text


def test_render_leads_only_to_what_is_on_the_page(tmp_path: Path) -> None:
    seen = Seen(render(document(tmp_path, fault="is another")))
    ids = [one["id"] for _, one in seen.elements if "id" in one]
    assert len(ids) == len(set(ids))
    for _, one in seen.elements:
        for name in ("href", "aria-labelledby", "data-filter"):
            if one.get(name) and one[name] != "data:,":
                assert str(one[name]).removeprefix("#") in ids


def test_render_has_every_digest_of_the_report_to_copy(tmp_path: Path) -> None:
    report = many(document(tmp_path, fault="is another"), 4, 50)
    codes = Seen(render(report)).inside["code"]
    task = report["tasks"][0]
    wanted = {update["digest"] for one in task["rounds"] for update in one["updates"]}
    wanted |= {one["model"][name] for one in task["rounds"] for name in ("digest", "cid")}
    wanted |= {verdict["digest"] for one in task["rounds"] for verdict in one["verdicts"]}
    wanted |= {
        task["spec"]["digest"],
        task["head"]["cid"],
        report["audited"]["hive"],
        report["audited"]["head"]["hash"],
    }
    assert wanted <= set(codes)


def test_render_names_the_signer_and_the_digest_that_was_signed(tmp_path: Path) -> None:
    report = sign(document(tmp_path), b"\x11" * 32)
    text = Seen(render(report)).text
    assert report["signature"]["by"] in text
    assert report["signature"]["value"] in text
    unsigned = Seen(render({name: one for name, one in report.items() if name != "signature"})).text
    assert "Signed bynobody" in unsigned.replace("\n", "")


def test_render_of_a_hundred_rounds_of_a_hundred_nodes_stays_below_three_megabytes(tmp_path: Path) -> None:
    page = render(many(document(tmp_path), 100, 100))
    assert len(page.encode()) < 3_000_000
    seen = Seen(page)
    assert sum(tag == "details" and "data-text" in one for tag, one in seen.elements) == 100
    # Nothing but the rounds' headings is open.
    assert not [tag for tag, one in seen.elements if tag == "details" and "open" in one]


def test_render_of_more_updates_than_a_page_can_hold_leaves_accepted_ones_to_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anomalyhive.audit.page.shaping.MOST_UPDATES", 100)
    report = many(document(tmp_path), 3, 50)
    text = Seen(render(report)).text
    assert text.count("a page with all of them would be too large") == 1
    rejected = [update["digest"] for update in report["tasks"][0]["rounds"][2]["updates"] if not update["accepted"]]
    assert rejected
    assert all(digest in text for digest in rejected)


def test_render_of_more_failures_than_a_person_reads_says_how_many_more(tmp_path: Path) -> None:
    report = document(tmp_path)
    line = report["checks"][1]
    line["failures"] = [f"fault {n}" for n in range(60)]
    line["places"] = [{"task": None, "round": None, "digest": None}] * 60
    text = Seen(render(report)).text
    assert "fault 49" in text
    assert "fault 50" not in text
    assert "and 10 more" in text


def test_render_of_a_hive_without_a_task_is_whole(tmp_path: Path) -> None:
    report = {**document(tmp_path), "tasks": [], "gas": {}}
    assert "No receipts are known" in Seen(render(report)).text


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1234567), "1,234,567"),
        (number("9" * 20), "99,999,999,999,999,999,999"),
        (number(None), "–"),
        (tokens("1999999999999999999"), "1.99"),
        (tokens("0"), "0.00"),
        (short("0.123456"), "0.1235"),
        (short(None), "–"),
    ],
)
def test_figures_are_written_for_people(shown: str, expected: str) -> None:
    assert shown == expected
