"""Sums by key, family of sessions by family: what reports of many sessions are put together from.

A family is what belongs together when tool calls are counted: a session, and those that copied requests of it or that
it copied. What two families come to, added up, is what both together come to.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lineitem.ledger.store import Ledger
    from lineitem.reports.lines import Line

    #: What is added up: amounts by what they are of. Every list of a key is as long as the others of it.
    Key = tuple[str | int | None, ...]
    Sums = dict[Key, list[int]]
    #: A session's agents, as `questions.agents` gives them.
    Agents = Sequence[tuple[object, ...]]


class Family(NamedTuple):
    """Sessions that share requests, as far as they lie in a range."""

    inside: tuple[int, ...]  #: wholly
    cut: tuple[int, ...]  #: partly

    @property
    def sessions(self) -> tuple[int, ...]:
        return self.inside + self.cut


class Source(Protocol):
    """Where a tally finds what it counts, for some families of a range at a time."""

    ledger: Ledger
    families: Sequence[Family]

    def lines(self, larger: int | None = None) -> Iterator[tuple[list[Line], Agents]]:
        """The line items of each family in the range, and its agents.

        larger: of sessions wholly in it only schemas, and calls whose result has more tokens than this.
        """
        ...

    def spent(self) -> dict[int, int]:
        """Nanodollars of each session that is wholly in the range."""
        ...

    def sessions(self) -> list[int]:
        """All sessions of these families."""
        ...

    def by_family(self, found: Mapping[int, Sums]) -> Iterator[Sums]:
        """What was found session by session, for each family."""
        ...


class Tally(NamedTuple):
    """How to count something."""

    key: tuple[object, ...]  #: its name, and what it was asked with
    #: The sums of each family, in order.
    of: Callable[[Source], Iterable[Sums]]
    #: Whether what hooks and telemetry told of a session is counted too.
    heard: bool = False


def of_lines(key: tuple[object, ...], count: Callable[[Iterable[Line], Agents], Sums]) -> Tally:
    """A tally of line items."""
    return Tally(key, lambda source: (count(lines, agents) for lines, agents in source.lines()))


def add(sums: Sums, more: Iterable[tuple[Key, Sequence[int]]]) -> None:
    """Add to the sums."""
    for key, amounts in more:
        known = sums.get(key)
        if known is None:
            sums[key] = list(amounts)
        else:
            for place, amount in enumerate(amounts):
                known[place] += amount


def joined(tallies: Sequence[Tally]) -> Tally:
    """Several at once, so that what they count is looked up once; `parted` takes the sums apart again."""

    def count(source: Source) -> Iterator[Sums]:
        for found in zip(*(tally.of(source) for tally in tallies), strict=True):
            yield {(place, *key): amounts for place, sums in enumerate(found) for key, amounts in sums.items()}

    key = tuple(part for tally in tallies for part in (len(tally.key), *tally.key))
    return Tally(("joined", *key), count, any(tally.heard for tally in tallies))


def parted(sums: Sums, tallies: Sequence[Tally]) -> list[Sums]:
    """The sums of each of several tallies."""
    found: list[Sums] = [{} for _ in tallies]
    for key, amounts in sums.items():
        found[int(key[0] or 0)][key[1:]] = amounts
    return found
