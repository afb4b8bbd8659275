"""What is told at the end of a manual session: its cost by model and kind, its log, and what follows from it."""

from __future__ import annotations

from lineitem.core.manual import KINDS, NEXT, NOTE, QUICK
from lineitem.core.periods import iso
from lineitem.core.rates import Rates
from lineitem.reports.manual import newest
from lineitem.reports.shapes import dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.pricing.book import PriceBook
    from lineitem.reports.manual import Figures, Priced

_HOUR, _MINUTE = 3_600_000, 60_000
#: Shorter sessions have no rate an hour worth telling.
_RATED = 5 * _MINUTE
#: Earlier sessions that a session is held against.
_BEFORE, _FEWEST = 10, 3
#: Kinds of work for which a smaller model is worth a try, and the smaller models.
_SIMPLE, _SMALL = ("chat", "review", "debug"), "haiku"
#: What is expected to differ by less is as expected.
_CLOSE = 0.25


def report(book: PriceBook, figures: Figures, earlier: list[Figures]) -> dict[str, Any]:
    """The document of a manual session; `earlier`: those before it in its folder."""
    row = figures.row()
    elapsed = row["elapsedMs"]
    rated = elapsed >= _RATED
    return {
        "manual": row,
        "hourNanos": figures.total * _HOUR // elapsed if rated else None,
        "tokensPerMinute": figures.tokens * _MINUTE // elapsed if rated else None,
        "outputShare": row["outputTokens"] / row["inputTokens"] if row["inputTokens"] else None,
        "models": _by(figures, "modelName", lambda each: each.entry.model),
        "kinds": _by(figures, "kind", lambda each: each.entry.kind or each.entry.how),
        "automatic": _automatic(figures),
        "unloggedNanos": figures.unlogged,
        "log": [_line(book, each, figures) for each in figures.log],
        "notes": [{"at": iso(entry.at), "label": entry.label} for entry in figures.log if entry.how == NOTE],
        "nextSteps": [{"at": iso(entry.at), "label": entry.label} for entry in figures.log if entry.how == NEXT],
        "usualNanos": _usual(earlier),
        "recommendations": _advice(book, figures, row, earlier),
        "schemaVersion": 1,
    }


def _by(figures: Figures, key: str, tell: Any) -> list[dict[str, Any]]:
    """Entries by what `tell` says, under `key`, the dearest first."""
    found: dict[str, list[Priced]] = {}
    for each in figures.priced:
        found.setdefault(tell(each), []).append(each)
    rows = []
    whole = sum(each.nanos or 0 for each in figures.priced)
    for name, entries in found.items():
        nanos = sum(each.nanos or 0 for each in entries)
        rows.append({
            key: name,
            "entries": len(entries),
            "inputTokens": sum(each.entry.context for each in entries),
            "outputTokens": sum(each.entry.output for each in entries),
            "costNanos": nanos,
            "totalCost": dollars(nanos),
            "coveredNanos": sum(each.nanos or 0 for each in entries if each.covered),
            "unpricedTokens": sum(each.entry.tokens for each in entries if each.nanos is None),
            "share": nanos / whole if whole else None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-row["costNanos"], row[key]))


def _automatic(figures: Figures) -> list[dict[str, Any]]:
    """Claude Code's requests at the same time, by model."""
    return [
        {
            "modelName": model,
            "requests": requests,
            "inputTokens": uncached,
            "outputTokens": output,
            "cacheCreationTokens": write5 + write1,
            "cacheReadTokens": read,
            "costNanos": nanos,
            "totalCost": dollars(nanos),
            "unpricedTokens": unpriced,
        }
        for model, requests, uncached, output, write5, write1, read, _, nanos, unpriced in figures.models
    ]


def _line(book: PriceBook, entry: Any, figures: Figures) -> dict[str, Any]:
    """An entry as a line of the log."""
    each = next((each for each in figures.priced if each.entry.id == entry.id), None)
    line: dict[str, Any] = {"at": iso(entry.at), "how": entry.how, "kind": entry.kind, "label": entry.label}
    if each is None:
        return line
    spread = each.range(book)
    return line | {
        "modelName": entry.model,
        "inputTokens": entry.context,
        "outputTokens": entry.output,
        "costNanos": each.nanos,
        "totalCost": None if each.nanos is None else dollars(each.nanos),
        "lowNanos": spread[0] if spread else None,
        "highNanos": spread[1] if spread else None,
        "covered": each.covered,
        "basis": each.basis,
    }


def _usual(earlier: list[Figures]) -> int | None:
    """The median of what the sessions before cost; None: too few."""
    costs = sorted(each.total for each in earlier[-_BEFORE:])
    return costs[len(costs) // 2] if len(costs) >= _FEWEST else None


def _advice(book: PriceBook, figures: Figures, row: dict[str, Any], earlier: list[Figures]) -> list[str]:
    """Sentences that follow from the figures, each from one rule."""
    found = []
    share, usual = row["expectedShare"], _usual(earlier)
    if share is not None and abs(share - 1) > _CLOSE:
        found.append(f"It took {share * 100:,.0f}% of what was expected: expect as much the next time.")
    if usual and figures.total > 2 * usual:
        found.append("It cost more than twice what the sessions before it did here.")
    spending = [each for each in figures.priced if each.nanos]
    whole = sum(each.nanos or 0 for each in spending)
    dearest = max(spending, key=lambda each: each.nanos or 0, default=None)
    if dearest and len(spending) > 2 and (dearest.nanos or 0) * 2 > whole:
        found.append(f"One of {len(spending)} entries is more than half of what was logged: look at that one first.")
    if any(each.covered and each.entry.how == QUICK for each in spending):
        found.append("Claude Code was at work while this was logged: its own figures are exact, no `quick` is needed.")
    saved = _saved(book, spending)
    if saved:
        found.append(saved)
    return found


def _saved(book: PriceBook, spending: list[Priced]) -> str:
    """What simple exchanges would have cost on a small model; '' where that is not much less."""
    simple = [each for each in spending if each.entry.kind in _SIMPLE and not each.covered]
    paid = sum(each.nanos or 0 for each in simple)
    other, model = 0, newest(book, _SMALL)
    for each in simple:
        rates = book.rates(model, each.entry.at)
        if not isinstance(rates, Rates):
            return ""
        other += sum(each.entry.costs(rates))
    if not paid or other * 2 > paid:
        return ""
    kinds = ", ".join(kind for kind in KINDS if any(each.entry.kind == kind for each in simple))
    return f"The same tokens of {kinds} on {model} would have cost {other * 100 // paid}% of what they did."
