"""Who may ask what: stands before the router, so that no route can be forgotten.

A loopback port is open to every program and to every web page of this machine. So every request must carry a token
(but for the health route), name this server as its Host with the right port, come from no other origin, and say that
a body is JSON (or protobuf) before one byte of it is read. There are no CORS headers at all.

Three tokens: `ingest` writes, `read` only reads, `change` reads and changes budgets and settings. The first stands in
Claude Code's settings, where agents may see it; it reads no more than statusline and hooks are answered. The last is
the dashboard's, and changes nothing from another machine. Its page, scripts and styles hold nothing of anybody's work
and need no token: a browser could send none.
"""

from __future__ import annotations

from hmac import compare_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping
    from typing import Any

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Message, Receive, Send], Awaitable[None]]

#: A body is not read beyond this: the result of a tool may be some megabytes.
LARGEST_BODY = 32 << 20
OPEN, INGEST, READ, CHANGE = "open", "ingest", "read", "change"
#: What each route needs; a route that is not named needs the read token.
_NEEDS = {
    "/v1/health": OPEN,
    "/v1/hook": INGEST,
    "/v1/statusline": INGEST,
    "/v1/logs": INGEST,
    "/v1/metrics": INGEST,
    "/v1/traces": INGEST,
}
#: The dashboard's page, and where its scripts and styles are.
PAGE, FILES = "/", "/static/"
#: Where something is changed.
_CHANGED = ("/v1/budgets/", "/v1/settings/")
_SAFE = frozenset(("GET", "HEAD"))
_MEDIA = frozenset((b"application/json", b"application/x-protobuf"))


class Guard:
    """The ASGI app before the app."""

    def __init__(self, app: App, tokens: Mapping[str, str], port: int) -> None:
        """tokens: `ingest` and `read`, neither of them empty; without `change`, nothing can be changed."""
        if not all(tokens.get(name) for name in (INGEST, READ)):
            raise ValueError("a token is empty")
        self._app = app
        given = {name: tokens[name].encode() for name in (INGEST, READ)}
        change = tuple(tokens[name].encode() for name in (CHANGE,) if tokens.get(name))
        self._bearers = {INGEST: (given[INGEST],), READ: (given[READ], *change), CHANGE: change}
        self._hosts = frozenset(f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(b"http://" + host for host in self._hosts)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSocket is served
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refusal(scope)
        if refused is not None:
            await _answer(send, *refused)
            return
        await self._app(scope, _Bounded(receive), send)

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        """(status, why) of a request that goes no further; None: it may."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in headers and name in (b"host", b"authorization", b"content-length", b"content-type", b"origin"):
                return 400, "a header that may be given once was given twice"
            headers[name] = value
        if not self._from_here(scope, headers):
            return 403, "this server answers only requests made to it by name and port, from no other origin"
        need = needed(scope["method"], scope["path"])
        given = headers.get(b"authorization", b"")
        if need != OPEN and sum(bears(given, token) for token in self._bearers[need]) == 0:
            return 401, f"the {need} token is needed: Authorization: Bearer ..."
        if need == CHANGE and not _on_this_machine(scope):
            return 403, "changes are made on this machine: on its loopback, or through its Unix socket"
        if scope["method"] not in _SAFE:
            media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if media not in _MEDIA:
                return 415, "the body must be application/json"
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or len(length) > 15:
                return 400, "content-length is no number"
            if int(length) > LARGEST_BODY:
                return 413, "the body is too large"
        return None

    def _from_here(self, scope: Message, headers: Mapping[bytes, bytes]) -> bool:
        over_socket = not scope.get("server") or scope["server"][1] is None  # a Unix socket, which no web page reaches
        host = headers.get(b"host", b"").lower()
        if host not in self._hosts and not (over_socket and host in (b"lineitem", b"localhost")):
            return False
        site = headers.get(b"sec-fetch-site")
        if site is not None and site not in (b"same-origin", b"none") and not _opens_the_page(scope, headers):
            return False
        origin = headers.get(b"origin")
        return origin is None or origin in self._origins


def _on_this_machine(scope: Message) -> bool:
    """Whether both ends of a connection are loopback, or it is a Unix socket."""
    for end in (scope.get("server"), scope.get("client")):
        if end and end[1] is not None and not (end[0].startswith("127.") or end[0] in ("::1", "localhost")):
            return False
    return True


def needed(method: str, path: str) -> str:
    """What a request must bear: the name of a token, or OPEN."""
    if method in _SAFE and (path == PAGE or path.startswith(FILES)):
        return OPEN
    if method not in _SAFE and path.startswith(_CHANGED):
        return CHANGE
    return _NEEDS.get(path, READ)


def _opens_the_page(scope: Message, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser goes to the dashboard, by a link or in a frame of an editor: the page itself tells nothing."""
    to = headers.get(b"sec-fetch-dest")
    return (
        scope["path"] == PAGE
        and scope["method"] in _SAFE
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and to in (b"document", b"iframe")
    )


def bears(given: bytes, token: bytes) -> bool:
    """Whether what stands under `authorization` is this token; it takes as long whatever it is."""
    scheme, _, found = given.partition(b" ")
    return scheme.lower() == b"bearer" and compare_digest(found.strip(), token)


class TooLarge(Exception):
    """A body went on beyond what may be read."""


class _Bounded:
    """Receives a body that ends, whatever its length was said to be."""

    __slots__ = ("_receive", "_seen")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > LARGEST_BODY:
            raise TooLarge
        return message


async def _answer(send: Send, status: int, why: str) -> None:
    from json import dumps

    body = dumps({"error": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
