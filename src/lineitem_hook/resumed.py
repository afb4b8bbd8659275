"""What is said in a session that is taken up again: what that costs. Only where a person switched it on.

The collector knows best; where it does not answer, or does not know the session, what Claude Code itself says of the
cache is told. In: the event, and the collector's answer. Out: what the hook prints, b"" for nothing.
"""

from __future__ import annotations

#: Seconds for the collector: it looks at the whole session. Claude Code waits for this hook.
BUDGET = 1.5
#: Smaller windows are not worth a word (tokens).
_LEAST = 20_000
_LONGEST = 400


def is_return(text: str) -> bool:
    """Whether the event is of a session that is taken up again."""
    from lineitem_hook.members import members

    if '"SessionStart"' not in text:
        return False
    said = members(text)
    return said.get("hook_event_name", ("",))[0] == "SessionStart" and said.get("source", ("",))[0] in (
        "resume",
        "fork",
    )


def note(text: str, answer: bytes | None) -> bytes:
    """The hook's output. text: the event as it came."""
    from lineitem_hook.line import harmless
    from lineitem_hook.members import members, quoted

    told = members(answer.decode("utf-8", "replace")).get("systemMessage", (None,))[0] if answer else None
    said = told if isinstance(told, str) else _by_itself(text)
    return f'{{"systemMessage":{quoted(harmless(said, _LONGEST))}}}\n'.encode("ascii") if said else b""


def _by_itself(text: str) -> str:
    """What the event says of it."""
    from lineitem_hook.line import money, tokens
    from lineitem_hook.members import members
    from lineitem_hook.told import scaled

    said = {name: value for name, (value, _, _) in members(text).items()}
    context = scaled(said.get("context_tokens"), 0)
    if said.get("prompt_cache_likely_expired") is not True or context is None or context < _LEAST:
        return ""
    cost = money(scaled(said.get("estimated_cache_write_usd"), 9))
    price = f", about {cost} as Claude Code estimates it" if cost else ""
    return (
        f"lineitem: the cache of this session has likely expired: {tokens(context)} tokens are written again{price}."
        " `lineitem resume-cost` holds that against a fresh session."
    )
