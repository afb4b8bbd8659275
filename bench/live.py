"""How exact is a bill without a transcript: `python -m bench.live telemetry|delta CAPTURE...`.

In:   folders of captures: the real client against an API whose every token is known. `ground.jsonl` has, per request,
      the segments of the prompt and the blocks of the answer with their tokens; beside it lies what the client told:
      `otlp.jsonl` (bodies of OTLP exports) or `hooks.jsonl` (hook events and statusline readings with their times).
Out:  per capture what tool calls cost in truth and on the bill, the part of it that lies on the wrong call, and
      whether the bill sums to what the API billed; the median.
Holds always: truth is priced with the same book as the bill; a call that the bill does not know counts in full.
"""

from __future__ import annotations

import argparse
import json
import statistics
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineitem.attribution.conversation import forked_from, resumed
from lineitem.attribution.delta import fold_delta
from lineitem.attribution.telemetry import fold_telemetry
from lineitem.core.live import Event, Snapshot
from lineitem.core.rates import Rates
from lineitem.pricing.book import PriceBook
from lineitem.sources import otlp

if TYPE_CHECKING:
    from lineitem.attribution.session import Folded
    from lineitem.core.live import ApiCall, ToolDone

BOOK = PriceBook.builtin()
#: Price classes of a segment, as ground truth names them, and the rate of each.
CLASSES = {"read": "cache_read", "w5m": "cache_write_5m", "w1h": "cache_write_1h", "uncached": "uncached_input"}
FEMTO = 1_000_000


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("source", choices=("telemetry", "delta"))
    arguments.add_argument("captures", nargs="+", type=Path)
    options = arguments.parse_args()
    bill = telemetry_bill if options.source == "telemetry" else delta_bill
    errors = []
    print(f"{'capture':<16}{'calls':>6}{'truth $':>10}{'bill $':>10}{'error':>8}{'all truth $':>13}{'all bill $':>12}")
    for capture in options.captures:
        truth, everything = true_costs(capture)
        told, total = bill(capture)
        wrong = sum(abs(told.get(call, 0) - cost) for call, cost in truth.items())
        whole = sum(truth.values())
        errors.append(wrong / whole)
        known = sum(told.get(call, 0) for call in truth)
        print(
            f"{capture.name:<16}{len(truth):>6}{whole / 1e9:>10.4f}{known / 1e9:>10.4f}{wrong / whole:>8.1%}"
            f"{everything / 1e9:>13.6f}{total / 1e9:>12.6f}"
        )
    print(f"{'median':<42}{statistics.median(errors):>8.1%}")
    return 0


def true_costs(capture: Path) -> tuple[dict[str, int], int]:
    """(nanodollars of every tool call, nanodollars of everything): what the API billed."""
    calls: dict[str, int] = {}
    everything = 0
    for line in _lines(capture / "ground.jsonl"):
        size = sum(tokens for _, _, tokens, _, _ in line["prompt"])
        rates = rates_at(line["model"], round(line["time"] * 1000), size)
        assert rates is not None
        parts = [(name, tokens * getattr(rates, CLASSES[kind])) for _, name, tokens, kind, _ in line["prompt"]]
        parts += [(name, tokens * rates.output) for _, name, tokens in line["answer"]]
        for name, femto in parts:
            everything += femto
            if name.startswith("toolu_"):
                calls[name] = calls.get(name, 0) + femto
    return {call: femto // FEMTO for call, femto in calls.items()}, everything // FEMTO


def telemetry_bill(capture: Path) -> tuple[dict[str, int], int]:
    """(nanodollars of every tool call, of everything) as telemetry alone tells it."""
    calls: list[ApiCall] = []
    tools: list[ToolDone] = []
    events: list[Event] = []
    for line in _lines(capture / "otlp.jsonl"):
        told = otlp.decode(line["path"].rpartition("/")[2], line["ct"], line["body"].encode())
        assert not told.troubles, told.troubles
        calls += told.calls
        tools += told.tools
        events += told.events
    sessions = sorted({call.session for call in calls})
    parents = forked_from(calls, resumed(events))
    return _summed([fold_telemetry(session, calls, tools, events, rates_of, parents=parents) for session in sessions])


def delta_bill(capture: Path) -> tuple[dict[str, int], int]:
    """(nanodollars of every tool call, of everything) as hooks and the statusline alone tell it."""
    snapshots: list[Snapshot] = []
    events: list[Event] = []
    for line in _lines(capture / "hooks.jsonl"):
        at, said = round(line["t"] * 1000), line["data"]
        if line["event"] == "STATUS":
            snapshots.append(_snapshot(said, at))
        else:
            events.append(_event(line["event"], said, at))
    sessions = sorted({snapshot.session for snapshot in snapshots})
    return _summed([fold_delta(session, snapshots, events, rates_of) for session in sessions])


def _snapshot(said: Any, at: int) -> Snapshot:
    usage = said["context_window"].get("current_usage") or {}
    return Snapshot(
        session=said["session_id"],
        at=at,
        model=said["model"]["id"],
        nanos=round(Decimal(str(said["cost"]["total_cost_usd"])) * 1_000_000_000),
        api_ms=said["cost"]["total_api_duration_ms"],
        context=said["context_window"].get("total_input_tokens"),
        uncached=usage.get("input_tokens"),
        output=usage.get("output_tokens"),
        write=usage.get("cache_creation_input_tokens"),
        read=usage.get("cache_read_input_tokens"),
        ttl=(said.get("prompt_cache") or {}).get("ttl", ""),
    )


def _event(what: str, said: Any, at: int) -> Event:
    note = {name: said[name] for name in ("source", "agent_type") if name in said}
    return Event(
        key=f"{what}/{said.get('tool_use_id', at)}",
        session=said["session_id"],
        at=at,
        what=what,
        prompt=said.get("prompt_id", ""),
        agent=said.get("agent_id", ""),
        tool=said.get("tool_name", ""),
        call=said.get("tool_use_id", ""),
        duration=said.get("duration_ms"),
        size_in=_size(said.get("tool_input")),
        size_out=_size(said.get("tool_response")),
        note=json.dumps(note),
    )


def _size(value: Any) -> int | None:
    return None if value is None else len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def rates_of(call: ApiCall) -> Rates | None:
    return rates_at(call.model, call.at, call.uncached + call.write5 + call.write1 + call.read, call.speed)


def rates_at(model: str, at: int, size: int, speed: str = "") -> Rates | None:
    rates = BOOK.rates(model, at, speed, "", "", size)
    return rates if isinstance(rates, Rates) else None


def _summed(bills: list[Folded]) -> tuple[dict[str, int], int]:
    calls: dict[str, int] = {}
    for folded in bills:
        for _, item in folded.items:
            if item.call:
                calls[item.call] = calls.get(item.call, 0) + item.nanos
    return calls, sum(folded.nanos for folded in bills)


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


if __name__ == "__main__":
    raise SystemExit(main())
