"""How a session goes: working time, tokens a minute, cost an hour and a prompt, cache hits.

In: requests added up. Out: rates of them. Always: what cannot be divided is None; sums of `Effort` are exact, so that
days, projects, sessions and models add up to the whole.

Working time: a session has moments, its prompts and its requests. The time from one to the next is work, unless more
than `GAP` lies between. It belongs to the request that it ends with, so that it adds up by whatever requests do.
"""

from __future__ import annotations

#: Milliseconds between two moments of a session that are still work.
GAP = 10 * 60_000
_HOUR, _MINUTE = 3_600_000, 60_000


def worked(before: int | None, at: int, gap: int = GAP) -> int:
    """Milliseconds of work from the moment before to this one; 0 after a longer pause."""
    if before is None:
        return 0
    took = at - before
    return took if 0 < took <= gap else 0


class Effort:
    """Requests added up."""

    __slots__ = ("nanos", "output", "prompts", "read", "requests", "uncached", "unpriced", "worked", "written")

    def __init__(
        self, prompts: int = 0, requests: int = 0, worked: int = 0, uncached: int = 0, written: int = 0, read: int = 0,
        output: int = 0, nanos: int = 0, unpriced: int = 0,
    ) -> None:  # fmt: skip
        """prompts: those whose first request is among these.   unpriced: tokens without a price."""
        self.prompts, self.requests, self.worked = prompts, requests, worked
        self.uncached, self.written, self.read, self.output = uncached, written, read, output
        self.nanos, self.unpriced = nanos, unpriced

    def add(self, other: Effort) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def sent(self) -> int:
        """Tokens of all prompts sent."""
        return self.uncached + self.written + self.read

    @property
    def tokens(self) -> int:
        return self.sent + self.output

    @property
    def tokens_a_minute(self) -> int | None:
        return over(self.tokens * _MINUTE, self.worked)

    @property
    def output_a_minute(self) -> int | None:
        return over(self.output * _MINUTE, self.worked)

    @property
    def nanos_an_hour(self) -> int | None:
        return over(self.nanos * _HOUR, self.worked) if self.known else None

    @property
    def nanos_a_prompt(self) -> int | None:
        return over(self.nanos, self.prompts) if self.known else None

    @property
    def known(self) -> bool:
        """Whether any of it has a price."""
        return bool(self.nanos) or not self.unpriced

    @property
    def ratio(self) -> float | None:
        """Tokens sent for one that was answered."""
        return round(self.sent / self.output, 2) if self.output else None

    @property
    def hit_rate(self) -> float | None:
        """The part of the tokens sent that was read from the cache."""
        return round(self.read / self.sent, 4) if self.sent else None


def over(part: int, whole: int) -> int | None:
    """A quotient to the nearest whole number; None of nothing."""
    return (2 * part + whole) // (2 * whole) if whole > 0 else None
