"""What a person logs by hand: manual sessions, their entries, and what the kinds of `quick` assume.

In: what was typed, or what a program's own API answer said. Out: values. Always: counts are whole and not negative; an
entry that stands for time a Claude Code session was working in is covered, and is in no total.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineitem.core.rates import Rates

#: How an entry came about. LOG: counts as given; QUICK: the middle of a range; CALL: a program's own API answer, as the
#: API told it, and PART: one whose stream was left before its end; NOTE, NEXT, COMMIT: no tokens.
LOG, QUICK, CALL, PART, NOTE, NEXT, COMMIT = "log", "quick", "call", "part", "note", "next", "commit"
#: What a person says that was used: nobody measured it.
BY_HAND = frozenset((LOG, QUICK))

#: Milliseconds on both sides of an entry that it stands for at least.
MARGIN = 600_000


class Kind(NamedTuple):
    """Tokens of one exchange of a kind of work, from least to most."""

    least_in: int
    most_in: int
    least_out: int
    most_out: int
    text: str  #: what is assumed

    @property
    def middle(self) -> tuple[int, int]:
        """(input, output): the middle of both ranges."""
        return (self.least_in + self.most_in) // 2, (self.least_out + self.most_out) // 2


#: Chat, review, feature, architecture and audit are usual ranges of chats without tools, as manual trackers have them;
#: code and debug follow from sizes: a module is 500 to 2,000 tokens.
KINDS = {
    "chat": Kind(500, 1_500, 300, 800, "a question with some context, an answer of a page"),
    "code": Kind(1_000, 3_000, 500, 2_000, "a request with the code around it, one module in answer"),
    "review": Kind(1_000, 3_000, 500, 1_500, "a change of one or two modules, remarks in answer"),
    "debug": Kind(1_500, 4_000, 500, 1_500, "a module, an error and its trace, a mended function in answer"),
    "feature": Kind(2_000, 5_000, 3_000, 8_000, "a description and several modules, several modules in answer"),
    "architecture": Kind(1_500, 4_000, 2_000, 6_000, "a description of a system, a design in answer"),
    "audit": Kind(2_500, 6_000, 1_000, 3_000, "several modules, a list of findings in answer"),
}


class ManualSession(NamedTuple):
    """Work in one folder that a person begins and ends by hand. Times in milliseconds UTC."""

    id: str
    name: str
    folder: str  #: the repository's, else where it was begun
    cwd: str  #: where it was begun
    since: int
    until: int | None  #: None: not ended
    model: str  #: of entries that name none; '' where none was named
    expected_nanos: int | None
    expected_tokens: int | None

    def projects(self) -> list[str]:
        """The projects Claude Code files sessions of these folders under."""
        return projects_of(self.folder, self.cwd)


class Entry(NamedTuple):
    """What was logged once. Counts are tokens, searches are web searches."""

    id: str
    session: str  #: of a manual session; '' of none
    folder: str
    at: int
    how: str  #: LOG, QUICK, CALL, PART, NOTE, NEXT or COMMIT
    kind: str  #: of QUICK, else ''
    label: str  #: at most 80 characters, secrets redacted
    model: str
    uncached: int
    write5: int
    write1: int
    read: int
    output: int
    searches: int
    modifiers: str  #: f fast, g US inference, b batch
    mid: str  #: message id of a CALL
    range: tuple[int, int, int, int] | None  #: least and most input, least and most output of QUICK

    @property
    def tokens(self) -> int:
        return self.uncached + self.write5 + self.write1 + self.read + self.output

    @property
    def context(self) -> int:
        """Tokens of its prompt."""
        return self.uncached + self.write5 + self.write1 + self.read

    @property
    def spends(self) -> bool:
        """Whether it is about tokens; else it is a note, or a commit."""
        return self.how not in (NOTE, NEXT, COMMIT)

    def costs(self, rates: Rates) -> tuple[int, ...]:
        """Nanodollars by price class: uncached, write 5m, write 1h, read, output, searches."""
        from lineitem.core.rates import class_costs

        return class_costs(rates, self.uncached, self.write5, self.write1, self.read, self.output, self.searches)


def projects_of(*folders: str) -> list[str]:
    """The names of these folders below Claude Code's `projects/`, and as live sources file them."""
    found: list[str] = []
    for folder in folders:
        for name in ("".join(c if c.isascii() and c.isalnum() else "-" for c in folder), folder.replace("/", "-")):
            if folder and name not in found:
                found.append(name)
    return found


def covered(entries: Iterable[Entry], since: int, worked: Sequence[int]) -> set[str]:
    """The entries by hand, by id, whose time Claude Code's own figures cover.

    entries: of one manual session that began at `since`. worked: when requests were made in its folder, ascending. An
    entry stands for the time since the entry before it, and for MARGIN on both sides at least.
    """
    found = set()
    before = since
    for entry in sorted((each for each in entries if each.how in BY_HAND), key=lambda each: (each.at, each.id)):
        place = bisect_left(worked, min(before, entry.at - MARGIN))
        if place < len(worked) and worked[place] <= entry.at + MARGIN:
            found.add(entry.id)
        before = entry.at
    return found
