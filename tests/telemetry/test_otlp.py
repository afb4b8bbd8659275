"""What telemetry says, and what of it is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.kinds import TOKENS
from lineitem.sources.otlp import JSON, LOGS, METRICS_SIGNAL, PROTOBUF, SIGNALS, TRACES, NotOtlp, Telemetry, decode
from lineitem.sources.otlp_kinds import input_kind
from lineitem.sources.otlp_record import WANTED
from tests.laws.examples import examples
from tests.telemetry.exports import (
    MS,
    SESSION,
    START,
    api_request,
    attributes,
    body,
    counter,
    log,
    logs,
    metrics,
    protobuf,
    span,
    spans,
    tool_result,
)


def told(export: dict[str, Any], signal: str = LOGS) -> Telemetry:
    return decode(signal, JSON, body(export))


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return record | {"attributes": [one for one in record["attributes"] if one["key"] not in names]}


def test_an_api_request_becomes_an_api_call() -> None:
    (call,) = told(logs(api_request(agent_id="a1"), resource={"department": "platform", "host.arch": "x"})).calls
    assert call._asdict() == {
        "key": "req_1", "session": SESSION, "at": START, "request": "req_1", "model": "claude-opus-5-5",
        "source": "repl_main_thread", "agent": "a1", "prompt": "p-1", "uncached": 3, "output": 80, "write5": 29,
        "write1": 0, "read": 12_277, "nanos": 4_200_400, "duration": 138, "speed": "",
        "labels": '{"department":"platform"}',
    }  # fmt: skip


def test_a_tool_result_becomes_a_finished_tool_call() -> None:
    (done,) = told(logs(tool_result(success="false"))).tools
    assert (done.call, done.tool, done.request, done.size_in, done.size_out, done.succeeded, done.duration) == (
        "toolu_1", "Bash", "req_1", 36, 3200, False, 42,
    )  # fmt: skip


def test_mcp_tools_have_the_names_that_hooks_and_transcripts_give_them() -> None:
    parameters = json.dumps({"mcp_server_name": "github", "mcp_tool_name": "search"})
    (done,) = told(logs(tool_result(tool_name="mcp_tool", tool_parameters=parameters))).tools
    assert done.tool == "mcp__github__search"
    (done,) = told(logs(tool_result(tool_name="mcp_tool", tool_parameters="{"))).tools
    assert done.tool == "mcp_tool"


@pytest.mark.parametrize("encoding", [JSON, PROTOBUF])
def test_of_a_tools_input_only_the_kind_of_its_text_passes(encoding: str) -> None:
    """A result's size says little of its tokens: what kind of text it is was told and not looked at."""
    inputs = {
        "toolu_1": {"file_path": f"/home/{CANARY}/data.CSV"},
        "toolu_2": {"command": f"head -20 {CANARY}.py | sort", "description": CANARY},
        "toolu_3": {"file_path": f"/home/x.{CANARY}"},
        "toolu_4": {"command": "cat a.py b.csv"},  # of which of the two?
        "toolu_5": {"command": "wc -l a.py"},
        "toolu_6": {"command": f"git diff {CANARY}.css"},
    }
    export = logs(*(tool_result(call, tool_input=json.dumps(given)) for call, given in inputs.items()))
    telemetry = decode(LOGS, encoding, body(export) if encoding == JSON else protobuf(export))
    told_kinds = {event.call: (event.what, json.loads(event.note)) for event in telemetry.events}
    assert told_kinds == {
        call: ("otel/tool_kind", {"kind": kind})
        for call, kind in (("toolu_1", "csv"), ("toolu_2", "py"), ("toolu_6", "diff"))
    }
    assert len({event.key for event in telemetry.events}) == len(telemetry.events)
    assert CANARY not in repr((telemetry.tools, telemetry.events, telemetry.troubles))


@given(st.one_of(st.text(), st.dictionaries(st.sampled_from(("file_path", "command")), st.text()).map(json.dumps)))
@examples(100)
def test_a_kind_is_of_the_table_or_none(written: str) -> None:
    assert input_kind(written) in {"", *TOKENS}


