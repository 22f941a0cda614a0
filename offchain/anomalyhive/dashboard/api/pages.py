"""The page's files: read from the package, told apart by tags, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import Response

from anomalyhive.dashboard.api.answers import CHECKED, tagged
from anomalyhive.dashboard.api.problems import Refused

PAGE = Path(__file__).resolve().parents[1] / "page"

MEDIA: Mapping[str, str] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".ico": "image/x-icon",
        ".woff2": "font/woff2",
    }
)
"""What is served, by its suffix."""

INDEX = "index.html"


def file_of(root: Path, name: str) -> tuple[bytes, str]:
    """A file of the page and its media type. Raises Refused for anything else."""
    missing = Refused(404, "not-found", "the page has no such file")
    path = root / name
    media = MEDIA.get(path.suffix)
    if media is None or "\0" in name or any(part.startswith(".") for part in Path(name).parts):
        raise missing
    try:
        if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
            raise missing
        return path.read_bytes(), media
    except OSError as error:
        raise missing from error


def router(root: Path) -> APIRouter:
    """`/` and `/assets/…`."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/", methods=["GET", "HEAD"])
    def index(request: Request) -> Response:
        content, media = file_of(root, INDEX)
        return tagged(request, content, media, CHECKED)

    @routes.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
    def asset(request: Request, name: str) -> Response:
        content, media = file_of(root, name)
        return tagged(request, content, media, CHECKED)

    return routes
