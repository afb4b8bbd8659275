"""What follows from requests and totals: rollup, runs and the summary of each session."""

from __future__ import annotations

from lineitem.pipeline.live import derive_live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pipeline.merging import Merging
    from lineitem.pricing.book import PriceBook


def derive(ledger: Ledger, book: PriceBook, sessions: Iterable[str], first: Merging | None = None) -> None:
    """Make rollup, runs and summary of these sessions again; their line items become stale.

    first: holds all requests of a store that had none, so that they need not be asked for.
    """
    numbers = sorted({ledger.name(session) for session in sessions})
    if first is None:
        ledger.roll_up(numbers)
        forks = set(ledger.copying_from(numbers))
        every = sorted(forks.union(numbers))
        sums: Mapping[int, Sequence[int]] = ledger.session_sums(every)
    else:
        _keep_usage(ledger, first, numbers)
        every = numbers  # forks are among them: what is copied is told with its copies
        sums = {ledger.name(session): found for session, found in first.rollup().sums.items()}
    _derive_sessions(ledger, book, every, sums)
    # a fork's transcript shows a part of its parent's answers: what live sources told of the parent is all of them
    derive_live(ledger, book, ledger.live_among(numbers))


def _keep_usage(ledger: Ledger, first: Merging, numbers: Sequence[int]) -> None:
    name = ledger.name
    ledger.forget_usage(numbers)  # what live sources told of it gives way
    ledger.keep_usage(
        (name(session), quarter, name(model), *cell)
        for session, cells in sorted(first.rollup().usage.items())
        for (quarter, model), cell in sorted(cells.items())
    )


def _derive_sessions(
    ledger: Ledger, book: PriceBook, numbers: Sequence[int], sums: Mapping[int, Sequence[int]]
) -> None:
    projects, totalled = ledger.session_projects(numbers), ledger.sessions_with_totals(numbers)
    sessions, runs = [], []
    for number in numbers:
        first_at, last_at, logged = sums.get(number, (0, 0, 0))
        reported: int | None = None
        beyond = 0
        if number in totalled:
            from lineitem.pipeline.totals import session_runs

            made = session_runs(ledger, book, number, ledger.session_totals(number))
            runs += [_run_row(number, ordinal, run) for ordinal, run in enumerate(made)]
            reported = sum(run.reported for run in made)
            beyond = sum(run.beyond for run in made)
        project = projects.get(number)
        if number not in sums and number not in totalled and (project is None or not ledger.text(number)):
            ledger.drop_session(number)
            continue
        sessions.append((number, project or ledger.name(""), first_at, last_at, logged, reported, beyond))
    ledger.keep_runs(numbers, runs)
    ledger.keep_sessions(sessions)


def _run_row(number: int, ordinal: int, run: Any) -> tuple[Any, ...]:
    from json import dumps

    return (
        number, ordinal, run.at, run.reported, run.logged, run.unlogged, run.priced, run.duplicated, run.unexplained,
        dumps(run.missing),
    )  # fmt: skip
