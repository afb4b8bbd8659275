"""What a text would cost in a session: its tokens by estimate, its price as input and carried, for each model.

In: a text, the weights of this person's sessions, the price book. Out: a table. Always: every count is estimated and
says what it was calibrated with; beside it stands what reading the same file really took, where that is known.
"""

from __future__ import annotations

from lineitem.attribution.weights import estimate, family
from lineitem.core.manual import projects_of
from lineitem.core.problems import UsageError
from lineitem.core.rates import Rates, class_costs
from lineitem.insights import words
from lineitem.ledger import actuals
from lineitem.reports.manual import newest
from lineitem.reports.shapes import MONEY, TEXT, TOKENS, Column, Table, dollars
from lineitem.sources.shapes import WHOLE, shape
from lineitem.sources.shortening import short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from lineitem.attribution.weights import Weights
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.query import Query

#: Where nothing is known: so many later requests carry a text.
_CARRIED = 20
#: Models of this long are the ones a person uses.
_LATELY = 30 * 86_400_000
_FAMILIES = ("fable", "opus", "sonnet", "haiku")
#: The first weights are of the tokenizer that cuts 3.4 characters a token; the finer one cuts 2.5 (means, by the public
#: documentation of both, read 2026-11).
_FINER = (34, 25)
#: What counts as a folder of a path is looked for this far up.
_DEPTH = 40


class Calibration:
    """What the estimates of one tokenizer rest on."""

    __slots__ = ("error", "examples", "name", "scale")

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.name = name  #: of the tokenizer: `finer` or `coarser`
        counts: list[Any] = [int(part) for part in ledger.state(f"calibration/{name}").split()] or [None, None, None]
        #: measured pieces of this person's sessions, and in thousandths how close half of them lie; None: not known
        self.examples, scale, self.error = counts
        shipped = _FINER if name == "finer" and not ledger.state(f"weights/{name}") else (1, 1)
        self.scale = (scale, 1000) if scale is not None else shipped  #: what an estimate is multiplied with

    def milli(self, text: bytes, weights: Weights) -> int:
        """Thousandths of a token of a text, as JSON holds it."""
        found = sum(estimate(shape(piece), weights) for piece in pieces(text))
        return found * self.scale[0] // self.scale[1]

    def json(self) -> dict[str, Any]:
        return {
            "tokenizer": self.name,
            "calibration": "first" if self.examples is None else "learnt",
            "examples": self.examples,
            "medianErrorShare": None if self.error is None else self.error / 1000,
        }

    def text(self) -> str:
        """What it rests on, as a sentence."""
        if self.examples is None or self.error is None:
            return (
                f"The {self.name} tokenizer: as shipped, not yet calibrated; `lineitem rebuild` does it by your own"
                " sessions where there is enough to learn from."
            )
        return (
            f"The {self.name} tokenizer: calibrated by {self.examples:,} measured pieces of your own sessions; half of"
            f" them lie within {max(1, (self.error + 5) // 10)}%."
        )


def pieces(text: bytes) -> Iterator[memoryview]:
    """A text in pieces that are looked at whole, cut between words where there are any."""
    view, at = memoryview(text), 0
    while at < len(text):
        end = min(len(text), at + WHOLE)
        if end < len(text):
            cut = max(text.rfind(b" ", at + 1, end), text.rfind(b"\\n", at + 1, end))
            end = cut if cut > at else end
        yield view[at:end]
        at = end


_NOTE = (
    "Entering is a cache write of five minutes. Carried is being read from the cache by {} later requests{}"
    " (--requests). In all is both."
)
_COLUMNS = (
    Column("modelName", "Model", TEXT),
    Column("tokens", "~Tokens", TOKENS),
    Column("inputNanos", "As input", MONEY),
    Column("writeNanos", "Entering", MONEY),
    Column("carryNanos", "A request", MONEY, wide=True),
    Column("carriedNanos", "Carried", MONEY),
    Column("costNanos", "In all", MONEY),
)


