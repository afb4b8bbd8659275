"""What a growing session costs: prompt by prompt, by length of session, and against sessions of a few prompts each."""

from __future__ import annotations

from bisect import bisect_left

from lineitem.core.periods import iso
from lineitem.core.problems import UsageError
from lineitem.insights.efficiency import over
from lineitem.insights.rot import Sent, Spent, follow
from lineitem.ledger import questions
from lineitem.reports.prompted import (
    ADVISOR,
    AT,
    MODEL,
    MODIFIERS,
    NANOS,
    NOWHERE,
    OWN,
    READ,
    THREAD,
    UNCACHED,
    WRITE1,
    WRITE5,
    context_of,
    prompted,
)
from lineitem.reports.shapes import COUNT, MONEY, SHARE, TEXT, TIME, TOKENS, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lineitem.core.rates import Rates
    from lineitem.insights.rot import Followed
    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger
    from lineitem.reports.prompted import Live, Prompted
    from lineitem.reports.query import Query

    #: (model, at, modifiers, tokens of the prompt) -> rates, None where there is no price
    Pricing = Callable[[str, int, str, int], Rates | None]

EVERY = 10
#: Lengths of sessions, and places in them, that stand together: up to so many prompts.
_LENGTHS = (10, 30, 100, 300)
_NAMES = ("1-10", "11-30", "31-100", "101-300", "301+")
_NO_PROMPT = "(no prompt)"
_FRESH = (
    "Fresh sessions: as if a new one had begun after every {every} prompts. Each pays again what this one's first"
    " request sent (system, schemas, memory, and that prompt), carries it, and knows nothing of the sessions before;"
    " all else is taken to have gone the same way."
)
_PAST = (
    "Carry is what was sent again; past is the part of it that earlier prompts had left in the window, the rest a"
    " prompt's own."
)


class Reader:
    """Makes the requests of sessions into what `follow` wants, paid where the question asks for them."""

    def __init__(self, ledger: Ledger, query: Query, pricing: Pricing, every: int = 0) -> None:
        self.ledger, self.pricing, self.every = ledger, pricing, every
        self.since, self.until, self.part = query.since, query.until, query.model.lower()
        self.names: dict[int, str] = {}
        self.meant: dict[int, bool] = {}

    def followed(self, session: Prompted) -> Followed:
        """The session, prompt by prompt."""
        return follow(map(self.sent, session.requests, session.places, [session.main] * len(session.places)),
                      self.every)  # fmt: skip

    def sent(self, row: Sequence[Any], place: int, main: int) -> Sent:
        """A request as `follow` wants it."""
        size = context_of(row)
        name = self._name(row[MODEL])
        at, nanos = row[AT], row[NANOS]
        return Sent(
            place, size, row[READ], row[WRITE1], row[WRITE5], row[UNCACHED],
            None if nanos is None else self.pricing(name, at, row[MODIFIERS], size), nanos or 0,
            row[THREAD] == main and not row[ADVISOR],
            bool(row[OWN]) and self.since <= at < self.until and self.meant[row[MODEL]],
        )  # fmt: skip

    def _name(self, model: int) -> str:
        name = self.names.get(model)
        if name is None:
            name = self.names[model] = self.ledger.text(model)
            self.meant[model] = self.part in name.lower()
        return name


def every_of(query: Query) -> int:
    """The length of a block, as it was asked for."""
    text = query.options.get("every", str(EVERY))
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError(f"--every is a number of prompts, not '{text}'.")
    return int(text)


# -- one session


