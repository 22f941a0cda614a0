"""The stream of events, and whether the server lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.guard import hang_up
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.schemas.words import Answer
from anomalyhive.dashboard.api.telling import hello_of
from anomalyhive.dashboard.live.hub import Full

HEARTBEAT_SECONDS = 15.0
"""A comment after so long a silence, so that nobody on the way takes the connection for dead."""

RETRY_MILLISECONDS = 2000
"""How long a browser waits before it comes back."""

Last = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=200, description="Id of the last event that was seen.")
]

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `hello` first, then `round` (as /v1/rounds/{number}), `block` (number, time), `alert` "
        "(as /v1/alerts/{id}), `withdrawal` (id, alert_id, at, why) and `connection` (connected, problem).",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class Health(Answer):
    """Whether the server lives; what it knows of the chain is in /v1/hive."""

    healthy: bool = Field(description="Always true: who cannot answer does not.")
    connected: bool = Field(description="Whether the chain answers.")
    streams: int = Field(ge=0, description="Event streams that are open.")


def router(board: Board) -> APIRouter:
    """The stream and the probe."""
    routes = APIRouter()

    @routes.get(
        "/v1/events", response_class=StreamingResponse, responses={**STREAM, **declared(503)}, tags=["events"],
        summary="Server-sent events, until one of both ends it",
    )  # fmt: skip
    async def events(request: Request, last_event_id: Last = None) -> Response:
        if board.hub.open >= board.hub.most:
            raise Refused(503, "too-many-streams", f"{board.hub.most} streams are open", {"Retry-After": "10"})
        return Stream(_wire(board, request, last_event_id))

    @routes.get("/healthz", response_model=Health, responses=declared(), tags=["server"], summary="Whether it lives")
    async def healthz(request: Request) -> Response:
        body = Health(healthy=True, connected=board.latest.connected, streams=board.hub.open)
        return answer(request, body)

    return routes


class Stream(StreamingResponse):
    """An event stream: never kept, never rewritten on the way."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _wire(board: Board, request: Request, last: str | None) -> AsyncIterator[bytes]:
    """The bytes of one stream."""
    missed = board.hub.since(last)
    try:
        with board.hub.joined(lambda: hang_up(request.scope)) as stream:
            yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
            yield hello_of(board, missed is not None).wire if missed is None else b""
            for told in missed or ():
                yield told.wire
            while not stream.lost:
                try:
                    told = await asyncio.wait_for(stream.queue.get(), HEARTBEAT_SECONDS)
                except asyncio.TimeoutError:
                    yield b": alive\n\n"
                else:
                    yield told.wire
    except Full:
        return  # somebody else took the last place between the check and here
