"""What is known around a finding, asked of the store once there is one: -> `insights.why.Around`.

Always: every part is counted, from requests at their own rates or from line items; one that is worked out by
proportion says so (`schemas`). Where the requests of the store do not add up to what was found, nothing is said.
"""

from __future__ import annotations

from lineitem.attribution.requests import Request
from lineitem.core.rates import Rates
from lineitem.insights.why import Around
from lineitem.ledger import findings as kept
from lineitem.pipeline import rates_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.insights.findings import Finding
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: Tools that put a file's text into the context; their target is the file.
_READERS = ("Read", "NotebookRead")
#: A switch of the model is told for so long (milliseconds): after that, what it costs has become usual.
_LATELY = 1_800_000
#: Our reasons of a cache miss as `insights.why` names them.
REASONS = {
    "model changed": "model_changed",
    "idle beyond the 5-minute cache lifetime": "ttl_expired_5m",
    "idle beyond the 1-hour cache lifetime": "ttl_expired_1h",
    "tools or system prompt changed": "tools_changed",
    "an earlier part of the prompt was rewritten": "messages_rewritten",
}


def around(ledger: Ledger, book: PriceBook, finding: Finding, tool: str = "", target: str = "") -> Around:
    """What is known around a finding of a session, or of a call of `tool` on `target`."""
    session = ledger.find_name(finding.session)
    if session is None:
        return Around(tool, target)
    if finding.rule in ("spike", "large"):
        return _call(ledger, book, finding, session, tool, target)
    if finding.rule == "fan-out":
        rows = kept.requests_between(ledger, session, finding.at - _minutes(finding), finding.at)
        agents, cost = _agents([row for row in rows if ledger.text(row[0])])
        return Around(tool, target, agents=agents, agents_cost=cost)
    if finding.rule == "slope":
        return _spending(ledger, book, finding, session)
    return Around(tool, target)


def _minutes(finding: Finding) -> int:
    """The minutes that a finding is about, in milliseconds."""
    return (finding.fact("minutes") or 0) * 60_000


def _call(ledger: Ledger, book: PriceBook, finding: Finding, session: int, tool: str, target: str) -> Around:
    """A call's own parts, in the finding's measure, and how often its file was read in the session so far."""
    written = result = reads = None
    if finding.measure in ("tokens", "nanos"):
        parts = kept.call_parts(ledger, session, finding.agent, finding.call)
        written, result = parts[:2] if finding.measure == "tokens" else parts[2:]
    if tool in _READERS and target and "…" not in target and "***" not in target:  # else it may be several files
        reads = kept.calls_of(ledger, session, [f"tool/{name}/{target}" for name in _READERS], finding.at)
    model_before, dearer = "", None
    if (
        finding.measure == "nanos" and finding.level != "model" and not finding.agent
    ):  # else held against the same model
        rows = kept.requests_between(ledger, session, finding.at - _LATELY, finding.at)
        model_before, dearer = _switch(ledger, book, rows)
    return Around(tool, target, result, written, reads, model_before=model_before, dearer=dearer)


def _spending(ledger: Ledger, book: PriceBook, finding: Finding, session: int) -> Around:
    """What the money of some minutes went to."""
    began = finding.at - finding.at % max(1, _minutes(finding))
    rows = kept.requests_between(ledger, session, began - _LATELY, finding.at)
    model_before, dearer = _switch(ledger, book, rows)
    rows = [row for row in rows if row[1] >= began]
    sums = _sums(ledger, book, rows)
    # a payment that came late counts into other minutes than its own, and what is provisional is no sum of its parts
    if not _sum([row for row in rows if row[1] < finding.at]) < finding.value <= _sum(rows) >= sum(sums):
        return Around()
    misses = [miss for miss in kept.misses_since(ledger, session, began - 1) if miss[0] <= finding.at]
    rewritten = min(sums[2], sum(miss[2] for miss in misses))
    reasons = {REASONS.get(miss[3], "") for miss in misses}
    agents, cost = _agents([row for row in rows if ledger.text(row[0])])
    schemas, server = _schemas(ledger, session, finding.value)
    return Around(
        thinking=sums[0], written=sums[1], entered=sums[2] - rewritten, rewritten=rewritten, carried=sums[3],
        miss=reasons.pop() if len(reasons) == 1 else "", agents=agents, agents_cost=cost, schemas=schemas,
        server=server, model_before=model_before, dearer=dearer,
        compacted=kept.compacted(ledger, session, finding.at - _minutes(finding), finding.at),
    )  # fmt: skip


def _sum(rows: list[tuple[Any, ...]]) -> int:
    return sum(row[-1] or 0 for row in rows)


def _sums(ledger: Ledger, book: PriceBook, rows: list[tuple[Any, ...]]) -> list[int]:
    """Nanodollars of these requests: thinking, the rest of the answers, what was new to the cache, what it held."""
    sums = [0, 0, 0, 0]
    for _, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers, size, _ in rows:
        request = Request(
            "", "", 0, "", "", at, ledger.text(model), uncached, output, write5, write1, read, thinking, searches,
            modifiers, size, "", "",
        )  # fmt: skip
        rates = rates_of(book, request)
        if rates is None:
            continue
        costs = request.costs(rates)
        thought = costs[4] * thinking // output if output else 0
        for index, nanos in enumerate((thought, costs[4] - thought, sum(costs[:3]), costs[3])):
            sums[index] += nanos
    return sums


def _agents(rows: list[tuple[Any, ...]]) -> tuple[int | None, int | None]:
    """(how many agents these requests are of, nanodollars of them); None: none, or not known."""
    if not rows:
        return None, None
    return len({row[0] for row in rows}), None if any(row[-1] is None for row in rows) else _sum(rows)


def _switch(ledger: Ledger, book: PriceBook, rows: list[tuple[Any, ...]]) -> tuple[str, int | None]:
    """(the model before the last switch in the main conversation, the output rate after it in hundredths of before)."""
    models = [row[2] for row in rows if not ledger.text(row[0])]
    before = next((model for model in reversed(models) if model != models[-1]), None)
    if before is None:
        return "", None
    old, new = (book.rates(ledger.text(model), rows[-1][1]) for model in (before, models[-1]))
    if not isinstance(old, Rates) or not isinstance(new, Rates) or not old.output:
        return "", None
    return ledger.text(before), new.output * 100 // old.output


def _schemas(ledger: Ledger, session: int, value: int) -> tuple[int | None, str]:
    """(about what tool schemas take of a sum, the MCP server with most of them), by their part of the session."""
    whole, costs = kept.schema_costs(ledger, session)
    if not whole or not costs:
        return None, ""
    largest = max(costs, key=lambda cause: costs[cause]).partition("/")[2]
    return value * sum(costs.values()) // whole, largest if largest.startswith("mcp__") else ""
