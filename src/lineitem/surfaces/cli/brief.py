"""`lineitem brief`: AI_CONTEXT.md, made, kept fresh and looked at."""

from __future__ import annotations

import os
import time

from lineitem.core.problems import UsageError
from lineitem.surfaces import numbers
from lineitem.surfaces.cli.output import write_json
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.handoff.brief import Drift, Place
    from lineitem.setup.git_hooks import Block

_KNOWN = ("status", "check", "create", "sync", "on", "off")


def brief(options: dict[str, Any]) -> int:
    """The exit code; of `check` 1 where the brief is behind."""
    from lineitem.handoff import brief as asked
    from lineitem.setup import brief_hook, git_hooks
    from lineitem_hook.brief import FILE

    wanted, dry = options.get("argument") or "status", bool(options.get("dry_run"))
    if wanted not in _KNOWN:
        raise UsageError(f"`lineitem brief` knows {', '.join(_KNOWN)}, not '{wanted}'.")
    block = brief_hook.block(commit=bool(options.get("commit")))
    if options.get("template"):
        return _for_clones(wanted, block, options)
    folder = options.get("repo") or os.getcwd()
    place = asked.place_of(folder)
    said, changed, committed = "", False, False
    if wanted == "create":
        content = asked.create(place, dry=dry)
        said, changed = f"{'Would make' if dry else 'Made'} {clean(place.path)} ({len(content):,} bytes).", True
    elif wanted == "sync":
        changed = asked.renew(place, dry=dry)
        said = ("Would be made anew." if dry else "Made anew.") if changed else "It is as fresh as it can be."
    elif wanted in ("on", "off"):
        hook, changed = (git_hooks.put if wanted == "on" else git_hooks.take_out)(folder, block, dry=dry)
        named = os.path.basename(hook.path) if options.get("incognito") else clean(hook.path)
        where = ("put into" if wanted == "on" else "taken out of") + f" {named}"
        said = f"{'Would be ' if dry else ''}{where}." if changed else "Nothing to change."
    if options.get("commit") and wanted in ("create", "sync") and not dry:
        committed = asked.commit(place, brief_hook.SUBJECT)
        said += " Committed." if committed else ""
    found = asked.drift(place, int(time.time()))
    standing = [git_hooks.standing(folder, brief_hook.block(commit=commit)) for commit in (False, True)]
    hooked = standing[0].installed
    if options.get("json"):
        hooks = {"hookInstalled": hooked, "hookCurrent": any(each.current for each in standing)}
        done = {"changed": changed and not dry, "committed": committed, "dryRun": dry, "schemaVersion": 1}
        write_json({"file": place.path, **found.json(), **hooks, **done}, options)
    else:
        if options.get("incognito"):
            said, place = said.replace(clean(place.path), FILE), place._replace(path=FILE)
        print(said[:1].upper() + said[1:] if said else _told(place, found, hooked=hooked))
        if wanted == "on" and not found.block:
            print(_told(place, found, hooked=hooked))
        if dry and wanted == "on" and changed and not options.get("incognito"):
            print(clean(block.line))
    return 1 if wanted == "check" and found.stale is not False else 0


def _for_clones(wanted: str, block: Block, options: dict[str, Any]) -> int:
    """Put the hook into git's template, or take it out."""
    from lineitem.setup import git_hooks

    if wanted not in ("on", "off"):
        raise UsageError("--template goes with `lineitem brief on` and `off`.")
    dry = bool(options.get("dry_run"))
    hook, changed = (git_hooks.put_for_clones if wanted == "on" else git_hooks.take_out_for_clones)(block, dry=dry)
    if options.get("json"):
        write_json({"hook": block.hook, "file": hook.path, "installed": hook.installed, "current": hook.current,
                    "changed": changed and not dry, "dryRun": dry, "schemaVersion": 1}, options)  # fmt: skip
        return 0
    named = block.hook if options.get("incognito") else clean(hook.path)
    said = f"{'put into' if wanted == 'on' else 'taken out of'} {named}, for new clones"
    said = f"Would be {said}" if dry else said[:1].upper() + said[1:]
    print(f"{said}." if changed else "Nothing to change.")
    return 0


def _told(place: Place, found: Drift, *, hooked: bool) -> str:
    path = clean(place.path)
    if not found.exists:
        return f"There is no {path}: `lineitem brief create` makes it."
    if not found.block:
        return f"{path} has no block of lineitem's: `lineitem brief create` puts one at its end."
    kept = "" if hooked else " `lineitem brief on` keeps it fresh after each commit."
    if found.stale is False:
        return f"{path} is fresh.{kept}"
    if found.stale is None:
        return (
            f"{path}: this clone is shallow and lacks the commit it was made from. Fetch the history (fetch-depth: 0)."
        )
    if found.behind is None:
        return f"{path} was made from a commit that is not in this history: `lineitem brief sync`.{kept}"
    age = f", from {numbers.many(found.days, 'day')} ago" if found.days is not None else ""
    commits, files = numbers.many(found.behind, "commit"), numbers.many(len(found.files), "file")
    return f"{path} is {commits} and {files} behind{age}: `lineitem brief sync`.{kept}"
