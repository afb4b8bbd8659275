"""Live values written by hand and by Hypothesis, and bills as plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from lineitem.attribution.items import G_COST, I_COST
from lineitem.core.live import ApiCall, Event, Snapshot, ToolDone
from lineitem.core.rates import Rates

if TYPE_CHECKING:
    from lineitem.attribution.items import Item
    from lineitem.attribution.session import Folded

SESSION = "5e55-0001"
OPUS = "opus"
#: $4 a million in, 5 written for 5 minutes, 8 for an hour, 0.2 read, 20 out.
RATES = Rates("opus", 4_000_000_000, 5_000_000_000, 8_000_000_000, 200_000_000, 20_000_000_000, 0)


def rates_of(call: ApiCall) -> Rates | None:
    return RATES if call.model == OPUS else None


def cost(uncached: int = 0, output: int = 0, write: int = 0, read: int = 0, hour: int = 0) -> int:
    """Nanodollars at the rates above."""
    return uncached * 4_000 + output * 20_000 + write * 5_000 + read * 200 + hour * 8_000


def call(
    name: str, at: int, *, write: int = 0, read: int = 0, out: int = 10, uncached: int = 0, **given: Any
) -> ApiCall:
    """An API call that cost what its counts cost, unless said otherwise."""
    said: dict[str, Any] = {
        "key": name, "session": SESSION, "at": at, "request": name, "model": OPUS, "source": "repl_main_thread",
        "agent": "", "prompt": "p", "uncached": uncached, "output": out, "write5": write, "write1": 0, "read": read,
        "nanos": cost(uncached, out, write, read),
    }  # fmt: skip
    return ApiCall(**{**said, **given})


def tool(name: str, at: int, request: str, size_out: int | None, *, size_in: int | None = 40, **given: Any) -> ToolDone:
    said: dict[str, Any] = {
        "call": name, "session": SESSION, "at": at, "tool": "Bash", "request": request, "prompt": "p", "agent": "",
        "size_in": size_in, "size_out": size_out, "succeeded": True, "duration": 5,
    }  # fmt: skip
    return ToolDone(**{**said, **given})


def event(what: str, at: int, note: str = "{}", **given: Any) -> Event:
    said: dict[str, Any] = {"key": f"{what}/{at}", "session": SESSION, "at": at, "what": what, "note": note}
    return Event(**{**said, **given})


def hooked(name: str, at: int, until: int, size_out: int, **given: Any) -> list[Event]:
    """The two hook events of a tool call."""
    said = {"tool": "Bash", "size_in": 40, **given}
    before = event("PreToolUse", at, key=f"pre/{name}", call=name, **said)
    return [before, event("PostToolUse", until, key=f"post/{name}", call=name, size_out=size_out, **said)]


def reading(at: int, nanos: int | None, counts: tuple[int, int, int, int] | None = None, **given: Any) -> Snapshot:
    """A statusline reading. counts: uncached, output, write, read."""
    uncached, output, write, read = counts or (None, None, None, None)
    said: dict[str, Any] = {
        "session": SESSION, "at": at, "model": OPUS, "nanos": nanos, "uncached": uncached, "output": output,
        "write": write, "read": read, "ttl": "5m",
    }  # fmt: skip
    return Snapshot(**{**said, **given})


def self_nanos(folded: Folded) -> dict[str, int]:
    """What every tool call cost."""
    found: dict[str, int] = {}
    for _, item in folded.items:
        if item.call:
            found[item.call] = found.get(item.call, 0) + item.nanos
    return found


def causes(folded: Folded) -> dict[str, int]:
    """Nanodollars by cause."""
    found: dict[str, int] = {}
    for _, item in folded.items:
        found[item.cause] = found.get(item.cause, 0) + item.nanos
    return found


def rows(folded: Folded) -> Any:
    """Everything a bill says, to compare it with another."""

    def row(item: Item) -> Any:
        return item.cause, item.call, item.model, item.basis, item.at, item.prompt, item.sums

    return (
        [(thread, row(item)) for thread, item in folded.items],
        [(thread, miss.at, miss.mid, miss.reason, miss.tokens) for thread, miss in folded.misses],
        [(one.at, one.source, one.name, one.nanos, one.requests, one.agents, one.calls) for one in folded.prompts],
        [(one.thread, one.call, one.parent, one.type, one.requests, one.nanos) for one in folded.agents],
        folded.nanos,
    )


def item_of(folded: Folded, name: str) -> Item:
    (found,) = [item for _, item in folded.items if item.call == name]
    return found


def written(item: Item) -> int:
    return item.sums[G_COST]


def entered(item: Item) -> int:
    return item.sums[I_COST]


TOKENS = st.one_of(st.just(0), st.integers(0, 60_000))
TIMES = st.integers(1_000, 1_060)  # few moments: much happens at once
AGENTS = st.sampled_from(("", "", "", "a1", "a2"))
REQUESTS = st.sampled_from(("", *(f"r{number}" for number in range(6))))
SIZES = st.one_of(st.none(), st.integers(0, 70_000))
SOURCES = st.sampled_from(("repl_main_thread", "sdk", "", "compact", "agent:builtin:Explore", "title", "~remainder"))


@st.composite
def api_calls(draw: st.DrawFn) -> list[ApiCall]:
    made = []
    for number in range(draw(st.integers(0, 9))):
        request = draw(REQUESTS)
        made.append(
            call(
                request or f"k{number}", draw(TIMES), request=request, write=draw(TOKENS), read=draw(TOKENS),
                out=draw(TOKENS), uncached=draw(TOKENS), write1=draw(TOKENS), agent=draw(AGENTS), source=draw(SOURCES),
                model=draw(st.sampled_from((OPUS, OPUS, "mystery"))),
                nanos=draw(st.one_of(st.none(), st.integers(0, 10**9))),
            )
        )  # fmt: skip
    return made


@st.composite
def tools_done(draw: st.DrawFn) -> list[ToolDone]:
    return [
        tool(
            f"t{number}", draw(TIMES), draw(REQUESTS), draw(SIZES), size_in=draw(SIZES), agent=draw(AGENTS),
            tool=draw(st.sampled_from(("Bash", "Agent", "Skill", "Edit"))),
            duration=draw(st.one_of(st.none(), st.integers(0, 60))),
        )
        for number in range(draw(st.integers(0, 7)))
    ]  # fmt: skip


@st.composite
def live_events(draw: st.DrawFn) -> list[Event]:
    kinds = (
        ("otel/user_prompt", '{"prompt_length":"80"}'), ("otel/user_prompt", '{"command_name":"x"}'),
        ("otel/compaction", '{"success":"true"}'), ("otel/compaction", '{"success":"false"}'),
        ("otel/subagent_completed", '{"agent_type":"Explore","is_async":false}'),
        ("otel/assistant_response", '{"request_id":"r1","response_length":300}'),
        ("otel/tool_decision", '{"request_id":"r2"}'), ("otel/skill_activated", '{"skill.name":"tidy"}'),
        ("otel/compaction", "broken"), ("otel/user_prompt", "[]"),
        ("otel/tool_kind", '{"kind":"csv"}'), ("otel/tool_kind", '{"kind":"odd"}'), ("otel/tool_kind", '{"kind":[]}'),
    )  # fmt: skip
    made = []
    for number in range(draw(st.integers(0, 8))):
        what, note = draw(st.sampled_from(kinds))
        made.append(event(what, draw(TIMES), note, key=f"e{number}", agent=draw(AGENTS), call=f"t{number}"))
    return made


@st.composite
def hook_events(draw: st.DrawFn) -> list[Event]:
    made = [event("SessionStart", 900, draw(st.sampled_from(('{"source":"startup"}', '{"source":"fork"}', "{}"))))]
    for number in range(draw(st.integers(0, 8))):
        begin = draw(st.integers(1_000, 9_000))
        pair = hooked(
            f"t{number}", begin, begin + draw(st.integers(0, 900)), draw(st.integers(0, 70_000)), agent=draw(AGENTS),
            tool=draw(st.sampled_from(("Bash", "Read", "Edit", "Agent"))),
        )  # fmt: skip
        made += pair if draw(st.booleans()) else [draw(st.sampled_from(pair))]
    for number in range(draw(st.integers(0, 4))):
        what = draw(st.sampled_from(("Stop", "SubagentStop", "UserPromptSubmit", "PreCompact")))
        made.append(event(what, draw(st.integers(1_000, 9_000)), key=f"h{number}", agent=draw(AGENTS)))
    return made


@st.composite
def readings(draw: st.DrawFn, *, rising: bool) -> list[Snapshot]:
    made, total = [], 0
    for _ in range(draw(st.integers(0, 8))):
        total = total + draw(st.integers(0, 10**9)) if rising else draw(st.integers(0, 10**9))
        counts = draw(st.one_of(st.none(), st.tuples(TOKENS, TOKENS, TOKENS, TOKENS)))
        nanos = total if draw(st.integers(0, 9)) else None
        model = draw(st.sampled_from((OPUS, "mystery", "")))
        made.append(
            reading(
                draw(st.integers(1_000, 9_900)), nanos, counts, ttl=draw(st.sampled_from(("5m", "1h", ""))), model=model
            )
        )
    return made
