"""The page's plain functions, run by Node as the browser would: numbers, times, routes, texts, axes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import anomalyhive.dashboard

PAGE = Path(anomalyhive.dashboard.__file__).parent / "page"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on PATH: no script was run")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the scripts that Node takes for the modules that they are."""
    copy = tmp_path_factory.mktemp("page") / "js"
    shutil.copytree(PAGE / "js", copy)
    (copy / "package.json").write_text('{"type": "module"}')
    return copy


def said(scripts: Path, module: str, expression: str) -> Any:
    """What an expression comes to, in which ``m`` is the module, as JSON."""
    code = f"import * as m from '{(scripts / module).as_uri()}'; console.log(JSON.stringify({expression}))"
    command = ["node", "--input-type=module", "-e", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def all_said(scripts: Path, module: str, expressions: list[str]) -> list[Any]:
    """The same for many, in one process."""
    found = said(scripts, module, f"[{', '.join(expressions)}]")
    assert isinstance(found, list)
    return found


def check(scripts: Path, module: str, wanted: dict[str, Any]) -> None:
    """Every expression comes to its value."""
    assert dict(zip(wanted, all_said(scripts, module, list(wanted)), strict=True)) == wanted


def test_tokens_are_exact_whatever_their_size(scripts: Path) -> None:
    unit = "{decimals: 18, symbol: 'HIVE'}"
    check(
        scripts,
        "format.js",
        {
            f"m.tokens('0', {unit})": "0.00 HIVE",
            f"m.tokens('1', {unit})": "< 0.01 HIVE",
            f"m.tokens('-1', {unit})": "−< 0.01 HIVE",
            f"m.tokens('9999999999999999', {unit})": "< 0.01 HIVE",
            f"m.tokens('10000000000000000', {unit})": "0.01 HIVE",
            f"m.tokens('1999999999999999999', {unit})": "1.99 HIVE",
            # Beyond 2^53, and beyond what a float holds.
            f"m.tokens('9007199254740993000000000000000000', {unit})": "9,007,199,254,740,993.00 HIVE",
            f"m.tokens('{2**256 - 1}', {unit}, 0)": f"{(2**256 - 1) // 10**18:,} HIVE",
            "m.tokens('12345', {decimals: 0}, 0)": "12,345",
            "m.tokens('12345', {decimals: 2})": "123.45",
            "m.tokens(null)": "–",
            "m.tokens('1e18')": "1e18",
        },
    )


def test_numbers_are_grouped_and_counted(scripts: Path) -> None:
    check(
        scripts,
        "format.js",
        {
            "m.number(0)": "0",
            "m.number(999)": "999",
            "m.number(1000)": "1,000",
            "m.number('-1234567')": "-1,234,567",
            "m.number('123456789012345678901234567890')": "123,456,789,012,345,678,901,234,567,890",
            "m.number(null)": "–",
            "m.number('x1')": "x1",
            "m.count(1, 'update')": "1 update",
            "m.count('1', 'update')": "1 update",
            "m.count(1200, 'update')": "1,200 updates",
            "m.basisPoints(9421)": "94.21 %",
            "m.basisPoints(5)": "0.05 %",
            "m.share('1', '4')": 0.25,
            "m.share('5', '4')": 1,
            "m.share('5', '0')": 0,
            f"m.share('{10**60}', '{2 * 10**60}')": 0.5,
            f"m.total(['{10**30}', '1', null])": str(10**30 + 1),
            "m.quality('0.123456')": "0.1235",
            "m.quality(null)": "–",
            "m.listed(['a', 'b', 'c'])": "a, b and c",
            "m.listed(['a'])": "a",
            "m.listed([])": "",
        },
    )


def test_times_are_told_in_two_units_at_most(scripts: Path) -> None:
    check(
        scripts,
        "format.js",
        {
            "m.duration(0)": "0 s",
            "m.duration(59)": "59 s",
            "m.duration(60)": "1 min",
            "m.duration(125)": "2 min 5 s",
            "m.duration(3600)": "1 h",
            "m.duration(90061)": "1 d 1 h",
            "m.duration(-5)": "0 s",
            "m.relative(100, 101)": "now",
            "m.relative(100, 160)": "1 min ago",
            "m.relative(160, 100)": "in 1 min",
            "m.absolute(0)": "1970-01-01 00:00:00 UTC",
            "m.absolute(1795896422)": "2026-11-28 20:07:02 UTC",
            "m.absolute(1e300)": "–",
            "m.absolute(null)": "–",
        },
    )


def test_texts_of_strangers_lose_what_cannot_be_seen(scripts: Path) -> None:
    check(
        scripts,
        "dom.js",
        {
            "m.visible('plain <b>text</b>')": "plain <b>text</b>",
            r"m.visible('a\u202eb')": r"a\u{202e}b",
            r"m.visible('a\u200b\u0000\n')": r"a\u{200b}\u{0}\u{a}",
            r"m.visible('\u{e0041}')": r"\u{e0041}",
            "m.visible('x'.repeat(50), 10)": f"{'x' * 10}…",
            "m.visible(null)": "",
        },
    )


def test_addresses_lead_to_their_views(scripts: Path) -> None:
    route = "(({view, params, query}) => [view, params, query.toString()])"
    check(
        scripts,
        "router.js",
        {
            f"{route}(m.match('#/hive'))": ["hive", {}, ""],
            f"{route}(m.match('#/lineage'))": ["lineage", {"digest": None}, ""],
            f"{route}(m.match('#/lineage/ab12'))": ["lineage", {"digest": "ab12"}, ""],
            f"{route}(m.match('#/alerts?state=live&text=a%20b'))": ["alerts", {"id": None}, "state=live&text=a+b"],
            f"{route}(m.match('#/address/0xAB'))": ["address", {"address": "0xAB"}, ""],
            f"{route}(m.match('#/lineage/%E0%A4%A'))": ["lineage", {"digest": "%E0%A4%A"}, ""],
            "m.match('#/address')": None,
            "m.match('#/nothing')": None,
            "m.match('#/hive/more')": None,
            "m.match('#/__proto__')": None,
        },
    )


def test_axes_hold_all_figures_with_few_ticks(scripts: Path) -> None:
    for low, high in [(0, 1), (0.62, 0.95), (0.99, 0.991), (0, 5), (0, 968_925), (3, 3), (0, 0), (-2, 2)]:
        found = said(scripts, "charts/scale.js", f"m.ticks({low}, {high})")
        assert found["low"] <= low, (low, high, found)
        assert found["high"] >= high, (low, high, found)
        assert found["low"] < found["high"]
        assert 2 <= len(found["values"]) <= 8
        assert found["values"] == sorted(set(found["values"]))


def test_figures_at_axes_are_short(scripts: Path) -> None:
    check(
        scripts,
        "charts/scale.js",
        {
            "m.tick(0.1 + 0.2)": "0.3",
            "m.tick(1200)": "1200",
            "m.tick(12500)": "12.5 k",
            "m.tick(3400000)": "3.4 M",
            "m.tick(0)": "0",
        },
    )


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        ("TRAIN", "Trainers are learning, each from its own data. 1 of 5 has sent an update."),
        ("JUDGE", "Validators are checking 4 updates. 2 of 3 have committed a verdict."),
        ("FINAL", "Its new model was made of 3 of 4 updates. All 7 rounds are done."),
        ("STALLED", "Too few took part in time"),
        ("CANCELLED", "It could not be finished"),
        ("UNHEARD", "It stands at unheard."),
    ],
)
def test_what_goes_on_is_told_in_a_sentence(scripts: Path, phase: str, sentence: str) -> None:
    phases = [{"name": "TRAIN", "done": 1, "quota": 5}, {"name": "JUDGE", "done": 2, "quota": None, "needed": 3}]
    round_ = {"round": 7, "phase": phase, "phases": phases, "updates": 4, "accepted": 3}
    told = said(scripts, "hive/story.js", f"m.now({json.dumps(round_)}, {{rounds_total: 7}})")
    assert told.startswith(sentence)
