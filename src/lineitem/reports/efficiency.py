"""How work goes: working time, tokens a minute, cost an hour and a prompt, cache hits; by model and by kind of work."""

from __future__ import annotations

from lineitem.core.periods import QUARTER_MS, day_label, month_label, week_label
from lineitem.core.problems import UsageError
from lineitem.insights.efficiency import GAP, Effort, over, worked
from lineitem.insights.operations import CHAT, KINDS, UNKNOWN, Act, Done, act_of, kind_of
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.prompted import (
    AT,
    MODEL,
    NANOS,
    NOWHERE,
    OUTPUT,
    READ,
    UNCACHED,
    WRITE1,
    WRITE5,
    agents_of,
    prompted,
)
from lineitem.reports.shapes import COUNT, DURATION, MONEY, RATIO, SHARE, TEXT, TOKENS, Column, Table, dollars
from lineitem.reports.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.prompted import Live, Prompted, Row
    from lineitem.reports.query import Query
    from lineitem.reports.tally import Source, Sums

#: What rows can stand for: key and heading.
BY = {"day": ("day", "Day"), "week": ("week", "Week"), "month": ("month", "Month"), "project": ("project", "Project"),
      "session": ("sessionId", "Session"), "model": ("model", "Model")}  # fmt: skip
_NOT_LOGGED, _NO_PROMPT = "(not logged)", "(no prompt)"
_TIME = (
    "Active is the time between a session's prompts and answers, without pauses of more than {gap} minutes; two"
    " sessions at once count twice. In/out is tokens sent for one answered, hits the part of those sent that came from"
    " the cache."
)
_KINDS = (
    "The kind of work is told from the tools a prompt and its agents used and the files they touched;"
    " docs/efficiency.md has the rules."
)


def efficiency_tally(ledger: Ledger, query: Query, live: Live, by: str) -> Tally:
    """Efforts by row, model and kind of work; see `insights.efficiency.Effort` for what is added up."""
    _, label = _labeller(ledger, query, _by(by), {row[0]: row for row in questions.sessions(ledger)})
    gap, since, until, part = _gap(query), query.since, query.until, query.model

    def count(source: Source) -> Iterator[Sums]:
        where = Filter(since, until, "", part).only(source.sessions())
        return source.by_family(_read(source.ledger, where, live, label, gap))

    zone = query.zone.name if by in ("day", "week", "month") else ""
    return Tally(("efficiency", by, gap, zone), count, heard=True)