def test_a_compaction_becomes_an_event_with_its_sizes() -> None:
    (event,) = told(logs(log("compaction", trigger="auto", success="true", pre_tokens=9, duration_ms="77"))).events
    assert (event.what, event.duration) == ("otel/compaction", 77)
    assert json.loads(event.note) == {"trigger": "auto", "success": "true", "pre_tokens": "9"}


@pytest.mark.parametrize(
    ("dollars", "micros", "nanos"),
    [
        (0.042504999999999994, 42505, 42_505_000),
        ("0.0042004", 4200, 4_200_400),
        (None, 4200, 4_200_000),
        (0, 0, 0),
        (-1.0, None, None),
        ("lots", None, None),
        ("NaN", None, None),
        ("Infinity", "12", 12_000),
        (None, None, None),
        (1e300, None, None),
    ],
)
def test_money_is_whole_nanodollars_or_unknown(dollars: Any, micros: Any, nanos: int | None) -> None:
    (call,) = told(logs(api_request(cost_usd=dollars, cost_usd_micros=micros))).calls
    assert call.nanos == nanos


def test_writes_without_a_lifetime_are_five_minute_writes() -> None:
    old = without(api_request(cache_creation_tokens=900), "cache_creation_5m_tokens", "cache_creation_1h_tokens")
    mixed = api_request("req_2", cache_creation_tokens=900, cache_creation_5m_tokens=0, cache_creation_1h_tokens=600)
    first, second = told(logs(old, mixed)).calls
    assert (first.write5, first.write1) == (900, 0)
    assert (second.write5, second.write1) == (300, 600)


def test_without_a_request_id_the_record_itself_is_the_key() -> None:
    one, again, other = told(logs(api_request(None), api_request(None), api_request(None, event__sequence=2))).calls
    assert one == again
    assert one.key.startswith("otel/")
    assert other.key != one.key


def test_a_request_without_counts_is_kept_and_counted() -> None:
    telemetry = told(logs(without(api_request(), "output_tokens")))
    assert telemetry.calls[0].nanos == 4_200_400
    assert telemetry.troubles == {("otlp-count-missing", "api_request without all of its token counts"): 1}


CANARY = "CANARY-9f3b"


def test_no_text_passes() -> None:
    """Telemetry may be told to log texts (OTEL_LOG_USER_PROMPTS and others): none of it is kept."""
    texts: dict[str, Any] = {
        name: f"{CANARY} {name}"
        for name in (
            "prompt", "prompt_text", "response", "tool_input", "tool_parameters", "error", "body", "body_ref", "stdout",
            "tool_output", "hook_name", "user.email", "workspace.host_paths", "unheard_of",
        )
    }  # fmt: skip
    texts["tool_parameters"] = json.dumps({"full_command": CANARY, "description": CANARY, "mcp_server_name": "s"})
    names = ["api_request", "tool_result", "user_prompt", "assistant_response", "api_error", "tool_decision", "mystery"]
    records = [log(name, **texts, tool_use_id="t", request_id="r") for name in names]
    records.append({"timeUnixNano": str(START * MS), "body": {"stringValue": CANARY}, "attributes": []})
    records.append({"timeUnixNano": str(START * MS), "eventName": {"is": CANARY}, "attributes": [CANARY, {"key": 1}]})
    for kind, export in ((JSON, body(logs(*records))), (PROTOBUF, protobuf(logs(*records[:-1])))):
        telemetry = decode(LOGS, kind, export)
        everything = repr((telemetry.calls, telemetry.tools, telemetry.events, telemetry.troubles))
        assert len(telemetry.events) == 4
        assert CANARY not in everything
    for signal, export in (
        (TRACES, body(spans(span("tool", START, START + 9, **texts)))),
        (METRICS_SIGNAL, body(metrics(counter("cost.usage", 0.5, **texts)))),
    ):
        (event,) = decode(signal, JSON, export).events
        assert CANARY not in repr(event)


