"""Nodes and what they earn."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.cursors import cursor_of, place_in
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.routes.parameters import NODE, REWARD, AfterNode, AfterReward, Limit, NodeNumber, cut
from anomalyhive.dashboard.api.schemas.nodes import Node, Nodes, Reward, Rewards
from anomalyhive.dashboard.api.shaping.nodes import node_of, rewards_of, totals_of

KINDS = ("update", "verdict")

OfNode = Annotated[int | None, Query(ge=1, le=2**32 - 1, description="Only what is of this node.")]


def router(board: Board) -> APIRouter:
    """Operations on nodes."""
    routes = APIRouter(tags=["nodes"])

    @routes.get("/v1/nodes", response_model=Nodes, responses=declared(), summary="Nodes by their number")
    def nodes(request: Request, limit: Limit = 50, after: AfterNode = None) -> Response:
        snapshot, place = board.latest, place_in(after)
        known = [one for number, one in sorted(snapshot.ledger.nodes.items()) if place is None or number > place[0]]
        found, more = cut(known, limit)
        next_ = cursor_of(NODE, found[-1].number) if more else None
        return answer(request, Nodes(items=[node_of(snapshot, one) for one in found], next=next_))

    @routes.get("/v1/nodes/{number}", response_model=Node, responses=declared(404), summary="A node")
    def node(request: Request, number: NodeNumber) -> Response:
        snapshot = board.latest
        entry = snapshot.ledger.nodes.get(number)
        if entry is None:
            raise Refused(404, "unknown-node", f"node {number} was never registered")
        return answer(request, node_of(snapshot, entry))

    @routes.get(
        "/v1/rewards", response_model=Rewards, responses=declared(),
        summary="What final rounds paid, the newest first, and sums",
    )  # fmt: skip
    def rewards(request: Request, node: OfNode = None, limit: Limit = 50, after: AfterReward = None) -> Response:
        snapshot, place = board.latest, place_in(after)
        last = None if place is None else place[0]
        rest = (one for one in rewards_of(snapshot, node, last) if place is None or _order(one) > _after(place))
        found, more = cut(list(islice(rest, limit + 1)), limit)
        next_ = None
        if more:
            end = found[-1]
            next_ = cursor_of(REWARD, end.round, KINDS.index(end.kind), end.place)
        return answer(request, Rewards(items=list(found), next=next_, totals=totals_of(snapshot, node)))

    return routes


def _order(one: Reward) -> tuple[int, int, int]:
    return -one.round, KINDS.index(one.kind), one.place


def _after(place: tuple[int, ...]) -> tuple[int, int, int]:
    return -place[0], place[1], place[2]
