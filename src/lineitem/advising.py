"""Look for what changes would have saved: sessions with line items -> savings, kept until a session goes on.

Session by session, and so that no nanodollar is saved twice: first what single line items could have done without
(`insights/savings.py`), then, on what is left of each conversation, agents on a smaller model, compaction in time, the
other cache lifetime, and a smaller model for sessions that only looked or talked. What is left counts by its share: a
change that would save a tenth of a conversation saves a tenth of what the changes before it left.
"""

from __future__ import annotations

from functools import partial
from json import dumps
from typing import TYPE_CHECKING, NamedTuple

from lineitem.core.periods import Zone
from lineitem.insights.advice import AGENT_MODEL, COMPACT, EVERY, LIFETIME, MODEL_CHOICE, RESUME, SUMMARY
from lineitem.insights.operations import (
    CHAT,
    DOCS,
    EDIT_CODE,
    EDIT_DOCS,
    EDIT_TESTS,
    EXPLORATION,
    LOOK,
    Act,
    Done,
    act_of,
    kind_of,
)
from lineitem.insights.rot import FELL, follow
from lineitem.insights.savings import Item, Sends, claims
from lineitem.insights.whatif import FIVE, HOUR, anew, on_model, with_lifetime
from lineitem.ledger import questions, savings
from lineitem.ledger.questions import Filter
from lineitem.ledger.store import Ledger as Store
from lineitem.pipeline.prices import rates_for
from lineitem.pricing.cheaper import cheaper
from lineitem.reports.billed import billed
from lineitem.reports.prompted import ADVISOR, AT, MODEL, NANOS, NOWHERE, OWN, THREAD, context_of, prompted
from lineitem.reports.query import NEVER, Query
from lineitem.reports.rot import Reader
from lineitem.sources.crew import crew_size, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from lineitem.core.rates import Rates
    from lineitem.insights.whatif import Billed
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.prompted import Prompted, Row
    from lineitem.reports.rot import Pricing

#: Kinds of work that a smaller model is tried on, where a session held nothing else.
_LIGHT = frozenset((EXPLORATION, CHAT, DOCS))
_CODE, _EDITS = {EDIT_CODE}, {EDIT_CODE, EDIT_TESTS, EDIT_DOCS}
_EVIDENCE = 5
#: Sessions that are looked through, and kept, together; from so many batches on, workers do it.
_BATCH, _WORTH_A_CREW = 250, 4


class Found(NamedTuple):
    """What a change would have saved in a session."""

    kind: str
    subject: str
    model: int  #: name of the model that was paid for
    nanos: int
    tokens: int
    times: int
    note: str
    evidence: list[tuple[int, str]]  #: (nanodollars, id of a call or a cause), dearest first


def search(ledger: Ledger, book: PriceBook, now: int) -> int:
    """Look through the sessions whose line items are new; how many there were. Line items must be made."""
    stale = savings.unsearched(ledger)
    for found in _searched(ledger, book, now, [stale[at : at + _BATCH] for at in range(0, len(stale), _BATCH)]):
        with ledger.transaction():
            versions = questions.versions(ledger)
            for number, seen, rows in found:
                if seen == versions.get(number):  # else it went on meanwhile: next time
                    savings.keep(ledger, number, rows)
    return len(stale)


def _searched(ledger: Ledger, book: PriceBook, now: int, batches: list[list[int]]) -> Iterator[list[Any]]:
    """[(session, number of its line items, rows to keep)] of each batch, in any order.

    Forked workers do it where there are many.
    """
    workers, path = crew_size(len(batches)), ledger.db.path
    if len(batches) < _WORTH_A_CREW or workers < 2 or path == ":memory:":  # which nobody else can open
        for batch in batches:
            yield _search_batch(ledger, book, now, batch)
        return
    own: list[Ledger] = []

    def work(batch: list[int]) -> list[Any]:
        if not own:
            own.append(Store(path, read_only=True))
            own[0].load_names()
        return _search_batch(own[0], book, now, batch)

    yield from spread(batches, work, workers)


def _search_batch(ledger: Ledger, book: PriceBook, now: int, batch: list[int]) -> list[Any]:
    searcher = _Searcher(ledger, book, now)
    seen = questions.versions(ledger)
    found: dict[int, list[Any]] = {number: [] for number in batch}
    for session in prompted(ledger, Filter(0, NEVER).only(batch), {}, copies=True):
        found[session.number] = [_row(each) for each in searcher.of(session)]
    return [[number, seen[number], rows] for number, rows in found.items()]


