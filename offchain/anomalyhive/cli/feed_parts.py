"""What the commands of a feed share: which feed is meant, and how a probability and an address are read and shown."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from anomalyhive.node.home import checked_address

FEED_VARIABLE = "ANOMALYHIVE_FEED"

Feed = Annotated[
    Optional[str],
    typer.Option(
        "--feed",
        envvar=FEED_VARIABLE,
        help="Address of the feed; by default the only one that was deployed beside the deployment record.",
    ),
]
Subject = Annotated[str, typer.Argument(metavar="ADDRESS", help="The address that it is about.")]
Number = Annotated[int, typer.Argument(metavar="APPEAL", min=1, help="Number of the appeal.")]


def subject_of(text: str) -> str:
    """The address of an argument. Raises BadSetting for what is none, or is mistyped."""
    return checked_address(text, "ADDRESS")


def percent(basis_points: int) -> str:
    """A probability for a person, exactly.

    >>> percent(9350)
    '93.50 %'
    """
    return f"{basis_points // 100}.{basis_points % 100:02d} %"