def estimated(
    ledger: Ledger, book: PriceBook, weights: Callable[[str], Weights], text: str, path: str, query: Query
) -> Table:
    """A row a model. path: absolute, of the file the text is in; '': of none."""
    from json import dumps

    # surrogates: text that was no UTF-8
    escaped = dumps(text, ensure_ascii=False).encode("utf-8", "replace")[1:-1]
    requests, usual = _requests(ledger, query)
    calibrations: dict[str, Calibration] = {}
    tokens: dict[str, int] = {}

    def count(model: str) -> int:
        name = family(model)
        if name not in tokens:
            calibrations[name] = Calibration(ledger, name)
            tokens[name] = -(-calibrations[name].milli(escaped, weights(model)) // 1000)
        return tokens[name]

    rows = [_row(book, model, count(model), requests, query.now) for model in _models(ledger, book, query)]
    for row in rows:
        row["calibration"] = calibrations[family(row["modelName"])].json()["calibration"]
    found = _actual(ledger, path, count) if path else None
    after = ", as is usual in your sessions" if usual else ""
    notes = [_NOTE.format(f"{requests:,}", after), *(each.text() for each in calibrations.values())]
    if found and not query.options.get("incognito"):  # a sentence with amounts
        notes.append(_compared(found))
    tail = {
        "characters": len(text),
        "words": len(text.split()),
        "requests": requests,
        "calibrations": [each.json() for each in calibrations.values()],
        "actual": found,
    }
    return Table("estimate", "What it would cost", _COLUMNS, rows, notes=notes, tail=tail, waiting=False)


def _requests(ledger: Ledger, query: Query) -> tuple[int, bool]:
    """(how many later requests carry it, whether that is what is usual here)."""
    given = query.options.get("requests", "")
    if given:
        if not given.isascii() or not given.isdigit() or len(given) > 6:
            raise UsageError(f"--requests is a number of requests, not '{given}'.")
        return int(given), False
    usual = actuals.usual_carry(ledger)
    return (_CARRIED, False) if usual is None else (usual, True)


def _models(ledger: Ledger, book: PriceBook, query: Query) -> list[str]:
    """Those asked for; else those used lately; else the newest of each kind."""
    if query.model:
        found = list(dict.fromkeys(each.model for each in book.entries() if query.model.lower() in each.model))
        if not found:
            raise UsageError(
                f"No model of the price book has '{query.model}' in its name. `lineitem prices` lists them."
            )
        return found
    used = actuals.models_used(ledger, query.now - _LATELY)
    priced = [model for model in used if isinstance(book.rates(model, query.now), Rates)]
    return priced or [model for model in (newest(book, name) for name in _FAMILIES) if model]


def _row(book: PriceBook, model: str, tokens: int, requests: int, now: int) -> dict[str, Any]:
    """What so many tokens cost on a model."""
    rates = book.rates(model, now)
    assert isinstance(rates, Rates)  # `_models` gives priced ones
    uncached, write5, write1, read, _, _ = class_costs(rates, tokens, tokens, tokens, tokens, 0, 0)
    carried = class_costs(rates, 0, 0, 0, tokens * requests, 0, 0)[3]
    return {
        "modelName": model,
        "tokens": tokens,
        "basis": "estimated",
        "inputNanos": uncached,
        "writeNanos": write5,
        "writeHourNanos": write1,
        "carryNanos": read,
        "carriedNanos": carried,
        "costNanos": write5 + carried,
        "totalCost": dollars(write5 + carried),
    }


def _places(path: str) -> list[tuple[str, list[str]]]:
    """The causes that reading a file can have, by the folder a session was in, and the projects of that folder."""
    found: list[tuple[str, list[str]]] = [(f"tool/Read/{short(path)}", [])]
    folder, rest = path.rpartition("/")[0], path.rpartition("/")[2]
    for _ in range(_DEPTH):
        if not folder:
            break
        found.append((f"tool/Read/{short(rest)}", projects_of(folder)))
        folder, _, name = folder.rpartition("/")
        rest = f"{name}/{rest}"
    return found


def _actual(ledger: Ledger, path: str, count: Callable[[str], int]) -> dict[str, Any] | None:
    """What reading this file took in sessions so far; None: it was never read."""
    rows = actuals.readings(ledger, _places(path.replace("\\", "/")))
    if not rows:
        return None
    tokens = sorted(row[1] for row in rows)
    carried = sorted(row[2] for row in rows)
    shares = sorted(count(row[0]) / row[1] for row in rows)
    nanos = sum(row[3] for row in rows)
    middle = len(rows) // 2
    return {
        "calls": len(rows),
        "tokens": tokens[middle],
        "carriedRequests": carried[middle],
        "estimatedShare": shares[middle],
        "costNanos": nanos,
        "totalCost": dollars(nanos),
    }


def _compared(found: dict[str, Any]) -> str:
    times = "once" if found["calls"] == 1 else f"{found['calls']:,} times"
    return (
        f"Against actual: sessions read this file {times}: {found['tokens']:,} tokens entered (the median), carried by"
        f" {found['carriedRequests']:,} requests, {words.dollars(found['costNanos'])} in all. The estimate is"
        f" {found['estimatedShare'] * 100:,.0f}% of that; Read numbers the lines, and may have read a part."
    )
