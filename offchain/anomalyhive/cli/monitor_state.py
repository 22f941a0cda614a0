"""How `anomalyhive node status` shows a monitor."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from anomalyhive.cli.console import heading, note
from anomalyhive.node.amounts import rounded
from anomalyhive.node.leaving import utc
from anomalyhive.node.monitoring.state import FeedState, MonitorState
from anomalyhive.texts import counted


def monitor_json(state: MonitorState) -> dict[str, Any]:
    """A monitor as JSON; amounts as decimal texts of 1e-18."""
    feed = state.feed
    return {
        "block": None if state.head is None else state.head.number,
        "block_time": None if state.head is None else state.head.time,
        "live_alerts": state.live,
        "dead_letters": dict(state.dead),
        "feed": None if feed is None else {**asdict(feed), "owed": str(feed.owed)},
    }


def show_monitor(state: MonitorState) -> None:
    """A monitor in words."""
    heading("Watch")
    if state.head is None:
        note("no block followed yet")
    else:
        live = counted(state.live, "live alert")
        note(f"followed up to block {state.head.number:,} of {utc(state.head.time)}, {live}")
    for name, count in state.dead.items():
        note(f"webhook {name}: {counted(count, 'dead letter')}" if count else f"webhook {name}: no dead letter")
    if state.feed is not None:
        _show_feed(state.feed)


def _show_feed(feed: FeedState) -> None:
    one = feed.standing
    note(f"feed {feed.address}: {'no post' if feed.post is None else f'post {feed.post}'}")
    note(
        f"alerts posted {one.posted}, stood {one.stood}, retracted {one.retracted}, overturned {one.overturned}; "
        f"{rounded(feed.owed)} tokens owed"
    )
