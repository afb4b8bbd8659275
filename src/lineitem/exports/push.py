"""Sends an OTLP/JSON document over HTTP, as the protocol asks: https://opentelemetry.io/docs/specs/otlp (2026-11-22).

Only when somebody says so. No redirects, no proxies; each attempt has a bounded time, and what the receiver cannot
take just now (429, 502, 503, 504, or no connection) is tried again, the very same bytes, as long as patience lasts.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from lineitem.core.problems import LineitemError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Answers after which the protocol says to try again.
RETRIED = frozenset((429, 502, 503, 504))
#: Seconds: for one attempt, for all of them, before the second one (it doubles from there).
STEP, PATIENCE, FIRST = 10.0, 60.0, 1.0
_PATH = "/v1/metrics"
#: Of an answer so much is read (bytes).
_MOST = 65_536
_HEADERS = ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
#: Letters of a header's name.
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.!#$%&'*+^`|~")
#: What the request itself says.
_OURS = frozenset(("host", "content-length", "content-type", "transfer-encoding", "connection"))


class NotSent(LineitemError):
    """The receiver did not take it; the text says what it answered."""


class Taken(NamedTuple):
    """What the receiver said of what it took."""

    rejected: int  #: points it did not keep
    message: str  #: why, or a warning; '' where it said nothing


def place(to: str) -> SplitResult:
    """The address of the metrics of a receiver, from what a person typed. Raises UsageError."""
    try:
        url = urlsplit(to)
        url.port  # noqa: B018 - raises where it is none
        (url.hostname or "").encode("idna")  # and this, where no host can be called so
    except ValueError:
        raise UsageError(f"--to: '{to}' is no address.") from None
    if url.scheme not in ("http", "https") or not url.hostname or any(c <= " " or c > "~" for c in to):
        raise UsageError(f"--to: '{to}' is no address such as http://localhost:4318.")
    if url.username is not None or url.query or url.fragment:
        raise UsageError("--to: neither a user name nor a query; OTEL_EXPORTER_OTLP_HEADERS says who sends.")
    path = url.path.rstrip("/")
    return url._replace(path=path if path.endswith(_PATH) else path + _PATH)


def headers(environment: Mapping[str, str], secret: str = "") -> dict[str, str]:
    """The headers that OpenTelemetry's own variables ask for: `name=value,name=value`. Raises UsageError.

    secret: a token that is not for others; a header that has it is left out.
    """
    name = next((name for name in _HEADERS if environment.get(name)), "")
    found = {}
    for part in filter(None, map(str.strip, environment.get(name, "").split(","))):
        key, equals, value = part.partition("=")
        key, value = key.strip().lower(), unquote(value.strip())
        if not equals or not key or not _NAME.issuperset(key) or not value.isprintable() or not value.isascii():
            raise UsageError(f"{name} is no list of headers: name=value,name=value.")
        if key not in _OURS and not (secret and secret in value):
            found[key] = value
    return found


def push(
    url: SplitResult, document: bytes, given: Mapping[str, str], say: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic,
    chance: Callable[[], float] = lambda: int.from_bytes(os.urandom(4), "big") / 2**32,
) -> Taken:  # fmt: skip
    """Send it; what was said of it. `say` is told once that it will take longer. Raises NotSent."""
    end, wait = clock() + PATIENCE, FIRST
    while True:
        status, asked, answer, why = _attempt(url, document, given)
        if 200 <= status < 300:
            return _told(answer)
        # chance, so that many who were refused at once do not come back at once
        pause = asked if asked is not None else wait * (0.5 + chance())
        if (status and status not in RETRIED) or clock() + pause >= end:
            raise NotSent(f"{url.hostname} {f'answered {status}' if status else f'was not reached ({why})'}: not sent.")
        if wait == FIRST:
            said = f"answers {status}" if status else f"is not reached ({why})"
            say(f"{url.hostname} {said}. It is tried again for a minute at most; Ctrl-C ends it.")
        sleep(pause)
        wait *= 2


def _attempt(url: SplitResult, document: bytes, given: Mapping[str, str]) -> tuple[int, float | None, bytes, str]:
    """(status, 0 for none; seconds it asks to wait; the answer; what went wrong)."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from threading import Timer

    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=STEP)
    limit = Timer(STEP, lambda: _shut(connection))  # a receiver that answers a byte at a time ends here, too
    limit.daemon = True
    limit.start()
    try:
        connection.request("POST", url.path, document, {"Content-Type": "application/json",
                                                        "User-Agent": "lineitem", **given})  # fmt: skip
        response = connection.getresponse()
        asked = response.headers.get("Retry-After", "")
        answer = response.read(_MOST)
        return response.status, float(asked) if asked.isascii() and asked.isdigit() else None, answer, ""
    except (OSError, HTTPException) as error:
        return 0, None, b"", getattr(error, "strerror", None) or type(error).__name__
    finally:
        limit.cancel()
        connection.close()


def _shut(connection: object) -> None:
    import socket

    wire = getattr(connection, "sock", None)
    try:
        if wire is not None:
            wire.shutdown(socket.SHUT_RDWR)
    except OSError:  # ended already
        pass


def _told(answer: bytes) -> Taken:
    """A partial success, where the receiver tells one; what it says otherwise is no matter."""
    from json import loads

    try:
        said = loads(answer)["partialSuccess"]
        return Taken(int(said.get("rejectedDataPoints", 0)), str(said.get("errorMessage", ""))[:200])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Taken(0, "")