def test_traces_give_durations() -> None:
    export = spans(
        span("tool", START, START + 60_000, tool_use_id="toolu_1", tool_name="Bash"),
        span("tool.execution", START + 59_000, START + 60_000, "01", tool_use_id="toolu_1", tool_name="Bash"),
        span("llm_request", START, START + 1_500, "02", request_id="req_1", ttft_ms=300),
    )
    for kind, written in ((JSON, body(export)), (PROTOBUF, protobuf(export))):
        whole, execution, request = decode(TRACES, kind, written).events
        assert (whole.what, whole.duration, whole.call) == ("otel/span/tool", 60_000, "")  # with a person's thinking
        assert (execution.duration, execution.call) == (1_000, "toolu_1")
        assert (request.duration, json.loads(request.note)["request_id"]) == (1_500, "req_1")


def test_metrics_are_readings_and_no_money() -> None:
    telemetry = told(
        metrics(counter("cost.usage", 0.0616, model="m"), counter("cost.usage", 0.5, model="n")), "metrics"
    )
    assert not telemetry.calls
    assert [json.loads(event.note)["value"] for event in telemetry.events] == [0.0616, 0.5]
    assert len({event.key for event in telemetry.events}) == 2


@pytest.mark.parametrize(
    ("record", "slug"),
    [
        (log("mystery"), "otlp-unknown-record"),
        (without(api_request(), "session.id"), "otlp-no-session"),
        (without(api_request() | {"timeUnixNano": "soon", "observedTimeUnixNano": -1}), "otlp-no-time"),
        (tool_result(None), "otlp-no-call"),
        ("no record at all", "otlp-malformed"),
        (api_request() | {"attributes": {"session.id": "x"}}, "otlp-malformed"),
    ],
)
def test_a_bad_record_costs_itself_alone(record: Any, slug: str) -> None:
    telemetry = told(logs(api_request("req_0"), record, record, tool_result()))
    assert [call.key for call in telemetry.calls] == ["req_0"]
    assert [done.call for done in telemetry.tools] == ["toolu_1"]
    assert [problem for problem, _ in telemetry.troubles] == [slug]
    assert telemetry.rejected == 2


def test_a_record_that_is_kept_without_an_odd_attribute_is_not_rejected() -> None:
    """It was counted as one, and an exporter told to have lost what it had not."""
    odd = api_request("req_1")
    odd["attributes"] = [*odd["attributes"], "no attribute", {"key": "prompt.id", "value": {"intValue": "many"}}]
    bare = without(api_request("req_2"), "output_tokens")
    telemetry = told(logs(odd, bare, "no record at all"))
    assert [call.key for call in telemetry.calls] == ["req_1", "req_2"]
    assert sorted({slug for slug, _ in telemetry.troubles}) == [
        "otlp-attribute-odd", "otlp-count-missing", "otlp-malformed",
    ]  # fmt: skip
    assert telemetry.rejected == 1


def test_a_time_that_is_only_written_is_read() -> None:
    bare = api_request(event__timestamp="2026-11-22T00:24:36.675Z") | {"timeUnixNano": 0, "observedTimeUnixNano": None}
    assert told(logs(bare)).calls[0].at == 1_795_307_076_675


@pytest.mark.parametrize("kind", [JSON, PROTOBUF])
def test_a_body_that_is_no_export_says_so(kind: str) -> None:
    for written in (b"\xff\xfe{}", b"[" * 100_000, b'{"resourceLogs": 7}'):
        with pytest.raises(NotOtlp) as refused:
            decode(LOGS, kind, written)
        assert not refused.value.unknown_type


def test_half_an_emoji_in_an_unwanted_text_costs_nothing() -> None:
    written = body(logs(api_request(prompt="cut \ud83d"), tool_result(tool_input="\\ud83d \U0001f600 \udc00\ud83d")))
    telemetry = decode(LOGS, JSON, written)
    assert (len(telemetry.calls), len(telemetry.tools), telemetry.troubles) == (1, 1, {})


def test_another_content_type_is_refused() -> None:
    with pytest.raises(NotOtlp) as refused:
        decode(LOGS, "text/plain", b"{}")
    assert refused.value.unknown_type


