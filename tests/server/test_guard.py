"""Every route with every credential, host, origin and content type, generated from the router."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.stand import CHANGE, INGEST, READ, Stand

TOKENS = {"none": None, "ingest": INGEST, "read": READ, "change": CHANGE, "wrong": "x" * 43, "empty": ""}
HOSTS = {
    "own": None,
    "name": "localhost:{}",
    "other": "evil.example:{}",
    "no port": "127.0.0.1",
    "other port": "127.0.0.1:1",
}
ORIGINS = {"none": None, "own": "http://127.0.0.1:{}", "evil": "http://evil.example", "null": "null"}
MEDIAS = {"json": "application/json", "text": "text/plain", "form": "application/x-www-form-urlencoded", "none": None}
#: Routes with a name in them, with one that is there; a stream of events never ends, so it is asked for elsewhere.
NAMED = {
    "/static/{name}": "/static/main.js",
    "/v1/reports/{name}": "/v1/reports/daily",
    "/v1/charts/{name}": "/v1/charts/days",
}
ENDLESS = "/v1/events"
WRITES = ("/v1/hook", "/v1/statusline", "/v1/logs", "/v1/metrics", "/v1/traces")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with Stand(tmp_path_factory.mktemp("guard")) as stand:
        yield stand


def routes(stand: Stand) -> list[tuple[str, str]]:
    """(method, path) of every route the collector says it has, and some it has not."""
    status, found = stand.ask("GET", "/openapi.json", token=READ)
    assert status == 200
    named = [
        (method.upper(), NAMED.get(path, path.replace("{name}", "shop")))
        for path, methods in found["paths"].items()
        for method in methods
    ]
    return [
        *named,
        ("GET", "/openapi.json"),
        ("GET", "/nothing"),
        ("POST", "/nothing"),
        ("GET", "/docs"),
        ("PUT", "/v1/hook"),
        ("POST", "/"),
        ("POST", "/static/main.js"),
        ("GET", "/static/../dashboard.py"),
        ("GET", "/v1/budgets/shop/add"),
        ("PUT", "/v1/budgets/shop/add"),
        ("GET", "/v1/settings/change"),
        ("PUT", "/v1/settings/change"),
    ]


def opens(method: str, path: str) -> set[str]:
    """The tokens with which a request may go further."""
    safe = method in ("GET", "HEAD")
    if path == "/v1/health" or (safe and (path == "/" or path.startswith("/static/"))):
        return set(TOKENS)
    if path in WRITES:
        return {"ingest"}
    return {"change"} if path.startswith(("/v1/budgets/", "/v1/settings/")) and not safe else {"read", "change"}


def test_the_router_has_the_routes_that_are_promised(stand: Stand) -> None:
    found = {path for _, path in routes(stand)}
    assert found >= {"/v1/health", "/v1/hook", "/v1/statusline", "/", "/static/main.js", "/v1/events"}
    assert found >= {f"/v1/budgets/shop/{action}" for action in ("add", "edit", "remove", "override")}
    assert found >= {"/v1/settings/look", "/v1/settings/change"}


def test_no_request_gets_further_than_its_credentials(stand: Stand) -> None:
    tried = 0
    for (method, path), token, host, origin, media in itertools.product(routes(stand), TOKENS, HOSTS, ORIGINS, MEDIAS):
        wanted = HOSTS[host]
        headers: dict[str, str | None] = {"Origin": (ORIGINS[origin] or "").format(stand.port) or None}
        if wanted:
            headers["Host"] = wanted.format(stand.port)
        if method not in ("GET", "HEAD"):
            headers["Content-Type"] = MEDIAS[media]
        elif media != "json":
            continue
        good_place = host in ("own", "name") and origin in ("none", "own")
        good_token = token in opens(method, path)
        if path == ENDLESS and good_place and good_token:
            continue
        status, _ = stand.raw(method, path, {}, TOKENS[token], **headers)  # not every answer is JSON
        expected = 403 if not good_place else 401 if not good_token else None
        if expected is None and method not in ("GET", "HEAD") and media != "json":
            expected = 415
        case = (method, path, token, host, origin, media, status)
        if expected is not None:
            assert status == expected, case
        else:
            assert status in (200, 400, 404, 405), case
        tried += 1
    assert tried > 1_000


@pytest.mark.parametrize(
    ("server", "client", "status"),
    [(("127.0.0.1", 1), ("127.0.0.1", 9), 200), (("::1", 1), ("::1", 9), 200),
     (("/live/collector.sock", None), None, 200), (("10.0.0.5", 1), ("10.0.0.9", 9), 403),
     (("127.0.0.1", 1), ("10.0.0.9", 9), 403)],
)  # fmt: skip
def test_nothing_is_changed_from_another_machine(
    server: tuple[str, int | None], client: tuple[str, int] | None, status: int
) -> None:
    """The collector listens on loopback; should it ever be reached otherwise, it is asked and not changed."""
    import asyncio

    from lineitem.server.guard import Guard

    async def app(_: object, __: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def said(path: str, method: str) -> int:
        answers: list[Any] = []
        headers = [(b"host", b"127.0.0.1:1"), (b"authorization", b"Bearer c"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": method, "path": path, "headers": headers, "server": server, "client": client}

        async def send(message: Any) -> None:
            answers.append(message)

        await Guard(app, {"ingest": "i", "read": "r", "change": "c"}, 1)(scope, None, send)  # type: ignore[arg-type]
        return int(answers[0]["status"])

    assert asyncio.run(said("/v1/settings/change", "POST")) == status
    assert asyncio.run(said("/v1/budgets/shop/add", "POST")) == status
    assert asyncio.run(said("/v1/reports/daily", "GET")) == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_web_page_elsewhere_may_not_even_read(stand: Stand, site: str) -> None:
    assert stand.ask("GET", "/v1/health", token=None, Sec_Fetch_Site=site)[0] == 403


def test_no_answer_allows_other_origins(stand: Stand) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", stand.port, timeout=10)
    connection.request("OPTIONS", "/v1/hook", headers={"Origin": "http://evil.example"})
    answer = connection.getresponse()
    assert answer.status == 403
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]
    connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(stand: Stand) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", stand.port), timeout=10) as raw:
        raw.sendall(
            f"POST /v1/hook HTTP/1.1\r\nHost: 127.0.0.1:{stand.port}\r\nAuthorization: Bearer {INGEST}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {100 << 30}\r\n\r\n".encode()
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_a_chunked_body_is_bounded_too(stand: Stand) -> None:
    """Not a byte more is sent than it takes, so that nothing unread makes the system throw the answer away."""
    import socket

    from lineitem.server.guard import LARGEST_BODY

    size = 1 << 20
    with socket.create_connection(("127.0.0.1", stand.port), timeout=30) as raw:
        raw.sendall(
            f"POST /v1/hook HTTP/1.1\r\nHost: 127.0.0.1:{stand.port}\r\nAuthorization: Bearer {INGEST}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(LARGEST_BODY // size):
            raw.sendall(b"%x\r\n%b\r\n" % (size, b" " * size))
        raw.sendall(b"1\r\n \r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")
    assert stand.ask("GET", "/v1/health", token=None)[0] == 200


def test_health_tells_nothing_of_anybodys_work(stand: Stand) -> None:
    status, found = stand.ask("GET", "/v1/health", token=None)
    assert status == 200
    assert set(found) == {
        "status",
        "version",
        "uptimeSeconds",
        "received",
        "problems",
        "rounds",
        "waiting",
        "waitingBytes",
        "hooksLost",
        "failure",
    }


def test_an_empty_token_is_refused_at_the_start() -> None:
    from lineitem.server.guard import Guard

    with pytest.raises(ValueError, match="empty"):
        Guard(lambda *_: None, {"ingest": "", "read": "r"}, 1)  # type: ignore[arg-type]
