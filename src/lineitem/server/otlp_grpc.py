"""Telemetry over gRPC: the three services of OTLP beside the routes of HTTP, for exporters that speak nothing else.

A call goes the way of an HTTP request with a protobuf body: the ingest token (as `authorization` in its metadata) is
looked at before a byte of the body is read, the body is bounded, OK means on disk, UNAVAILABLE means that nothing was
kept and that it may come again. Web pages cannot get here: no browser speaks HTTP/2 to a port without TLS.

Needs the package grpcio (`lineitem[grpc]`), which is imported here alone. It works in threads of its own.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from lineitem.core.problems import LineitemError, StoreError
from lineitem.server.front import TooBusy
from lineitem.server.guard import LARGEST_BODY, bears
from lineitem.sources import otlp, otlp_protobuf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lineitem.server.collector import Collector

#: The service of each signal; each has one method, `Export` (opentelemetry-proto 1.x, which keeps its names).
SERVICES = {
    otlp.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    otlp.METRICS_SIGNAL: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    otlp.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
}
#: Calls that are read at the same time; the others wait unread.
_THREADS = 8
#: Seconds: for what is under way at the end, and for a commit.
_GRACE, _PATIENCE = 3, 30


class GrpcMissing(LineitemError):
    """The package that speaks gRPC is not installed."""


class OtlpGrpc:
    """The gRPC server of a collector; started and stopped inside its event loop's life."""

    def __init__(self, collector: Collector, token: str, port: int) -> None:
        """token: the ingest token. Claims the port (0: any that is free); raises GrpcMissing, OSError."""
        try:
            import grpc  # type: ignore[import-untyped]
        except ImportError as error:
            raise GrpcMissing(
                "OTLP over gRPC needs the package grpcio: pip install 'lineitem[grpc]', or leave out --grpc-port and"
                " [collector] grpc_port; OTLP over HTTP needs nothing more."
            ) from error
        self._codes = grpc.StatusCode
        self._collector, self._token = collector, token.encode()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads = ThreadPoolExecutor(_THREADS, "grpc")
        # As streams in, so that the token comes first: a call of one message and a stream of one are the same bytes.
        handlers = [
            grpc.method_handlers_generic_handler(
                service, {"Export": grpc.stream_unary_rpc_method_handler(partial(self._export, signal))}
            )
            for signal, service in SERVICES.items()
        ]
        options = (("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", LARGEST_BODY))
        self._server = grpc.server(self._threads, handlers, options=options)
        try:
            self.port = int(self._server.add_insecure_port(f"127.0.0.1:{port}"))
        except RuntimeError as error:
            raise OSError(str(error)) from error

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._server.start()

    def stop(self) -> None:
        """End what is under way, or refuse it; its loop must still run."""
        self._server.stop(_GRACE).wait()
        self._threads.shutdown()

    def _export(self, signal: str, bodies: Iterator[bytes], call: Any) -> bytes:
        """Take an export; in a thread of the server."""
        given = [value for name, value in call.invocation_metadata() if name == "authorization"]
        if len(given) != 1 or not bears(given[0].encode(), self._token):
            call.abort(self._codes.UNAUTHENTICATED, "the ingest token is needed: authorization: Bearer ...")
        body = next(bodies, None)
        if body is None:
            call.abort(self._codes.INVALID_ARGUMENT, "no message came")
        assert self._loop is not None
        taken = self._collector.telemetry(signal, otlp.PROTOBUF, body or b"")
        try:
            return otlp_protobuf.answer(asyncio.run_coroutine_threadsafe(taken, self._loop).result(_PATIENCE))
        except ValueError as error:
            call.abort(self._codes.INVALID_ARGUMENT, str(error))
        except TooBusy:
            call.abort(self._codes.UNAVAILABLE, "too much is waiting for the disk")
        except TimeoutError:
            call.abort(self._codes.UNAVAILABLE, "the disk takes too long")
        except StoreError as error:
            call.abort(self._codes.UNAVAILABLE, str(error))
        raise AssertionError  # `abort` raises
