"""Names that are harmless wherever they are shown, before any sink escapes them.

In: a name as a transcript, a folder or a person wrote it. Out: letters, digits, spaces and `-`, `_`, `·`, `.` between
digits; at most `LONGEST` characters; '' where nothing is left. So a name is never markup, a mention, a link, a path,
a control sequence, or an argument that looks like an option.
"""

from __future__ import annotations

#: Characters of a name; a longer one ends with `…`.
LONGEST = 40
#: Of a longer text no more is even looked at.
_LOOKED_AT = 400
#: Accents upon one letter; more of them paint over their neighbours.
_MARKS = 2


def safe_name(text: str) -> str:
    """A name for people, from anything."""
    from unicodedata import category, normalize

    kept: list[str] = []
    marks = 0
    for letter in normalize("NFC", text[:_LOOKED_AT]):
        kind = category(letter)
        marks = marks + 1 if kind[0] == "M" else 0
        if kind[0] in "LN" or letter in "-_" or (kind in ("Mn", "Mc") and marks <= _MARKS and kept):
            kept.append(letter)
        elif letter == ".":  # 4.5 stays; what could be a host's name becomes none
            kept.append("." if kept and kept[-1].isdigit() else "·")
        else:
            kept.append(" ")
    whole = _without_dots("".join(kept))
    words = " ".join(whole.split()).lstrip("-_· ")
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def _without_dots(text: str) -> str:
    """A full stop stays only between two digits."""
    return "".join(
        "·" if letter == "." and not text[index + 1 : index + 2].isdigit() else letter
        for index, letter in enumerate(text)
    )


def session_name(text: str) -> str:
    """The first eight characters of a session's id; '' where it is no such id."""
    start = text[:8]
    return start if len(start) == 8 and all(letter in "0123456789abcdef-" for letter in start) else ""


def model_name(text: str) -> str:
    """A model without its maker and its date."""
    name = text.removeprefix("anthropic/").removeprefix("claude-")
    head, _, date = name.rpartition("-")
    return safe_name(head if head and len(date) == 8 and date.isdigit() else name)


def project_name(folder: str) -> str:
    """A project's folder without the way to the home directory."""
    for start, parts in (("-home-", 3), ("-Users-", 3), ("C--Users-", 4)):
        if folder.startswith(start):
            below = folder.split("-", parts)
            return safe_name(below[parts]) if len(below) > parts else ""
    if "/" in folder or "\\" in folder:  # a folder by its path: its own name, not the way to it
        folder = folder.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return safe_name(folder.removeprefix("-root-"))
