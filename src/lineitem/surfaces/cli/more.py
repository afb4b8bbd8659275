"""The commands that are more than one table: bills, explanations, checks and repairs."""

from __future__ import annotations

import sys
import time

from lineitem.surfaces.cli.output import LARGE, refresh, show, write_document, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def run(name: str, lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code of one of these commands; what is new has been read."""
    if name == "today":
        return today(lineitem, query, options)
    if name == "bill":
        return bill(lineitem, query, options)
    if name == "session-bill":
        return session(lineitem, query, options)
    if name == "check":
        return check(lineitem, query, options)
    if name == "explain":
        return explain(lineitem, options)
    if name == "doctor":
        return doctor(lineitem, options)
    if name == "rebuild":
        return rebuild(lineitem, options)
    return verify(lineitem, options)


def today(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Today's bill, or what lineitem is waiting for."""
    from lineitem.core.periods import parse_since

    if not query.ranged:
        query.since = parse_since("today", query.zone, query.now)
    tree = lineitem.bill(query)
    if options.get("json"):
        write_json(tree.json(), options)
        return 0
    from lineitem.surfaces.text import print_tree

    if tree.root.total or tree.root.children:
        tree.title = "Today's bill" if not options.get("since") else "The bill"
        print_tree(tree, options)
        return 0
    _waiting(lineitem, query, options)
    return 0


def _waiting(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> None:
    """Nothing was spent today: say what there is, and what to do."""
    from lineitem.reports.over_time import only_last
    from lineitem.reports.query import Query

    table = lineitem.report("daily", Query(query.zone, query.now))
    if table.rows:
        sys.stderr.write("Nothing was spent today yet. The last seven days with usage:\n\n")
        only_last(table, 7)
        show(table, options)
        return
    folders = "\n".join(f"    {folder}" for folder in lineitem.folders)
    sys.stderr.write(
        "No Claude Code transcripts were found. lineitem looked in\n\n"
        f"{folders}\n\n"
        "and reads everything that appears there. Point it elsewhere with --config-dir DIR or CLAUDE_CONFIG_DIR.\n"
        "Here is a built-in example of what you will see (`lineitem demo`):\n\n"
    )
    from lineitem.surfaces.cli.demo import demo

    demo(options)


def bill(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Every cause as a tree."""
    tree = lineitem.bill(query)
    if options.get("json"):
        write_json(tree.json(), options)
        return 0
    from lineitem.surfaces.text import print_tree

    print_tree(tree, options)
    return 0


def session(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """One session itemised."""
    found = lineitem.session(query.session, query)
    if options.get("json"):
        if len(found.lines) > LARGE and not options.get("incognito") and not sys.stdout.isatty():
            write_document(found.text())
        else:
            write_json(found.json(), options)
        return 0
    from lineitem.surfaces.text import print_session

    print_session(found, options)
    return 0


def check(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The bill against the client's totals; 1 where something is left unexplained."""
    from lineitem.reports.check import fails

    if query.session:
        query.session = lineitem.session_name(query.session)
    table = lineitem.report("check", query)
    show(table, options)
    return 1 if fails(table) else 0


def ingest(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """Read what is new and stop."""
    started = time.monotonic()
    found = refresh(lineitem)
    seconds = round(time.monotonic() - started, 3)
    document = {key: found[key] for key in ("files", "lines", "requests", "problems")} | {"seconds": seconds}
    if options.get("json"):
        write_json(document, options)
        return 0
    from lineitem.surfaces.numbers import many

    read, new = f"{many(found['lines'], 'line')} of {many(found['files'], 'file')}", many(found["requests"], "request")
    sys.stdout.write(f"Read {read}: {new} new or changed, in {seconds:.2f} s.\n")
    if found["problems"]:
        sys.stdout.write(f"{many(found['problems'], 'problem')}: `lineitem doctor` lists them.\n")
    return 0


def prices(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """The price book, or its comparison with another."""
    if options.get("argument") == "check":
        return _prices_check(lineitem, options)
    if options.get("argument"):
        from lineitem.core.problems import UsageError

        raise UsageError(f"`lineitem prices` knows `check`, not '{options['argument']}'.")
    entries = lineitem.book.entries()
    if options.get("json"):
        from lineitem.surfaces.answering import prices_document

        write_json(prices_document(lineitem), options)
        return 0
    from lineitem.surfaces.text import print_prices

    print_prices(entries, options)
    return 0


def _prices_check(lineitem: Lineitem, options: dict[str, Any]) -> int:
    try:
        from lineitem.pricing.check import compare

        differences = compare(lineitem.book)
    except ImportError:
        sys.stderr.write(
            "`lineitem prices check` compares with genai-prices, which is not installed."
            " Install it with `pip install 'lineitem[prices-check]'`.\n"
        )
        return 1
    unexplained = [each for each in differences if not each.known]
    if options.get("json"):
        rows = [
            {"model": each.model, "day": each.day, "mode": each.mode, "probe": each.probe, "ours": str(each.ours),
             "theirs": str(each.theirs), "known": each.known or None}
            for each in differences
        ]  # fmt: skip
        write_json({"differences": rows, "unexplained": len(unexplained), "schemaVersion": 1}, options)
        return 1 if unexplained else 0
    from collections import Counter

    from lineitem.surfaces.numbers import many

    for each in unexplained:
        print(f"{each.model} {each.day} {each.mode} {each.probe}: ours {each.ours}, theirs {each.theirs}")
    for reason, count in Counter(each.known for each in differences if each.known).most_common():
        print(f"{count:,} known: {'genai-prices' + reason[2:] if reason.startswith('it ') else reason}.")
    print(f"{many(len(differences), 'difference')} from genai-prices, {len(unexplained)} of them not explained.")
    return 1 if unexplained else 0


def explain(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """Where a figure came from."""
    from lineitem.explain import explanation

    found = explanation(lineitem, options["argument"])
    if options.get("json"):
        write_json(found, options)
        return 0
    from lineitem.surfaces.explained import print_explanation

    print_explanation(found, options)
    return 0


def doctor(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """What is wrong here, and how to mend it; 1 where the store itself is damaged."""
    found = lineitem.health()
    if options.get("json"):
        write_json(found.json(), options)
    else:
        from lineitem.surfaces.explained import print_health

        print_health(found, options)
    return 0 if found.sound else 1


def rebuild(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """Derive everything again."""
    started = time.monotonic()
    sessions = lineitem.rebuild()
    seconds = round(time.monotonic() - started, 3)
    if options.get("json"):
        write_json({"sessions": sessions, "seconds": seconds}, options)
    else:
        from lineitem.surfaces.numbers import many

        print(f"Derived {many(sessions, 'session')} again in {seconds:.2f} s.")
    return 0


def verify(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """Derive everything again and compare; 1 where anything differs."""
    differences = lineitem.verify()
    if options.get("json"):
        write_json({"differences": differences, "equal": not differences}, options)
    elif differences:
        print("What is kept differs from what the facts say, in: " + ", ".join(differences))
        print("`lineitem rebuild` derives it again.")
    else:
        print("Everything derived again: equal, table by table.")
    return 1 if differences else 0
