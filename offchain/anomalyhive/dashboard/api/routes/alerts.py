"""Alerts, anomaly, and what is known of an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.cursors import cursor_of, place_in
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.routes.parameters import (
    ALERT,
    About,
    AfterAlert,
    DigestPath,
    Limit,
    Subject,
    cut,
    in_small_letters,
)
from anomalyhive.dashboard.api.schemas.alerts import AddressDetail, Alert, Alerts, Anomaly, Risk, State
from anomalyhive.dashboard.api.shaping.alerts import alert_of, anomaly_of, score_of, statistics_of
from anomalyhive.dashboard.api.shaping.risk import risk_of
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.monitor.reading import WatchReader

MOST_ALERTS = 100
"""Of one address in one answer."""

MOST_BLOCK = 1 << 53

FromBlock = Annotated[int | None, Query(ge=0, lt=MOST_BLOCK, description="The first block.")]
ToBlock = Annotated[int | None, Query(ge=0, lt=MOST_BLOCK, description="The last block.")]


def router(board: Board) -> APIRouter:
    """Operations on what a watch and a feed say."""
    routes = APIRouter(tags=["watch"])

    @routes.get("/v1/alerts", response_model=Alerts, responses=declared(), summary="Alerts, the newest first")
    def alerts(
        request: Request,
        category: Annotated[str | None, Query(min_length=1, max_length=400, description="Only of this class.")] = None,
        state: Annotated[State | None, Query(description="Only in this state.")] = None,
        address: About = None,
        text: Annotated[
            str | None, Query(min_length=1, max_length=200, description="Only with this text in them, in any letters.")
        ] = None,
        from_block: FromBlock = None,
        to_block: ToBlock = None,
        limit: Limit = 50,
        after: AfterAlert = None,
    ) -> Response:
        place, subject = place_in(after), None if address is None else in_small_letters(address)
        with reading(board) as reader:
            found = [] if reader is None else reader.alerts(
                limit + 1, None if place is None else min(place[0], MOST_BLOCK),
                subject, category, state, text, from_block,
                None if to_block is None else to_block + 1,
            )  # fmt: skip
        shown, more = cut(found, limit)
        next_ = cursor_of(ALERT, shown[-1].place) if more else None
        return answer(request, Alerts(items=[alert_of(one) for one in shown], next=next_))

    @routes.get("/v1/alerts/{digest}", response_model=Alert, responses=declared(404), summary="An alert")
    def alert(request: Request, digest: DigestPath) -> Response:
        with reading(board) as reader:
            entry = None if reader is None else reader.alert(digest)
        if entry is None:
            raise Refused(404, "unknown-alert", f"the watch has raised no alert {digest}")
        return answer(request, alert_of(entry))

    @routes.get("/v1/anomaly", response_model=Anomaly, responses=declared(), summary="Scores over time, and peaks")
    def anomaly(
        request: Request,
        buckets: Annotated[int, Query(ge=1, le=1000, description="How many stretches of time at the most.")] = 200,
        from_block: FromBlock = None,
        to_block: ToBlock = None,
    ) -> Response:
        with reading(board) as reader:
            if reader is None:
                return answer(request, Anomaly(buckets=[], peaks=[], threshold_bp=None))
            until = None if to_block is None else to_block + 1
            stretches = reader.anomaly(buckets, from_block or 0, until)
            return answer(request, anomaly_of(reader, stretches, reader.about().threshold_bp))

    @routes.get("/v1/risk/{address}", response_model=Risk, responses=declared(), summary="What is known of an address")
    def risk(request: Request, address: Subject) -> Response:
        return answer(request, risk_of(board, in_small_letters(address)))

    @routes.get(
        "/v1/addresses/{address}", response_model=AddressDetail, responses=declared(),
        summary="What the watch has kept of an address",
    )  # fmt: skip
    def one_address(request: Request, address: Subject) -> Response:
        subject = in_small_letters(address)
        with reading(board) as reader:
            history = [] if reader is None else reader.history(subject)
            entries = [] if reader is None else reader.alerts(MOST_ALERTS, address=subject)
            row = None if reader is None else reader.statistics(subject)
        body = AddressDetail(
            address=subject,
            history=[score_of(one) for one in history],
            alerts=[alert_of(one) for one in entries],
            statistics=statistics_of(row),
        )
        return answer(request, body)

    return routes


@contextmanager
def reading(board: Board) -> Iterator[WatchReader | None]:
    """A reader of the watch, None without one. Raises Refused where it cannot be read."""
    if board.watching is None:
        yield None
        return
    try:
        with board.watching.reader() as reader:
            yield reader
    except AnomalyHiveError as error:
        # Its words name files of this machine.
        raise Refused(503, "no-watch", "the watch cannot be read now", {"Retry-After": "5"}) from error
