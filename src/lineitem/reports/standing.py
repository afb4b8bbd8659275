"""How sessions stand: their health, how fast they grow, what going cold would cost, and the plan's limits."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.core.rates import Rates
from lineitem.insights.burn import FIVE_HOURS, WEEK, Outlook, Reading, burn, outlook, warmth
from lineitem.insights.cold import going_cold
from lineitem.insights.health import LEVELS, Thresholds, level_of
from lineitem.insights.seen import TurnSeen
from lineitem.ledger import live, questions
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TIME, TOKENS, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.core.live import Snapshot
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.query import Query

#: Sessions of the last day are told, and at most so many.
_LATELY, _MOST = 86_400_000, 40


def standing(ledger: Ledger, book: PriceBook, query: Query, thresholds: Thresholds, session: int | None) -> Table:
    """One row a session, the latest first."""
    since = 0 if session is not None else query.now - _LATELY
    asked = [session] if session is not None else None
    last = {number: rest for number, *rest in questions.last_requests(ledger, since, asked)}
    rows = [
        _row(ledger, book, query.now, thresholds, known, last.get(known[0]))
        for known in sorted(questions.sessions(ledger), key=lambda row: -row[4])
        if known[4] >= since and session in (None, known[0])
    ][:_MOST]
    columns = [
        Column("sessionId", "Session", TEXT),
        Column("level", "Health", TEXT),
        Column("contextTokens", "Context", TOKENS),
        Column("growthTokens", "A turn", TOKENS, wide=True),
        Column("turnsLeft", "Turns left", COUNT),
        Column("turnNanos", "Cost a turn", MONEY),
        Column("goingColdNanos", "If cold", MONEY, wide=True),
        Column("lastActivity", "Last", TIME),
    ]
    head = {"thresholds": {"yellow": thresholds.yellow, "red": thresholds.red}, "limits": limits(ledger, query.now)}
    return Table("sessions", "How sessions stand", columns, rows, head=head, notes=_said(head["limits"]),
                 empty="No session was active in the last day.")  # fmt: skip


def _row(
    ledger: Ledger, book: PriceBook, now: int, thresholds: Thresholds, known: tuple[Any, ...], last: list[Any] | None
) -> dict[str, Any]:
    number, name, project, _, last_at, logged, _, unlogged = known
    told = live.last_snapshot(ledger, number)
    _, model, context = last or (0, None, None)
    window = told.window if told else None
    found = burn(turns(ledger, number), window)
    row = {
        "sessionId": name, "projectPath": project, "model": ledger.text(model) if model is not None else None,
        "level": LEVELS[level_of(context, thresholds)] if context is not None else None,
        "contextTokens": context, "windowTokens": window, "growthTokens": found.growth, "turnsLeft": found.left,
        "turnNanos": found.nanos, "costNanos": logged + unlogged, "lastActivity": iso(last_at),
    }  # fmt: skip
    return {**row, **_cache(book, now, row["model"], context, told, questions.cache_ttl(ledger, number))}


def _cache(
    book: PriceBook, now: int, model: str | None, context: int | None, told: Snapshot | None, ttl: str
) -> dict[str, Any]:
    """Whether the prompt cache is warm, how long, and what it costs to let it go cold."""
    state = warmth(told.warm if told else None, told.expires if told else None, now)
    rates = book.rates(model, now, prompt_tokens=context or 0) if model else None
    cost = None
    if isinstance(rates, Rates) and context is not None:
        write = rates.cache_write_1h if ttl == "1h" else rates.cache_write_5m
        cost = going_cold(context, write, rates.cache_read).extra
    return {"cacheWarm": state.warm, "cacheLeftMs": state.left, "goingColdNanos": cost}


def turns(ledger: Ledger, session: int) -> list[TurnSeen]:
    """The turns of a session's main conversation: where the context stood when each ended, and what it cost."""
    starts = [(at, nanos + agents) for at, nanos, agents in questions.prompt_costs(ledger, session)]
    sizes = list(questions.contexts(ledger, session))
    found = []
    place = 0
    for index, (at, nanos) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else 1 << 62
        context = None
        while place < len(sizes) and sizes[place][0] < end:
            context = sizes[place][1]
            place += 1
        found.append(TurnSeen(at, context, nanos))
    return found


def limits(ledger: Ledger, now: int) -> dict[str, Any]:
    """The plan's limits as the client told them, and where they are going."""
    fives, weeks = [], []
    for at, five, five_resets, week, week_resets in live.limit_readings(ledger, now - WEEK):
        if five is not None and five_resets is not None:
            fives.append(Reading(at, five, five_resets))
        if week is not None and week_resets is not None:
            weeks.append(Reading(at, week, week_resets))
    return {"fiveHour": _limit(outlook(fives, now, FIVE_HOURS)), "week": _limit(outlook(weeks, now, WEEK))}


def _limit(found: Outlook | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "usedHundredths": found.used, "resetsAt": iso(found.resets), "atResetLately": found.lately,
        "atResetAverage": found.average, "fullAt": iso(found.full_at) if found.full_at is not None else None,
        "over": found.over,
    }  # fmt: skip


def _said(found: dict[str, Any]) -> list[str]:
    said = []
    for key, name in (("fiveHour", "5-hour"), ("week", "Weekly")):
        limit = found[key]
        if limit:
            used = f"{limit['usedHundredths'] / 100:.0f}%"
            going = (
                f", full at {limit['fullAt'][11:16]} UTC as it goes" if limit["fullAt"] and not limit["over"] else ""
            )
            said.append(f"{name} limit: {used} used, anew at {limit['resetsAt'][:16].replace('T', ' ')} UTC{going}.")
    return said
