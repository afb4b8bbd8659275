"""Sessions without a transcript: what live sources told of them, provisional until a transcript comes."""

from __future__ import annotations

from lineitem.pipeline.prices import live_price, live_rates
from lineitem.sources.scan import project_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lineitem.core.live import ApiCall
    from lineitem.core.rates import Rates
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook


def fold_live(ledger: Ledger, book: PriceBook, number: int, within: Callable[[int], bool] | None = None) -> Any:
    """The bill of a session that has no transcript: from telemetry, else from hooks and the statusline."""
    from lineitem.attribution.conversation import forked_from, resumed
    from lineitem.attribution.delta import fold_delta
    from lineitem.attribution.telemetry import fold_telemetry
    from lineitem.ledger import live

    session = ledger.text(number)
    calls = live.api_calls_of(ledger, number)

    def rates(call: ApiCall) -> Rates | None:
        return live_rates(book, call)

    if not calls:
        return fold_delta(session, live.snapshots_of(ledger, number), live.events_of(ledger, number), rates, within)
    tools, events = live.tools_done_of(ledger, number), live.events_of(ledger, number)
    others = live.calls_before(ledger, number, min(call.at for call in calls))
    known_calls = [*others, *calls]
    parents = forked_from(known_calls, resumed(events))
    above = parents.get(session)
    while above is not None:
        known = ledger.find_name(above)
        if known is None:
            break
        calls += live.api_calls_of(ledger, known)
        tools += live.tools_done_of(ledger, known)
        events += live.events_of(ledger, known)
        parents = forked_from(known_calls, resumed(events))
        above = parents.get(above)
    return fold_telemetry(session, calls, tools, events, rates, within, parents)


def live_calls(ledger: Ledger, book: PriceBook, number: int) -> tuple[list[ApiCall], str]:
    """(the API calls of a session without a transcript, its folder): from telemetry, else from the statusline."""
    from lineitem.attribution.delta import implied_calls
    from lineitem.ledger import live

    calls = live.api_calls_of(ledger, number)
    if calls:
        return calls, ""
    snapshots = live.snapshots_of(ledger, number)
    cwd = next((one.cwd for one in snapshots if one.cwd), "")
    events = live.events_of(ledger, number)
    return implied_calls(ledger.text(number), snapshots, events, lambda call: live_rates(book, call)), cwd


def live_requests(ledger: Ledger, book: PriceBook, only: int | None = None) -> dict[int, list[tuple[Any, ...]]]:
    """The API calls of sessions without a transcript, as `ledger.questions.requests_in_order` has its rows."""
    from lineitem.attribution.conversation import is_of_main

    found: dict[int, list[tuple[Any, ...]]] = {}
    for number in ledger.live_sessions():
        if only not in (None, number):
            continue
        rows = [
            (number, ledger.find_name(call.agent), call.at, ledger.find_name(call.model), call.uncached, call.write5,
             call.write1, call.read, call.output, live_price(book, call), "f" if call.speed == "fast" else "", 0,
             not call.agent and not is_of_main(call), 1)
            for call in live_calls(ledger, book, number)[0]
        ]  # fmt: skip
        if rows:
            found[number] = sorted(rows, key=lambda row: row[2])
    return found


def derive_live(ledger: Ledger, book: PriceBook, sessions: Iterable[int]) -> None:
    """Rollup and summary of these sessions, of which no transcript was read; the caller holds a transaction.

    When the transcript comes, `derive` makes both from it: the provisional figures are replaced, not added to.
    """
    for number in sessions:
        if ledger.has_files(number):
            if ledger.runs_of(number):  # helpers that telemetry names are among what is unlogged
                ledger.unfold(number)
            continue
        calls, cwd = live_calls(ledger, book, number)
        if not calls:
            continue
        cells: dict[tuple[int, str], list[int]] = {}
        for call in calls:
            tokens = (call.uncached, call.output, call.write5, call.write1, call.read)
            nanos = live_price(book, call)
            cell = cells.setdefault((call.at // 900_000, call.model), [0] * 9)
            for place, count in enumerate((1, *tokens, 0, nanos or 0, sum(tokens) if nanos is None else 0)):
                cell[place] += count
        name = ledger.name
        ledger.replace_usage(
            number, [(number, quarter, name(model), *cell) for (quarter, model), cell in sorted(cells.items())]
        )
        times = [call.at for call in calls]
        spent = sum(cell[7] for cell in cells.values())
        ledger.keep_sessions([(number, name(project_of(cwd)), min(times), max(times), spent, None, 0)])
