"""Adds up what families of sessions come to: counted apart, in forked workers where there are many, and remembered.

In: a ledger whose line items are made, the sessions of a range, and how to count. Out: sums by key. Always: what is
remembered of a family is given again only while none of its sessions has other line items.
"""

from __future__ import annotations

import marshal
import threading
from collections import OrderedDict
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from lineitem.ledger import questions
from lineitem.ledger.store import Ledger as Store
from lineitem.pipeline.folding import folds
from lineitem.reports.lines import Line
from lineitem.reports.tally import Family, add
from lineitem.sources.crew import crew_size, spread, work_alone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.evidence import Remembered
    from lineitem.reports.query import Query
    from lineitem.reports.tally import Agents, Key, Sums, Tally

    #: Of a family's sessions the numbers of their line items, which are provisional, and how much live sources told:
    #: another one when what it comes to may be. None: not to be remembered.
    Mark = tuple[object, ...] | None

#: Families that are counted together; from so many sessions on, forked workers do it.
_BATCH, _WORTH_A_CREW = 120, 600
#: So many sums are remembered, of all questions together, and so many questions.
_REMEMBERED, _QUESTIONS = 300_000, 500

#: Whole numbers of any size, as they are; read only by the process that wrote it, and by those it was forked from.
_PACK, _UNPACK = marshal.dumps, marshal.loads


def families(
    ledger: Ledger, inside: Iterable[int], across: Iterable[int], provisional: Collection[int] = ()
) -> list[Family]:
    """These sessions by what belongs together, each family once. across: those that reach over an end of the range.

    provisional: sessions whose calls live sources tell, under the same ids as others of them.
    """
    cut = set(across)
    above: dict[int, int] = {}

    def top(number: int) -> int:
        while (parent := above.get(number, number)) != number:
            number = parent
        return number

    wanted = {*inside, *cut}
    pairs = [*questions.shared(ledger), *pairwise(sorted(wanted.intersection(provisional)))]
    for one, other in pairs:
        if one in wanted and other in wanted:
            low, high = sorted((top(one), top(other)))
            above[high] = low
    found: dict[int, list[int]] = {}
    for number in sorted(wanted):
        found.setdefault(top(number), []).append(number)
    return [
        Family(tuple(one for one in members if one not in cut), tuple(one for one in members if one in cut))
        for members in found.values()
    ]


class Counted:
    """Some families of a range, for a tally to count; see `reports.tally.Source`."""

    def __init__(self, ledger: Ledger, book: PriceBook, query: Query, families: Sequence[Family]) -> None:
        self.ledger, self.book, self.query, self.families = ledger, book, query, families
        self._lines: list[tuple[list[Line], Agents]] | None = None

    def sessions(self) -> list[int]:
        """All sessions of these families."""
        return [number for family in self.families for number in family.sessions]

    def lines(self, larger: int | None = None) -> Iterator[tuple[list[Line], Agents]]:
        """The line items of each family in the range, and its agents; only the larger ones of whole sessions."""
        if larger is not None:
            return self._read(larger)
        if self._lines is None:  # several may count them
            self._lines = list(self._read(None))
        return iter(self._lines)

    def _read(self, larger: int | None) -> Iterator[tuple[list[Line], Agents]]:
        names, part = self.ledger.load_names(), self.query.model.lower()
        found: dict[int, list[Line]] = {}
        whole = self._inside()
        kept = (
            questions.items(self.ledger, None, whole)
            if larger is None
            else questions.large_items(self.ledger, larger, whole)
        )
        for number, rows in groupby(kept, key=itemgetter(0)):
            name = names[number]
            found[number] = [
                Line(name, names[row[1]], row[2:], names[row[5]])
                for row in rows
                if not part or part in names[row[5]].lower()
            ]
        cut = [number for family in self.families for number in family.cut]
        for number, made in folds(self.ledger, self.book, cut, self.query.within) if cut else ():
            name = self.ledger.text(number)
            found[number] = [Line(name, row[1], row[3:]) for row in made["items"] if part in row[6].lower()]
        agents: dict[str, list[tuple[Any, ...]]] = {}
        for agent in questions.agents(self.ledger, self.sessions()):
            agents.setdefault(agent[0], []).append(agent)
        for family in self.families:
            yield (
                [line for number in family.sessions for line in found.pop(number, ())],
                [agent for number in family.sessions for agent in agents.get(self.ledger.text(number), ())],
            )

    def spent(self) -> dict[int, int]:
        """Nanodollars of each session that is wholly in the range."""
        names, part = self.ledger.load_names(), self.query.model.lower()
        found: dict[int, int] = {}
        for number, model, nanos in questions.item_sums(self.ledger, self._inside()):
            if part in names[model].lower():
                found[number] = found.get(number, 0) + nanos
        return found

    def _inside(self) -> list[int]:
        return [number for family in self.families for number in family.inside]

    def by_family(self, found: Mapping[int, Sums]) -> Iterator[Sums]:
        """What was found session by session, for each family."""
        for family in self.families:
            sums: Sums = {}
            for number in family.sessions:
                if number in found:
                    add(sums, found[number].items())
            yield sums


