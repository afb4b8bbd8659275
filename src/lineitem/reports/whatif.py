"""What sessions would have cost otherwise: one row a change, each by itself against what was.

Changes may overlap: what two of them save together is not the sum. Every row says what it takes for granted.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.insights.rot import follow
from lineitem.insights.whatif import FIVE, HOUR, Otherwise, on_model, with_lifetime
from lineitem.ledger.questions import Filter
from lineitem.reports.billed import billed
from lineitem.reports.prompted import AT, MODEL, OWN, prompted
from lineitem.reports.rot import Reader
from lineitem.reports.shapes import MONEY, SHARE, TEXT, Column, Table, dollars
from lineitem.reports.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lineitem.insights.whatif import Billed
    from lineitem.ledger.store import Ledger
    from lineitem.reports.lines import Line
    from lineitem.reports.prompted import Live, Prompted
    from lineitem.reports.query import Query
    from lineitem.reports.rot import Pricing
    from lineitem.reports.tally import Source, Sums

#: What is shown where nothing is asked for; and tokens of a summary where nobody says how many.
_CUT, _SUMMARY = 2_000, 3_000
#: The best moment for a fresh session is looked for among so many prompts at most.
_MOST = 150
_ASSUMED = "What each takes for granted: docs/whatif.md, and `assumes` with --json."
_OPTIONS = ("on", "cut", "without", "lifetime", "clear", "compact")


def of_session(
    ledger: Ledger, query: Query, where: Filter, live: Live, pricing: Pricing, lines: Sequence[Line], name: str
) -> Table:
    """The changes that are asked for, or the customary ones, of one session. lines: all of its line items."""
    sessions = list(prompted(ledger, where, live))
    found = _Changes(ledger, query, pricing, sessions, lines)
    asked = _asked(query)
    return _table(sum(line.nanos for line in lines), found.asked(asked) if asked else _worth(found.customary(one=True)),
                  name, any_used=bool(sessions))  # fmt: skip


def whatif_tally(ledger: Ledger, query: Query, live: Live, pricing: Pricing) -> Tally:
    """What was spent, and what each change would have saved, added up. Raises UsageError where it cannot be meant."""
    asked = _asked(query)
    if "clear" in asked or "compact" in asked:
        raise UsageError("--clear and --compact need one session: lineitem whatif ID --clear N.")
    _Changes(ledger, query, pricing, [], []).asked(asked)  # what cannot be meant is said once, and here
    kept = cut_of(query)

    def count(source: Source) -> Iterator[Sums]:
        where = Filter(query.since, query.until, "", query.model).only(source.sessions())
        sessions = {session.number: session for session in prompted(source.ledger, where, live)}
        spent = source.spent()
        for family, (lines, _) in zip(source.families, source.lines(kept), strict=True):
            own = [sessions[number] for number in family.sessions if number in sessions]
            found = _Changes(source.ledger, query, pricing, own, lines)
            cut = {source.ledger.text(number) for number in family.cut}
            was = sum(spent.get(number, 0) for number in family.inside)
            was += sum(line.nanos for line in lines if line.session in cut)
            sums: Sums = {("was",): [was, len(own)]}
            for place, (change, saved, unpriced, assumes) in enumerate(
                found.asked(asked) if asked else found.customary(one=False)
            ):
                sums["change", place if asked else 0, change, assumes] = [saved, unpriced]
            yield sums

    return Tally(("whatif", kept, *sorted(asked.items())), count)


def of_sessions(query: Query, sums: Sums) -> Table:
    """The same of all sessions of a range, as they were added up."""
    was, used = sums.get(("was",), (0, 0))
    found = sorted(((int(key[1] or 0), key) for key in sums if key[0] == "change"), key=lambda pair: pair[0])
    changes = [(str(key[2]), sums[key][0], sums[key][1], str(key[3])) for _, key in found]
    return _table(was, changes if _asked(query) else _worth(changes), "", any_used=bool(used))


def _asked(query: Query) -> dict[str, str]:
    return {option: query.options[option] for option in _OPTIONS if query.options.get(option)}


def _worth(changes: Iterable[Change]) -> list[Change]:
    """Those that make a difference, the best first."""
    return sorted((change for change in changes if change[1]), key=lambda change: (-change[1], change[0]))


def _table(was: int, changes: Iterable[Change], name: str, *, any_used: bool) -> Table:
    """name: the one session meant, '' for all of a range."""
    shown = [{"change": "as it was", "costNanos": was, "totalCost": dollars(was), "savedNanos": 0, "savedShare": None,
              "unpricedRequests": 0, "assumes": None}]  # fmt: skip
    for change, saved, unpriced, assumes in changes:
        shown.append({
            "change": change, "costNanos": was - saved, "totalCost": dollars(was - saved), "savedNanos": saved,
            "savedShare": round(saved / was, 4) if was else None, "unpricedRequests": unpriced, "assumes": assumes,
        })  # fmt: skip
    columns = [
        Column("change", "What if", TEXT),
        Column("savedNanos", "Saved", MONEY),
        Column("savedShare", "Share", SHARE),
        Column("costNanos", "Cost", MONEY),
    ]
    notes = [f"Each change by itself: together they save less than their sum. {_ASSUMED}"]
    return Table("whatif", f"What {name[:8] or 'this'} would have cost", columns, shown if any_used else [],
                 head={"sessionId": name or None}, notes=notes, empty="No usage in this range.")  # fmt: skip


def cut_of(query: Query) -> int:
    """The tokens that results are cut to: as it was asked for, or the customary number."""
    return _count("cut", query.options["cut"]) if query.options.get("cut") else _CUT


#: (the change, nanodollars saved, requests without a price, what it takes for granted)
Change = tuple[str, int, int, str]


class _Changes:
    def __init__(
        self, ledger: Ledger, query: Query, pricing: Pricing, sessions: list[Prompted], lines: Sequence[Line]
    ) -> None:
        self.ledger, self.query, self.pricing, self.sessions, self.lines = ledger, query, pricing, sessions, lines
        self._was: list[Billed] = []

    def asked(self, asked: dict[str, str]) -> list[Change]:
        makers: dict[str, Callable[[str], Change]] = {
            "on": self.on, "cut": lambda text: self.cut(_count("cut", text)), "without": self.without,
            "lifetime": self.lifetime, "clear": lambda text: self.clear(_count("clear", text)),
            "compact": lambda text: self.clear(_count("compact", text), self._summary()),
        }  # fmt: skip
        return [makers[option](text) for option, text in asked.items()]

    def customary(self, *, one: bool) -> list[Change]:
        """A cut, each server that has schemas, the other lifetime, and for one session the best fresh start."""
        found = [self.cut(_CUT)]
        found += [self.without(server) for server in self._servers()]
        found += [self.lifetime(lifetime) for lifetime in (FIVE, HOUR)]
        if one and self.sessions:
            best = max(range(2, min(len(self.sessions[0].prompts), _MOST) + 1), key=self._cleared, default=0)
            if best and self._cleared(best) > 0:
                found.append(self.clear(best))
        return found

    def on(self, model: str) -> Change:
        if all(self.pricing(model, self.query.now, "", size) is None for size in (1, 500_000)):
            raise UsageError(f"No price is known for a model '{model}'. `lineitem prices` lists those that have one.")
        was, changed = self._billed(), Otherwise(0)
        changed = on_model(was, lambda at, size: self.pricing(model, at, "", size))
        return (f"on {model}", sum(each.nanos for each in was) - changed.nanos, changed.unpriced,
                "the same tokens; another model may count, think and do more or less.")  # fmt: skip

    def lifetime(self, lifetime: str) -> Change:
        if lifetime not in (FIVE, HOUR):
            raise UsageError(f"--lifetime is {FIVE} or {HOUR}, not '{lifetime}'.")
        was = self._billed()
        changed = with_lifetime(was, lifetime)
        return (f"cache of {lifetime}", sum(each.nanos for each in was) - changed.nanos, changed.unpriced,
                ("all writes at its rate; what expired by itself is read if the pause was shorter, and the other way"
                " round."))  # fmt: skip

    def cut(self, kept: int) -> Change:
        saved = 0
        for line in self.lines:
            if line.kind != "tool":
                continue
            taken = line.i_uncached + line.i_write5 + line.i_write1 + line.i_read
            result = taken - line.g_output  # what is taken in is the call, as the model wrote it, and its result
            if result > kept:
                saved += (line.i_nanos + line.c_nanos + line.r_nanos) * (result - kept) // taken
        return (f"results cut to {kept:,} tokens", saved, 0, "nothing of what was cut is asked for again.")

    def without(self, server: str) -> Change:
        cause = f"schemas/mcp__{server}"
        saved = sum(line.nanos for line in self.lines if line.cause == cause or line.cause.startswith(f"{cause}/"))
        return (f"without {server}'s schemas", saved, 0, "its tools are not needed; what its calls cost is left in.")

    def clear(self, prompt: int, summary: int = 0) -> Change:
        saved = self._cleared(prompt, summary)
        name = f"compacted before prompt {prompt}" if summary else f"a fresh session from prompt {prompt}"
        told = f"a summary of {summary:,} tokens is written and carried; " if summary else ""
        return (name, saved, 0, (f"{told}what the first request sent is paid and carried again; nothing of before is"
                " needed."))  # fmt: skip

    def _cleared(self, prompt: int, summary: int = 0) -> int:
        saved, reader = 0, Reader(self.ledger, self.query, self.pricing)
        for session in self.sessions:
            sent = [reader.sent(row, place, session.main)
                    for row, place in zip(session.requests, session.places, strict=True)]  # fmt: skip
            found = follow(sent, begins=prompt, summary=summary)
            saved += sum(spent.nanos - spent.fresh for spent in found.prompts.values())
        return saved

    def _servers(self) -> list[str]:
        causes = {line.cause.split("/")[1] for line in self.lines if line.kind == "schemas" and "/" in line.cause}
        return sorted(cause[5:] for cause in causes if cause.startswith("mcp__"))

    def _summary(self) -> int:
        return _count("summary", self.query.options.get("summary", str(_SUMMARY)))

    def _billed(self) -> list[Billed]:
        if self._was:
            return self._was
        text, part, within = self.ledger.text, self.query.model.lower(), self.query.within
        self._was = [
            each
            for session in self.sessions
            for each in billed(
                self.ledger,
                session,
                (row for row in session.requests
                 if row[OWN] and within(row[AT]) and (not part or part in text(row[MODEL]).lower())),
                self.pricing,
            )
        ]  # fmt: skip
        return self._was


def _count(option: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise UsageError(f"--{option} is a whole number above 0, not '{text}'.")
    return int(text)
