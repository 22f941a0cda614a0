"""How the interface refuses: application/problem+json (RFC 9457), never a trace, never a path of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from anomalyhive.dashboard.api.schemas.words import Problem
from anomalyhive.texts import one_line

MEDIA = "application/problem+json"
KIND = "urn:anomalyhive:problem:"

TOO_LARGE = "anomalyhive.too_large"
"""Mark on the scope of a request whose body was not read to its end."""

SHOWN = 200
"""Characters of a request that its refusal repeats."""


class Refused(Exception):
    """A request that is refused: ``kind`` names why, ``detail`` says it in words."""

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.kind, self.detail, self.headers = status, kind, detail, dict(headers or {})
        super().__init__(detail)


def problem(status: int, kind: str, detail: str, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that refuses."""
    body = Problem(
        type=f"{KIND}{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=one_line(path, SHOWN),
    )
    return JSONResponse(
        body.model_dump(), status, headers={**(headers or {}), "Cache-Control": "no-store"}, media_type=MEDIA
    )


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the description of an operation: these statuses answer with a problem."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA: {"schema": schema}}}
        for status in (*statuses, 414, 421, 422, 431, 503)
    }


def install(app: FastAPI) -> None:
    """Let every error of the app be told as a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return problem(error.status, error.kind, error.detail, request.url.path, error.headers)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if request.scope.get(TOO_LARGE):
            return problem(413, "too-large", "the body is too large", request.url.path, {"Connection": "close"})
        kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = "there is nothing at this path: see /openapi.json"
        elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            detail = "the path does not take this method: see /openapi.json"
        else:
            detail = "the request cannot be read"
        return problem(error.status_code, kind, detail, request.url.path, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        told = []
        for one in error.errors()[:3]:
            where = " ".join(str(part) for part in one["loc"])
            told.append(f"{where}: {one['msg']}")
        return problem(422, "invalid", one_line("; ".join(told), SHOWN), request.url.path)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001 - told to the log alone
        return problem(500, "unforeseen", "something unforeseen went wrong here; the log says what", request.url.path)
