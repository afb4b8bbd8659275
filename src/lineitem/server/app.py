"""The collector's routes. Every one stands behind `guard.Guard`.

2xx means on disk. A body that cannot be read is answered 400 and counted; when too much waits for the disk the
answer is 503 with Retry-After, and nothing of that request was kept.
"""

from __future__ import annotations

import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.routing import Route

from lineitem import __version__
from lineitem.core.problems import StoreError
from lineitem.exports.prometheus import MEDIA_TYPE
from lineitem.ledger.inbox import NotNow
from lineitem.server.front import TooBusy
from lineitem.server.guard import LARGEST_BODY, Guard, TooLarge
from lineitem.server.pages import add_pages
from lineitem.sources import otlp, otlp_protobuf

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from lineitem.server.collector import Collector
    from lineitem.server.otlp_grpc import OtlpGrpc

_EMPTY = b"{}"
#: What OTLP calls the number of records that could not be read.
_REJECTED = {"logs": "rejectedLogRecords", "metrics": "rejectedDataPoints", "traces": "rejectedSpans"}
_JSON = "application/json"


def make_app(collector: Collector, tokens: Mapping[str, str], port: int, grpc: OtlpGrpc | None = None) -> Guard:
    """The ASGI app of a collector that answers on this port; it starts and stops the collector and what is beside."""
    return Guard(_routes(collector, grpc), tokens, port)


def _routes(collector: Collector, grpc: OtlpGrpc | None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        import asyncio

        loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        collector.start(loop)
        collector.news.start(loop)
        if grpc is not None:
            grpc.start(loop)
        yield
        if collector.mcp is not None:
            await collector.mcp.stop()
        if grpc is not None:
            await loop.run_in_executor(None, grpc.stop)
        await loop.run_in_executor(None, collector.stop)

    app = FastAPI(
        title="lineitem collector", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Takes what Claude Code says of a session, and says what lineitem knows. Every route but "
        "`/v1/health` and the dashboard's page needs a bearer token.",
    )  # fmt: skip
    _failures(app)

    @app.get("/v1/health", summary="Whether the collector is well; needs no token")
    async def health() -> JSONResponse:
        found = collector.health()
        return JSONResponse(found, 200 if found["status"] == "ok" else 503)

    @app.post("/v1/hook", summary="A hook event, as Claude Code gives it", openapi_extra=_body("A hook's JSON"))
    async def hook(request: Request) -> Response:
        note = request.query_params.get("note") == "1"
        answer = await collector.hook(await request.body(), request.headers.get("x-lineitem-key", ""), note=note)
        if answer is None:
            return _unreadable("no hook event")
        return JSONResponse(answer) if answer else Response(_EMPTY, media_type=_JSON)

    @app.post("/v1/statusline", summary="A statusline's JSON; answers its line",
              openapi_extra=_body("What Claude Code gives its statusline command"))  # fmt: skip
    async def status(request: Request) -> Response:
        asked = request.query_params
        columns = asked.get("columns", "")
        wide = int(columns) if columns.isdecimal() and len(columns) < 6 else 0
        line = await collector.status(await request.body(), asked.get("theme", ""), asked.get("format", ""), wide)
        return _unreadable("no statusline") if line is None else JSONResponse({"line": line})

    @app.get("/v1/metrics/prometheus", summary="Cost and tokens by project and model, for Prometheus to scrape",
             response_class=Response)  # fmt: skip
    async def metrics() -> Response:
        return Response(await collector.metrics(), headers={"content-type": MEDIA_TYPE})

    if collector.desk is not None:
        add_pages(app, collector.desk, collector.news)
    if collector.mcp is not None:
        app.router.routes.append(Route("/mcp", collector.mcp, methods=["POST"], include_in_schema=False))
    for signal in otlp.SIGNALS:
        app.post(f"/v1/{signal}", summary=f"OpenTelemetry {signal}, as JSON or protobuf",
                 openapi_extra=_body(f"An OTLP export of {signal}"))(_telemetry(collector, signal))  # fmt: skip
    return app


def _telemetry(collector: Collector, signal: str) -> Callable[[Request], Awaitable[Response]]:
    """The route of one signal. The answer says how many records were rejected, as OTLP wants it."""

    async def take(request: Request) -> Response:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        try:
            body = inflated(await request.body(), request.headers.get("content-encoding", "").strip().lower())
            rejected = await collector.telemetry(signal, kind, body)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        if kind == otlp.PROTOBUF:
            return Response(otlp_protobuf.answer(rejected), media_type=kind)
        answer: dict[str, Any] = {}
        if rejected:
            answer = {"partialSuccess": {_REJECTED[signal]: str(rejected)}}
        return JSONResponse(answer)

    return take


def _failures(app: FastAPI) -> None:
    """What every route answers when it cannot do its work."""

    @app.exception_handler(TooBusy)
    async def busy(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": "too much is waiting for the disk"}, 503, {"Retry-After": "1"})

    @app.exception_handler(NotNow)
    async def later(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 503, {"Retry-After": "60"})

    @app.exception_handler(StoreError)
    async def never(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 503)

    @app.exception_handler(TooLarge)
    async def large(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": "the body is too large"}, 413)


def _unreadable(what: str) -> JSONResponse:
    return JSONResponse({"error": f"the body is {what}"}, 400)


def _body(what: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "description": what, "content": {_JSON: {"schema": {"type": "object"}}}}}


def inflated(body: bytes, encoding: str) -> bytes:
    """A request's body as it was before compression. Raises TooLarge, ValueError for what is not gzip."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise ValueError(f"content-encoding {encoding} is not known")
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(body, LARGEST_BODY)
    except zlib.error as error:
        raise ValueError("the body is not gzip") from error
    if stream.unconsumed_tail:
        raise TooLarge
    if not stream.eof or stream.unused_data:
        raise ValueError("the gzip body is not whole")
    return found
