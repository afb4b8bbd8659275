"""What was logged by hand, and by a person's own programs, beside the bill: priced, and what of it the bill covers.

In: manual sessions and entries, the price book. Out: figures, tables, the document of a report. Always: an entry that
Claude Code's own figures cover is in no total, so a total is the bill plus what nothing else counts.
"""

from __future__ import annotations

from lineitem.core.manual import BY_HAND, CALL, MARGIN, PART, Entry, ManualSession, covered, projects_of
from lineitem.core.periods import iso
from lineitem.core.rates import Rates
from lineitem.insights import words
from lineitem.ledger import manual as kept
from lineitem.reports.shapes import COUNT, DURATION, MONEY, SHARE, TEXT, TIME, TOKENS, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.query import Query

_EVER = 1 << 62


class Priced:
    """An entry, what it cost by price class (None: no price), and whether the bill covers it."""

    __slots__ = ("costs", "covered", "entry")

    def __init__(self, entry: Entry, costs: tuple[int, ...] | None, covered: bool) -> None:
        self.entry, self.costs, self.covered = entry, costs, covered

    @property
    def nanos(self) -> int | None:
        """Nanodollars; None: no price."""
        return None if self.costs is None else sum(self.costs)

    @property
    def basis(self) -> str:
        """How its counts are known."""
        return "measured" if self.entry.how == CALL else "estimated"

    def range(self, book: PriceBook) -> tuple[int, int] | None:
        """From least to most nanodollars of a `quick` entry; None where nothing is assumed, or there is no price."""
        rates = rates_of(book, self.entry)
        if self.entry.range is None or rates is None:
            return None
        low_in, high_in, low_out, high_out = self.entry.range
        low, high = (
            sum(self.entry._replace(uncached=given, output=made).costs(rates))
            for given, made in ((low_in, low_out), (high_in, high_out))
        )
        return low, high


def rates_of(book: PriceBook, entry: Entry) -> Rates | None:
    """The rates of an entry; None where its model has no price."""
    flags = entry.modifiers
    found = book.rates(
        entry.model, entry.at, "fast" if "f" in flags else "", "us" if "g" in flags else "",
        "batch" if "b" in flags else "", entry.context,
    )  # fmt: skip
    return found if isinstance(found, Rates) else None


def newest(book: PriceBook, text: str) -> str:
    """The newest model of the price book with this in its name; '' where there is none."""
    found = [each.model for each in book.entries() if text.lower() in each.model]
    return max(found, key=_version, default="")


def _version(model: str) -> tuple[tuple[int, ...], str]:
    """Orders models by their version: claude-sonnet-4-5 is older than claude-sonnet-5."""
    return tuple(int(part) for part in model.split("-") if part.isdigit() and len(part) < 4), model


class Sums:
    """Entries added up. Nanodollars; `unpriced` are tokens."""

    __slots__ = ("calls", "covered", "estimated", "hand", "input", "output", "tokens", "unpriced")

    def __init__(self, entries: Iterable[Priced]) -> None:
        self.hand = self.calls = self.covered = self.estimated = self.input = self.output = self.unpriced = 0
        self.tokens = [0, 0, 0, 0]  #: uncached, output, cache writes, cache reads
        for each in entries:
            entry = each.entry
            counts = (entry.uncached, entry.output, entry.write5 + entry.write1, entry.read)
            self.tokens = [known + count for known, count in zip(self.tokens, counts, strict=True)]
            if each.costs is None:
                self.unpriced += 0 if each.covered else entry.tokens
                continue
            nanos = sum(each.costs)
            self.input += nanos - each.costs[4]
            self.output += each.costs[4]
            self.hand += nanos if entry.how in BY_HAND else 0
            self.calls += nanos if entry.how in (CALL, PART) else 0
            self.covered += nanos if each.covered else 0
            self.estimated += nanos if each.basis == "estimated" and not each.covered else 0

    @property
    def beside(self) -> int:
        """Nanodollars that no other figure counts."""
        return self.hand + self.calls - self.covered


