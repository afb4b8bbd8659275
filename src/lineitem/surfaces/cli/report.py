"""`lineitem report`: a session, day, week or month as Markdown, on stdout or in a file that is kept."""

from __future__ import annotations

import os
import sys
import time

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lineitem.reports.on_end import Ended, Pattern
    from lineitem.reports.query import Query
    from lineitem.reports.written import Written
    from lineitem.wiring import Lineitem

#: How often the ledger is looked at, and how long a file is left alone after it was written (seconds).
_LOOK, _REST = 1.0, 2.0


def report(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code of a report."""
    from lineitem.reports.written import DAILY, ENGINEER, SESSION, wanted

    kind, audience = options.get("argument", DAILY), options.get("audience", ENGINEER)
    wanted(kind, audience)
    path = options.get("output", "")
    if path == "-":
        path = ""
    for name, key in (("watch", "follow"), ("force", "force"), ("pictures", "pictures")):
        if options.get(key) and not path:
            raise UsageError(f"--{name} needs a file: -o PATH.")
    form = options.get("format", "")
    if form:
        from lineitem.surfaces.cli.picturing import FORMATS, renderer

        if not options.get("pictures"):
            raise UsageError("--format goes with --pictures.")
        if form not in FORMATS:
            raise UsageError(f"--format is {' or '.join(FORMATS)}, not '{form}'.")
        renderer()
    if path and options.get("json"):
        raise UsageError("--json goes to stdout; -o writes Markdown.")
    if options.get("git") and (kind != SESSION or options.get("incognito")):
        raise UsageError("--git goes with `lineitem report session`, and not with --incognito.")
    if kind != SESSION and options.get("second"):
        raise UsageError(f"`lineitem report {kind}` takes no id; --day says which.")
    if kind == SESSION and options.get("day"):
        raise UsageError("--day goes with daily, weekly and monthly.")
    refresh(lineitem)

    def made() -> tuple[Written, Query]:
        query.now = int(time.time() * 1000)
        return _made(lineitem, query, kind, audience, options)

    def save() -> None:
        written, asked = made()
        _save(written, path, options, _pictures(lineitem, written, asked, options))

    if not path:
        return _print(made()[0], options)
    if not options.get("follow"):
        save()
        return 0
    from lineitem.server.serve import running
    from lineitem.setup.live_folder import place_of

    live = place_of(lineitem.path)
    return follow(save, lambda: lineitem.changes(read=running(live) is None), time.sleep)


def keep_ended(lineitem: Lineitem, ended: Ended, pattern: Pattern) -> None:
    """Write the report of a session that ended where the settings say. Raises UsageError, OSError."""
    from lineitem import writing
    from lineitem.core.periods import Zone, day_label
    from lineitem.reports.query import Query
    from lineitem.reports.written import ENGINEER
    from lineitem.surfaces.names import project_name

    zone = Zone(str(lineitem.settings.get("timezone", "")))
    lineitem.fold()
    written = writing.of_session(
        writing.Asking(lineitem, Query(zone, int(time.time() * 1000)), ENGINEER), ended.session
    )
    day = day_label(zone.date(ended.at))
    path = pattern.path(project=project_name(ended.project), session=ended.session, date=day)
    _save(written, path, {"timezone": zone.name, "follow": True})


def follow(save: Callable[[], object], version: Callable[[], int], sleep: Callable[[float], object]) -> int:
    """Write again whenever the ledger changed, until the person ends it. `version` is another number then."""
    last = None
    try:
        while True:
            now = version()
            if now != last:
                last = now
                save()
                sleep(_REST)
            sleep(_LOOK)
    except KeyboardInterrupt:
        return 0


def _made(lineitem: Lineitem, query: Query, kind: str, audience: str, options: dict[str, Any]) -> tuple[Written, Query]:
    """The report, and the query that means its session or its range."""
    from lineitem import writing
    from lineitem.core.periods import parse_since
    from lineitem.reports.query import Query
    from lineitem.reports.written import SESSION

    veil = None
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        veil = obscured
    lineitem.fold()
    lineitem.notice()
    asked = Query(query.zone, query.now)
    asked.project, asked.model = query.project, query.model
    asking = writing.Asking(lineitem, asked, audience, veil)
    if kind == SESSION:
        session = options.get("second") or writing.latest(lineitem)
        if not session:
            raise UsageError("There is no session yet.")
        git = writing.git_section(writing.git_of(lineitem, session), audience) if options.get("git") else None
        return writing.of_session(asking, session, git), asked
    moment = parse_since(options["day"], query.zone, query.now) if options.get("day") else query.now
    return writing.of_period(asking, kind, moment, options.get("start_of_week", "sunday")), asked


def _print(written: Written, options: dict[str, Any]) -> int:
    if options.get("json"):
        write_json(written.json(), options | {"incognito": False})  # names and amounts are hidden already
        return 0
    from lineitem.reports.written import DAILY
    from lineitem.surfaces.markdown import sections
    from lineitem.surfaces.page import write
    from lineitem.surfaces.seams import fresh, identity

    made = sections(written, options.get("timezone", ""))
    if written.kind == DAILY:  # a paragraph for a briefing: nothing but itself
        write(sys.stdout, "".join(text for _, text in made))
    else:
        write(sys.stdout, fresh(identity(written.kind, written.subject), made).decode())
    return 0


def _save(written: Written, path: str, options: dict[str, Any], pictures: Mapping[str, bytes] = {}) -> None:
    """Put the report there, and beside it, named after it, the pictures of its sections."""
    from lineitem.reports.written import DAILY
    from lineitem.surfaces.cli.keeping import keep_picture, keep_report
    from lineitem.surfaces.markdown import sections
    from lineitem.surfaces.page import clean, hint
    from lineitem.surfaces.seams import identity

    force, stem = bool(options.get("force")), path.removesuffix(".md")
    places = {key: f"{stem}.{key}.{options.get('format', 'svg')}" for key in pictures}
    made = sections(written, options.get("timezone", ""), {key: os.path.basename(each) for key, each in places.items()})
    of = identity(written.kind, written.subject)
    changed = keep_report(path, of, made, notes=written.kind != DAILY, force=force)
    for key, picture in pictures.items():
        changed |= keep_picture(places[key], picture, force=force)
    if changed or not options.get("follow"):
        hint(f"{'Written' if changed else 'Unchanged'}: {clean(path)}", options)


def _pictures(lineitem: Lineitem, written: Written, asked: Query, options: dict[str, Any]) -> dict[str, bytes]:
    """Section -> its picture: a few bars that need nothing, or, with a format, the chart of the dashboard."""
    if not options.get("pictures"):
        return {}
    if not options.get("format"):
        from lineitem.surfaces.drawing import pictures

        return {key: picture.encode() for key, picture in pictures(written).items()}
    from lineitem.surfaces.cli.picturing import of_report
    from lineitem.surfaces.signed import signed

    charts = of_report(lineitem, written, asked, options["format"], incognito=bool(options.get("incognito")))
    return {key: signed(picture) for key, picture in charts.items()}
