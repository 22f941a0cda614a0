"""One attempt to deliver a message: a POST that takes no longer than it may, whatever the receiver does.

No redirect is followed, no proxy used, no cookie kept, and of the answer only its head is read, so nothing that a
receiver sends can fill the memory.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from anomalyhive.monitor.webhooks.answers import Answer, asked_wait

AGENT = "anomalyhive"

PORTS = {"http": 80, "https": 443}


class Poster(Protocol):
    """Sends a body to a URL once."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """What came of it, after at most so many seconds; it raises nothing."""


class HttpPoster:
    """Sends over HTTP; ``tls`` says whose certificates are trusted, ``clock`` gives unix seconds."""

    def __init__(self, clock: Callable[[], float], tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._tls = ssl.create_default_context() if tls is None else tls

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
        """See `Poster`."""
        line = _Line(seconds)
        try:
            return self._exchange(line, urlsplit(url), headers, body)
        except ssl.SSLCertVerificationError as error:
            return Answer(0, f"its certificate is not valid ({error.verify_message})")
        except (OSError, HTTPException, ValueError) as error:
            if line.ended or isinstance(error, TimeoutError):
                return Answer(0, f"no answer within {seconds:g} s")
            # The kind alone: what a receiver wrote is in some of the texts.
            return Answer(0, f"no answer ({type(error).__name__})")
        finally:
            line.close()

    def _exchange(self, line: _Line, parts: SplitResult, headers: Mapping[str, str], body: bytes) -> Answer:
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        connection = HTTPConnection(host, parts.port)
        connection.sock = line.dial(host, port, self._tls if parts.scheme == "https" else None)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = {"Host": parts.netloc, "Content-Type": "application/json", "User-Agent": AGENT, "Connection": "close"}
        connection.request("POST", target, body, {**head, **headers})
        answer = connection.getresponse()
        answer.close()
        if line.ended:
            # The library takes headers that end with the connection for whole ones.
            raise TimeoutError
        return Answer(
            answer.status, _words(answer.status), asked_wait(answer.headers.get("Retry-After"), self._clock())
        )


class _Line:
    """A connection with a deadline for all of it: a limit for each read is none against who sends a byte now and then.

    Only the name's look-up has none; it keeps no more than this webhook's thread.
    """

    def __init__(self, seconds: float) -> None:
        self.ended = False
        self._socket: socket.socket | None = None
        self._deadline = time.monotonic() + seconds
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def dial(self, host: str, port: int, tls: ssl.SSLContext | None) -> socket.socket:
        """Connect to the first address that can be had, with TLS if there is any. Raises OSError."""
        failure = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            dialled = socket.socket(family, kind, protocol)
            try:
                dialled.settimeout(self._left())
                dialled.connect(address)
            except OSError as error:
                dialled.close()
                failure = error
                continue
            if tls is not None:
                # The handshake comes after the socket is known here, so that it can be hung up on too.
                dialled = tls.wrap_socket(dialled, server_hostname=host, do_handshake_on_connect=False)
            self._socket = dialled
            dialled.settimeout(self._left())
            if isinstance(dialled, ssl.SSLSocket):
                dialled.do_handshake()
            return dialled
        raise failure

    def close(self) -> None:
        """Hang up."""
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if self.ended or left <= 0:
            raise TimeoutError
        return left

    def _end(self) -> None:
        self.ended = True
        if self._socket is not None:
            with suppress(OSError):
                # Of the socket below TLS: its own way would wait for the other side.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _words(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP status {status}, a redirect, which is not followed: name the URL that it leads to"
    return f"HTTP status {status}"
