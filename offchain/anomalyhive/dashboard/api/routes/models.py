"""Models and their lineage."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.cursors import cursor_of, place_in
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.routes.parameters import MODEL, AfterModel, DigestPath, Limit, cut
from anomalyhive.dashboard.api.schemas.models import Lineage, ModelDetail, Models
from anomalyhive.dashboard.api.shaping.models import finals_of, genesis_of, model_detail_of, model_of
from anomalyhive.dashboard.live.roundbook import RoundBook


def router(board: Board) -> APIRouter:
    """Operations on models."""
    routes = APIRouter(tags=["models"])

    @routes.get("/v1/models", response_model=Models, responses=declared(), summary="Models, the newest first")
    def models(request: Request, limit: Limit = 50, after: AfterModel = None) -> Response:
        snapshot = board.latest
        found, more = cut(_after(finals_of(snapshot), after), limit)
        items = [model_of(snapshot, board.content, one) for one in found]
        return answer(request, Models(items=items, next=cursor_of(MODEL, found[-1].number) if more else None))

    @routes.get(
        "/v1/models/{digest}", response_model=ModelDetail, responses=declared(404),
        summary="A model, its updates, and how it follows from its parent",
    )  # fmt: skip
    def model(request: Request, digest: DigestPath) -> Response:
        snapshot = board.latest
        number = None if snapshot.book is None else snapshot.book.models.get(bytes.fromhex(digest))
        if snapshot.book is None or number is None:
            raise Refused(404, "unknown-model", f"no final round made model {digest}")
        book = snapshot.book.rounds[number]
        detail = model_detail_of(snapshot, board.content, book)
        whole = detail.derivation.weights is not None and all(one.rows is not None for one in detail.contributions)
        return answer(request, detail, final=whole and board.settled(snapshot, book))

    @routes.get(
        "/v1/lineage", response_model=Lineage, responses=declared(), summary="The chain of models, the newest first"
    )
    def lineage(request: Request, limit: Limit = 200, after: AfterModel = None) -> Response:
        snapshot = board.latest
        found, more = cut(_after(finals_of(snapshot), after), limit)
        body = Lineage(
            genesis=genesis_of(snapshot, board.content),
            models=[one.model.hex() for one in found],
            next=cursor_of(MODEL, found[-1].number) if more else None,
        )
        return answer(request, body)

    return routes


def _after(rounds: list[RoundBook], after: str | None) -> list[RoundBook]:
    place = place_in(after)
    return rounds if place is None else [one for one in rounds if one.number < place[0]]
