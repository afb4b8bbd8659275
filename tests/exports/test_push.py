"""Metrics are sent by OTLP over HTTP: to a real receiver on loopback, as the protocol asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from lineitem.core.problems import UsageError
from lineitem.exports import push
from lineitem.surfaces.cli import main, story
from tests.server.stand import Stand


class Receiver(ThreadingHTTPServer):
    """Answers what it is told to, in turn, then 200; remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        status, headers, answer = self.server.answers.pop(0) if self.server.answers else (200, {}, b"{}")
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(autouse=True)
def _stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'own.sqlite'}")
    for name in ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"):
        monkeypatch.delenv(name, raising=False)


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept, self.said = 0.0, list[float](), list[str]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def push(self, url: str, document: bytes = b"{}") -> push.Taken:
        return push.push(push.place(url), document, {}, self.said.append, self.sleep, lambda: self.now, lambda: 0.5)


def test_a_receiver_gets_what_the_export_says(
    receiver: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=core, Authorization=Bearer%20abc,host=evil")
    assert main(["export", "metrics", "--format", "otlp"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert main(["export", "otlp", "--to", receiver.url]) == 0
    out = capsys.readouterr()
    assert out.out == ""
    assert "Sent to 127.0.0.1." in out.err
    ((path, headers, body),) = receiver.asked
    assert path == "/v1/metrics"
    assert headers["content-type"] == "application/json"
    assert (headers["x-team"], headers["authorization"]) == ("core", "Bearer abc")
    assert headers["host"].startswith("127.0.0.1:")
    document = json.loads(body)
    message = ExportMetricsServiceRequest()
    json_format.ParseDict(document, message)
    times = {point.time_unix_nano for metric in message.resource_metrics[0].scope_metrics[0].metrics
             for point in metric.sum.data_points}  # fmt: skip
    assert len(times) == 1
    strip = {"timeUnixNano"}

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(inner) for key, inner in value.items() if key not in strip}
        return [timeless(inner) for inner in value] if isinstance(value, list) else value

    assert timeless(document) == timeless(shown)


def test_nothing_is_sent_twice_unless_it_is_said(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "otlp", "--to", receiver.url]
    assert main(words) == 0
    assert main(words) == 0
    assert "Nothing has changed" in capsys.readouterr().err
    assert len(receiver.asked) == 1
    assert main([*words, "--force"]) == 0
    assert main([*words, "--since", "2026-11-02"]) == 0
    assert len(receiver.asked) == 3


def test_what_was_not_taken_is_sent_the_next_time(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    receiver.answers = [(400, {}, b"no")]
    words = ["export", "otlp", "--to", receiver.url]
    assert main(words) == 1
    assert "answered 400: not sent" in capsys.readouterr().err
    assert main(words) == 0
    assert len(receiver.asked) == 2


def test_points_that_were_not_kept_are_told(receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"partialSuccess": {"rejectedDataPoints": "3", "errorMessage": "too \x1b[31mold"}}
    receiver.answers = [(200, {}, json.dumps(said).encode())]
    assert main(["export", "otlp", "--to", receiver.url]) == 1
    err = capsys.readouterr().err
    assert "did not keep 3 points" in err
    assert "\x1b" not in err


def test_the_same_bytes_are_tried_again(receiver: Receiver) -> None:
    receiver.answers = [(503, {}, b""), (429, {"Retry-After": "7"}, b""), (502, {"Retry-After": "soon"}, b"")]
    watch = Watch()
    assert watch.push(receiver.url, b"{1}") == push.Taken(0, "")
    assert watch.slept == [1.0, 7.0, 4.0]
    assert len(watch.said) == 1
    assert "answers 503" in watch.said[0]
    assert [body for _, _, body in receiver.asked] == [b"{1}"] * 4


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500, 301, 307])
def test_what_will_not_change_is_not_tried_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": f"{receiver.url}/elsewhere"}, b"")]
    with pytest.raises(push.NotSent, match=f"answered {status}"):
        Watch().push(receiver.url)
    assert len(receiver.asked) == 1


def test_patience_ends(receiver: Receiver) -> None:
    receiver.answers = [(503, {"Retry-After": "3600"}, b"")]
    with pytest.raises(push.NotSent, match="answered 503"):
        Watch().push(receiver.url)
    receiver.answers = [(503, {}, b"")] * 99
    watch = Watch()
    with pytest.raises(push.NotSent):
        watch.push(receiver.url)
    assert watch.now < push.PATIENCE
    assert len(receiver.asked) == 1 + len(watch.slept) + 1


def test_nobody_there_is_a_sentence() -> None:
    watch = Watch()
    with pytest.raises(push.NotSent, match="was not reached"):
        watch.push("http://127.0.0.1:1")
    assert watch.slept


def test_our_own_token_goes_to_nobody() -> None:
    environment = {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer own-token,x=y"}
    assert push.headers(environment, "own-token") == {"x": "y"}
    assert push.headers(environment | {"OTEL_EXPORTER_OTLP_METRICS_HEADERS": "a=b"}, "own-token") == {"a": "b"}


@pytest.mark.parametrize("text", ["x", "=y", "a b=c", "a=b%0d%0aHost: evil", "a=\u00e9"])
def test_headers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="OTEL_EXPORTER_OTLP_HEADERS"):
        push.headers({"OTEL_EXPORTER_OTLP_HEADERS": text})


@pytest.mark.parametrize(
    "to", ["localhost:4318", "ftp://x", "http://", "http://a:b@c", "http://x?y", "http://x:99999", "http://x y", "x"]
)
def test_addresses_that_are_none_are_refused(to: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "otlp", "--to", to]) == 2
    assert "--to" in capsys.readouterr().err


def test_a_path_is_kept() -> None:
    assert push.place("https://example.com/otlp/").geturl() == "https://example.com/otlp/v1/metrics"
    assert push.place("http://x/v1/metrics").geturl() == "http://x/v1/metrics"


@pytest.mark.parametrize("words", [["daily"], ["metrics", "--format", "csv"], ["otlp", "--json"], ["otlp", "-o", "x"]])
def test_only_metrics_are_sent(words: list[str], receiver: Receiver) -> None:
    assert main(["export", *words, "--to", receiver.url]) == 2
    assert receiver.asked == []


def test_our_own_collector_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stand(tmp_path) as stand:
        monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{stand.db}")
        assert main(["export", "otlp", "--to", f"http://localhost:{stand.port}"]) == 2
    assert "lineitem's own collector" in capsys.readouterr().err