class _Known:
    """What a question came to, and what each family had in it."""

    def __init__(self) -> None:
        self.sums: Sums = {}  #: number of families that have it, then the amounts
        self.parts: dict[Family, tuple[Mark, bytes]] = {}
        self.lock = threading.Lock()


class Memory:
    """What was counted before, for those who ask again and again; several threads may."""

    def __init__(self) -> None:
        self.shown: Remembered = {}  #: the commits and pull requests of each transcript
        self._known: OrderedDict[tuple[object, ...], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, asked: tuple[object, ...]) -> _Known:
        """What is remembered of this question; what was not asked for longest is forgotten."""
        with self._lock:
            known = self._known.get(asked)
            if known is None:
                known = self._known[asked] = _Known()
            self._known.move_to_end(asked)
            held = sum(len(each.sums) for each in self._known.values())
            while (held > _REMEMBERED or len(self._known) > _QUESTIONS) and len(self._known) > 1:
                held -= len(self._known.popitem(last=False)[1].sums)
            return known


def tallied(
    ledger: Ledger,
    book: PriceBook,
    query: Query,
    tally: Tally,
    among: tuple[Iterable[int], Iterable[int]],
    memory: Memory | None = None,
) -> Sums:
    """What the sessions of a range come to. among: (sessions wholly in it, those that reach over an end of it)."""
    provisional = questions.provisional(ledger)
    wanted = families(ledger, *among, provisional)
    ends = (query.since, query.until) if any(family.cut for family in wanted) else ()
    asked = (*tally.key, query.since, query.until, query.project, query.model, query.session)
    known = memory.known(asked) if memory is not None else _Known()
    with known.lock:
        marks = _marks(ledger, wanted, tally, ends, provisional) if memory is not None else dict.fromkeys(wanted)
        for family in [each for each in known.parts if marks.get(each) is None or known.parts[each][0] != marks[each]]:
            _take_away(known.sums, _UNPACK(known.parts.pop(family)[1]))
        missing = [family for family in wanted if family not in known.parts]
        for family, part in _count(ledger, book, query, tally, missing, together=memory is None):
            _add(known.sums, _UNPACK(part))
            if memory is not None:
                known.parts[family] = (marks[family], part)
        return {key: amounts[1:] for key, amounts in known.sums.items()}


def _marks(
    ledger: Ledger, wanted: Iterable[Family], tally: Tally, ends: tuple[int, ...], provisional: Collection[int]
) -> dict[Family, Mark]:
    versions = questions.versions(ledger)
    told: Mapping[int, int] = {}
    if tally.heard:
        told = questions.heard(ledger, [number for family in wanted for number in family.sessions])
    found: dict[Family, Mark] = {}
    for family in wanted:
        numbers = [versions.get(number, 0) for number in family.sessions]
        heard = [told.get(number, 0) for number in family.sessions]
        alive = [number for number in family.sessions if number in provisional]
        found[family] = (*numbers, *heard, *(ends if family.cut else ()), *alive) if all(numbers) else None
    return found


def _count(
    ledger: Ledger, book: PriceBook, query: Query, tally: Tally, missing: Sequence[Family], *, together: bool
) -> Iterator[tuple[Family, bytes]]:
    """What each family comes to, packed, in any order; together: what several come to may stand for the first."""
    batches = [missing[at : at + _BATCH] for at in range(0, len(missing), _BATCH)]
    workers, path = crew_size(len(batches)), ledger.db.path
    if not together or len(missing) < _WORTH_A_CREW or workers < 2 or path == ":memory:":  # which nobody else can open
        for batch in batches:
            for family, sums in zip(batch, tally.of(Counted(ledger, book, query, batch)), strict=True):
                yield family, _PACK(list(sums.items()))
        return
    own: list[Ledger] = []

    def work(at: int) -> list[Any]:
        if not own:
            work_alone()
            own.append(Store(path, read_only=True))
            own[0].load_names()
        whole: Sums = {}
        for sums in tally.of(Counted(own[0], book, query, batches[at])):
            add(whole, sums.items())
        return [at, _PACK(list(whole.items()))]

    for at, part in spread(range(len(batches)), work, workers):
        yield batches[at][0], part


def _add(sums: Sums, part: Iterable[tuple[Key, list[int]]]) -> None:
    """Add what a family has. Lists are made anew: somebody may still read those there were."""
    for key, amounts in part:
        known = sums.get(key)
        if known is None:
            sums[key] = [1, *amounts]
        else:
            sums[key] = [known[0] + 1, *map(int.__add__, known[1:], amounts)]


def _take_away(sums: Sums, part: Iterable[tuple[Key, list[int]]]) -> None:
    for key, amounts in part:
        known = sums[key]
        if known[0] == 1:
            del sums[key]
        else:
            sums[key] = [known[0] - 1, *map(int.__sub__, known[1:], amounts)]
