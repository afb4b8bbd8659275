"""OTLP over gRPC, spoken by real clients in a process of their own: kept as over HTTP, refused as over HTTP."""

from __future__ import annotations

import base64
import importlib.util
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineitem.ledger import live
from lineitem.ledger.store import Ledger
from lineitem.server.otlp_grpc import SERVICES
from tests.server.stand import INGEST, READ, Stand, environment
from tests.server.test_collector import soon
from tests.telemetry.exports import (
    SESSION,
    START,
    api_request,
    counter,
    logs,
    metrics,
    protobuf,
    span,
    spans,
    tool_result,
)

pytestmark = pytest.mark.skipif(importlib.util.find_spec("grpc") is None, reason="lineitem[grpc] is not installed")

#: Calls (service, body, authorizations, gzip or not) on one channel; prints (code, answer) of each.
SPEAK = """
import base64, grpc, json, sys
port, calls = json.load(sys.stdin)
said = []
with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)]) as channel:
    for service, body, tokens, squeezed in calls:
        try:
            answer = channel.unary_unary(f"/{service}/Export")(
                base64.b64decode(body), metadata=[("authorization", token) for token in tokens], timeout=30,
                compression=grpc.Compression.Gzip if squeezed else None)
            said.append(["OK", base64.b64encode(answer).decode()])
        except grpc.RpcError as error:
            said.append([error.code().name, ""])
print(json.dumps(said))
"""
#: What OpenTelemetry's own exporter makes of one span.
EXPORT = """
import sys
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
port, token, session = sys.argv[1:]
headers = f"Authorization=Bearer {token}"
exporter = OTLPSpanExporter(f"http://127.0.0.1:{port}", insecure=True, headers=headers, timeout=20)
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
with provider.get_tracer("test").start_as_current_span("claude_code.tool.execution") as span:
    span.set_attributes({"session.id": session, "tool_use_id": "toolu_9", "tool_name": "Bash"})
provider.shutdown()
"""
LOGS, METRICS, TRACES = (SERVICES[name] for name in ("logs", "metrics", "traces"))
BEARER = f"Bearer {INGEST}"


class Call:
    """A call of a service; `bearing` are the authorizations it carries."""

    def __init__(self, service: str, body: bytes, *bearing: str, squeezed: bool = False) -> None:
        self.words = (service, base64.b64encode(body).decode(), bearing, squeezed)


def spoken(stand: Stand, *calls: Call) -> list[tuple[str, bytes]]:
    """(code, answer) of each call."""
    given = json.dumps([stand.grpc, [call.words for call in calls]])
    made = subprocess.run(
        [sys.executable, "-c", SPEAK], input=given, capture_output=True, text=True, check=True, env=environment()
    )
    return [(code, base64.b64decode(answer)) for code, answer in json.loads(made.stdout)]


def codes(stand: Stand, *calls: Call) -> list[str]:
    return [code for code, _ in spoken(stand, *calls)]


