"""The hive, its rounds and what charts need of them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.cursors import cursor_of, place_in
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.routes.parameters import ROUND, AfterRound, Limit, RoundNumber, cut
from anomalyhive.dashboard.api.schemas.hive import Hive
from anomalyhive.dashboard.api.schemas.rounds import Participation, RoundDetail, Rounds
from anomalyhive.dashboard.api.shaping.hive import hive_of
from anomalyhive.dashboard.api.shaping.rounds import detail_of, figures_of, round_of, rounds_of
from anomalyhive.dashboard.live.roundbook import RoundBook


def router(board: Board) -> APIRouter:
    """Operations on the hive."""
    routes = APIRouter(tags=["hive"])

    @routes.get("/v1/hive", response_model=Hive, responses=declared(), summary="The hive and whether it answers")
    def hive(request: Request) -> Response:
        return answer(request, hive_of(board.latest, board.offers(), board.clock()))

    @routes.get("/v1/rounds", response_model=Rounds, responses=declared(), summary="Rounds, the newest first")
    def rounds(request: Request, limit: Limit = 50, after: AfterRound = None) -> Response:
        snapshot = board.latest
        now = snapshot.now(board.clock())
        found, more = cut(_after(rounds_of(snapshot.book), after), limit)
        next_ = cursor_of(ROUND, found[-1].number) if more else None
        return answer(request, Rounds(items=[round_of(snapshot, one, now) for one in found], next=next_))

    @routes.get(
        "/v1/rounds/{number}", response_model=RoundDetail, responses=declared(404),
        summary="A round and who takes part in it",
    )  # fmt: skip
    def one_round(request: Request, number: RoundNumber) -> Response:
        snapshot = board.latest
        book = None if snapshot.book is None else snapshot.book.rounds.get(number)
        if book is None:
            raise Refused(404, "unknown-round", f"round {number} was never opened")
        detail = detail_of(snapshot, board.content, book, snapshot.now(board.clock()))
        return answer(request, detail, final=board.settled(snapshot, book))

    @routes.get(
        "/v1/participation", response_model=Participation, responses=declared(),
        summary="Figures of the latest rounds, in ascending order",
    )  # fmt: skip
    def participation(request: Request, limit: Limit = 200, after: AfterRound = None) -> Response:
        snapshot = board.latest
        now = snapshot.now(board.clock())
        found, more = cut(_after(rounds_of(snapshot.book), after), limit)
        items = [figures_of(snapshot, one, now) for one in reversed(found)]
        return answer(request, Participation(items=items, next=cursor_of(ROUND, found[-1].number) if more else None))

    return routes


def _after(rounds: list[RoundBook], after: str | None) -> list[RoundBook]:
    place = place_in(after)
    return rounds if place is None else [one for one in rounds if one.number < place[0]]
