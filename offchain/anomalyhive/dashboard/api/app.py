"""The application: operations, page and guard around one board."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.requests import Request
from starlette.types import ASGIApp

from anomalyhive.dashboard.api import pages, problems
from anomalyhive.dashboard.api.answers import CHECKED, tagged
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.guard import Guard
from anomalyhive.dashboard.api.routes import alerts, events, hive, mine, models, nodes
from anomalyhive.dashboard.api.schemas.words import Problem
from anomalyhive.dashboard.api.shaping.hive import this_version
from anomalyhive.dashboard.api.telling import Telling

ABOUT = """What a hive does, for a page and for programs: rounds, models, nodes, rewards, alerts and risk.

Amounts are decimal texts in units of 1e-18 tokens; times are Unix seconds; digests are SHA-256 in hexadecimal.
Errors are problems (RFC 9457). Lists take `limit` and `after`. What is final has an ETag; the rest is not to be kept.
"""


def create_app(board: Board) -> ASGIApp:
    """The application, with the guard around it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        telling = Telling(board, asyncio.get_running_loop())
        board.poller.listeners.append(telling)
        if board.watching is not None:
            board.watching.listeners.append(telling.heard)
        try:
            yield
        finally:
            board.poller.listeners.remove(telling)
            if board.watching is not None:
                board.watching.listeners.remove(telling.heard)

    app = FastAPI(
        title="AnomalyHive",
        version=this_version(),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    problems.install(app)
    for made in (hive, models, nodes, alerts, mine, events):
        app.include_router(made.router(board))
    app.include_router(pages.router(board.page))

    @app.get("/openapi.json", include_in_schema=False)
    def description(request: Request) -> Response:
        return tagged(request, _described(app), "application/json", CHECKED)

    return Guard(app, board.hosts)


def _described(app: FastAPI) -> bytes:
    """The OpenAPI document."""
    document: dict[str, Any] = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return json.dumps(document).encode()
