"""Answers: JSON of a schema, with a tag where it will never change and never stored where it will."""

from __future__ import annotations

import hashlib

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

LIVE = "no-store"
FINAL = "private, max-age=60, must-revalidate"
"""A minute: a page that is clicked through asks once, and what a node replaces all the same is soon right."""

CHECKED = "private, no-cache"
"""May be kept, and is asked for again each time: whether it changed says the tag."""


def answer(request: Request, body: BaseModel, final: bool = False, status: int = 200) -> Response:
    """The JSON of an answer; 304 where ``final`` and the client has it."""
    content = body.model_dump_json().encode()
    if not final:
        return Response(content, status, {"Cache-Control": LIVE}, "application/json")
    return tagged(request, content, "application/json", FINAL)


def tagged(request: Request, content: bytes, media: str, keeping: str) -> Response:
    """Content with its tag, or 304 to who names that tag in If-None-Match."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": keeping}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, media)


def matches(given: str, tag: str) -> bool:
    """Whether If-None-Match names a tag; weak comparison (RFC 9110, section 13.1.2)."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in given.split(","))