class Figures:
    """One manual session: what was logged in it, and what Claude Code spent in its folder at the same time."""

    def __init__(self, ledger: Ledger, book: PriceBook, session: ManualSession, now: int) -> None:
        self.session = session
        self.until = session.until if session.until is not None else max(now, session.since) + 1
        self.log = kept.entries(ledger, session=session.id)
        self.priced = priced(ledger, book, self.log)
        self.models = kept.spent(ledger, session.projects(), session.since, self.until)
        self.unlogged = kept.unlogged(ledger, session.projects(), session.since, self.until)
        self.sums = Sums(self.priced)

    @property
    def automatic(self) -> int:
        """Nanodollars of Claude Code, unlogged spend included."""
        return sum(int(row[8]) for row in self.models) + self.unlogged

    @property
    def total(self) -> int:
        return self.automatic + self.sums.beside

    @property
    def unpriced(self) -> int:
        """Tokens without a price."""
        return self.sums.unpriced + sum(int(row[9]) for row in self.models)

    @property
    def tokens(self) -> int:
        """All tokens, those of Claude Code's requests too; of covered entries none."""
        own = sum(each.entry.tokens for each in self.priced if not each.covered)
        return own + sum(sum(row[2:7]) for row in self.models)

    def row(self) -> dict[str, Any]:
        """The session as a row of a table."""
        session, sums = self.session, self.sums
        expected = self._expected()
        return {
            "name": session.name,
            "project": session.folder,
            "since": iso(session.since),
            "until": iso(session.until) if session.until is not None else None,
            "elapsedMs": (session.until or self.until - 1) - session.since,
            "entries": len(self.priced),
            "inputTokens": sums.tokens[0],
            "outputTokens": sums.tokens[1],
            "cacheCreationTokens": sums.tokens[2],
            "cacheReadTokens": sums.tokens[3],
            "inputNanos": sums.input,
            "outputNanos": sums.output,
            "handNanos": sums.hand,
            "callNanos": sums.calls,
            "coveredNanos": sums.covered,
            "automaticNanos": self.automatic,
            "costNanos": self.total,
            "totalCost": dollars(self.total),
            "estimatedNanos": sums.estimated,
            "totalTokens": self.tokens,
            "unpricedTokens": self.unpriced,
            "expectedNanos": session.expected_nanos,
            "expectedTokens": session.expected_tokens,
            "expectedShare": expected,
        }

    def _expected(self) -> float | None:
        """What it took, of what was expected: 1 is all of it."""
        if self.session.expected_nanos:
            return self.total / self.session.expected_nanos
        return self.tokens / self.session.expected_tokens if self.session.expected_tokens else None


def priced(ledger: Ledger, book: PriceBook, entries: list[Entry]) -> list[Priced]:
    """Entries that spend, priced at their own time; of any manual sessions."""
    spending = [entry for entry in entries if entry.spends]
    left_out = kept.billed(ledger, spending)
    by_hand: dict[str, list[Entry]] = {}
    for entry in spending:
        if entry.session and entry.how in BY_HAND:
            by_hand.setdefault(entry.session, []).append(entry)
    for session in kept.sessions(ledger) if by_hand else ():
        if session.id in by_hand:
            # whole sessions: what an entry stands for begins with the one before it, in a range or not
            whole = kept.entries(ledger, session=session.id)
            latest = max(entry.at for entry in whole)
            worked = kept.worked(ledger, session.projects(), session.since - MARGIN, latest + MARGIN)
            left_out |= covered(whole, session.since, worked)
    found = []
    for entry in spending:
        rates = rates_of(book, entry)
        costs = entry.costs(rates) if rates is not None else None
        found.append(Priced(entry, costs, entry.id in left_out))
    return found


