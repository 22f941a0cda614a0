"""A node of one's own, and audits: what acts needs the token."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer

from anomalyhive.chain.views import Role
from anomalyhive.dashboard.api.answers import answer
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.guard import check_token
from anomalyhive.dashboard.api.problems import Refused, declared
from anomalyhive.dashboard.api.schemas.mine import Audit, AuditBegun, AuditWanted, Claims, Me
from anomalyhive.dashboard.api.schemas.nodes import RoleName
from anomalyhive.dashboard.api.shaping.mine import audit_of, claims_of, me_of, nobody
from anomalyhive.dashboard.live.auditing import Busy
from anomalyhive.dashboard.live.mine import Mine
from anomalyhive.errors import AnomalyHiveError
from anomalyhive.texts import one_line

RoleOf = Annotated[RoleName, Path(description="A role that the settings of the node have.")]
Turn = Annotated[Literal["pause", "resume"], Path(description="Let it rest, or go on.")]
AuditId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Id of an audit.")]
Wanted = Annotated[AuditWanted | None, Body(description="Which model is asked about.")]

BEARER = HTTPBearer(auto_error=False, description="The token in the file dashboard.token, which the command wrote.")
"""For the description alone: `check_token` compares."""


def router(board: Board) -> APIRouter:
    """Operations on one's own node, and audits."""
    routes = APIRouter()

    def authorised(request: Request) -> None:
        check_token(request.headers, board.token)

    acting = [Depends(BEARER), Depends(authorised)]

    @routes.get("/v1/me", response_model=Me, responses=declared(), tags=["me"], summary="A node of one's own")
    def me(request: Request) -> Response:
        return answer(request, nobody() if board.mine is None else me_of(board.mine))

    @routes.get(
        "/v1/me/claim", response_model=Claims, responses=declared(404), tags=["me"],
        summary="What the owner may sign to be paid",
    )  # fmt: skip
    def claim(request: Request) -> Response:
        try:
            return answer(request, claims_of(_own(board).claims()))
        except AnomalyHiveError as error:
            words = one_line(board.poller.place.conceal(str(error)), 300)
            raise Refused(503, "no-claim", words, {"Retry-After": "5"}) from error

    @routes.post(
        "/v1/me/roles/{role}/{turn}", response_model=Me, responses=declared(401, 403, 404, 413), tags=["me"],
        dependencies=acting, summary="Let a role rest, or go on",
    )  # fmt: skip
    def turn_role(request: Request, role: RoleOf, turn: Turn) -> Response:
        mine = _own(board)
        wanted = Role[role.upper()]
        if wanted not in mine.config.roles:
            raise Refused(404, "unknown-role", f"the settings of the node do not have the role {role}")
        try:
            mine.turn(wanted, turn == "pause")
        except AnomalyHiveError as error:
            raise Refused(
                503, "not-turned", "which roles rest cannot be written down now", {"Retry-After": "5"}
            ) from error
        return answer(request, me_of(mine))

    @routes.post(
        "/v1/audits", response_model=AuditBegun, status_code=202, responses=declared(400, 401, 403, 404, 409, 413),
        tags=["audits"], dependencies=acting, summary="Begin an audit",
    )  # fmt: skip
    def begin(request: Request, wanted: Wanted = None) -> Response:
        if board.audits is None:
            raise Refused(404, "no-audits", "this dashboard has the chain and none of the content: name a --store")
        if wanted is not None and wanted.model is not None:
            book = board.latest.book
            if book is None or bytes.fromhex(wanted.model) not in book.models:
                raise Refused(404, "unknown-model", f"no final round made model {wanted.model}")
        try:
            return answer(request, AuditBegun(id=board.audits.begin()), status=202)
        except Busy as busy:
            raise Refused(409, "audit-running", f"audit {busy.id} is running: wait for it") from busy

    @routes.get(
        "/v1/audits/{audit_id}", response_model=Audit, responses=declared(404), tags=["audits"],
        summary="How an audit gets on, or what it came to",
    )  # fmt: skip
    def audit(request: Request, audit_id: AuditId) -> Response:
        standing = None if board.audits is None else board.audits.standing(audit_id)
        if standing is None:
            raise Refused(404, "unknown-audit", f"there is no audit {audit_id}")
        return answer(request, audit_of(standing))

    return routes


def _own(board: Board) -> Mine:
    if board.mine is None:
        raise Refused(404, "no-node", "this dashboard knows no node: start it with --home")
    return board.mine
