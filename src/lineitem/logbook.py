"""Manual sessions: begun, logged in, ended, told. Joins what a person says with the store, the prices and git.

In: the ledger, the price book, the folder a person stands in, the moment. Out: what was kept, priced; tables and
reports. Always: one open manual session a folder (a repository counts as one folder); of a person's words only a
short label is kept, secrets redacted.
"""

from __future__ import annotations

import contextlib
import os

from lineitem.core.manual import COMMIT, KINDS, LOG, NEXT, NOTE, QUICK, Entry, ManualSession
from lineitem.core.problems import UsageError
from lineitem.core.rates import Rates
from lineitem.ledger import manual as kept
from lineitem.sources import commits
from lineitem.sources.committed import FOLDER, waiting
from lineitem.sources.shortening import short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.manual import Priced
    from lineitem.reports.query import Query
    from lineitem.reports.shapes import Table

#: More tokens in one entry are a slip of the pen.
_MOST = 10**12


class Logbook:
    """The manual sessions of one folder."""

    def __init__(self, ledger: Ledger, book: PriceBook, cwd: str) -> None:
        self.ledger, self.book = ledger, book
        self.cwd, self.folder = cwd, commits.root(cwd)

    @property
    def open(self) -> ManualSession | None:
        """The manual session that is under way here."""
        return kept.open_session(self.ledger, self.folder)

    def current(self) -> ManualSession:
        """The same. Raises UsageError where there is none."""
        found = self.open
        if found is None:
            raise UsageError(f"No manual session is open in {self.folder}. `lineitem manual start NAME` begins one.")
        return found

    def start(self, name: str, model: str, expected: str, now: int) -> ManualSession:
        """Begin one. expected: dollars, tokens or a kind of work; '': nothing is expected."""
        name = short(name)
        if not name:
            raise UsageError("A manual session needs a name: `lineitem manual start checkout`.")
        known = self.open
        if known is not None:
            raise UsageError(f"'{known.name}' is open in {self.folder} already. `lineitem manual end` ends it.")
        model = self.model(model, now) if model else ""
        nanos, tokens = self._expected(expected, model, now)
        made = ManualSession(_identity(), name, self.folder, self.cwd, now, None, model, nanos, tokens)
        with self.ledger.transaction():
            kept.begin(self.ledger, made)
        return made

    def log(self, given: str, made: str, context: str, model: str, now: int) -> Priced:
        """Log counts that a person knows: so many tokens in, so many out."""
        return self._spend(LOG, "", (_count(given), _count(made)), context, model, now)

    def quick(self, kind: str, context: str, model: str, now: int) -> Priced:
        """Log one exchange of a kind: the middle of what is usual."""
        if kind not in KINDS:
            raise UsageError(f"`lineitem manual quick` knows {', '.join(KINDS)}, not '{kind}'.")
        return self._spend(QUICK, kind, KINDS[kind].middle, context, model, now)

    def note(self, text: str, now: int, *, to_do: bool = False) -> None:
        """Keep a note of the session, or a next step."""
        label = short(text)
        if not label:
            raise UsageError("A note needs words: `lineitem manual note 'the cache was cold'`.")
        entry = self._entry(self.current(), NEXT if to_do else NOTE, "", label, "", (0, 0), now)
        with self.ledger.transaction():
            kept.keep(self.ledger, [entry])

    def status(self, query: Query) -> Table:
        """The manual sessions of this folder and their running totals."""
        from lineitem.reports.manual import standing

        return standing(self.ledger, self.book, self.folder, query)

    def end(self, now: int) -> dict[str, Any]:
        """End the one that is open; its report."""
        session = self.current()
        now = max(now, session.since)
        with self.ledger.transaction():
            kept.end(self.ledger, session.id, now)
        found = self.report(session._replace(until=now), now)
        done = commits.commits(session.folder, session.since, now + 1)
        found["git"] = {
            "branch": commits.branch(session.folder) or None,
            "changedFiles": commits.changed(session.folder),
            "commits": [{"commit": name, "subject": short(subject)} for name, subject in done],
        }
        return found

    def report(self, session: ManualSession, now: int) -> dict[str, Any]:
        """The report of one of them."""
        from lineitem.reports.manual import Figures
        from lineitem.reports.manual_report import report

        figures = Figures(self.ledger, self.book, session, now)
        before = [each for each in kept.sessions(self.ledger, session.folder) if each.since < session.since]
        return report(self.book, figures, [Figures(self.ledger, self.book, each, now) for each in before])

    def model(self, text: str, now: int) -> str:
        """The model a person means: an id, or a part of one (its newest). Without a word: the latest used here."""
        if not text:
            open_session = self.open
            given = (open_session.model if open_session else "") or kept.latest_model(
                self.ledger, open_session.projects() if open_session else []
            )
            if given:
                return given
            raise UsageError("Say which model it was: --model sonnet. No session was read that tells.")
        if isinstance(self.book.rates(text, now), Rates):
            return text
        from lineitem.reports.manual import newest

        found = newest(self.book, text)
        if not found:
            raise UsageError(f"No model of the price book has '{text}' in its name. `lineitem prices` lists them.")
        return found

    def _expected(self, text: str, model: str, now: int) -> tuple[int | None, int | None]:
        """(nanodollars, tokens) that are expected, one of them None."""
        if not text:
            return None, None
        if text in KINDS:
            given, made = KINDS[text].middle
            name = model or self.model("", now)
            rates = self.book.rates(name, now)
            if not isinstance(rates, Rates):
                raise UsageError(f"{name} has no price, so nothing can be expected of '{text}': docs/prices.md.")
            from lineitem.core.rates import cost_nanos

            return cost_nanos((given, 0, 0, 0, made, 0), rates), None
        from lineitem.core.budgets import TOKENS, parse_limit

        limit, unit = parse_limit(text)
        return (None, limit) if unit == TOKENS else (limit, None)

    def _spend(self, how: str, kind: str, counts: tuple[int, int], context: str, model: str, now: int) -> Priced:
        from lineitem.reports.manual import priced

        session = self.current()
        entry = self._entry(session, how, kind, short(context), self.model(model, now), counts, now)
        with self.ledger.transaction():
            kept.keep(self.ledger, [entry])
        found = priced(self.ledger, self.book, [entry])
        return found[0]

    def _entry(
        self, session: ManualSession, how: str, kind: str, label: str, model: str, counts: tuple[int, int], now: int
    ) -> Entry:
        assumed = KINDS[kind][:4] if kind else None
        return Entry(_identity(), session.id, session.folder, max(now, session.since), how, kind, label, model,
                     counts[0], 0, 0, 0, counts[1], 0, "", "", assumed)  # fmt: skip


