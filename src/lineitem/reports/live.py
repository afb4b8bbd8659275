"""What happens now: the sessions that were active lately, and the latest tool calls with what they cost so far."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.ledger import live, questions
from lineitem.ledger.questions import Filter
from lineitem.reports.calls import row as call_row
from lineitem.reports.lines import Line, calls_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: A session is live for so long after its last request (milliseconds).
LATELY = 3 * 3_600_000
#: How many of the latest calls are told.
_CALLS = 30


class Live:
    """`today`: nanodollars; `sessions` and `calls`: rows, the latest first."""

    __slots__ = ("calls", "now", "sessions", "today")

    def __init__(self, now: int, today: int, sessions: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
        self.now, self.today, self.sessions, self.calls = now, today, sessions, calls

    def json(self) -> dict[str, Any]:
        return {
            "at": iso(self.now), "todayNanos": self.today, "sessions": self.sessions, "calls": self.calls,
            "schemaVersion": 1,
        }  # fmt: skip


def happening(ledger: Ledger, query: Query, midnight: int) -> Live:
    """What happened since `LATELY`; `midnight`: when today began."""
    since = query.now - LATELY
    names = ledger.load_names()
    lines = [Line(names[row[0]], names[row[1]], row[2:], names[row[5]]) for row in questions.items_since(ledger, since)]
    active = {line.session for line in lines}
    agents = [agent for agent in questions.agents(ledger) if agent[0] in active]
    calls = sorted(calls_of(lines, agents).values(), key=lambda call: (-call.at, call.id))
    return Live(query.now, today(ledger, midnight), _sessions(ledger, since), _calls(ledger, calls[:_CALLS]))


def today(ledger: Ledger, midnight: int) -> int:
    """Nanodollars since midnight, unlogged spend included."""
    logged = sum(row[10] for row in questions.usage_by_quarter(ledger, Filter(midnight, 1 << 60)))
    beyond = sum(unlogged + rest for _, at, _, _, unlogged, _, _, rest in questions.runs(ledger) if at >= midnight)
    return int(logged + beyond)


def _calls(ledger: Ledger, found: list[Any]) -> list[dict[str, Any]]:
    took: dict[str, int] = {}
    for session in {call.session for call in found}:
        number = ledger.find_name(session)
        if number is not None:
            took.update(live.durations(ledger, number))
    return [{**call_row(call), "durationMs": took.get(call.id), "waiting": not call.ingest} for call in found]


def _sessions(ledger: Ledger, since: int) -> list[dict[str, Any]]:
    last = {session: (at, model, size) for session, at, model, size in questions.last_requests(ledger, since)}
    rows = []
    provisional = questions.provisional(ledger)
    for number, name, project, first_at, last_at, logged, _, unlogged in questions.sessions(ledger):
        if last_at < since:
            continue
        _, model, size = last.get(number, (0, None, None))
        told = live.last_snapshot(ledger, number)
        named = ledger.text(model) if model is not None else None
        if number in provisional and told:
            named, size = told.model or None, told.context
        rows.append({
            "sessionId": name, "projectPath": project, "model": named,
            "firstActivity": iso(first_at), "lastActivity": iso(last_at), "costNanos": logged + unlogged,
            "contextTokens": size, "windowTokens": told.window if told else None,
            "provisional": number in provisional,
        })  # fmt: skip
    return sorted(rows, key=lambda row: row["lastActivity"], reverse=True)