def told(db: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """(API calls, finished tool calls, other events) of the session in the ledger."""
    ledger = Ledger(str(db))
    try:
        number = ledger.find_name(SESSION)
        if number is None:
            return [], [], []
        return (
            live.api_calls_of(ledger, number), live.tools_done_of(ledger, number), live.events_of(ledger, number)
        )  # fmt: skip
    finally:
        ledger.close()


@pytest.mark.parametrize("squeezed", [False, True])
def test_all_three_signals_are_kept_once(tmp_path: Path, *, squeezed: bool) -> None:
    bodies = (
        (LOGS, logs(api_request(), tool_result(tool_name="Bash"))),
        (METRICS, metrics(counter("session.count", 1))),
        (TRACES, spans(span("tool.execution", START, START + 40))),
    )
    calls = [Call(service, protobuf(export), BEARER, squeezed=squeezed) for service, export in bodies]
    with Stand(tmp_path, grpc=0) as stand:
        assert spoken(stand, *calls, *calls) == [("OK", b"")] * 6
        assert stand.ask("GET", "/v1/health", token=None)[1]["received"] == {"telemetry": 8}
    requests, tools, events = told(stand.db)
    assert [call.request for call in requests] == ["req_1"]
    assert [done.call for done in tools] == ["toolu_1"]
    assert [event.what for event in events] == ["otel/metric/session.count", "otel/span/tool.execution"]


@pytest.mark.skipif(
    importlib.util.find_spec("opentelemetry.exporter") is None, reason="OpenTelemetry's exporter is not installed"
)
def test_the_exporter_of_opentelemetry_is_understood(tmp_path: Path) -> None:
    with Stand(tmp_path, grpc=0) as stand:
        command = [sys.executable, "-c", EXPORT, str(stand.grpc), INGEST, SESSION]
        made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
        assert made.stderr == ""
    ((event,),) = (found for found in told(stand.db) if found)
    assert (event.what, event.call, event.tool) == ("otel/span/tool.execution", "toolu_9", "Bash")


def test_records_that_could_not_be_read_are_told_over_both_ways(tmp_path: Path) -> None:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

    body = protobuf(logs(api_request(), api_request("req_2", session__id=None), tool_result(None)))
    with Stand(tmp_path, grpc=0) as stand:
        ((code, answer),) = spoken(stand, Call(LOGS, body, BEARER))
        found = ExportLogsServiceResponse.FromString(answer)
        assert (code, found.partial_success.rejected_log_records) == ("OK", 2)
        assert stand.raw("POST", "/v1/logs", body, Content_Type="application/x-protobuf") == (200, answer)


def test_no_call_gets_further_than_its_token(tmp_path: Path) -> None:
    body = protobuf(logs(api_request()))
    refused = ((), (f"Bearer {READ}",), ("Bearer ",), (INGEST,), (f"Basic {INGEST}",), (BEARER, BEARER))
    with Stand(tmp_path, grpc=0) as stand:
        calls = [Call(service, body, *bearing) for service in SERVICES.values() for bearing in refused]
        assert codes(stand, *calls) == ["UNAUTHENTICATED"] * len(calls)
        assert codes(stand, Call("lineitem.Other", body, BEARER)) == ["UNIMPLEMENTED"]
        # a body without a token is not even looked at, however large
        assert codes(stand, Call(LOGS, bytes(40 << 20)), Call(LOGS, b"", f"bearer {INGEST}")) == [
            "UNAUTHENTICATED",
            "OK",
        ]
    assert told(stand.db) == ([], [], [])


def test_what_is_no_export_and_what_is_too_large_is_refused_for_good(tmp_path: Path) -> None:
    with Stand(tmp_path, grpc=0) as stand:
        assert codes(
            stand,
            Call(LOGS, b"{}\xff", BEARER),
            Call(LOGS, bytes(33 << 20), BEARER),
            Call(LOGS, b" " * (200 << 20), BEARER, squeezed=True),
        ) == ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"]
        assert stand.ask("GET", "/v1/health", token=None)[0] == 200


def test_what_cannot_be_kept_now_may_come_again(tmp_path: Path) -> None:
    exports = [logs(*(api_request(f"req_{number}_{each}") for each in range(50))) for number in range(40)]
    calls = [Call(LOGS, protobuf(export), BEARER) for export in exports]
    with Stand(tmp_path, grpc=0, inbox=64 << 10) as stand:
        soon(lambda: stand.db.exists() and stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
        ledger = Ledger(str(stand.db))
        ledger.begin()  # the store can take nothing in
        said = codes(stand, *calls)
        taken = said.count("OK")
        assert said == ["OK"] * taken + ["UNAVAILABLE"] * (40 - taken)
        assert 0 < taken < 40
        ledger.rollback()
        ledger.close()
        soon(lambda: len(told(stand.db)[0]) == 50 * taken)
        left = calls[taken:]

        def come_again() -> bool:
            """Exporters send again what was not kept."""
            said = codes(stand, *left)
            left[:] = [call for call, code in zip(left, said, strict=True) if code != "OK"]
            return not left

        soon(come_again)
    assert len(told(stand.db)[0]) == 2_000


def test_it_ends_when_the_collector_ends_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    stand = Stand(tmp_path, grpc=0)
    stand.start()
    about = json.loads((stand.live / "collector.json").read_text())
    assert about["grpcPort"] == stand.grpc != stand.port
    assert codes(stand, Call(LOGS, protobuf(logs(api_request())), BEARER)) == ["OK"]
    with socket.create_connection(("127.0.0.1", stand.grpc)):  # somebody who never says anything
        assert stand.stop(signal.SIGTERM) == 0
    assert [call.request for call in told(stand.db)[0]] == ["req_1"]
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.1", stand.grpc)) != 0


def served(tmp_path: Path, *words: str, hidden: str = "") -> tuple[int, str]:
    """(exit code, what was said) of a `lineitem serve` that is not expected to run; hidden: a missing package."""
    start = f"import sys; sys.modules['{hidden}'] = None\n" if hidden else "import sys\n"
    start += "from lineitem.surfaces.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", start, "serve", "--db", str(tmp_path / "s.sqlite"), "--port", "0", *words]
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), timeout=60)
    return made.returncode, made.stdout + made.stderr


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = served(tmp_path, "--grpc-port", str(port))
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert "[collector] grpc_port" in said
    assert said.count("\n") == 1
    assert not list(tmp_path.rglob("collector.json"))


def test_a_missing_package_is_one_sentence(tmp_path: Path) -> None:
    code, said = served(tmp_path, "--grpc-port", "0", hidden="grpc")
    assert code == 1
    assert "pip install 'lineitem[grpc]'" in said
    assert said.count("\n") == 1


def test_the_settings_say_whether_it_is_spoken() -> None:
    from lineitem.core.problems import UsageError
    from lineitem.settings import grpc_port

    assert grpc_port() is None
    assert grpc_port("", {"collector": {"grpc_port": 4317}}) == 4317
    assert grpc_port("0", {"collector": {"grpc_port": 4317}}) == 0
    with pytest.raises(UsageError, match="for gRPC"):
        grpc_port("many")
