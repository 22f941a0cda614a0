"""One endpoint: a POST, its answer in full and no longer than it may be."""

from __future__ import annotations

import threading
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.transport.faults import Fault, TooMuch
from anomalyhive.urls import conceal, is_http, redact

PIECE = 1 << 18
"""Bytes that are read at a time, so that a compressed answer is stopped before it fills the memory."""

HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "anomalyhive"}

BUSY = (429, 500, 502, 503, 504)
"""Statuses that pass: too many requests, and what a gateway says while a node is away."""

TOO_LARGE = 413


class Http:
    """An endpoint by its URL; user and password in it are sent as the endpoint asks for them, basic or digest.

    ``seconds`` is how long it may be silent, ``limit`` how many bytes an answer may have, ``connections`` how many
    are kept open. Raises BadSetting for what is no http(s) URL.
    """

    def __init__(self, url: str, seconds: float, limit: int, connections: int) -> None:
        if not is_http(url):
            raise BadSetting(
                f"--source {redact(url)!r} is no http(s) URL such as http://127.0.0.1:8545: "
                "name an endpoint, several with commas between, or a folder"
            )
        parts = urlsplit(url)
        self._url, self.name = url, redact(url)
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self._query = f"?{parts.query}" if parts.query else ""
        self._credentials = (unquote(parts.username or ""), unquote(parts.password or ""))
        self._auth: AuthBase | None = None
        self._asked = threading.Lock()
        self._seconds, self._limit = seconds, limit
        self._session = requests.Session()
        self._session.headers.update(HEADERS)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def concealed(self, text: str) -> str:
        """What the endpoint says, without the secrets of its URL, which some say again."""
        return conceal(text, self._url)

    def post(self, path: str, body: bytes) -> bytes:
        """The answer to a body sent to a path below the URL's own. Raises Fault."""
        if path and self._base.endswith(path):  # a user who knows monerod writes its /json_rpc out
            path = ""
        url = f"{self._base}{path}{self._query}"
        try:
            with self._send(url, body) as response:
                if response.status_code == 401 and self._learn_auth(response):
                    with self._send(url, body) as again:
                        return self._read(again)
                return self._read(response)
        except requests.exceptions.ConnectTimeout as error:
            raise Fault(f"no connection within {self._seconds:g} s") from error
        except requests.exceptions.Timeout as error:
            raise TooMuch(f"no answer within {self._seconds:g} s") from error
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise TooMuch("the answer was cut short") from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise Fault(type(error).__name__) from error

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _send(self, url: str, body: bytes) -> requests.Response:
        # A redirect would make a GET of the POST (section 15.4 of RFC 9110), and may lead anywhere.
        return self._session.post(
            url, data=body, auth=self._auth, stream=True, timeout=self._seconds, allow_redirects=False
        )

    def _learn_auth(self, response: requests.Response) -> bool:
        """Whether the endpoint asks for credentials that there are and that have not been sent."""
        with self._asked:
            if not any(self._credentials) or isinstance(self._auth, HTTPDigestAuth):
                return False
            digest = "digest" in response.headers.get("WWW-Authenticate", "").lower()
            # A password is never sent in clear to an endpoint that knows how to do without.
            self._auth = HTTPDigestAuth(*self._credentials) if digest else HTTPBasicAuth(*self._credentials)
            return True

    def _read(self, response: requests.Response) -> bytes:
        body = self._body(response)
        status = response.status_code
        if status in BUSY:
            # Some nodes put a JSON-RPC error into a 500 (bitcoind); whoever parses the body knows better.
            if status == 500 and _is_json(body):
                return body
            raise Fault(
                f"HTTP status {status}", _wait(response.headers.get("Retry-After"), response.headers.get("Date"))
            )
        if status == TOO_LARGE:
            raise TooMuch(f"HTTP status {status}")
        if status in (401, 403):
            raise Fault(f"HTTP status {status}: see user, password or key in the URL")
        if not 200 <= status < 300 and not _is_json(body):
            raise Fault(f"HTTP status {status}")
        return body

    def _body(self, response: requests.Response) -> bytes:
        """All of the answer; an honest length that is told before is read at once, without a copy."""
        pieces, size = [], 0
        told = _length(response)
        for piece in response.iter_content(PIECE if told is None else min(told, self._limit + 1)):
            pieces.append(piece)
            size += len(piece)
            if size > self._limit:
                raise TooMuch(f"an answer of more than {self._limit:,} bytes")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _length(response: requests.Response) -> int | None:
    """The bytes that an answer says that it has; None where it does not, or is compressed."""
    if "Content-Encoding" in response.headers or "Transfer-Encoding" in response.headers:
        return None
    text = response.headers.get("Content-Length", "")
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 16 else None


def _is_json(body: bytes) -> bool:
    return body.lstrip().startswith((b"{", b"["))


def _wait(text: str | None, date: str | None) -> float | None:
    """Seconds that a Retry-After asks for, a number or a date; None where it says nothing that can be read."""
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        # By the endpoint's own clock, which need not agree with ours.
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError):
        return None
