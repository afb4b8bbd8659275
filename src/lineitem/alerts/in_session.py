"""A warning inside the session: the answer a hook gives to the client, of our own words and digits only.

Off unless the settings say `person` (a line the client shows) or `model` (a line the model reads, which costs
tokens). Always: for any notice, however hostile, the answer is one of the templates below with numbers in it; no
name of a project, tool, file, model or budget ever stands in it. For a model they state facts and ask for nothing.
"""

from __future__ import annotations

from lineitem.alerts.messages import fill
from lineitem.alerts.notice import WARNING, rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.alerts.notice import Notice

#: Kind -> clauses; the first is always said, a further one where its figures are known.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "health": ("This session's context is large", "{tokens:tokens} tokens", "each further request costs {rent:money}"),
    "anomaly": (
        "A tool call was unusually dear",
        "{nanos:money}",
        "usual is {usual:money}",
        "{tokens:tokens} tokens",
        "usual are {usual_tokens:tokens}",
    ),
    "loop": ("The same tool call is being repeated", "{count:count} times", "{nanos:money} so far"),
    "fanout": ("Many agents are at work", "{count:count} agents", "{nanos:money} so far"),
    "slope": ("This session is spending fast", "{per_minute:money} a minute", "usual is {usual:money}"),
    "misses": ("The prompt cache is being missed", "{count:count} requests", "{nanos:money}"),
    "resume": (
        "This session was resumed with a cold cache",
        "{tokens:tokens} tokens are written again",
        "{nanos:money}",
    ),
    "cold": ("The prompt cache is about to go cold", "{tokens:tokens} tokens", "{nanos:money}"),
    "limit": ("The 5-hour limit is near", "{used:percent} used"),
    "week": ("The weekly limit is near", "{used:percent} used"),
    "budget": ("A budget is nearly spent", "{used:percent} spent", "{nanos:money} of {limit:money}"),
    "forecast": ("A budget is expected to be exceeded", "{nanos:money} expected", "the limit is {limit:money}"),
}
#: Hook events whose answer may carry a text for the model.
EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure")


def hook_answer(notice: Notice, mode: str, event: str) -> dict[str, object]:
    """What the hook answers to `event`: {} where nothing is to be said."""
    if mode not in ("person", "model") or rank(notice.severity) < rank(WARNING) or notice.kind not in TEMPLATES:
        return {}
    text = sentence(notice)
    if mode == "person":
        return {"systemMessage": text}
    if event not in EVENTS:
        return {}
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def sentence(notice: Notice) -> str:
    """The template of a kind, filled with numbers."""
    first, *more = TEMPLATES[notice.kind]
    clauses = [text for text in (fill(clause, notice, {}) for clause in more) if text]
    return f"lineitem: {first}: {'; '.join(clauses)}." if clauses else f"lineitem: {first}."
