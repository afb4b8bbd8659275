"""`lineitem handoff` and `lineitem resume-cost`: how to go on with a session, and the prompt to begin anew with."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import show, write_json
from lineitem.surfaces.page import Page, clean, room, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.reports.shapes import Table
    from lineitem.wiring import Lineitem

#: Programs that take a text for the clipboard: (program, arguments, encoding).
_CLIPBOARDS = (
    ("pbcopy", (), "utf-8"), ("wl-copy", (), "utf-8"), ("xclip", ("-selection", "clipboard"), "utf-8"),
    ("xsel", ("--clipboard", "--input"), "utf-8"), ("clip.exe", (), "utf-16-le"),
)  # fmt: skip


def handoff(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code."""
    from lineitem.handoff.handover import count_of
    from lineitem.handoff.prompt import TOKENS, allowed

    if options.get("repo") and not os.path.isdir(options["repo"]):
        raise UsageError(f"There is no folder {options['repo']}.")
    tokens = allowed(options.get("tokens", str(TOKENS)))
    table = lineitem.handoff(
        options.get("argument", ""), query, options.get("repo", ""), tokens, count_of(options.get("prompts", ""))
    )
    text = table.tail["prompt"]
    if options.get("incognito"):  # all of it is names
        text = table.tail["prompt"] = ""
        _hide(table)
    dry = bool(options.get("dry_run"))
    path = options.get("output", "")
    if text and path and not dry:
        _keep(path, text, force=bool(options.get("force")))
    if text and options.get("copy") and not dry:
        _copy(text)
    table.tail |= {"file": path or None, "written": bool(text and path and not dry),
                   "copied": bool(text and options.get("copy") and not dry)}  # fmt: skip
    if options.get("json"):
        write_json(table.json(), options)
    elif options.get("only"):
        write(sys.stdout, text)
    else:
        show(table, options)
        _tell(table.tail, path, options)
    return 0


def _tell(tail: dict[str, Any], path: str, options: dict[str, Any]) -> None:
    if not tail["prompt"]:
        if not options.get("incognito"):
            print("\nThe repository says nothing of its work that could be handed over.")
        return
    left = f", {tail['droppedPieces']} pieces left out" if tail["droppedPieces"] else ""
    page = Page(room())
    page.line()
    page.prose(f"The prompt (about {tail['promptTokens']} of {tail['allowedTokens']} tokens{left}):", "")
    page.line()
    for line in tail["prompt"].splitlines():  # its lines may be longer than a page; `--only` has them as they are
        quoted = line.startswith("> ")
        page.prose(line.removeprefix("> "), "dim" if quoted else "", "> " if quoted else "")
    page.line()
    if path:
        page.prose(f"{'Written to' if tail['written'] else 'Would be written to'} {clean(path)}.", "")
    if options.get("copy"):
        page.prose(f"{'It is' if tail['copied'] else 'It would be'} in the clipboard.", "")
    page.show(options)


def _keep(path: str, text: str, *, force: bool) -> None:
    """Write the prompt to a file, over an earlier one of ours too."""
    from lineitem.handoff.prompt import is_prompt
    from lineitem.surfaces.cli.keeping import keep

    def made(before: bytes | None) -> bytes:
        if before and not force and not is_prompt(before[:400].decode("utf-8", "replace")):
            raise UsageError(f"{path} is there and is no such prompt: --force writes over it.")
        return text.encode("utf-8", "replace")

    try:
        keep(path, made)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _copy(text: str) -> None:
    """Put a text into the clipboard, through the first program that takes it. Raises UsageError."""
    import shutil
    import subprocess

    for name, words, encoding in _CLIPBOARDS:
        program = shutil.which(name)
        if program is None:
            continue
        try:
            done = subprocess.run(  # noqa: S603 - a program of the list, fixed words
                [program, *words], input=text.encode(encoding, "replace"), check=False, timeout=10,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if not done.returncode:
            return
    raise UsageError("No program here takes a text for the clipboard (pbcopy, wl-copy, xclip, xsel): use -o FILE.")


def resume_cost(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code."""
    from lineitem.handoff.handover import count_of

    table = lineitem.resume_cost(options.get("argument", ""), query, count_of(options.get("prompts", "")))
    if options.get("incognito"):
        _hide(table)
    return show(table, options)


def _hide(table: Table) -> None:
    """Take out the sentences that have figures in them."""
    table.title, table.notes = "How to go on", []
    if "why" in table.head:
        table.head["why"] = ""
