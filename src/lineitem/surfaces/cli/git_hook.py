"""`lineitem git-hook`: a commit is logged to the manual session that is open, by git's own hook."""

from __future__ import annotations

import os

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import write_json
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def git_hook(options: dict[str, Any]) -> int:
    """Put the hook into the repository around the working folder, take it out, or say how it stands."""
    from lineitem.setup import commit_word, git_hooks

    wanted, dry = options.get("argument") or "status", bool(options.get("dry_run"))
    if wanted not in ("on", "off", "status"):
        raise UsageError(f"`lineitem git-hook` knows on, off and status, not '{wanted}'.")
    database = settings.database_path(options.get("db", ""), settings.load())
    block, folder = commit_word.block(database), os.getcwd()
    changed = False
    if wanted == "status":
        hook = git_hooks.standing(folder, block)
    elif wanted == "off":
        hook, changed = git_hooks.take_out(folder, block, dry=dry)
    else:
        if not dry:  # before the hook, which may run at once
            commit_word.make_place(database)
        hook, changed = git_hooks.put(folder, block, dry=dry)
    if options.get("json"):
        write_json({"hook": block.hook, "file": hook.path, "installed": hook.installed, "current": hook.current,
                    "changed": changed and not dry, "dryRun": dry, "schemaVersion": 1}, options)  # fmt: skip
        return 0
    path = clean(hook.path)
    if dry and wanted != "status":
        what = f"{'put into' if hook.installed else 'taken out of'} {path}:\n{clean(block.line)}"
        print(f"Would be {what}" if changed else "Nothing to change.")
    elif not hook.installed:
        print(f"Taken out of {path}." if changed else "Commits are not logged here: `lineitem git-hook on` does that.")
    elif hook.current:
        print(f"Commits here are logged to the manual session that is open ({path}).")
    else:
        print(f"{path} is as an earlier lineitem wrote it: `lineitem git-hook on` brings it up to date.")
    return 0
