"""What follows from requests and totals: rollup, runs and the summary of each session."""

from __future__ import annotations

from lineitem.pipeline.live import derive_live
from lineitem.pipeline.totals import session_runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook


def derive(
    ledger: Ledger,
    book: PriceBook,
    sessions: Iterable[str],
    usage: dict[str, dict[tuple[int, str], list[int]]] | None = None,
) -> None:
    """Make rollup, runs and summary of these sessions again; their line items become stale."""
    numbers = sorted({ledger.name(session) for session in sessions})
    if usage is None:
        ledger.roll_up(numbers)
    else:
        name = ledger.name
        for number in numbers:
            ledger.replace_usage(number, ())  # what live sources told of it gives way
        ledger.keep_usage(
            (name(session), quarter, name(model), *cell)
            for session, cells in sorted(usage.items())
            for (quarter, model), cell in sorted(cells.items())
        )
    forked = {child for number in numbers for child in ledger.copying_from(number)}
    for number in sorted(set(numbers) | forked):
        _derive_session(ledger, book, number)
    # a fork's transcript shows a part of its parent's answers: what live sources told of the parent is all of them
    derive_live(ledger, book, [number for number in numbers if not ledger.has_files(number) and ledger.is_live(number)])


def _derive_session(ledger: Ledger, book: PriceBook, number: int) -> None:
    first_at, last_at, logged = ledger.session_sums(number)
    totals = ledger.session_totals(number)
    reported: int | None = None
    beyond = 0
    if totals:
        from json import dumps

        made = session_runs(ledger, book, number, totals)
        ledger.keep_runs(
            number,
            [
                (number, ordinal, run.at, run.reported, run.logged, run.unlogged, run.priced, run.duplicated,
                 run.unexplained, dumps(run.missing))
                for ordinal, run in enumerate(made)
            ],
        )  # fmt: skip
        reported = sum(run.reported for run in made)
        beyond = sum(run.beyond for run in made)
    else:
        ledger.keep_runs(number, [])
    project = ledger.session_project(number)
    if first_at is None and not totals and (project is None or not ledger.text(number)):
        ledger.drop_session(number)
        return
    ledger.keep_sessions(
        [(number, project or ledger.name(""), first_at or 0, last_at or 0, logged or 0, reported, beyond)]
    )
