"""Budgets: what may be spent, of what part, in which time. Pure: the clock, the zone and the sums are given.

In: a budget as a person wrote it. Out: its periods, how far they are used, which of its marks are passed. Always:
periods of a zone follow each other without a gap or an overlap, also where clocks change; a limit is whole
nanodollars or tokens.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.periods import DAY_MS, HOUR_MS, QUARTER_MS, date_of, days_of
from lineitem.core.problems import UsageError
from lineitem.core.scopes import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineitem.core.periods import Zone

DAY, WEEK, MONTH, SESSION = "day", "week", "month", "session"
PERIODS = (DAY, WEEK, MONTH, SESSION)
NANOS, TOKENS = "nanos", "tokens"
#: What a budget that is used up does, and at what it does it.
WARN, ASK, BLOCK = ACTS = ("warn", "ask", "block")
MOMENTS = ("prompt", "agent", "model", "call")
#: Hundredths of a percent at which a warning is due where a person says nothing.
WARN_AT = (8_000,)
FULL = 10_000
_MOST = 1 << 60
_ROLLING = {"h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}


class Budget(NamedTuple):
    """What may be spent."""

    name: str
    period: str  #: `day`, `week` (from Monday on), `month`, `session`, or the last `12h`, `30d`, `4w`
    limit: int  #: nanodollars or tokens
    unit: str = NANOS
    scope: Scope = Scope()
    warn: tuple[int, ...] = WARN_AT  #: hundredths of a percent of the limit, rising
    forecast: bool = True  #: warn where the period will likely end above the limit
    act: str = ""  #: what it does when it is used up: one of `ACTS`, '' for nothing but telling
    on: tuple[str, ...] = MOMENTS[:2]  #: at which of `MOMENTS`
    closed: bool = False  #: while the collector cannot be asked, nothing of that may happen
    since: int = 0  #: when it was made or last changed, milliseconds

    @property
    def rolling(self) -> int:
        """Milliseconds of a rolling window; 0 for a budget of another kind."""
        unit = self.period[-1:]
        return int(self.period[:-1]) * _ROLLING[unit] if self.period not in PERIODS else 0


class Held(NamedTuple):
    """A budget that is used up."""

    budget: Budget
    used: int  #: in its unit
    during: str  #: the period in words
    sessions: Mapping[str, int] = {}  #: of a budget for each session: what those used that used it up

    def replaced(self, budget: Budget) -> Held | None:
        """The same after the budget was changed; None where it is not used up any more."""
        before = self.budget
        same = (budget.period, budget.scope, budget.unit) == (before.period, before.scope, before.unit)
        if not same or not budget.act or self.used <= budget.limit:
            return None
        over = {session: used for session, used in self.sessions.items() if used > budget.limit}
        return self._replace(budget=budget, sessions=over)


class Period(NamedTuple):
    """A range of time, in milliseconds; `end` is not part of it."""

    start: int
    end: int


def check_period(text: str) -> str:
    """The period a person wrote. Raises UsageError."""
    word = {"daily": DAY, "weekly": WEEK, "monthly": MONTH}.get(text.lower(), text.lower())
    amount, unit = word[:-1], word[-1:]
    if word in PERIODS:
        return word
    if unit in _ROLLING and amount.isascii() and amount.isdigit() and 0 < int(amount) < 1_000:
        return word
    raise UsageError(f"'{text}' is no period. Write day, week, month or session, or 12h, 30d, 4w for a rolling one.")


def check_name(text: str) -> str:
    """The name a person gave. Raises UsageError."""
    name = text.strip()
    if not name or len(name) > 60 or not name.isprintable():
        raise UsageError("A budget's name is a short text of at most 60 characters.")
    return name


def parse_limit(text: str) -> tuple[int, str]:
    """(limit, unit) of `50`, `$50`, `12.50`, `2000000 tokens`, `2M tokens`, `500k`. Raises UsageError."""
    import re
    from decimal import Decimal

    word = text.strip().lower().replace("_", "")
    if re.match(r"\$?\d{1,3}(,\d{3})+(?!\d)", word):  # a comma between thousands, and no other
        word = word.replace(",", "")
    tokens = word.endswith(("tokens", "token", "k", "m"))
    number = word.removesuffix("s").removesuffix("token").strip()
    factor = {"k": 1_000, "m": 1_000_000}.get(number[-1:], 1)
    try:  # dollars have no k and no M: a dollar sign before these is a mistake
        number = number[:-1] if factor > 1 else number
        amount = Decimal(number if tokens else number.removeprefix("$")) * factor
        limit = amount if tokens else amount * 1_000_000_000
        good = amount.is_finite() and 0 < limit <= _MOST and limit == int(limit)
    except ArithmeticError:  # no number, or one beyond all numbers
        good, limit = False, Decimal(0)
    if not good:
        raise UsageError(
            f"'{text}' is no limit. Write dollars, as in 50 or 12.50, or tokens, as in 2M or '500000 tokens'."
        )
    return int(limit), TOKENS if tokens else NANOS


def parse_warn(text: str) -> tuple[int, ...]:
    """Hundredths of a percent of `80`, `50,80,95%`; none of ''. Raises UsageError."""
    from decimal import Decimal

    found = set()
    for part in filter(None, (each.strip().rstrip("%") for each in text.split(","))):
        try:
            mark = Decimal(part) * 100
        except ArithmeticError:
            mark = Decimal(0)
        if not mark.is_finite() or not 0 < mark <= 100 * FULL or mark != int(mark):
            raise UsageError(f"'{part}' is no percentage to warn at. Write, for example, --warn 50,80,95.")
        found.add(int(mark))
    return tuple(sorted(found))


def parse_on(text: str) -> tuple[str, ...]:
    """The moments a person wrote, in their order. Raises UsageError."""
    given = {part.strip().lower() for part in text.split(",") if part.strip()}
    if not given or not given <= set(MOMENTS):
        raise UsageError(f"--on takes {', '.join(MOMENTS)}, one or several joined by commas; not '{text}'.")
    return tuple(moment for moment in MOMENTS if moment in given)


def check_act(text: str) -> str:
    """What a budget does. Raises UsageError."""
    if text == "none":
        return ""
    if text not in ACTS:
        raise UsageError(f"--act is {', '.join(ACTS)} or none, not '{text}'.")
    return text


def parse_duration(text: str) -> int:
    """Milliseconds of `90m`, `2h`, `1d`. Raises UsageError."""
    unit = {"m": 60_000, "h": HOUR_MS, "d": DAY_MS}.get(text[-1:], 0)
    if not unit or not text[:-1].isascii() or not text[:-1].isdigit() or not 0 < int(text[:-1]) < 10_000:
        raise UsageError(f"'{text}' is no duration. Write 90m, 2h or 1d.")
    return int(text[:-1]) * unit


def current(budget: Budget, zone: Zone, now: int) -> Period:
    """The period that runs now. A rolling one ends with the quarter hour that runs."""
    if budget.rolling:
        end = now // QUARTER_MS * QUARTER_MS + QUARTER_MS
        return Period(end - budget.rolling, end)
    if budget.period == SESSION:
        return Period(0, now // QUARTER_MS * QUARTER_MS + QUARTER_MS)
    year, month, day = zone.date(now)
    if budget.period == MONTH:
        return Period(zone.start(year, month, 1), zone.start(year + month // 12, month % 12 + 1, 1))
    days = days_of(year, month, day)
    first = days - (days + 3) % 7 if budget.period == WEEK else days
    length = 7 if budget.period == WEEK else 1
    return Period(zone.start(*date_of(first)), zone.start(*date_of(first + length)))


def before(budget: Budget, zone: Zone, period: Period) -> Period:
    """The period before this one; of a rolling budget the window that ends where this one begins."""
    if budget.rolling:
        return Period(period.start - budget.rolling, period.start)
    return current(budget, zone, period.start - 1)


def passed(used: int, limit: int, warn: tuple[int, ...]) -> tuple[int, ...]:
    """The marks that are passed, rising; 100% is the limit itself, which only what is above it passes."""
    marks = [mark for mark in warn if used * FULL >= mark * limit and (mark < FULL or used > limit)]
    if used > limit and FULL not in marks:
        marks.append(FULL)
    return tuple(sorted(marks))


def share(used: int, limit: int) -> int:
    """Hundredths of a percent, rounded down, so that 100% is never said below the limit."""
    return used * FULL // limit


def limit_text(budget: Budget) -> str:
    """A limit as people write it: $50, $12.50, 2,000,000 tokens."""
    if budget.unit == TOKENS:
        return f"{budget.limit:,} tokens"
    whole, rest = divmod(budget.limit, 1_000_000_000)
    cents = f"{rest:09d}".rstrip("0")
    return f"${whole:,}" + (f".{cents.ljust(2, '0')}" if cents else "")


def encoded(budget: Budget) -> str:
    """A budget as JSON, but for its name and when it began."""
    from json import dumps

    return dumps(
        {
            "period": budget.period,
            "limit": budget.limit,
            "unit": budget.unit,
            "scope": [[name, list(patterns)] for name, patterns in budget.scope.terms],
            "warn": list(budget.warn),
            "forecast": budget.forecast,
            "act": budget.act,
            "on": list(budget.on),
            "closed": budget.closed,
        },
        separators=(",", ":"),
    )


def decoded(name: str, since: int, body: str) -> Budget:
    """The budget `encoded` wrote."""
    from json import loads

    said = loads(body)
    scope = Scope(tuple((dimension, tuple(patterns)) for dimension, patterns in said["scope"]))
    return Budget(
        name, said["period"], said["limit"], said["unit"], scope, tuple(said["warn"]), said["forecast"], said["act"],
        tuple(said["on"]), said["closed"], since,
    )  # fmt: skip
