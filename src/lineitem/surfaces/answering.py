"""Answers a report by its name and options, as its JSON document: what `--json` prints, for those who print nothing.

In: the options of a command line by name. Out: the document. Nothing new is read: whoever asks has seen to that.
Raises UsageError for options that cannot be meant.
"""

from __future__ import annotations

import os

from lineitem.core.periods import Zone, parse_since, parse_until
from lineitem.core.problems import UsageError
from lineitem.reports.query import Query
from lineitem.surfaces.commands import asked_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lineitem.wiring import Lineitem

_REPORTS = (
    "hourly", "daily", "weekly", "monthly", "session", "blocks", "today", "bill", "calls", "tools", "mcp", "agents",
    "skills", "prompts", "projects", "models", "branches", "explore", "commits", "pr", "context", "rot", "whatif",
    "efficiency", "advice", "check", "explain", "handoff", "anomalies", "health", "watch", "forecast", "trend",
    "compare", "budget", "audit", "prices", "doctor", "settings",
)  # fmt: skip
#: Reports by name, and the options each takes, as its command has them; `egress` is `status --egress`.
OPTIONS: dict[str, tuple[str, ...]] = {**{name: asked_with(name) for name in _REPORTS}, "egress": ()}
#: A folder that says nothing, for sessions whose own is gone.
_NOWHERE = os.devnull
_SWITCHES = frozenset(("breakdown", "instances", "active", "recent", "turns"))


def query_of(options: Mapping[str, Any], now: int) -> Query:
    """The query that options of a command line mean; `now` in milliseconds."""
    query = Query(Zone(options.get("timezone", "")), now)
    if options.get("since"):
        query.since = parse_since(options["since"], query.zone, now)
    if options.get("until"):
        query.until = parse_until(options["until"], query.zone, now)
    query.project = options.get("project", "")
    query.model = options.get("model", "")
    query.session = options.get("session", "") or ""
    order = options.get("order", "")
    if order and order not in ("asc", "desc"):
        raise UsageError(f"--order is asc or desc, not '{order}'.")
    query.descending = order == "desc"
    query.breakdown = bool(options.get("breakdown"))
    query.instances = bool(options.get("instances"))
    query.options = {key: value for key, value in options.items() if value}
    return query


