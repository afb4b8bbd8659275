"""Runs one understood command: opens the ledger, reads what is new, asks, prints."""

from __future__ import annotations

import time

from lineitem.surfaces.answering import query_of
from lineitem.surfaces.cli.output import refresh, show, show_first
from lineitem.surfaces.commands import TABLES
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query

_PERIODS = frozenset(("hourly", "daily", "weekly", "monthly"))
#: Commands that need no store.
_PLACING = frozenset(("install", "uninstall", "autostart", "status"))


def run(name: str, options: dict[str, Any]) -> int:
    """The exit code of a command."""
    if name == "completion":
        from lineitem.surfaces.cli.completion import completion

        return completion(options["argument"])
    if name == "shell":
        from lineitem.surfaces.cli.shell import shell

        return shell(options["argument"])
    if name == "git-hook":
        from lineitem.surfaces.cli.git_hook import git_hook

        return git_hook(options)
    if name == "brief":
        from lineitem.surfaces.cli.brief import brief

        return brief(options)
    if name == "demo":
        from lineitem.surfaces.cli.demo import demo

        return demo(options)
    if name in _PLACING:
        from lineitem.surfaces.cli import placing

        code: int = getattr(placing, name)(options)
        return code
    if name == "serve":
        from lineitem.surfaces.cli.live import serve

        return serve(options)
    if name == "open":
        from lineitem.surfaces.cli.opening import open_dashboard

        return open_dashboard(options)
    if name == "hook":
        from lineitem.surfaces.cli.hook import hook

        return hook(options)
    if name == "mcp-server":
        from lineitem.surfaces.cli.mcp_server import mcp_server

        return mcp_server(options)
    one = name == "session" and (options.get("argument") or options.get("session"))
    lineitem = Lineitem(options.get("db", ""), options.get("config_dir", ()), alone=bool(options.get("single_thread")))
    try:
        if not options.get("timezone"):  # days and clocks are of one zone
            options["timezone"] = str(lineitem.settings.get("timezone", ""))
        query = query_of(options, int(time.time() * 1000))
        if one:
            query.session, name = one, "session-bill"
        if name in _PERIODS and lineitem.empty:
            table = lineitem.first_answer(name, query)
            if table is not None:
                code = show_first(table, options)
                refresh(lineitem)
                return code
        if name == "watch":
            from lineitem.surfaces.cli.live import watch

            return watch(lineitem, query, options)
        if name == "tui":
            from lineitem.surfaces.cli.tui import tui

            return tui(lineitem, lambda: query_of(options, int(time.time() * 1000)), options)
        if name in TABLES:
            refresh(lineitem)
            return show(lineitem.report(name, query), options)
        return _others(name, lineitem, query, options)
    finally:
        lineitem.close()


def _others(name: str, lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    from lineitem.surfaces.cli import more

    if name == "ingest":
        return more.ingest(lineitem, options)
    if name == "prices":
        return more.prices(lineitem, options)
    if name == "settings":
        from lineitem.surfaces.cli.settings import settings

        return settings(lineitem, query, options)
    if name == "budget":
        from lineitem.surfaces.cli.budget import budget

        return budget(lineitem, query, options)
    if name == "advice":
        from lineitem.surfaces.cli.advice import advice

        return advice(lineitem, query, options)
    if name == "estimate":
        from lineitem.surfaces.cli.estimate import estimate

        return estimate(lineitem, query, options)
    if name == "manual":
        from lineitem.surfaces.cli.manual import manual

        return manual(lineitem, query, options)
    if name == "audit":
        from lineitem.surfaces.cli.budget import audit

        return audit(lineitem, query, options)
    if name == "report":
        from lineitem.surfaces.cli.report import report

        return report(lineitem, query, options)
    if name == "export":
        from lineitem.surfaces.cli.export import export

        return export(lineitem, query, options)
    if name == "archive":
        from lineitem.surfaces.cli.archive import archive

        return archive(lineitem, options)
    if name in ("commits", "pr"):
        from lineitem.surfaces.cli import work

        return (work.commits if name == "commits" else work.pr)(lineitem, query, options)
    refresh(lineitem)
    if name in ("anomalies", "health"):
        lineitem.fold()
        lineitem.notice()
        if name == "anomalies":
            return show(lineitem.anomalies(query), options)
        return show(lineitem.standing(options.get("argument", ""), query), options)
    if name == "context":
        ask = lineitem.turns if options.get("turns") else lineitem.context
        return show(ask(options.get("argument", "")), options)
    if name == "explore":
        return show(lineitem.explore(query), options)
    if name == "rot":
        return show(lineitem.rot(options.get("argument", ""), query), options)
    if name == "whatif":
        return show(lineitem.whatif(options.get("argument", ""), query), options)
    if name in ("handoff", "resume-cost"):
        from lineitem.surfaces.cli import handoff

        return (handoff.handoff if name == "handoff" else handoff.resume_cost)(lineitem, query, options)
    if name == "efficiency":
        return show(lineitem.efficiency(query), options)
    if name == "session":
        return show(lineitem.report(name, query), options)
    return more.run(name, lineitem, query, options)