_NOTE = (
    "By hand is estimated, Programs is what API answers said. What Claude Code's own figures cover is left out of the"
    " total."
)
_COLUMNS = (
    Column("name", "Manual session", TEXT),
    Column("since", "Since", TIME),
    Column("elapsedMs", "Elapsed", DURATION),
    Column("entries", "Entries", COUNT, wide=True),
    Column("totalTokens", "Tokens", TOKENS, wide=True),
    Column("handNanos", "~By hand", MONEY),
    Column("callNanos", "Programs", MONEY),
    Column("coveredNanos", "Left out", MONEY),
    Column("automaticNanos", "Claude Code", MONEY),
    Column("costNanos", "Total", MONEY),
    Column("expectedShare", "Of expected", SHARE, wide=True),
)
_SUMMED = (
    "entries", "inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "inputNanos", "outputNanos",
    "handNanos", "callNanos", "coveredNanos", "automaticNanos", "costNanos", "estimatedNanos",
    "totalTokens", "unpricedTokens",
)  # fmt: skip


def standing(ledger: Ledger, book: PriceBook, folder: str, query: Query) -> Table:
    """The manual sessions of a folder, with running totals; and the project as a whole."""
    sessions = [each for each in kept.sessions(ledger, folder) if query.within(each.since)]
    rows = [Figures(ledger, book, each, query.now).row() for each in sessions]
    if query.descending:
        rows.reverse()
    totals: dict[str, Any] = {key: sum(row[key] for row in rows) for key in _SUMMED}
    totals["elapsedMs"] = sum(row["elapsedMs"] for row in rows)
    totals["totalCost"] = dollars(totals["costNanos"])
    whole = project(ledger, book, folder, sessions)
    notes = [_NOTE]
    if totals["unpricedTokens"]:
        notes.append(f"{totals['unpricedTokens']:,} tokens have no price: docs/prices.md.")
    empty = "No manual session here yet: `lineitem manual start NAME` begins one."
    tail = {"projectTotals": whole}
    return Table(
        "manual", "Manual sessions", _COLUMNS, rows, totals, tail=tail, notes=notes, empty=empty, waiting=False
    )


def project(ledger: Ledger, book: PriceBook, folder: str, sessions: list[ManualSession]) -> dict[str, Any]:
    """A folder as a whole, whether or not a manual session was open: Claude Code's bill and what is beside it."""
    sums = Sums(priced(ledger, book, kept.entries_of_folder(ledger, folder)))
    projects = projects_of(folder, *(each.cwd for each in sessions))
    models = kept.spent(ledger, projects, 0, _EVER)
    automatic = sum(row[8] for row in models) + kept.unlogged(ledger, projects, 0, _EVER)
    total = automatic + sums.beside
    return {
        "project": folder,
        "handNanos": sums.hand,
        "callNanos": sums.calls,
        "coveredNanos": sums.covered,
        "automaticNanos": automatic,
        "costNanos": total,
        "totalCost": dollars(total),
        "unpricedTokens": sums.unpriced + sum(row[9] for row in models),
    }


def beside(ledger: Ledger, book: PriceBook, since: int, until: int) -> dict[str, Any] | None:
    """What was logged in a range of time beside the bill; None where nothing was. It is in no total of the bill."""
    entries = kept.entries(ledger, since=since, until=until)
    found = priced(ledger, book, entries)
    if not found:
        return None
    sums = Sums(found)
    return {
        "entries": len(found),
        "handNanos": sums.hand,
        "callNanos": sums.calls,
        "coveredNanos": sums.covered,
        "costNanos": sums.beside,
        "totalCost": dollars(sums.beside),
        "unpricedTokens": sums.unpriced,
    }


def tell_beside(table: Table, ledger: Ledger, book: PriceBook, query: Query) -> None:
    """Say beside the totals of a bill what was logged in its time; in its JSON under `beside`."""
    found = beside(ledger, book, query.since, query.until)
    if found is None:
        return
    table.tail["beside"] = found
    if query.options.get("incognito") or query.options.get("no_cost"):
        return
    said = [f"~{words.dollars(found['handNanos'])} by hand"] if found["handNanos"] else []
    said += [f"{words.dollars(found['callNanos'])} by programs of your own"] if found["callNanos"] else []
    if said:
        left = f", {words.dollars(found['coveredNanos'])} of it covered by this bill" if found["coveredNanos"] else ""
        logged = " and ".join(said)
        table.notes.append(f"Beside this bill were logged {logged}{left}: `lineitem manual`.")
