"""What a rule found: the value that stands out, what is usual, and whom it concerns.

A finding holds numbers, ids and names; its words are made by `why.py` and by the surfaces. `key` is the same for the
same finding however often it is made, so that it is told once.
"""

from __future__ import annotations

from typing import NamedTuple

#: Severities, least first.
NOTICE, WARNING, CRITICAL = range(3)
SEVERITIES = ("notice", "warning", "critical")


class Finding(NamedTuple):
    """Something that stands out."""

    rule: str  #: `spike`, `large`, `loop`, `fan-out`, `slope`, `misses`, `resume`
    severity: int
    session: str
    project: str
    at: int
    subject: str  #: what it is about: a task type, a tool and its target, '' for the session as a whole
    measure: str  #: what `value`, `usual`, `spread` and `limit` count: `tokens`, `nanos`, `calls`, ...
    value: int
    limit: int  #: what the value had to exceed, or to reach where the rule counts
    usual: int | None = None  #: the median; None: too little is known
    spread: int | None = None  #: the median absolute deviation
    values: int = 0  #: how many the baseline holds
    score: int = 100  #: value by limit, in hundredths
    level: str = ""  #: the baseline it was held against: `model`, `project`, `all`; '': none
    call: str = ""  #: tool use id
    agent: str = ""
    model: str = ""
    again: bool = False  #: within the cooldown of one that was no milder: kept, but not worth a message
    facts: tuple[tuple[str, int], ...] = ()  #: more numbers, by name

    @property
    def key(self) -> str:
        """What tells it apart from every other finding."""
        return f"{self.rule}/{self.measure}/{self.session}/{self.call or self.at}/{self.subject}"

    def fact(self, name: str) -> int | None:
        """One of `facts`, None where it is not among them."""
        return next((number for known, number in self.facts if known == name), None)


def hundredths(value: int, limit: int) -> int:
    """A value by its limit, in hundredths, rounded down."""
    return value * 100 // max(1, limit)