def efficiency(ledger: Ledger, query: Query, where: Filter, sums: Sums, by: str) -> Table:
    """One row a day (or what `by` says), and below it the same by model and by kind of work."""
    gap = _gap(query)
    key, title = BY[_by(by)]
    name_of, label = _labeller(ledger, query, by, {row[0]: row for row in questions.sessions(ledger)})
    rows: dict[Any, Effort] = {}
    models: dict[Any, Effort] = {}
    kinds: dict[Any, Effort] = {}
    whole = Effort()
    for (place, model, kind), amounts in sums.items():
        effort = Effort(*amounts)
        _into(rows, place, effort)
        _into(models, model, effort)
        _into(kinds, kind, effort)
        whole.add(effort)
    unlogged: dict[Any, int] = {}
    for at, _, session, nanos, _ in questions.beyond_by_run(ledger, where):
        place = label(session, at, None)
        unlogged[place] = unlogged.get(place, 0) + nanos
        rows.setdefault(place, Effort())
    beyond = sum(unlogged.values())
    made = [_row(key, name_of(place), effort, unlogged.get(place, 0)) for place, effort in rows.items()]
    _arrange(made, key, query, by)
    totals = _row(key, "", whole, beyond)
    del totals[key]
    table = Table(
        "efficiency", f"How work went by {title.lower()}", [Column(key, title, TEXT), *_COLUMNS], made, totals,
        head={"by": by, "gapMinutes": gap // 60_000}, notes=[_TIME.format(gap=gap // 60_000)],
        empty="No requests in this range.",
    )  # fmt: skip
    if made:
        table.below = [_operations(kinds, beyond)]
        if by != "model":
            table.below.append(_models(ledger, models, beyond))
    return table


def _by(by: str) -> str:
    if by not in BY:
        raise UsageError(f"--by is one of {', '.join(BY)}, not '{by}'.")
    return by


_COLUMNS = (
    Column("prompts", "Prompts", COUNT, wide=True),
    Column("activeMs", "Active", DURATION),
    Column("tokensPerMinute", "Tok/min", TOKENS),
    Column("inputOutputRatio", "In/out", RATIO, wide=True),
    Column("cacheHitRate", "Hits", SHARE),
    Column("costPerHourNanos", "An hour", MONEY),
    Column("costPerPromptNanos", "A prompt", MONEY),
    Column("costNanos", "Cost", MONEY),
)


def _gap(query: Query) -> int:
    text = query.options.get("gap")
    if text is None:
        return GAP
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError(f"--gap is a number of minutes, not '{text}'.")
    return int(text) * 60_000


def _labeller(
    ledger: Ledger, query: Query, by: str, known: dict[int, tuple[Any, ...]]
) -> tuple[Callable[[Any], str], Callable[[int, int, int | None], Any]]:
    """(the name of a row's key, the key of a request by its session, time and model; model None: not logged)."""
    if by == "model":
        return (lambda place: _NOT_LOGGED if place is None else ledger.text(place)), (lambda _, __, model: model)
    if by == "session":
        return (lambda place: known[place][1] if place in known else ""), (lambda session, _, __: session)
    if by == "project":
        return (lambda place: place or "(no project)"), (
            lambda session, _, __: known[session][2] if session in known else ""
        )
    labels: dict[int, str] = {}

    def label(_: int, at: int, __: int | None) -> str:
        quarter = at // QUARTER_MS
        text = labels.get(quarter)
        if text is None:
            day = query.zone.date(at)
            text = labels[quarter] = (
                day_label(day) if by == "day" else month_label(day) if by == "month" else week_label(day)
            )
        return text

    return str, label


def _into(found: dict[Any, Effort], key: Any, effort: Effort) -> None:
    if key not in found:
        found[key] = Effort()
    found[key].add(effort)


# -- one pass over the requests


def _read(
    ledger: Ledger, where: Filter, live: Live, label: Callable[[int, int, int | None], Any], gap: int
) -> dict[int, Sums]:
    """Session -> efforts by row, model and kind of work ("": of no prompt)."""
    found: dict[int, Sums] = {}
    meant: dict[int, bool] = {}
    part = where.model.lower()
    since, until = where.since, where.until
    work = _work(ledger, where)
    for session in prompted(ledger, where, live):
        number = session.number
        did = work.get(number, {})
        silent = UNKNOWN if number in live and not did else CHAT  # live sources need not tell of tools
        kinds = [did.get(ordinal, silent) for ordinal, _, _ in session.prompts]
        fresh = [True] * len(kinds)  # prompts of which no request was seen yet
        cells: Sums = found.setdefault(number, {})
        for row, place, took in zip(session.requests, session.places, _worked(session, gap), strict=True):
            at, model = row[AT], row[MODEL]
            first = place != NOWHERE and fresh[place]
            if first:
                fresh[place] = False
            if model not in meant:
                meant[model] = part in ledger.text(model).lower()
            if not (since <= at < until and meant[model]):
                continue
            key = (label(number, at, model), model, "" if place == NOWHERE else kinds[place])
            amounts = cells.get(key)
            if amounts is None:
                amounts = cells[key] = [0] * 9
            _count(amounts, row, took, first)
    return found


def _count(amounts: list[int], row: Row, took: int, first: bool) -> None:
    """Add a request, in the order that `Effort` has."""
    uncached, written = row[UNCACHED], row[WRITE5] + row[WRITE1]
    read, output, nanos = row[READ], row[OUTPUT], row[NANOS]
    amounts[0] += first
    amounts[1] += 1
    amounts[2] += took
    amounts[3] += uncached
    amounts[4] += written
    amounts[5] += read
    amounts[6] += output
    if nanos is None:
        amounts[8] += uncached + written + read + output
    else:
        amounts[7] += nanos


def _worked(session: Prompted, gap: int) -> list[int]:
    """For each request the working time since the request before it in its session; a prompt between is a moment."""
    asked = [at for _, at, _ in session.prompts]
    found: list[int] = []
    last: int | None = None
    upcoming = 0
    for row in session.requests:
        at, took = row[AT], 0
        while upcoming < len(asked) and asked[upcoming] <= at:
            took += worked(last, asked[upcoming], gap)
            last = asked[upcoming]
            upcoming += 1
        found.append(took + worked(last, at, gap))
        last = at
    return found


def _work(ledger: Ledger, where: Filter) -> dict[int, dict[int, str]]:
    """Session -> ordinal of a prompt -> the kind of work it was; prompts without a tool call are left out."""
    main = ledger.find_name("")
    tops = agents_of(ledger, where)
    outcome = {call: not succeeded for call, succeeded in questions.outcomes(ledger, where)}
    acts: dict[str, Act] = {}
    called: dict[tuple[int, int], dict[int, list[tuple[str, int, Act]]]] = {}  # (session, prompt) -> thread -> calls
    for session, thread, prompt, cause, call, at in questions.calls_made(ledger, where):
        act = acts.get(cause)
        if act is None:
            _, tool, target = (*cause.split("/", 2), "", "")[:3]
            act = acts[cause] = act_of(tool, target)
        place = (session, prompt if thread == main else tops.get(session, {}).get(thread, 0))
        threads = called.get(place)
        if threads is None:
            called[place] = {thread: [(call, at, act)]}
        elif thread in threads:
            threads[thread].append((call, at, act))
        else:
            threads[thread] = [(call, at, act)]
    found: dict[int, dict[int, str]] = {}
    for (session, prompt), threads in called.items():
        found.setdefault(session, {})[prompt] = kind_of([_done(calls, outcome) for calls in threads.values()])
    return found


def _done(calls: list[tuple[str, int, Act]], outcome: dict[str, bool]) -> list[Done]:
    """Each call once: one that was carried over a change of the model has two line items."""
    once = {call: (at, act) for call, at, act in calls}
    return [Done(at, act, outcome.get(call)) for call, (at, act) in once.items()]


# -- rows


def _row(key: str, name: str, effort: Effort, unlogged: int = 0) -> dict[str, Any]:
    known = effort.known
    cost = effort.nanos + unlogged
    return {
        key: name, "prompts": effort.prompts, "requests": effort.requests, "activeMs": effort.worked,
        "inputTokens": effort.uncached, "outputTokens": effort.output, "cacheCreationTokens": effort.written,
        "cacheReadTokens": effort.read, "totalTokens": effort.tokens, "tokensPerMinute": effort.tokens_a_minute,
        "outputTokensPerMinute": effort.output_a_minute, "inputOutputRatio": effort.ratio,
        "cacheHitRate": effort.hit_rate,
        "costPerHourNanos": over(cost * 3_600_000, effort.worked) if known else None,
        "costPerPromptNanos": over(cost, effort.prompts) if known else None,
        "unpricedTokens": effort.unpriced, "unloggedNanos": unlogged, "totalCost": dollars(cost), "costNanos": cost,
    }  # fmt: skip


def _arrange(rows: list[dict[str, Any]], key: str, query: Query, by: str) -> None:
    """Periods in the order of time, all else dearest first; `--order` turns it."""
    if by in ("day", "week", "month"):
        rows.sort(key=lambda row: str(row[key]), reverse=query.descending)
        return
    rows.sort(key=lambda row: (-row["costNanos"], str(row[key])))
    if query.options.get("order") == "asc":
        rows.reverse()


def _operations(kinds: dict[Any, Effort], beyond: int) -> Table:
    """By kind of work; what belongs to no prompt, and what is not logged, is the last row."""
    whole = sum(effort.nanos for effort in kinds.values()) + beyond
    dearest = sorted((kind for kind in (*KINDS, UNKNOWN) if kind in kinds), key=lambda kind: -kinds[kind].nanos)
    rows = [_share(_row("operation", kind, kinds[kind]), whole) for kind in dearest]
    rest = kinds.get("", Effort())
    if rest.requests or beyond:
        rows.append({**_share(_row("operation", _NO_PROMPT, rest, beyond), whole), "remainder": True})
    columns = [Column("operation", "Kind of work", TEXT), Column("prompts", "Prompts", COUNT),
               Column("activeMs", "Active", DURATION, wide=True),
               Column("tokensPerMinute", "Tok/min", TOKENS, wide=True), Column("costPerPromptNanos", "A prompt", MONEY),
               Column("costShare", "Share", SHARE), Column("costNanos", "Cost", MONEY)]  # fmt: skip
    return Table("operations", "The same by kind of work", columns, rows, notes=[_KINDS])


def _models(ledger: Ledger, models: dict[Any, Effort], beyond: int) -> Table:
    """By model."""
    whole = sum(effort.nanos for effort in models.values()) + beyond
    found = sorted((-effort.nanos, ledger.text(model), effort) for model, effort in models.items())
    rows = [_share(_row("model", name, effort), whole) for _, name, effort in found]
    if beyond:
        rows.append({**_share(_row("model", _NOT_LOGGED, Effort(), beyond), whole), "remainder": True})
    columns = [Column("model", "Model", TEXT), Column("requests", "Requests", COUNT),
               Column("outputTokens", "Output", TOKENS, wide=True), Column("cacheHitRate", "Hits", SHARE),
               Column("costPerHourNanos", "An hour", MONEY, wide=True), Column("costShare", "Share", SHARE),
               Column("costNanos", "Cost", MONEY)]  # fmt: skip
    return Table("models", "The same by model", columns, rows)


def _share(row: dict[str, Any], whole: int) -> dict[str, Any]:
    return {**row, "costShare": round(row["costNanos"] / whole, 4) if whole else None}