def checked(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The options of a report as they are written in an address: `start-of-week=monday`. Raises UsageError."""
    allowed = OPTIONS[name]
    options: dict[str, Any] = {}
    for written, value in given.items():
        key = {"id": "argument", "last": "latest" if name == "trend" else "last"}.get(written, written)
        key = key.replace("-", "_")
        if key not in allowed:
            words = ", ".join(
                {"argument": "id", "latest": "last"}.get(each, each).replace("_", "-") for each in allowed
            )
            raise UsageError(f"{name} takes {words or 'no parameters'}, not '{written}'.")
        switch = key in _SWITCHES or (key == "every" and name == "anomalies")
        if switch and value not in ("", "1", "true", "0", "false"):
            raise UsageError(f"{written} is 1 or 0, not '{value}'.")
        options[key] = value not in ("0", "false") if switch else value
    return {key: value for key, value in options.items() if value}


def document(lineitem: Lineitem, name: str, options: dict[str, Any], now: int) -> dict[str, Any]:
    """The JSON document of a report."""
    if not options.get("timezone"):  # days and clocks are of one zone
        options["timezone"] = str(lineitem.settings.get("timezone", ""))
    return _DRAWN.get(name, _table)(lineitem, name, options, query_of(options, now))


def _table(lineitem: Lineitem, name: str, options: dict[str, Any], query: Query) -> dict[str, Any]:
    argument = options.get("argument", "")
    if name == "check" and query.session:
        query.session = lineitem.session_name(query.session)
    ask: dict[str, Callable[[], Any]] = {
        "anomalies": lambda: lineitem.anomalies(query),
        "health": lambda: lineitem.standing(argument, query),
        "context": lambda: lineitem.turns(argument) if options.get("turns") else lineitem.context(argument),
        "rot": lambda: lineitem.rot(argument, query),
        "whatif": lambda: lineitem.whatif(argument, query),
        "efficiency": lambda: lineitem.efficiency(query),
        "advice": lambda: lineitem.advice(query, argument),
        "explore": lambda: lineitem.explore(query),
        "commits": lambda: lineitem.commits(query),
        "pr": lambda: lineitem.pull_requests(query, argument),
        "audit": lambda: lineitem.limits.audit(query),
        "budget": lambda: lineitem.limits.history(argument, query) if argument else lineitem.limits.status(query),
    }
    table = ask.get(name, lambda: lineitem.report(name, query))()
    if options.get("last") and table.rows:
        from lineitem.reports.over_time import only_last

        if not options["last"].isdecimal() or not int(options["last"]):
            raise UsageError(f"--last is a number of periods, not '{options['last']}'.")
        only_last(table, int(options["last"]))
    return dict(table.json())


def _bill(lineitem: Lineitem, name: str, _: dict[str, Any], query: Query) -> dict[str, Any]:
    if name == "today" and not query.ranged:
        query.since = parse_since("today", query.zone, query.now)
    return lineitem.bill(query).json()


def _session(lineitem: Lineitem, name: str, options: dict[str, Any], query: Query) -> dict[str, Any]:
    if options.get("argument"):
        return lineitem.session(options["argument"], query).json()
    return _table(lineitem, name, options, query)


def _happening(lineitem: Lineitem, _: str, __: dict[str, Any], query: Query) -> dict[str, Any]:
    return lineitem.happening(query).json()


def _explain(lineitem: Lineitem, _: str, options: dict[str, Any], __: Query) -> dict[str, Any]:
    from lineitem.explain import explanation

    if not options.get("argument"):
        raise UsageError("Say what to explain: id=toolu_... or id=msg_...")
    return dict(explanation(lineitem, options["argument"]))


def _doctor(lineitem: Lineitem, _: str, __: dict[str, Any], ___: Query) -> dict[str, Any]:
    return dict(lineitem.health().json())


def _egress(lineitem: Lineitem, _: str, __: dict[str, Any], ___: Query) -> dict[str, Any]:
    return egress_document(lineitem)


def _prices(lineitem: Lineitem, _: str, __: dict[str, Any], ___: Query) -> dict[str, Any]:
    return prices_document(lineitem)


def _handoff(lineitem: Lineitem, _: str, options: dict[str, Any], query: Query) -> dict[str, Any]:
    """Of one session, in its own folder: where the program that answers runs is no place of a person's."""
    from lineitem.handoff.handover import count_of
    from lineitem.handoff.prompt import TOKENS, allowed

    if not options.get("argument"):
        raise UsageError("Say which session: id=3f2a91c0.")
    tokens, prompts = allowed(options.get("tokens", str(TOKENS))), count_of(options.get("prompts", ""))
    stand = lineitem.stands(lineitem.session_number(options["argument"]), query)
    folder = stand.cwd if stand is not None and os.path.isdir(stand.cwd) else _NOWHERE
    table = lineitem.handoff(options["argument"], query, folder, tokens, prompts)
    if folder == _NOWHERE:
        table.head["folder"] = stand.cwd if stand is not None else ""
    table.tail |= {"file": None, "written": False, "copied": False}
    return table.json()


def _settings(lineitem: Lineitem, _: str, __: dict[str, Any], ___: Query) -> dict[str, Any]:
    from lineitem.surfaces.preferring import standing

    return standing(lineitem.settings).json()


def egress_document(lineitem: Lineitem) -> dict[str, Any]:
    """What would leave the machine."""
    rows = [{"channel": channel, "host": host, "sends": sends} for channel, host, sends in lineitem.egress()]
    return {"egress": rows, "schemaVersion": 1}


def prices_document(lineitem: Lineitem) -> dict[str, Any]:
    """The price book in force."""
    keys = ("model", "since", "input", "cache_write_5m", "cache_write_1h", "cache_read", "output")
    names = ("model", "since", "input", "cacheWrite5m", "cacheWrite1h", "cacheRead", "output")
    rows = []
    for entry in lineitem.book.entries():
        row = {name: getattr(entry, key) for name, key in zip(names, keys, strict=True)}
        rows.append({**row, "modifiers": list(entry.modifiers), "source": entry.source, "checked": entry.checked})
    return {"prices": rows, "unit": "USD per million tokens", "version": lineitem.book.version, "schemaVersion": 1}


_DRAWN: dict[str, Callable[[Lineitem, str, dict[str, Any], Query], dict[str, Any]]] = {
    "today": _bill, "bill": _bill, "session": _session, "watch": _happening, "explain": _explain, "doctor": _doctor,
    "egress": _egress, "handoff": _handoff, "prices": _prices, "settings": _settings,
}  # fmt: skip
