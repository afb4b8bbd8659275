"""Sightings and requests of a session -> its line items."""

from __future__ import annotations

from lineitem.core.rates import Rates, rounded
from lineitem.pipeline.live import fold_live
from lineitem.pipeline.prices import rates_of
from lineitem.pipeline.stored import request_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Final

    from lineitem.attribution.context import Context
    from lineitem.attribution.requests import Request
    from lineitem.attribution.weights import Weights
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: Where the cause of a packed line item stands, and where its sums begin.
_CAUSE: Final = 3
_SUMS: Final = 11
#: From so many sessions on, they are folded by forked workers.
WORTH_A_CREW: Final = 24


def session_facts(ledger: Ledger, number: int) -> list[Any]:
    """The threads of a session as its sightings tell them, main conversation first."""
    import msgspec

    from lineitem.attribution.session import ThreadFacts, split_threads
    from lineitem.sources.transcript_schema import SIDECAR, SIGHTINGS, Sidecar

    decode = SIGHTINGS.decode
    rows_of: dict[str, list[Any]] = {}
    sidecars: dict[str, Sidecar] = {}
    for file, _, thread, sidecar, _, _ in ledger.files_of(number):
        name = ledger.text(thread)
        for _, _, rows in ledger.sightings_of(file):
            for part, found in split_threads(decode(rows), name).items():
                rows_of.setdefault(part, []).extend(found)
        if sidecar:
            try:
                sidecars[name] = SIDECAR.decode(sidecar)
            except msgspec.DecodeError:
                continue
    facts = []
    for name in sorted(rows_of):
        card = sidecars.get(name)
        if card is None:
            facts.append(ThreadFacts(name, rows_of[name]))
        else:
            facts.append(
                ThreadFacts(name, rows_of[name], card.agentType or "", card.toolUseId or "", bool(card.isFork))
            )
    return facts


def compactions(ledger: Ledger, number: int) -> list[int] | None:
    """When the window of a session's main conversation was summarised; None without a transcript."""
    from lineitem.core.sightings import COMPACTION

    if not ledger.has_files(number):
        return None
    rows = {
        (row[2] or (index, row[4])): row[4]
        for facts in session_facts(ledger, number)
        if not facts.name
        for index, row in enumerate(facts.rows)
        if row[0] == COMPACTION
    }
    return sorted(rows.values())


def learnt_weights(ledger: Ledger) -> Callable[[str], Weights]:
    """The weights of a model's tokenizer: those learnt here, else the first ones."""
    from lineitem.attribution.weights import family, kept

    known: dict[str, Weights] = {}

    def weights(model: str) -> Weights:
        name = family(model)
        if name not in known:
            known[name] = kept(ledger.state(f"weights/{name}"))
        return known[name]

    return weights


def fold_session(
    ledger: Ledger,
    book: PriceBook,
    number: int,
    within: Callable[[int], bool] | None = None,
    only: tuple[str, str] | None = None,
    watch: Callable[[Request, Context, int], None] | None = None,
) -> Any:
    """The itemised bill of one session, from what the store knows.

    `only` bills a single request of it; `watch` sees what each request of the main conversation sent.
    """
    from json import loads

    from lineitem.attribution.runs import Run
    from lineitem.attribution.session import fold, name_unlogged
    from lineitem.ledger import live

    text = ledger.text
    if only is None and not ledger.has_files(number) and ledger.is_live(number):
        return fold_live(ledger, book, number, within)
    requests: dict[tuple[str, str], Request] = {}
    for row in (*ledger.session_requests(number), *ledger.copied_requests(number)):
        request = request_of(row, text)
        if only is not None and (request.mid, request.variant) != only:
            request.counted = 0
        requests[(request.mid, request.variant)] = request
    made = [
        Run(at, reported, logged, unlogged, priced, duplicated, unexplained, loads(tokens))
        for _, at, reported, logged, unlogged, priced, duplicated, unexplained, tokens in ledger.runs_of(number)
        if only is None
    ]

    def at_moment(model: str, at: int) -> Rates | None:
        rates = book.rates(model, at)
        return rates if isinstance(rates, Rates) else None

    folded = fold(
        text(number),
        session_facts(ledger, number),
        requests,
        lambda request: rates_of(book, request),
        made,
        at_moment,
        within,
        learnt_weights(ledger),
        watch,
    )
    if made and only is None:
        name_unlogged(folded, live.unlogged_calls(ledger, number), [run.at for run in made])
    return folded


