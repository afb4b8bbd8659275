"""The commands that go on until they are ended: the live view and the collector."""

from __future__ import annotations

import sys
import time

from lineitem.surfaces.cli.output import refresh, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def watch(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Show what happens; with --once or --json, what happens now."""
    refresh(lineitem)
    lineitem.fold()
    if options.get("json"):
        write_json(lineitem.happening(query).json(), options)
        return 0
    from lineitem.reports.live import Live
    from lineitem.surfaces.watching import live_page
    from lineitem.surfaces.watching import watch as show

    def happening() -> Live:
        found = lineitem.happening(query)
        if not options.get("incognito"):
            return found
        from lineitem.surfaces.incognito import obscured

        hidden = obscured(found.json())
        return Live(found.now, hidden["todayNanos"], hidden["sessions"], hidden["calls"])

    if options.get("once") or not sys.stdout.isatty():
        from lineitem.surfaces.page import room

        live_page(happening(), room(), 60, options.get("timezone", "")).show(options)
        return 0
    from lineitem.server.serve import running
    from lineitem.setup.live_folder import place_of

    live = place_of(lineitem.path)

    def ask() -> Any:
        query.now = int(time.time() * 1000)
        return happening()

    return show(ask, lambda: lineitem.changes(read=running(live) is None), options)


def serve(options: dict[str, Any]) -> int:
    """Run the collector of a store until it is told to stop."""
    import gc

    from lineitem import settings
    from lineitem.server.serve import Running
    from lineitem.server.serve import serve as run
    from lineitem.setup.live_folder import made, place_of

    gc.enable()  # this process lives for weeks
    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    dirs = options.get("config_dir", ())

    folder = made(place_of(database))
    from lineitem.server.collector import Parts
    from lineitem.server.gate import Gate
    from lineitem.server.guesser import Guesser
    from lineitem.server.reporter import Reporter
    from lineitem.server.teller import Teller
    from lineitem.surfaces.cli.report import keep_ended
    from lineitem.surfaces.incognito import pseudonym
    from lineitem.surfaces.web.dashboard import Dashboard

    gate = Gate()
    teller = Teller(database, dirs, known, pseudonym)
    guesser = Guesser(database, dirs, known)
    reporter = Reporter(database, dirs, known, keep_ended)
    if trouble := guesser.trouble():
        _say(f"The classifier asks nothing for now. {trouble}")

    def noticed(lineitem: Lineitem) -> None:
        """After every round: look for what stands out, and hand it to the alerts."""
        found = lineitem.notice()
        lineitem.note_alerts([])  # the plan's limits
        teller.heed(lineitem, found)
        teller.hear(gate.glance(lineitem))
        reporter.heed(lineitem)

    from lineitem.wiring import Lineitem

    lineitem = Lineitem(options.get("db", ""), dirs)
    try:  # what was used up before is used up from the first prompt on
        gate.look(lineitem, int(time.time() * 1000))
    finally:
        lineitem.close()
    tokens = {"ingest": folder.ingest, "read": folder.read, "change": folder.change}
    port = settings.collector_port(options.get("port", ""), known)
    grpc_port = settings.grpc_port(options.get("grpc_port", ""), known)
    try:
        parts = Parts(noticed, teller, gate, guesser, reporter, Dashboard(database, dirs))
        return run(database, dirs, folder.path, tokens, port, _say, parts, grpc_port)
    except Running as other:
        _say(str(other))
        return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