def _row(found: Found) -> tuple[Any, ...]:
    dearest = sorted(found.evidence, key=lambda one: (-one[0], one[1]))[:_EVIDENCE]
    return (*found[:7], dumps(dearest, separators=(",", ":")))


class _Part:
    """A thread's money: all of it, what no change has claimed yet, and what of either is carry."""

    __slots__ = ("carry", "carry_left", "left", "whole")

    def __init__(self) -> None:
        self.whole = self.left = self.carry = self.carry_left = 0

    def take(self, saved: int, *, of_carry: bool = False) -> int:
        """The share of a saving that falls on what is left, and no more than that; it is claimed."""
        part, whole = (self.carry_left, self.carry) if of_carry else (self.left, self.whole)
        if whole <= 0:
            return 0
        taken = min(saved * part // whole, self.left)
        self.left -= max(0, taken)
        return taken


class _Searcher:
    def __init__(self, ledger: Ledger, book: PriceBook, now: int) -> None:
        self.ledger, self.book, self.now = ledger, book, now
        self.pricing: Pricing = partial(rates_for, book)
        self.reader = Reader(ledger, Query(Zone("UTC"), now), self.pricing)
        self.below: dict[int, str] = {}
        self.known: dict[str, Act] = {}  # by cause

    def of(self, session: Prompted) -> list[Found]:
        """What changes would have saved in a session."""
        items = [Item(*row) for row in savings.items(self.ledger, session.number)]
        own = [row for row in session.requests if row[OWN]]
        if not items or not own:
            return []
        made = claims(items, self._sends(session))
        parts: dict[int, _Part] = {}
        for item in items:
            part = parts.get(item.thread)
            if part is None:
                part = parts[item.thread] = _Part()
            part.whole += item.nanos
            part.left += item.nanos
            part.carry += item.carry
            part.carry_left += item.carry
        found = []
        for kind, subject, place, nanos, tokens in made:
            item = items[place]
            parts[item.thread].left -= nanos
            parts[item.thread].carry_left -= min(nanos, item.carry)
            found.append(Found(kind, subject, item.model, nanos, tokens, 1, "", [(nanos, item.call or item.cause)]))
        return _together([*found, *self._on_the_rest(session, own, items, parts)])

    def _sends(self, session: Prompted) -> Sends:
        times: dict[int, list[int]] = {}
        ends: dict[int, int] = {}
        starts: dict[int, int] = {}
        sizes: dict[int, int] = {}
        windows: dict[int, int] = {}
        last: list[Row] = []
        for row, place in zip(session.requests, session.places, strict=True):
            thread = row[THREAD]
            if row[ADVISOR]:
                continue
            size = context_of(row)
            starts.setdefault(thread, size)
            windows[thread] = windows.get(thread, 1) + (size * FELL < sizes.get(thread, 0) * (FELL - 1))
            sizes[thread] = size
            times.setdefault(thread, []).append(row[AT])
            if thread == session.main:
                last.append(row)
                if place != NOWHERE:
                    ends[session.prompts[place][0]] = row[AT]
        main = starts.pop(session.main, 0)
        agents = sorted(starts.values())
        start = agents[len(agents) // 2] if agents else main

        def rates(at: int) -> Rates | None:
            row = next((each for each in reversed(last) if each[AT] <= at), None)
            if row is None or row[NANOS] is None:
                return None
            return self.pricing(self.ledger.text(row[MODEL]), row[AT], "", context_of(row))

        return Sends(session.main, times, ends, start, rates, windows)

    def _on_the_rest(
        self, session: Prompted, own: Sequence[Row], items: Sequence[Item], parts: dict[int, _Part]
    ) -> Iterator[Found]:
        by_thread: dict[int, list[Billed]] = {}
        rows_of: dict[int, list[Row]] = {}
        for row, each in zip(own, billed(self.ledger, session, own, self.pricing), strict=True):
            by_thread.setdefault(row[THREAD], []).append(each)
            rows_of.setdefault(row[THREAD], []).append(row)
        acts: dict[int, set[int]] = {}
        for item in items:
            if item.kind == "tool":
                acts.setdefault(item.thread, set()).add(self._act(item.cause).act)
        smaller: set[int] = set()
        for thread, kind, call in savings.agents(self.ledger, session.number):
            did = acts.get(thread, set())
            if thread in by_thread and thread in parts and LOOK in did and not did & _EDITS:
                found = self._smaller(AGENT_MODEL, kind, rows_of[thread], by_thread[thread], parts[thread])
                if found is not None:
                    smaller.add(thread)
                    yield found._replace(evidence=[(found.nanos, call)] if call else [])
        main = parts.get(session.main)
        if main is None or session.main not in by_thread:
            return
        dearest = _dearest(rows_of[session.main])
        asked = {place for place in session.places if place != NOWHERE}
        if len(asked) > EVERY:
            sent = [self.reader.sent(row, place, session.main)
                    for row, place in zip(session.requests, session.places, strict=True)]  # fmt: skip
            spent = follow(sent, EVERY, summary=SUMMARY).prompts.values()
            saved = main.take(sum(each.nanos - each.fresh for each in spent), of_carry=True)
            if saved:
                yield Found(COMPACT, "", dearest, saved, 0, 1, "", [])
        start = next(context_of(row) for row in rows_of[session.main])
        nanos, times = anew(by_thread[session.main], start, SUMMARY)
        saved = main.take(nanos) if nanos else 0
        if saved:
            yield Found(RESUME, "", dearest, saved, 0, len(times), "", [])
        other = FIVE if sum(each.write1 for each in by_thread[session.main]) else HOUR
        was = by_thread[session.main]
        saved = main.take(sum(each.nanos for each in was) - with_lifetime(was, other).nanos)
        if saved:
            yield Found(LIFETIME, other, dearest, saved, 0, 1, "", [])
        kind = "" if any(did & _CODE for did in acts.values()) else self._only_light(session, items)
        if kind:
            for thread in sorted(by_thread):
                if thread in parts and thread not in smaller:
                    found = self._smaller(MODEL_CHOICE, kind, rows_of[thread], by_thread[thread], parts[thread])
                    if found is not None:
                        yield found

    def _smaller(
        self, kind: str, subject: str, rows: Sequence[Row], was: Sequence[Billed], part: _Part
    ) -> Found | None:
        """The same requests on the model below theirs."""
        saved, times, note = 0, 0, ""
        for model in sorted({row[MODEL] for row in rows}):
            name = self._below(model)
            if name:
                those = [each for row, each in zip(rows, was, strict=True) if row[MODEL] == model]
                changed = on_model(those, lambda at, size, name=name: self.pricing(name, at, "", size))  # type: ignore[misc]
                saved += sum(each.nanos for each in those) - changed.nanos
                times, note = times + len(those), name
        taken = part.take(saved) if saved > 0 else 0
        return Found(kind, subject, _dearest(rows), taken, 0, times, note, []) if taken else None

    def _below(self, model: int) -> str:
        if model not in self.below:
            self.below[model] = cheaper(self.book, self.ledger.text(model), self.now)
        return self.below[model]

    def _act(self, cause: str) -> Act:
        """What a tool call of this cause does."""
        act = self.known.get(cause)
        if act is None:
            _, tool, target = (*cause.split("/", 2), "", "")[:3]
            act = self.known[cause] = act_of(tool, target)
        return act

    def _only_light(self, session: Prompted, items: Sequence[Item]) -> str:
        """The kind of work of a session that was nothing but light; '' where it was not."""
        calls: dict[int, dict[int, list[Done]]] = {}
        for item in items:
            if item.kind == "tool" and item.call:
                place = item.prompt
                if item.thread != session.main:
                    top = session.threads.get(item.thread, NOWHERE)
                    place = session.prompts[top][0] if top != NOWHERE else 0
                calls.setdefault(place, {}).setdefault(item.thread, []).append(Done(item.at, self._act(item.cause)))
        asked = {session.prompts[place][0] for place in session.places if place != NOWHERE}
        kinds = [kind_of(list(calls[ordinal].values())) if ordinal in calls else CHAT for ordinal in asked | set(calls)]
        if not kinds or not _LIGHT.issuperset(kinds):
            return ""
        return max(sorted(set(kinds)), key=kinds.count)


def _together(found: Iterable[Found]) -> list[Found]:
    """What is of one kind, subject and model as one."""
    once: dict[tuple[str, str, int], Found] = {}
    for each in found:
        known = once.get(each[:3])
        once[each[:3]] = each if known is None else Found(
            *each[:3], known.nanos + each.nanos, known.tokens + each.tokens, known.times + each.times,
            each.note or known.note, known.evidence + each.evidence,
        )  # fmt: skip
    return list(once.values())


def _dearest(rows: Sequence[Row]) -> int:
    """The model that most was spent on."""
    spent: dict[int, int] = {}
    for row in rows:
        spent[row[MODEL]] = spent.get(row[MODEL], 0) + (row[NANOS] or 0)
    return max(spent, key=lambda model: (spent[model], -model))