def take_commits(ledger: Ledger, live: str) -> list[tuple[str, str, str]]:
    """Log the commits that git's hook left word of in the live folder; (slug, place, note) of what is none."""
    found, others = waiting(live)
    problems = [("commit-word-unknown", os.path.join(live, FOLDER, name), "is not left by the hook") for name in others]
    if not found:
        return problems
    sessions = {each.id: each for each in kept.sessions(ledger)}
    entries = []
    for each in found:
        session = sessions.get(each.session)
        if session is None:
            problems.append(("commit-word-unknown", each.path, "is of a manual session that is not in this store"))
            continue
        identity = f"{each.session} {each.commit}"
        entries.append(Entry(identity, session.id, session.folder, max(each.at, session.since), COMMIT, "",
                             each.commit[:12], "", 0, 0, 0, 0, 0, 0, "", "", None))  # fmt: skip
    with ledger.transaction():
        kept.keep(ledger, entries)
    for each in found:
        if each.session in sessions:
            with contextlib.suppress(OSError):  # it waits again, and is kept once all the same
                os.unlink(each.path)
    return problems


def _identity() -> str:
    """A name nothing else has."""
    import uuid

    return str(uuid.uuid4())


def _count(text: str) -> int:
    """1200, 1,200, 12k or 1.5M. Raises UsageError."""
    from decimal import Decimal, InvalidOperation

    word = text.strip().lower().replace(",", "").replace("_", "")
    factor = {"k": 1_000, "m": 1_000_000}.get(word[-1:], 1)
    try:
        amount = Decimal(word[:-1] if factor > 1 else word) * factor
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= _MOST or amount != int(amount):
        raise UsageError(f"'{text}' is no number of tokens. Write 1200, 12k or 1.5M.")
    return int(amount)
