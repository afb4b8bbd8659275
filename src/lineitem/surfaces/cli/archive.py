"""`lineitem archive`: facts to a folder or object storage, and back; what is damaged, and what counts no longer."""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.surfaces.cli.progress import Progress
    from lineitem.wiring import Lineitem

#: So many problems are shown to a person; JSON has all.
_SHOWN = 10
_DOING = {"push": "Pushing facts", "pull": "Pulling facts", "check": "Checking", "prune": "Removing"}


def archive(lineitem: Lineitem, options: dict[str, Any]) -> int:
    """The exit code of one of the actions; 1 where something was refused."""
    action, url, dry = options["argument"], options.get("second", ""), bool(options.get("dry_run"))
    if action not in _DOING:
        raise UsageError(f"`lineitem archive` knows push, pull, check and prune, not '{action}'.")
    if not url:
        raise UsageError(f"`lineitem archive {action}` needs an address: a folder, or s3://bucket/folder.")
    for name in ("format", "verify"):
        if options.get(name) and action != "push":
            raise UsageError(f"--{name} goes with `lineitem archive push`.")
    if dry and action == "check":
        raise UsageError("--dry-run goes with push, pull and prune; a check changes nothing.")
    if options.get("yes") and action != "prune":
        raise UsageError("--yes goes with `lineitem archive prune`; nothing else asks.")
    if action == "prune":
        return _prune(url, options, dry=dry)
    if action == "push":
        refresh(lineitem)
    progress = _progress(action)
    try:
        if action == "push":
            verify = bool(options.get("verify"))
            done = lineitem.archive_push(url, options.get("format", ""), progress, dry=dry, verify=verify)
        elif action == "pull":
            done = lineitem.archive_pull(url, progress, dry=dry)
        else:
            done = lineitem.archive_check(url, progress)
    finally:
        if progress is not None:
            progress.done()
    if options.get("json"):
        write_json(done, options)
    else:
        _tell(action, done, dry=dry)
    refused = any(problem["slug"] != "archive-part-waits" for problem in done["problems"])
    return 1 if refused else 0


def _prune(url: str, options: dict[str, Any], *, dry: bool) -> int:
    """Says what would be removed, and removes it where the person says yes."""
    from lineitem.archive import place, prune
    from lineitem.surfaces.cli.placing import wanted

    there = place.open_place(url)
    found = prune.prune(there, dry=True)
    done = prune.as_json(found, there, dry=True)
    count = done["partsRemoved"] + done["manifestsRemoved"]
    as_json = bool(options.get("json"))
    if not as_json:
        _tell_prune(done)
    wished = count > 0 and not dry and wanted("Remove them?", options)
    if wished:
        progress = _progress("prune")
        try:
            done = prune.as_json(prune.prune(there, progress, dry=False), there, dry=False)
        finally:
            if progress is not None:
                progress.done()
    if as_json:
        write_json(done | {"dryRun": dry or (count > 0 and not wished)}, options)
    elif wished:
        print(f"Removed {_files(done)}.")
    return 0 if wished or dry or not count else 1


def _tell_prune(done: dict[str, Any]) -> None:
    print(f"{done['archive']}: {done['parts']:,} parts of {_stores(done)} stay.")
    if done["partsRemoved"] or done["manifestsRemoved"]:
        print(f"No recent push names {_files(done)}.")
    else:
        print("There is nothing else.")


def _files(done: dict[str, Any]) -> str:
    parts, manifests = done["partsRemoved"], done["manifestsRemoved"]
    return (f"{parts:,} {'part' if parts == 1 else 'parts'}, {size(done['bytesRemoved'])}, and {manifests:,} earlier"
            f" {'manifest' if manifests == 1 else 'manifests'}")  # fmt: skip


def _progress(action: str) -> Progress | None:
    if not sys.stderr.isatty():
        return None
    from lineitem.surfaces.cli.progress import Progress

    return Progress(_DOING[action])


def _tell(action: str, done: dict[str, Any], *, dry: bool) -> None:
    rows = sum(done["rows"].values())
    if action == "push":
        would = "Would send" if dry else "Sent"
        print(f"{would} {done['partsSent']:,} of {done['parts']:,} parts, {size(done['bytesSent'])}, to"
              f" {done['archive']}.")  # fmt: skip
        if not done["partsSent"]:
            print("Everything is there already." if done["parts"] else "There are no facts to send yet.")
        else:
            print(f"What is there then: {rows:,} rows, {size(done['bytes'])}.")
        if dry:
            _tables(done["rows"])
    elif action == "pull":
        _tell_pull(done, rows, dry=dry)
    else:
        print(f"{done['archive']}: {done['parts']:,} parts of {_stores(done)}, {rows:,} rows, {size(done['bytes'])}.")
        print("All are as they were written." if not done["problems"] else "Not all are as they were written:")
    for problem in done["problems"][:_SHOWN]:
        sys.stderr.write(f"{problem['slug']}: {problem['place']}: {problem['note']}\n")
    if len(done["problems"]) > _SHOWN:
        sys.stderr.write(f"... and {len(done['problems']) - _SHOWN:,} more; --json has all.\n")


def _tell_pull(done: dict[str, Any], rows: int, *, dry: bool) -> None:
    new = sum(done["newRows"].values())
    would = "Would take in" if dry else "Took in"
    print(f"{would} {done['partsTaken']:,} of {done['parts']:,} parts of {_stores(done)}, {size(done['bytes'])};"
          f" {done['partsThere']:,} were here.")  # fmt: skip
    if dry:
        _tables(done["rows"])
    elif done["partsTaken"]:
        print(f"{new:,} of {rows:,} rows were new to this store.")
    if done["partsUnread"]:
        print(f"{done['partsUnread']:,} could not be read now: pull again to take them in.")


def _tables(rows: dict[str, int]) -> None:
    for name, count in rows.items():
        print(f"  {name.replace('_', ' '):<18}{count:>12,} {'row' if count == 1 else 'rows'}")


def _stores(done: dict[str, Any]) -> str:
    count = len(done["origins"])
    return "one store" if count == 1 else f"{count} stores"


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:,} bytes"
