"""`lineitem commits` and `lineitem pr`: what work cost, as a table, a comment, or notes in git."""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, show, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def commits(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The bill by commit, branch or ticket; with --notes, what would be noted in git, and with --yes it is."""
    if options.get("notes"):
        return _notes(lineitem, query, options)
    if options.get("yes"):
        raise UsageError("--yes goes with --notes.")
    refresh(lineitem)
    return show(lineitem.commits(query, options.get("repo", "")), options)


def _notes(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Show the notes, then write them."""
    if query.ranged or query.model or query.session or options.get("by", "commit") != "commit":
        raise UsageError("--notes tells what commits cost as a whole: of the filters it takes --project alone.")
    if options.get("incognito"):
        raise UsageError("--notes writes what is true: it does not go with --incognito.")
    refresh(lineitem)
    rows = lineitem.commits(query, options.get("repo") or ".").rows
    notes = [{"fullCommit": row["fullCommit"], "text": _note(row)} for row in rows if row["reachable"]]
    written = bool(options.get("yes") and notes)
    if options.get("json"):
        _write(lineitem, options, notes)
        write_json({"notes": notes, "written": written, "schemaVersion": 1}, options)
        return 0
    for note in notes:
        print(f"{note['fullCommit']}  {note['text'].partition(chr(10))[0]}")
    if not notes:
        print("No commit of this repository is known: nothing to note.")
        return 0
    sys.stdout.flush()
    _write(lineitem, options, notes)
    if written:
        print(f"Written: {len(notes)} notes. `git log --notes=lineitem` shows them.")
    else:
        print(f"{len(notes)} notes for `git notes --ref=lineitem`. Nothing was written: --yes writes them.")
    return 0


def _write(lineitem: Lineitem, options: dict[str, Any], notes: list[dict[str, str]]) -> None:
    if options.get("yes") and notes:
        lineitem.write_notes(options.get("repo") or ".", {note["fullCommit"]: note["text"] for note in notes})


def _note(row: dict[str, Any]) -> str:
    """What is written to a commit: for people, and exactly for programs."""
    from lineitem.surfaces import numbers

    amount = numbers.money(row["costNanos"], numbers.digits_for(row["costNanos"]))
    if row["unpricedTokens"]:
        amount = f"at least {amount}"
    said = f"lineitem: {amount}, {row['requests']:,} requests, {row['totalTokens']:,} tokens"
    return f"{said}\ncostNanos: {row['costNanos']}\nunpricedTokens: {row['unpricedTokens']}\n"


def pr(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The bill by pull request, or of one; --markdown: as a comment."""
    name = options.get("argument", "")
    for flag in ("markdown", "paths"):
        if options.get(flag) and not name:
            raise UsageError(f"--{flag} needs a pull request or a branch: `lineitem pr 12 --{flag}`.")
    if options.get("paths") and not options.get("markdown"):
        raise UsageError("--paths goes with --markdown.")
    refresh(lineitem)
    table = lineitem.pull_requests(query, name)
    if not options.get("markdown") or options.get("json"):
        return show(table, options)
    from lineitem.surfaces.comment import comment

    document = table.json()
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        document = obscured(document)
    sys.stdout.flush()
    sys.stdout.buffer.write(comment(document, paths=bool(options.get("paths"))).encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()
    return 0
