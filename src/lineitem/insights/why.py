"""Why something stands out, in plain words, and what to do about it.

In: a finding, and what is known around it. Out: causes, the one that explains most first; the last resort says that
nothing known explains it. Always: texts are templates of ours, filled with numbers and harmless short names, at most
200 characters; a confidence is worked out, never felt:

    sure     it is what was counted, or it alone accounts for at least four fifths of what is too much
    likely   it accounts for at least three tenths, or it happened just before and nothing says how much it is
    unknown  nothing known accounts for it
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.insights.baselines import LARGEST
from lineitem.insights.words import amount, dollars, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineitem.insights.findings import Finding

SURE, LIKELY, UNKNOWN = "sure", "likely", "unknown"
LONGEST = 200


class Around(NamedTuple):
    """What is known around a finding. Parts are in the finding's own measure; None and '': not known.

    Of a call: what it was, and the two parts of its value. Of a session's spending: what the money went to.
    """

    tool: str = ""
    target: str = ""
    result: int | None = None  #: the part that the tool's result is
    written: int | None = None  #: the part that the model wrote: the call itself; of spending: all but thinking
    reads: int | None = None  #: how often the same file was read in this session so far
    thinking: int | None = None
    entered: int | None = None  #: the part that is new in a context
    carried: int | None = None  #: the part that sending a context again is
    rewritten: int | None = None  #: the part that writing it to the cache again is
    miss: str = ""  #: why that was, where it was for one reason
    agents_cost: int | None = None  #: nanodollars that agents spent
    agents: int | None = None  #: how many did
    schemas: int | None = None  #: about the part of tool schemas, by proportion
    server: str = ""  #: the MCP server with most of them
    model_before: str = ""
    dearer: int | None = None  #: hundredths: the model's output rate by that of the one before
    compacted: bool = False  #: just before


class Cause(NamedTuple):
    """One explanation."""

    slug: str
    text: str
    suggestion: str
    confidence: str
    explained: int  #: in the finding's measure; 0 where it cannot be said


#: Reasons of a cache miss, and what to do.
_MISSES = {
    "ttl_expired_5m": ("the cache expired after 5 minutes", "Answer sooner, or ask for the 1-hour cache."),
    "ttl_expired_1h": ("the cache expired after an hour", "Compact before a long break, or begin a new session."),
    "model_changed": ("the model was switched", "Switch models at the start of a session, not in the middle."),
    "tools_changed": (
        "the tools or the system prompt changed",
        "Connect MCP servers and change settings before the session, and leave them.",
    ),
    "messages_rewritten": ("earlier messages were rewritten", "See what edits the conversation: hooks or a gateway."),
}


def causes(finding: Finding, around: Around | None = None) -> list[Cause]:
    """Every cause that accounts for something, best first; never empty."""
    around = around or Around()
    found = [*_counted(finding, around), *_parts(finding, around), *_before(finding, around)]
    order = (SURE, LIKELY)
    found.sort(key=lambda cause: (order.index(cause.confidence), -cause.explained))
    return found or [_nothing(finding)]


def _counted(finding: Finding, around: Around) -> Iterator[Cause]:
    """What the rule itself has counted: there is nothing to guess."""
    value = min(finding.value, LARGEST)
    name = safe(finding.subject, 60)
    if finding.rule == "loop":
        failed, same = finding.fact("failed"), finding.fact("same")
        how = "failed each time" if failed == value else "the same answer each time" if same else "no change between"
        yield Cause(
            "repetition",
            f"{name}: {value:,} times, {how}.",
            "Stop it and say what to do instead, or fix what it waits for.",
            SURE,
            value,
        )
    elif finding.rule == "fan-out":
        minutes = finding.fact("minutes") or 0
        spent = f" Agents spent {_money(around.agents_cost)} in that time." if around.agents_cost else ""
        yield Cause(
            "agents",
            f"{value:,} agents were started within {minutes} minutes; each begins with a context of its own.{spent}",
            "Ask for fewer agents with more work each, or say how many may run.",
            SURE,
            value,
        )
    elif finding.rule == "resume":
        yield _resume(finding, value)
    elif finding.rule == "misses":
        yield from _missed(finding, value)


def _resume(finding: Finding, value: int) -> Cause:
    write, read, client, written = (finding.fact(name) for name in ("write", "read", "client", "written"))
    advice = "If the old conversation is not needed, begin anew: lineitem handoff writes the prompt."
    theirs = "" if client is None else f" (the client's estimate: {_money(client)})"
    if written is not None:
        paid = finding.fact("paid")
        cost = "" if paid is None else f", for {_money(paid)}"
        text = f"The cache was cold: {min(written, LARGEST):,} tokens were written to it{cost}{theirs}."
        return Cause("expired", text, advice, SURE, min(written, LARGEST))
    text = f"The cache has likely expired: {value:,} tokens are written again"
    if write is not None and read is not None:
        text += f", {_money(write)} instead of {_money(read)}"
    return Cause("expired", f"{text}{theirs}.", advice, LIKELY, value)  # the client says no more than likely


def _missed(finding: Finding, value: int) -> Iterator[Cause]:
    """Misses for one reason; where there were several, each with the tokens that were counted for it."""
    for reason, (what, advice) in _MISSES.items():
        part = value if finding.subject == reason else finding.fact(f"tokens/{reason}")
        if part is not None:
            tokens = min(part, LARGEST)
            size = f"{tokens:,}" if part == finding.value else f"{tokens:,} of {value:,}"
            # that messages changed is concluded from what else did not; the API may have let go of a part
            confidence = LIKELY if reason == "messages_rewritten" else SURE
            yield Cause("cold-cache", f"{size} tokens were paid again: {what}.", advice, confidence, tokens)


def _parts(finding: Finding, around: Around) -> Iterator[Cause]:
    """Parts of the value that are large enough to explain what is too much."""
    excess = finding.value - (finding.usual or 0)
    money = finding.measure == "nanos"
    for slug, part in (
        ("result", around.result),
        ("written", around.written),
        ("thinking", around.thinking),
        ("entered", around.entered),
        ("carried", around.carried),
        ("cold-cache", around.rewritten),
        ("agents", around.agents_cost if money else None),
        ("schemas", around.schemas),
    ):
        confidence = _confidence(part, excess)
        if part is not None and confidence:
            text, advice = _part_words(slug, amount(min(part, LARGEST), finding.measure), around)
            confidence = LIKELY if slug == "schemas" else confidence  # by proportion: nobody has counted it
            yield Cause(slug, text, advice, confidence, min(part, LARGEST))


def _confidence(part: int | None, excess: int) -> str:
    """What a part of that size explains of what is too much; '': too little to name."""
    if part is None or excess <= 0 or part * 10 < excess * 3:
        return ""
    return SURE if part * 5 >= excess * 4 else LIKELY


def _part_words(slug: str, size: str, around: Around) -> tuple[str, str]:
    """The text and the suggestion for a part."""
    tool, target = safe(around.tool, 30) or "the tool", safe(around.target, 40)
    what = f"{tool} {target}".strip()
    if slug == "result":
        return f"The result of {what} is {size}.", _smaller(around)
    if slug == "written":
        text = f"The model took {size} to make the call {what}." if around.tool else f"{size} of it is answers."
        return text, "Ask for edits of parts instead of whole files."
    if slug == "thinking":
        return f"{size} of it is thinking.", "A lower effort, or a more precise question, makes thinking shorter."
    if slug == "entered":
        return (
            f"{size} of it is what came into a context: results, files, prompts, and what agents begin with.",
            "See which calls brought most: lineitem tools.",
        )
    if slug == "carried":
        return (
            f"{size} of it is sending what was there already with every request.",
            "Compact, or begin a new session, once what lies in the context is no longer needed.",
        )
    if slug == "cold-cache":
        reason, advice = _MISSES.get(around.miss, ("", "Compact before a long break, or begin a new session."))
        return f"{size} of it is writing to the cache again{f': {reason}' if reason else ''}.", advice
    if slug == "agents":
        count = f"{min(around.agents, LARGEST):,} agents" if around.agents else "agents"
        return f"{size} of it was spent by {count}.", "Give agents a narrower task or a cheaper model."
    server = safe(around.server, 30)
    return (
        f"About {size} of it is tool schemas{f', most of them of {server}' if server else ''}.",
        "Disconnect MCP servers that this project does not use.",
    )


def _smaller(around: Around) -> str:
    """How the result of a tool is made smaller."""
    if around.tool in {"Bash", "PowerShell"}:
        return "Print less: head, tail, grep, or a quiet option of the program."
    if around.tool in {"Read", "NotebookRead"}:
        return "Read the lines that matter (offset and limit), or search first."
    if around.tool in {"Grep", "Glob"}:
        return "Narrow the pattern or the folder, or list files only."
    if around.tool.startswith("mcp__"):
        return "Ask the server for fewer fields or a page of the results."
    return "Ask for less at a time."


def _before(finding: Finding, around: Around) -> Iterator[Cause]:
    """What happened just before; it explains the finding, nobody can say how much of it."""
    if around.reads is not None and around.reads > 1 and finding.rule in {"spike", "large"}:
        name = safe(around.target, 40) or "The same file"
        yield Cause(
            "read-again",
            f"{name} was read {min(around.reads, LARGEST):,} times in this session.",
            "What was read stays in the context; ask to work from it, or read parts.",
            LIKELY,
            0,
        )
    if around.dearer is not None and around.dearer > 100 and finding.measure == "nanos":
        before, times = safe(around.model_before, 40) or "another model", min(around.dearer, LARGEST)
        yield Cause(
            "dearer-model",
            f"The model was switched from {before} to one that costs {times // 100}.{times % 100:02d} times as much.",
            "Go back to the cheaper model for simple work.",
            LIKELY,
            0,
        )
    if around.compacted and finding.measure == "nanos":
        yield Cause(
            "compaction",
            "The conversation was compacted just before: the summary was written, and the new context cached.",
            "Compact at the end of a task, while the cache is warm.",
            LIKELY,
            0,
        )


def _nothing(finding: Finding) -> Cause:
    size = amount(min(finding.value, LARGEST), finding.measure)
    text = f"{safe(finding.subject, 60)}: {size}." if finding.subject else f"{size}."
    return Cause("unknown", f"{text} Nothing that is known explains it.", "Look at the call itself.", UNKNOWN, 0)


def _money(nanos: int) -> str:
    return dollars(min(nanos, LARGEST))
