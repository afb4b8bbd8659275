"""Which part of all spending is meant: `project=shop*,model=opus`, in one value.

In: terms of a dimension and patterns, as a person wrote them. Out: a `Scope` that says of names whether they belong.
Always: a scope without terms takes in everything; several patterns of a dimension are alternatives, several dimensions
must all fit; upper and lower case are the same.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: What a transcript itself tells. Every other dimension is a tag, see `core.tags`.
SESSION, PROJECT, MODEL, BRANCH, SKILL = "session", "project", "model", "branch", "skill"
TOOL, AGENT, SERVER = "tool", "agent", "mcp"
#: The main conversation, as a name among agents.
MAIN = "main"
BUILT_IN = (SESSION, PROJECT, MODEL, BRANCH, SKILL, TOOL, AGENT, SERVER)
#: Of these a part of the name is enough, as with --project and --model; of a session the beginning of its id.
_IN_PART = frozenset((PROJECT, MODEL))
#: Letters of a dimension's name, and how many.
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_LONGEST = 40


class Scope(NamedTuple):
    """Dimension -> patterns, in the order of their names."""

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def dimensions(self) -> frozenset[str]:
        return frozenset(dimension for dimension, _ in self.terms)

    def takes(self, names: Mapping[str, str], unknown: Iterable[str] = ()) -> bool:
        """Whether what has these names (by dimension) belongs. What has no name in a dimension does not, unless it may
        yet get one there: `unknown`.
        """
        return all(
            any(fits(dimension, pattern, names[dimension]) for pattern in patterns)
            if dimension in names
            else dimension in unknown
            for dimension, patterns in self.terms
        )

    def text(self) -> str:
        """As a person writes it; "everything" without terms."""
        written = [f"{dimension}={pattern}" for dimension, patterns in self.terms for pattern in patterns]
        return ",".join(written) or "everything"


def parse(terms: Iterable[str]) -> Scope:
    """The scope of terms such as `project=shop*` or `team=core,model=opus`. Raises UsageError."""
    found: dict[str, list[str]] = {}
    for term in (part for text in terms for part in text.split(",")):
        name, equals, pattern = term.partition("=")
        name, pattern = name.strip().lower(), pattern.strip()
        if not equals or not pattern or not is_dimension(name):
            raise UsageError(
                f"'{term.strip()}' is no part of the bill. Write project=shop, model=opus, branch=main, skill=review,"
                " tool=Bash, agent=Explore, mcp=github, session=3f2a, or a tag of your settings, such as team=core."
            )
        patterns = found.setdefault(name, [])
        if pattern not in patterns:
            patterns.append(pattern)
    return Scope(tuple((name, tuple(patterns)) for name, patterns in sorted(found.items())))


def is_dimension(name: str) -> bool:
    """Whether a dimension may have this name."""
    return bool(name) and len(name) <= _LONGEST and not name[0].isdigit() and _LETTERS.issuperset(name)


def fits(dimension: str, pattern: str, name: str) -> bool:
    """Whether a name fits a pattern; `*` stands for anything."""
    pattern, name = pattern.lower(), name.lower()
    if "*" in pattern:
        return _matches(pattern, name)
    if dimension in _IN_PART:
        return pattern in name
    return name.startswith(pattern) if dimension == SESSION else pattern == name


def _matches(pattern: str, name: str) -> bool:
    """A pattern with stars, piece by piece: the earliest place for each is the right one."""
    first, *middle, last = pattern.split("*")
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
