"""Notice what stands out: sessions that went on -> findings, kept with their causes, and handed to the alerts.

Each tool call is scored once, when a request has sent its result, in the order in which calls were made. What the rules
learnt is kept, so that a restart forgets nothing. The store is looked through whenever somebody asks, and by the
collector after every round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lineitem.alerts.findings import health_notice, notice_of
from lineitem.alerts.notice import CRITICAL, WARNING, Notice
from lineitem.around import REASONS, around
from lineitem.core.rates import Rates
from lineitem.insights.anomalies import Anomalies
from lineitem.insights.cold import Misses
from lineitem.insights.findings import Finding
from lineitem.insights.health import Health, Thresholds
from lineitem.insights.loops import FanOut, Loops
from lineitem.insights.seen import CallSeen, MissSeen, SpendSeen
from lineitem.insights.spend import Slope
from lineitem.insights.why import UNKNOWN, causes
from lineitem.ledger import findings as kept
from lineitem.ledger import questions
from lineitem.returns import cold_returns, unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from lineitem.insights.anomalies import Recall
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: Name of the kept state: what the rules learnt.
_STATE = "insights/1"
#: The level of so many sessions is remembered, those read last: all of them are written down after every round.
_SESSIONS = 500


class Noted(NamedTuple):
    """A finding, and what explains it, best explanation first."""

    finding: Finding
    why: list[dict[str, str]]


class Rules:
    """Every rule, with what it learnt."""

    def __init__(self, state: dict[str, Any] | None = None, recall: Recall | None = None) -> None:
        self.calls, self.slope = Anomalies(recall=recall), Slope()
        self.loops, self.agents, self.misses = Loops(), FanOut(), Misses()
        self.health: dict[str, Health] = {}
        if state:
            self.calls.load(state["calls"] if "calls" in state else state["tokens"])
            self.slope.load(state["slope"])
            for name, rule in self._recent():
                rule.load(state.get(name, []))
            self.health = {session: Health(*row) for session, row in state["health"].items()}

    def _recent(self) -> tuple[tuple[str, Loops | FanOut | Misses], ...]:
        """The rules that count what happened lately: it may be spread over many rounds."""
        return ("loops", self.loops), ("agents", self.agents), ("misses", self.misses)

    def state(self) -> dict[str, Any]:
        latest = sorted(self.health.items(), key=lambda one: one[1].at)[-_SESSIONS:]
        return {
            "calls": self.calls.state(),
            "slope": self.slope.state(),
            **{name: rule.state() for name, rule in self._recent()},
            "health": {session: health.row() for session, health in latest},
        }


def notice(
    ledger: Ledger, book: PriceBook, thresholds: Thresholds, then: Callable[[list[Noted]], object] | None = None
) -> list[Noted]:
    """Look through what went on since the last time, and keep what stands out; what is new, earliest first.

    `then` gets it in the same transaction: what it keeps is kept with the findings, or neither is.
    """
    if not kept.unnoticed(ledger) and not unheard(ledger):
        return []
    with ledger.transaction():
        found = _look_through(ledger, book, thresholds)
        if then is not None:
            then(found)
    return found


def _look_through(ledger: Ledger, book: PriceBook, thresholds: Thresholds) -> list[Noted]:
    """What stands out in the sessions that went on; it is kept. The caller holds the transaction."""
    from json import dumps, loads

    sessions = kept.unnoticed(ledger)
    text = ledger.state(_STATE)

    def recall(measure: str, key: tuple[str, ...]) -> list[int] | None:
        row = kept.baseline(ledger, measure, dumps(key))
        return loads(row) if row else None

    rules = Rules(loads(text) if text else None, recall)
    names = ledger.load_names()
    numbers = [number for number, *_ in sessions]
    calls = kept.calls_to_score(ledger, numbers)
    found = list(_scored(ledger, book, rules, names, calls, numbers))
    projects = {number: names[project] for number, _, _, project in sessions}
    found += _going_on(ledger, book, rules, names, projects, sessions)
    found += _health(ledger, rules, names, projects, thresholds)
    found.sort(key=lambda noted: (noted.finding.at, noted.finding.key))
    kept.keep_findings(ledger, [_row(noted) for noted in found])
    kept.keep_scored(ledger, (row[0] for row in calls), [(number, upto) for number, _, upto, _ in sessions])
    upto = max((upto for _, _, upto, _ in sessions), default=0)
    learnt = ((measure, dumps(key), upto, dumps(row)) for measure, key, row in rules.calls.learnt())
    kept.keep_baselines(ledger, learnt)
    ledger.set_state(_STATE, dumps(rules.state(), separators=(",", ":")))
    return found


def _scored(
    ledger: Ledger,
    book: PriceBook,
    rules: Rules,
    names: dict[int, str],
    calls: list[tuple[Any, ...]],
    sessions: list[int],
) -> Iterator[Noted]:
    """The findings of tool calls."""
    told, agents = (kept.sizes(ledger, sessions), kept.agent_costs(ledger, sessions)) if calls else ({}, {})
    for call, session, project, thread, cause, model, at, written, taken, cost in calls:
        tool, _, target = cause.partition("/")[2].partition("/")
        size_in, size_out, duration, failed = told.get(call, (None, None, None, False))
        priced = cost or isinstance(book.rates(names[model], at), Rates)  # 0 may be free
        nanos = cost if priced else None
        seen = CallSeen(
            names[session], names[project], names[model], tool, target, at, call, names[thread], written + taken, nanos,
            size_in, size_out, duration, failed, agents.get(call),
        )  # fmt: skip
        for rule in (rules.calls, rules.loops, rules.agents):
            finding = rule.take(seen)
            if finding is not None:
                yield _explained(ledger, book, finding, tool, target)


def _going_on(
    ledger: Ledger,
    book: PriceBook,
    rules: Rules,
    names: dict[int, str],
    projects: dict[int, str],
    sessions: list[tuple[int, int, int, int]],
) -> Iterator[Noted]:
    """What stands out in sessions as a whole, in the order in which it happened: spending, cache misses, returns."""
    spending = [
        (at, number, nanos)
        for number, since, *_ in sessions
        for at, nanos in kept.spending_since(ledger, number, since)
    ]
    for at, number, nanos in sorted(spending, key=_when):
        finding = rules.slope.take(SpendSeen(names[number], projects[number], at, nanos))
        if finding is not None:
            yield _explained(ledger, book, finding)
    misses = [
        (row[0], number, *row[1:]) for number, since, *_ in sessions for row in kept.misses_since(ledger, number, since)
    ]
    for at, number, tokens, nanos, reason in sorted(misses, key=_when):
        slug = REASONS.get(reason, "")
        finding = rules.misses.take(MissSeen(names[number], projects[number], at, tokens, nanos, slug))
        if finding is not None:
            yield _explained(ledger, book, finding)
    for finding in cold_returns(ledger, book, [row[:2] for row in sessions]):
        yield _explained(ledger, book, finding)


def _when(row: tuple[Any, ...]) -> tuple[int, int]:
    return row[0], row[1]


def _health(
    ledger: Ledger, rules: Rules, names: dict[int, str], projects: dict[int, str], thresholds: Thresholds
) -> Iterator[Noted]:
    """Sessions whose context went over a threshold, or came back below it."""
    for number, at, model, context in questions.last_requests(ledger, sessions=list(projects)):
        session = names[number]
        change = rules.health.setdefault(session, Health()).take(at, context, thresholds)
        if change is None or (change.before is not None and change.now < change.before):
            continue
        limit = thresholds.red if change.now == 2 else thresholds.yellow
        finding = Finding(
            "health", change.now, session, projects[number], at, "", "tokens", change.tokens,
            limit, score=change.tokens * 100 // limit, model=names[model],
        )  # fmt: skip
        yield Noted(finding, [{
            "cause": "context", "confidence": "sure",
            "text": f"{change.tokens:,} tokens are sent with every request.",
            "suggestion": "Compact, or begin a new session with a summary: `lineitem context` shows what lies there.",
        }])  # fmt: skip


def _explained(ledger: Ledger, book: PriceBook, finding: Finding, tool: str = "", target: str = "") -> Noted:
    why = [
        {"cause": each.slug, "confidence": each.confidence, "text": each.text, "suggestion": each.suggestion}
        for each in causes(finding, around(ledger, book, finding, tool, target))
    ]
    return Noted(finding, why)


def advised(noted: Iterable[Noted]) -> Iterator[tuple[Notice, str]]:
    """What of it is worth a message: what is new and not within a cooldown; and what to do about it.

    That is a sentence of ours, '' where nothing explains the finding.
    """
    for finding, why in noted:
        advice = why[0]["suggestion"] if why and why[0]["confidence"] != UNKNOWN else ""
        if finding.rule == "health":
            level = CRITICAL if finding.severity == 2 else WARNING
            yield health_notice(
                finding.session, finding.project, level, finding.value, finding.limit, finding.at
            ), advice  # fmt: skip
        elif (notice := notice_of(finding)) is not None:
            yield notice, advice


def _row(noted: Noted) -> tuple[str, int, str, str, int, int, str]:
    from json import dumps

    finding = noted.finding
    body = dumps({**finding._asdict(), "facts": dict(finding.facts), "why": noted.why}, separators=(",", ":"))
    return finding.key, finding.at, finding.session, finding.rule, finding.severity, int(finding.again), body
