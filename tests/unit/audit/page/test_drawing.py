"""What the drawings say: shares of a ring, heights of bars, gaps of a line."""

from __future__ import annotations

import re
from math import pi
from pathlib import Path

import pytest

from anomalyhive.audit.page.drawing import HEIGHT, RING, bar, link, participation, quality
from anomalyhive.audit.page.shaping import PageRound, tasks_of

from .documents import document, many


@pytest.fixture
def rounds(tmp_path: Path) -> list[PageRound]:
    """Final, final with one of two rejected, cancelled with one of two missing, final."""
    return list(tasks_of(document(tmp_path))[0].rounds)


def arcs(drawn: str) -> dict[str, float]:
    """Share of the ring by class."""
    found = re.findall(r'class="arc (\w+)".*?stroke-dasharray="([\d.]+)', drawn)
    return {name: round(float(length) / (2 * pi * RING), 3) for name, length in found}


def test_link_draws_the_shares_of_the_shards(rounds: list[PageRound]) -> None:
    assert arcs(link(rounds[0])) == {"accepted": 1.0}
    assert arcs(link(rounds[1])) == {"accepted": 0.5, "rejected": 0.5}


def test_link_of_a_cancelled_round_is_crossed(rounds: list[PageRound]) -> None:
    assert ["cross" in link(one) for one in rounds] == [False, False, True, False]


def test_words_of_a_round_say_what_its_drawing_shows(rounds: list[PageRound]) -> None:
    assert rounds[1].words == "Round 2: final; 1 of 2 updates accepted, 0 missing"
    assert rounds[2].words == "Round 3: cancelled in JUDGE; 0 of 1 updates accepted, 1 missing"


def test_participation_stacks_bars_up_to_the_number_of_shards(rounds: list[PageRound]) -> None:
    bars = re.findall(r'class="(\w+)" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', participation(rounds))
    half, whole = f"{HEIGHT / 2:.1f}", f"{HEIGHT:.1f}"
    assert bars == [
        ("accepted", "0.0", whole),
        ("accepted", half, half),
        ("rejected", "0.0", half),
        ("open", half, half),
        ("missing", "0.0", half),
        ("accepted", "0.0", whole),
    ]


def test_quality_leaves_a_gap_where_there_is_no_model(rounds: list[PageRound]) -> None:
    line = re.search(r'class="line one".*?d="([^"]*)"', quality(rounds))
    assert line is not None
    assert re.sub(r"[\d. ]", "", line[1]) == "MLM"


def test_quality_draws_no_measure_that_is_not_known(rounds: list[PageRound]) -> None:
    dots = re.search(r'class="dots two".*?d="([^"]*)"', quality(rounds))
    assert dots is not None
    assert dots[1].count("M") == 2


def test_drawings_of_many_rounds_stay_inside_their_frame(tmp_path: Path) -> None:
    rounds = tasks_of(many(document(tmp_path), 300, 20))[0].rounds
    for name, most in (("x", 1000.0), ("y", float(HEIGHT))):
        values = [float(one) for one in re.findall(rf' {name}="([\d.]+)"', participation(rounds))]
        assert values
        assert 0 <= min(values) <= max(values) <= most


@pytest.mark.parametrize(("share", "width"), [(0.0, "0.0"), (0.5, "48.0"), (1.0, "96.0"), (7.0, "96.0"), (-1.0, "0.0")])
def test_bar_is_as_long_as_its_share(share: float, width: str) -> None:
    assert f'<rect width="{width}"' in bar(share)
