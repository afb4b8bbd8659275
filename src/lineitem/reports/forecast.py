"""Where the month ends, or the week, or any range that is under way."""

from __future__ import annotations

from lineitem.core.periods import date_of, days_of, label, month_label, parse_date, week_label
from lineitem.core.problems import UsageError
from lineitem.insights.forecast import FEWEST, LEVEL, Forecast, forecast
from lineitem.reports.by_day import ByDay, by_day
from lineitem.reports.query import NEVER
from lineitem.reports.shapes import COUNT, MONEY, TEXT, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: Days from which it is told how much of a usual day lies behind, and as how many days the clock counts.
_USUAL_DAYS, _CLOCK_DAYS = 28, 2
_THOUSAND = 1000


def month_end(ledger: Ledger, query: Query) -> Table:
    """One row: what is spent of a period, and where it will end."""
    name, first, end = _period(query)
    today = days_of(*query.zone.date(query.now))
    if first > today:
        raise UsageError("That begins only in the future. A forecast needs a range that is under way.")
    found = by_day(ledger, query, 0, NEVER)
    told = outlook(found, query, first, end, today)
    spent = sum(found.row(first, min(end, today + 1)))
    known = _known_from(found, today)
    unpriced = sum(tokens for day, tokens in found.unpriced.items() if day <= today)
    row = {
        "period": name,
        "since": label(date_of(first)),
        "until": label(date_of(end - 1)),
        "costNanos": spent,
        "totalCost": dollars(spent),
        "expectedNanos": told.expected if told else None,
        "lowNanos": told.low if told else None,
        "highNanos": told.high if told else None,
        "levelPercent": LEVEL,
        "daysKnown": max(0, min(end, today) - known),
        "daysLeft": max(0, end - today),
        "unpricedTokens": unpriced,
        "text": _text(told, max(0, today - known), over=end <= today),
    }
    return Table("forecast", "Where it will end", _COLUMNS, [row] if found.nanos else [], notes=_notes(row),
                 empty="No usage yet: nothing to go by.")  # fmt: skip


_COLUMNS = (
    Column("period", "Period", TEXT),
    Column("costNanos", "Spent", MONEY),
    Column("lowNanos", "Low", MONEY),
    Column("expectedNanos", "Expected", MONEY),
    Column("highNanos", "High", MONEY),
    Column("daysKnown", "Days known", COUNT, wide=True),
    Column("daysLeft", "Days left", COUNT),
)


def _period(query: Query) -> tuple[str, int, int]:
    """(name, first day, day after the last): a range given, else this month or week."""
    by = query.options.get("by", "month")
    if by not in ("week", "month"):
        raise UsageError(f"--by is week or month, not '{by}'.")
    date = query.zone.date(query.now)
    if by == "week":
        name = week_label(date, query.options.get("start_of_week", "sunday"))
        parsed = parse_date(name)
        assert parsed
        first = days_of(*parsed)
        end = first + 7
    else:
        year, month, _ = date
        name, first = month_label(date), days_of(year, month, 1)
        end = days_of(year + month // 12, month % 12 + 1, 1)
    if query.ranged:
        first = days_of(*query.zone.date(query.since)) if query.since else first
        end = days_of(*query.zone.date(query.until - 1)) + 1 if query.until < NEVER else end
        name = f"{label(date_of(first))} to {label(date_of(end - 1))}"
    if end <= first:
        raise UsageError("That range ends before it begins.")
    return name, first, end


def _known_from(found: ByDay, today: int) -> int:
    first = found.first()
    return today if first is None else first


def outlook(found: ByDay, query: Query, first: int, end: int, today: int) -> Forecast | None:
    """Where the days from `first` to before `end` will end, given what each day cost; None: too little is known."""
    known = _known_from(found, today)
    if end <= today:
        days = found.row(min(known, end), end)
        return forecast(days, min(len(days), end - first), end % 7, 0, _THOUSAND, 0)
    days = found.row(known, today)
    weekday = (today + 3) % 7  # Monday is 0
    inside = max(0, min(len(days), today - first))
    return forecast(days, inside, weekday, found.nanos.get(today, 0), _passed(found, query, today), end - today - 1)


def _passed(found: ByDay, query: Query, today: int) -> int:
    """Thousandths of a usual day's use before this time of the day: by the clock, and by what was spent when lately."""
    zone = query.zone
    start = zone.start(*date_of(today))
    clock = min(_THOUSAND, (query.now - start) * _THOUSAND // max(1, zone.start(*date_of(today + 1)) - start))
    behind, whole = 0, 0
    starts: dict[int, int] = {}
    for at, day, nanos in found.moments:
        if today - _USUAL_DAYS <= day < today and nanos > 0:
            begun = starts.get(day)
            if begun is None:
                begun = starts[day] = zone.start(*date_of(day))
            whole += nanos
            behind += nanos if at - begun < query.now - start else 0
    if not whole:
        return clock
    count = len(starts)
    return (behind * _THOUSAND // whole * count + clock * _CLOCK_DAYS) // (count + _CLOCK_DAYS)


def _text(told: Forecast | None, known: int, *, over: bool) -> str:
    if told is None:
        whole = "whole day" if known == 1 else "whole days"
        return f"Too little is known: {known} {whole} since the first use, and {FEWEST} are needed."
    if over:
        return "This is over: it ended so."
    return "Four times in five it ends between low and high; more and less than expected are as likely."


def _notes(row: dict[str, Any]) -> list[str]:
    notes = [row["text"]]
    if row["unpricedTokens"]:
        notes.append("Some tokens have no price, so this is too low: `lineitem doctor` names their models.")
    return notes
