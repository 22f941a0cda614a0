"""Who may ask, and how much: the guard before every request.

A page of a stranger that a browser shows can send requests here, and can point a name of its own at this address (DNS
rebinding). So the name in Host must be one of ours, and what acts wants the token and an Origin that is ours. Requests
are small, and so many are answered at once and no more.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import anyio
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anomalyhive.dashboard.api.problems import TOO_LARGE, Refused, problem

MOST_REQUESTS = 64
"""Answered at once; event streams are counted apart."""

REQUEST_SECONDS = 30.0
"""For an answer to be made and taken."""

LONGEST_PATH, LONGEST_QUERY, LONGEST_HEADERS, LARGEST_BODY = 512, 2048, 16 << 10, 16 << 10
"""Characters and bytes of a request."""

LOCAL = ("localhost", "127.0.0.1", "::1")

EVENTS = "/v1/events"

HANG_UP = "anomalyhive.hang_up"
"""Extension of a request's scope: what ends its connection."""

SAFE = ("GET", "HEAD", "OPTIONS")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)
"""Of every answer."""


class Guard:
    """An ASGI app around another one. ``hosts`` are names in Host that are ours, beside those of this machine."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], most: int = MOST_REQUESTS) -> None:
        self.app = app
        self._hosts = frozenset((*LOCAL, *(host.lower().strip("[]") for host in hosts)))
        self._most, self._active = most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is None and scope["path"] == EVENTS:
            await self.app(scope, receive, send)
        elif refusal is None:
            await self._timed(scope, receive, send)
        else:
            await _told(refusal, scope)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refused | None:
        headers = Headers(scope=scope)
        if len(scope.get("raw_path") or b"") > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return Refused(414, "too-long", f"a path has at most {LONGEST_PATH} bytes, a query {LONGEST_QUERY}")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
            return Refused(431, "too-long", f"headers have at most {LONGEST_HEADERS} bytes")
        hosts = headers.getlist("host")
        if len(hosts) != 1 or name_in(hosts[0]) not in self._hosts:
            return Refused(421, "other-host", "Host names another server than this one: ask for localhost")
        if (length := headers.get("content-length", "")).isdigit() and int(length[:20]) > LARGEST_BODY:
            return too_large()
        if scope["method"] not in SAFE and not ours(headers, hosts[0]):
            return Refused(403, "other-origin", "a page of another origin may not act here")
        if self._active >= self._most:
            return Refused(503, "busy", "too many requests at once: ask again", {"Retry-After": "1"})
        return None

    async def _timed(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._active += 1
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            with anyio.move_on_after(REQUEST_SECONDS) as limit:
                await self.app(scope, _bounded(scope, receive), noted)
            if limit.cancelled_caught and not begun:
                late = Refused(503, "too-slow", "the answer took too long: ask again", {"Retry-After": "5"})
                await _told(late, scope)(scope, receive, send)
            elif limit.cancelled_caught:
                hang_up(scope)
        finally:
            self._active -= 1


def too_large() -> Refused:
    """The refusal of a body."""
    return Refused(413, "too-large", f"a body has at most {LARGEST_BODY} bytes", {"Connection": "close"})


def hang_up(scope: Scope) -> None:
    """End the connection of a request at once, whatever it has not taken yet."""
    abort = scope.get("extensions", {}).get(HANG_UP)
    if abort is not None:
        abort()


def name_in(host: str) -> str:
    """The name in a Host header without its port; empty where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == host and not parts.username else ""


def ours(headers: Headers, host: str) -> bool:
    """Whether a request that acts comes from our own page, or from no page at all."""
    origins = headers.getlist("origin")
    if any(origin not in (f"http://{host}", f"https://{host}") for origin in origins):
        return False
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def check_token(headers: Headers, token: str) -> None:
    """Raise Refused unless the request carries the token; compared in constant time."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(
        given.strip().encode("utf-8", "replace"), token.encode()
    ):
        raise Refused(
            401, "no-token", "this acts, and needs the token that the command wrote into dashboard.token",
            {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip


def _told(refusal: Refused, scope: Scope) -> Response:
    return problem(refusal.status, refusal.kind, refusal.detail, scope["path"], refusal.headers)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """A body of any length stops being read where it is too large."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            # Whoever reads it may turn the error into one of its own: the mark stays.
            scope[TOO_LARGE] = True
            raise too_large()
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