def packed(number: int, folded: Any) -> dict[str, list[Any]]:
    """A folded session as plain rows: what the tables keep, names still as text.

    Line items are lists, to be filled in where they are: there are many.
    """
    from lineitem.core.causes import kind_of

    items = []
    kinds: dict[str, str] = {}  # each is kept once, not once a line item
    for ordinal, (thread, item) in enumerate(folded.items):
        sums = item.sums
        kind = kind_of(item.cause)
        items.append(
            [number, thread, ordinal, item.cause, kinds.setdefault(kind, kind), item.call, item.model, item.basis,
             item.at, item.prompt, sums[14], *sums[:14]]
        )  # fmt: skip
    return {
        "items": items,
        "misses": [
            (
                thread,
                miss.at,
                miss.mid,
                miss.reason,
                miss.tokens,
                rounded(miss.femto),
                miss.idle,
            )
            for thread, miss in folded.misses
        ],
        "prompts": [
            (prompt.at, prompt.source, prompt.name, prompt.requests, prompt.nanos, prompt.agents)
            for prompt in folded.prompts
        ],
        "agents": [
            (agent.thread, agent.type, agent.call, agent.parent, agent.requests, agent.nanos) for agent in folded.agents
        ],
    }


def fold_stale(
    ledger: Ledger,
    book: PriceBook,
    sessions: Sequence[int] | None = None,
    progress: Callable[[int], None] | None = None,
    made: Callable[[list[tuple[str, Sequence[int]]]], None] | None = None,
) -> int:
    """Fold every session whose line items are stale (among `sessions`, where given); how many there were.

    made: called with causes and sums of the line items of each.
    """
    stale = ledger.stale_sessions()
    if sessions is not None:
        wanted = set(sessions)
        stale = [number for number in stale if number in wanted]
    if not stale:
        return 0
    for batch in range(0, len(stale), 2_000):
        with ledger.transaction():
            found = folds(ledger, book, stale[batch : batch + 2_000])
            ledger.keep_folds(found if made is None else _told(found, made), progress)
    return len(stale)


def _told(
    found: Iterable[tuple[int, dict[str, list[Any]]]], made: Callable[[list[tuple[str, Sequence[int]]]], None]
) -> Iterable[tuple[int, dict[str, list[Any]]]]:
    for session, rows in found:
        made([(item[_CAUSE], item[_SUMS:]) for item in rows["items"]])
        yield session, rows


def folds(
    ledger: Ledger, book: PriceBook, sessions: Sequence[int], within: Callable[[int], bool] | None = None
) -> Iterable[tuple[int, dict[str, list[Any]]]]:
    """(session, packed rows) of each session, in any order; forked workers where there are many."""
    from lineitem.sources.crew import crew_size, spread

    workers, path = crew_size(len(sessions)), ledger.db.path
    if len(sessions) >= WORTH_A_CREW and workers > 1 and path != ":memory:":  # which nobody else can open
        # loaded here what folding loads, every worker has it
        import lineitem.attribution.runs
        import lineitem.attribution.session
        import lineitem.ledger.live
        import lineitem.sources.transcript_schema  # noqa: F401
        from lineitem.ledger.store import Ledger as Store

        own: list[Store] = []

        def work(number: int) -> tuple[int, dict[str, list[Any]]]:
            if not own:
                own.append(Store(path, read_only=True))
                own[0].load_names()
            return number, packed(number, fold_session(own[0], book, number, within))

        yield from spread(ledger.heaviest(sessions), work, workers)
        return
    for number in sessions:
        yield number, packed(number, fold_session(ledger, book, number, within))
