"""One palette of causes and parts: the colour of a tool is the same on every surface.

The colours keep a contrast of 3:1 or more on white and on black, so that no surface needs to know its background.
"""

from __future__ import annotations

#: Colour by kind of cause, in the order in which a bill shows them.
KINDS = {
    "tool": "#2f81f7",
    "agent": "#d6409f",
    "schemas": "#8b6cef",
    "system": "#7d8590",
    "memory": "#d9730d",
    "skill": "#0d9f8f",
    "prompt": "#2da44e",
    "thinking": "#b35fd6",
    "reply": "#1b94b8",
    "compaction": "#a98307",
    "unlogged": "#e5534b",
    "remainder": "#a1785c",
}

#: What people call them, where there is room for a heading.
NAMES = {
    "tool": "Tools",
    "agent": "Agents",
    "schemas": "Tool schemas",
    "system": "System",
    "memory": "Memory",
    "skill": "Skills",
    "prompt": "Prompts",
    "thinking": "Thinking",
    "reply": "Replies",
    "compaction": "Compaction",
    "unlogged": "Not logged",
    "remainder": "Remainder",
}

#: Parts of what a prompt costs: what is new, what it carries itself, what earlier prompts left it to carry.
PARTS = {"new": KINDS["tool"], "carry": KINDS["schemas"], "past": KINDS["memory"]}
#: Things that are no causes (projects, models ...), in the order of what they cost.
SERIES = tuple(KINDS[kind] for kind in ("tool", "agent", "skill", "memory", "schemas", "prompt", "reply", "compaction",
                                        "unlogged", "thinking"))  # fmt: skip


def colour(kind: str) -> str:
    """The colour of a kind of cause; that of the remainder where the kind is not known."""
    return KINDS.get(kind, KINDS["remainder"])


def name(kind: str) -> str:
    """The heading of a kind of cause."""
    return NAMES.get(kind, kind)