def of_session(
    ledger: Ledger, query: Query, where: Filter, live: Live, pricing: Pricing, name: str,
    compactions: Sequence[int] | None,
) -> Table:  # fmt: skip
    """One row a prompt. compactions: when the window was summarised, None where nobody can say."""
    every = every_of(query)
    reader = Reader(ledger, query, pricing, every)
    rows: list[dict[str, Any]] = []
    start, length, fresh = None, 0, 0
    rest = Spent()
    for session in prompted(ledger, where, live, copies=True):
        found = reader.followed(session)
        start, length = found.start, found.length
        rest = found.prompts.pop(NOWHERE, rest)
        fresh = sum(spent.fresh for spent in found.prompts.values())
        rows = _prompts(session, found, compactions)
    beyond = sum(row[3] for row in questions.beyond_by_run(ledger, where))
    rest.nanos += beyond
    rest.fresh += beyond
    fresh += rest.fresh
    if rest.nanos or rest.unpriced:
        rows.append({**_prompt((0, 0, ""), rest, None), "prompt": _NO_PROMPT, "ordinal": None, "remainder": True})
    whole = 0
    for row in rows:
        whole += row["costNanos"]
        row["cumulativeNanos"] = whole
    if query.descending:
        rows.reverse()
    blocks = -(-length // every)
    head = {"sessionId": name, "prompts": length, "every": every, "sessions": blocks, "startTokens": start,
            "costNanos": whole, "totalCost": dollars(whole), "freshNanos": fresh,
            "savedNanos": whole - fresh}  # fmt: skip
    columns = [
        Column("prompt", "Prompt", TEXT),
        Column("at", "At", TIME, wide=True),
        Column("requests", "Requests", COUNT, wide=True),
        Column("contextTokens", "Context", TOKENS),
        Column("newNanos", "New", MONEY),
        Column("carryNanos", "Carry", MONEY),
        Column("pastNanos", "Past", MONEY),
        Column("costNanos", "Cost", MONEY),
        Column("cumulativeNanos", "So far", MONEY, wide=True),
    ]
    table = Table(
        "rot", f"What each prompt of {name[:8]} cost", columns, rows, _sums(rows), head=head,
        notes=[_PAST, "Context is what the prompt's first request sent."],
        empty="This session has no request in this range.",
    )  # fmt: skip
    if rows:
        table.below = [_against(whole, fresh, length, blocks, every)]
    return table


def _prompts(session: Prompted, found: Followed, compactions: Sequence[int] | None) -> list[dict[str, Any]]:
    """A row a prompt that was paid for, in the order of time; compactions stand at the prompt in which they were."""
    ends = _ends(session)
    rows = []
    told = 0
    for place, spent in sorted(found.prompts.items()):
        seen = max(told, bisect_left(compactions or (), ends.get(place, 0)))
        compacted, told = (None if compactions is None else seen - told), seen
        if spent.requests:
            rows.append(_prompt(session.prompts[place], spent, compacted))
    return rows


def _ends(session: Prompted) -> dict[int, int]:
    """Behind the last request of the main conversation of each prompt."""
    return {
        place: row[AT] + 1
        for row, place in zip(session.requests, session.places, strict=True)
        if row[THREAD] == session.main
    }


def _prompt(asked: tuple[int, int, str], spent: Spent, compactions: int | None) -> dict[str, Any]:
    ordinal, at, source = asked
    return {
        "prompt": f"#{ordinal}{' compacted' if compactions else ''}", "ordinal": ordinal, "at": iso(at) if at else None,
        "source": source, "requests": spent.requests, "contextTokens": spent.context, "compactions": compactions,
        "newNanos": spent.new, "carryNanos": spent.carry, "pastNanos": spent.past, "costNanos": spent.nanos,
        "cumulativeNanos": 0, "freshNanos": spent.fresh, "unpricedTokens": spent.unpriced,
    }  # fmt: skip


def _sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    keys = ("requests", "newNanos", "carryNanos", "pastNanos", "costNanos", "freshNanos", "unpricedTokens")
    sums: dict[str, Any] = {key: sum(row[key] for row in rows) for key in keys}
    sums["totalCost"] = dollars(sums["costNanos"])
    return sums


def _against(cost: int, fresh: int, length: int, blocks: int, every: int) -> Table:
    """The session as it was, beside the same prompts in sessions of a block each."""
    rows = [
        {"plan": "as it was", "sessions": 1, "promptsEach": length, "costNanos": cost,
         "costPerPromptNanos": over(cost, length)},
        {"plan": "fresh sessions", "sessions": blocks, "promptsEach": min(every, length), "costNanos": fresh,
         "costPerPromptNanos": over(fresh, length)},
    ]  # fmt: skip
    columns = [
        Column("plan", "The same prompts", TEXT),
        Column("sessions", "Sessions", COUNT),
        Column("promptsEach", "Prompts each", COUNT),
        Column("costPerPromptNanos", "A prompt", MONEY),
        Column("costNanos", "Cost", MONEY),
    ]
    title = f"{_count(length, 'prompt')} in one session, or in {_count(blocks, 'session')} of {every}"
    return Table("plans", title, columns, rows, notes=[_FRESH.format(every=every)])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


# -- all sessions


class _Bucket:
    """Prompts added up."""

    __slots__ = ("carry", "context", "fresh", "nanos", "past", "prompts", "sessions", "unpriced", "windows")

    def __init__(self) -> None:
        self.sessions = self.prompts = self.nanos = self.carry = self.past = self.fresh = self.unpriced = 0
        self.windows = self.context = 0  # prompts with a window, and the sum of their sizes

    def add(self, spent: Spent) -> None:
        self.prompts += 1
        self.nanos += spent.nanos
        self.carry += spent.carry
        self.past += spent.past
        self.fresh += spent.fresh
        self.unpriced += spent.unpriced
        if spent.context is not None:
            self.windows += 1
            self.context += spent.context

    def row(self, key: str, name: str) -> dict[str, Any]:
        nanos = self.nanos
        known = bool(nanos) or not self.unpriced
        return {
            key: name, "sessions": self.sessions, "prompts": self.prompts,
            "contextTokens": over(self.context, self.windows),
            "costPerPromptNanos": over(nanos, self.prompts) if known else None,
            "newNanos": nanos - self.carry, "carryNanos": self.carry,
            "carryShare": round(self.carry / nanos, 4) if nanos else None,
            "pastNanos": self.past, "pastShare": round(self.past / nanos, 4) if nanos else None,
            "freshNanos": self.fresh, "unpricedTokens": self.unpriced, "totalCost": dollars(nanos), "costNanos": nanos,
        }  # fmt: skip


def of_sessions(ledger: Ledger, query: Query, where: Filter, live: Live, pricing: Pricing) -> Table:
    """One row a length of session; below it the same prompts by their place in the session."""
    every = every_of(query)
    reader = Reader(ledger, query, pricing, every)
    lengths, positions = [_Bucket() for _ in _NAMES], [_Bucket() for _ in _NAMES]
    rest = Spent()
    for session in prompted(ledger, where, live, copies=True):
        found = reader.followed(session)
        bucket = lengths[bisect_left(_LENGTHS, found.length)]
        paid = False
        for place, spent in found.prompts.items():
            if place == NOWHERE:
                rest.nanos += spent.nanos
                rest.carry += spent.carry
                rest.past += spent.past
                rest.fresh += spent.fresh
                rest.unpriced += spent.unpriced
            elif spent.requests:
                paid = True
                bucket.add(spent)
                positions[bisect_left(_LENGTHS, spent.position)].add(spent)
        bucket.sessions += paid
    rows = [bucket.row("length", name) for name, bucket in zip(_NAMES, lengths, strict=True) if bucket.prompts]
    whole = _Bucket()
    beyond = sum(row[3] for row in questions.beyond_by_run(ledger, where))
    if rest.nanos + beyond or rest.unpriced:
        whole.add(rest)
        whole.nanos += beyond
        whole.fresh += beyond
        whole.prompts = whole.windows = 0
        rows.append({**whole.row("length", _NO_PROMPT), "remainder": True})
    for bucket in lengths:
        for name in _Bucket.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(bucket, name))
    totals = whole.row("length", "")
    del totals["length"]
    if query.descending:
        rows.reverse()
    shown = [
        Column("prompts", "Prompts", COUNT),
        Column("contextTokens", "Context", TOKENS),
        Column("carryShare", "Carry", SHARE),
        Column("pastShare", "Past", SHARE),
        Column("costPerPromptNanos", "A prompt", MONEY),
    ]
    cost = Column("costNanos", "Cost", MONEY)
    fresh = Column("freshNanos", "Fresh", MONEY, wide=True)
    columns = [Column("length", "Length", TEXT), Column("sessions", "Sessions", COUNT), *shown, fresh, cost]
    places = [
        {key: value for key, value in bucket.row("position", name).items() if key != "sessions"}
        for name, bucket in zip(_NAMES, positions, strict=True)
        if bucket.prompts
    ]
    below = Table(
        "positions",
        "The same prompts by their place in the session",
        [Column("position", "Place", TEXT), *shown, cost],
        places,
    )
    table = Table(
        "rot", "What sessions cost by their length in prompts", columns, rows, totals, head={"every": every},
        notes=[_PAST, "Context is what the prompts' first requests sent, on average.", _FRESH.format(every=every)],
        empty="No prompts in this range.",
    )  # fmt: skip
    table.below = [below] if rows else []
    return table