def test_a_charset_beside_the_content_type_is_no_matter() -> None:
    assert decode(LOGS, "application/json; charset=utf-8", body(logs(api_request()))).calls


READ = sorted(WANTED)
KINDS = ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue", "arrayValue", "kvlistValue")
NAMES = ("api_request", "tool_result", "compaction", "user_prompt")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 1 << 70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just("\ud800"),
    st.text(max_size=9),
    st.just(["x"]),
    st.just({"y": 1}),
)


@given(st.dictionaries(st.sampled_from(READ), SCALARS, max_size=8), st.sampled_from(SIGNALS))
@examples(150)
def test_any_attribute_of_any_kind_is_survived(given_values: dict[str, Any], signal: str) -> None:
    """No value of an attribute raises, and what comes out fits the store and a screen."""
    rows = [{"key": key, "value": {kind: one}} for key, one in given_values.items() for kind in KINDS]
    rows += attributes({"session.id": SESSION})
    if signal == LOGS:
        export = logs(*({**log(name), "attributes": [*attributes({"event.name": name}), *rows]} for name in NAMES))
    elif signal == TRACES:
        export = spans({**span("tool", START, START + 1), "attributes": rows})
    else:
        export = metrics(counter("cost.usage", 1.5))
        export["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][0]["attributes"] = rows
    telemetry = decode(signal, JSON, json.dumps(export).encode("utf-8", "surrogatepass"))
    for one in (*telemetry.calls, *telemetry.tools, *telemetry.events):
        for part in one:
            assert not isinstance(part, float)
            if isinstance(part, int):
                assert 0 <= part < 1 << 63
            if isinstance(part, str):
                assert part.isprintable()
                part.encode()


@given(st.binary(max_size=200), st.sampled_from((JSON, PROTOBUF)), st.sampled_from(SIGNALS))
@examples(150)
def test_any_bytes_are_refused_or_read(written: bytes, kind: str, signal: str) -> None:
    try:
        telemetry = decode(signal, kind, written)
    except NotOtlp:
        return
    kept = {"otlp-attribute-odd", "otlp-count-missing"}
    assert telemetry.rejected >= len([slug for slug, _ in telemetry.troubles if slug not in kept])


@st.composite
def some_logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for index in range(draw(st.integers(1, 12))):
        at = START + draw(st.integers(0, 5_000))
        match draw(st.integers(0, 2)):
            case 0:
                request = draw(st.sampled_from((f"req_{index}", None)))
                made.append(
                    api_request(request, at, event__sequence=index, output_tokens=draw(st.integers(0, 1 << 40)))
                )
            case 1:
                made.append(
                    tool_result(f"toolu_{index}", at, tool_result_size_bytes=str(draw(st.integers(0, 1 << 40))))
                )
            case _:
                made.append(log("skill_activated", at, event__sequence=index, skill__name=draw(st.text(max_size=5))))
    return made


def kept(exports: list[bytes], kind: str) -> tuple[dict[str, Any], ...]:
    """What a store holds after these exports: one value a key."""
    calls: dict[str, Any] = {}
    tools: dict[str, Any] = {}
    events: dict[str, Any] = {}
    for export in exports:
        telemetry = decode(LOGS, kind, export)
        for call in telemetry.calls:
            assert calls.setdefault(call.key, call) == call
        for done in telemetry.tools:
            assert tools.setdefault(done.call, done) == done
        for event in telemetry.events:
            assert events.setdefault(event.key, event) == event
    return calls, tools, events


@given(st.data())
@examples(60)
def test_order_repetition_chunks_and_encoding_do_not_matter(data: st.DataObject) -> None:
    records = data.draw(some_logs())
    once = kept([body(logs(*records))], JSON)
    again = data.draw(st.permutations([*records, *data.draw(st.lists(st.sampled_from(records), max_size=4))]))
    size = data.draw(st.integers(1, len(again)))
    chunks = [logs(*again[start : start + size]) for start in range(0, len(again), size)]
    assert kept([body(chunk) for chunk in chunks], JSON) == once
    assert kept([protobuf(chunk) for chunk in chunks], PROTOBUF) == once
