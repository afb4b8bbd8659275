"""Prose answers on a terminal: where a figure came from, and what is wrong here."""

from __future__ import annotations

import sys

from lineitem.surfaces.names import model_name, short_id
from lineitem.surfaces.numbers import exact, many
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.health import Health

#: Parts of a cause a person is shown.
_PARTS = 25
_CLASSES = (
    ("uncachedInput", "uncached input"),
    ("cacheWrite5m", "cache write 5m"),
    ("cacheWrite1h", "cache write 1h"),
    ("cacheRead", "cache read"),
    ("output", "output"),
)


def _usd(nanos: int | None) -> str:
    return "unpriced" if nanos is None else exact(nanos)


def print_explanation(found: dict[str, Any], options: dict[str, Any]) -> None:
    """A request or a tool call, from its price down to the lines it was read from; a cause, part by part."""
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        found = obscured(found)
    if found["kind"] == "cause":
        sys.stdout.write("\n".join(_cause(found)) + "\n")
        return
    lines = _request(found) if found["kind"] == "request" else _call(found)
    lines += ["", "Read from"]
    for source in found["sources"]:
        where = f"byte {source['offset']:,}" if source["onDisk"] else "no longer in the file; the facts are kept"
        lines.append(f"  {clean(source['path'])}: {source['kind']} at {where}")
    if not found["sources"]:
        lines.append("  no line of a transcript the store still knows")
    sys.stdout.write("\n".join(lines) + "\n")


def _request(found: dict[str, Any]) -> list[str]:
    modifiers = f" ({', '.join(found['modifiers'])})" if found["modifiers"] else ""
    lines = [
        f"Request {clean(found['messageId'])}  {found['at'] or ''}",
        f"  session {clean(found['sessionId'])}" + (f", agent {clean(found['threadId'])}" if found["threadId"] else ""),
        f"  model {clean(found['model'])}{modifiers}, cost {_usd(found['costNanos'])}",
        "",
        "Tokens and rates",
    ]
    rates = found["rates"]
    for key, name in _CLASSES:
        count = found["tokens"][key]
        if count:
            price = f" x {exact(rates[key])} per million = {_usd(found['classNanos'][key])}" if rates else ""
            lines.append(f"  {name:<16}{count:>12,}{price}")
    lines += ["", "Who it is owed to"]
    for share in found["shares"]:
        if not share["costNanos"] and not any(share["tokens"].values()):
            continue  # it came later, or had left before
        mark = "" if share["basis"] == "measured" else "~"
        tokens = sum(share["tokens"].values())
        lines.append(f"  {mark + _usd(share['costNanos']):>14}  {tokens:>9,} tokens  {clean(share['cause'])}"
                     f"  ({share['basis']})")  # fmt: skip
    if found["copies"]:
        lines += ["", "Also stands in sessions " + ", ".join(clean(name) for name in found["copies"])]
    return lines


def _call(found: dict[str, Any]) -> list[str]:
    mark = "" if found["basis"] == "measured" else "~"
    lines = [
        f"Tool call {clean(found['tool'])} {clean(found['target'])}  {clean(found['toolUseId'])}  {found['at'] or ''}",
        "",
        f"  to write it        {mark}{_usd(found['generateNanos'])}",
        f"  to take it in      {mark}{_usd(found['ingestNanos'])}",
        f"  to carry it        {mark}{_usd(found['carryNanos'])}  through {found['carriedRequests']:,} requests",
        f"    after misses     {_usd(found['rewriteNanos'])}  of that",
        f"  own                {mark}{_usd(found['selfNanos'])}",
    ]
    if found["subtreeNanos"]:
        lines.append(f"  its agent          {_usd(found['subtreeNanos'])}")
    lines.append(f"  total              {mark}{_usd(found['totalNanos'])}")
    lines += ["", "Where"]
    for part in found["parts"]:
        thread = f", agent {clean(part['threadId'])}" if part["threadId"] else ""
        lines.append(f"  session {short_id(clean(part['sessionId']))}{thread}: {_usd(part['costNanos'])} on"
                     f" {model_name(clean(part['model']))} ({part['basis']})")  # fmt: skip
    return lines


def _cause(found: dict[str, Any]) -> list[str]:
    lines = [f"{clean(found['cause'])}  {_usd(found['costNanos'])}", "", "Dearest first"]
    parts = sorted(found["parts"], key=lambda part: -part["costNanos"])
    for part in parts[:_PARTS]:
        thread = f", agent {clean(part['threadId'])}" if part["threadId"] else ""
        what = f"  {clean(part['toolUseId'] or part['cause'])}" if part["cause"] != found["cause"] else ""
        lines.append(f"  session {short_id(clean(part['sessionId']))}{thread}: {_usd(part['costNanos'])} on"
                     f" {model_name(clean(part['model']))} ({part['basis']}){what}")  # fmt: skip
    if len(parts) > _PARTS:
        lines.append(f"  ... and {len(parts) - _PARTS:,} more; --json has all")
    return lines


def print_health(found: Health, options: dict[str, Any]) -> None:
    """What is wrong, where, and how to mend it."""
    document = found.json()
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        document = obscured(document)
    store, problems, unpriced = document["store"], document["problems"], document["unpricedModels"]
    known = (many(store["file"], "transcript"), many(store["request"], "request"), many(store["session"], "session"))
    out = [
        f"Store     {clean(store['path'])}",
        f"          {store['bytes'] / 1e6:,.1f} MB, integrity {clean(store['integrity'])}",
        f"          {', '.join(known)}",
    ]
    for folder in document["folders"]:
        state = "" if folder["exists"] else "  (does not exist)"
        out.append(f"Folder    {clean(folder['path'])}{state}")
    if not found.native:
        out += ["Reading   in Python, at a third of the speed: there was no C compiler when",
                "          lineitem was installed, or LINEITEM_NATIVE is 0"]  # fmt: skip
    if not found.compiled:
        out += ["Folding   in Python, at half the speed: there was no C compiler when",
                "          lineitem was installed, or it runs from its sources"]  # fmt: skip
    if found.classifier_text and not options.get("incognito"):
        out.append(f"Classifier {clean(found.classifier_text)}")
    if not found.sound:
        out.append("The store is damaged. Move it away and run lineitem again: it reads what is still on disk.")
    for model in unpriced:
        out += ["", f"Unpriced  {clean(model['model'])}: {model['tokens']:,} tokens in {model['requests']:,} requests.",
                f"          {clean(model['reason'])}"]  # fmt: skip
    for problem in problems:
        out += ["", f"{problem['slug']}: {problem['count']:,}"]
        for place in problem["places"][:5]:
            at = "" if place["offset"] is None else f" at span {place['offset']:,}, line {place['line']:,}"
            note = f": {clean(place['note'])[:120]}" if place["note"] else ""
            out.append(f"  {clean(place['path'])}{at}{note}")
        if problem["count"] > 5:
            out.append(f"  ... and {problem['count'] - 5:,} more (--json lists up to 20)")
        out.append(f"  What it means: docs/troubleshooting/problems.md#{problem['slug']}")
    if not problems and not unpriced and found.sound:
        out.append("")
        if any(folder["exists"] for folder in document["folders"]) or store["session"]:
            out.append("Nothing is wrong here.")
        else:
            out.append("None of these folders exists: Claude Code was not used here yet, or keeps its data elsewhere.")
            out.append("--config-dir DIR or CLAUDE_CONFIG_DIR says where.")
    sys.stdout.write("\n".join(out) + "\n")
