"""The cache gone cold: misses that come in storms, and sessions taken up again after their cache has expired.

In: cache misses and returns to a session, with rates in femtodollars a token as in `core.rates`. Out: findings with
tokens and nanodollars. Always: a cost is that of writing again; what reading would have cost is said beside it, and
unknown stays unknown.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding, hundredths
from lineitem.insights.kept import Kept
from lineitem.insights.seen import MissSeen
from lineitem.insights.words import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.insights.seen import ReturnSeen

_FEMTO = 1_000_000
_WATCHED = 1_000


class ColdRules(NamedTuple):
    """When cold caches are worth a word."""

    misses: int = 3  #: of one session ...
    within: int = 900_000  #: ... in so many milliseconds ...
    tokens: int = 50_000  #: ... that wrote so many tokens again
    resume: int = 50_000  #: tokens of a session that is taken up again


class GoingCold(NamedTuple):
    """What it costs to send a context with a cold cache. Nanodollars."""

    write: int  #: to write it again
    read: int  #: to read it from a warm cache
    extra: int  #: the difference: what going cold costs


def going_cold(tokens: int, write_rate: int, read_rate: int) -> GoingCold:
    """Rates are femtodollars a token; each amount is rounded once, half up."""
    write = (tokens * write_rate + _FEMTO // 2) // _FEMTO
    read = (tokens * read_rate + _FEMTO // 2) // _FEMTO
    return GoingCold(write, read, write - read)


class Misses:
    """Watches each session for cache misses close together."""

    __slots__ = ("_sessions", "rules")

    def __init__(self, rules: ColdRules | None = None) -> None:
        self.rules = rules or ColdRules()
        self._sessions: Kept[deque[MissSeen]] = Kept(_WATCHED, lambda: deque(maxlen=100))

    def take(self, miss: MissSeen) -> Finding | None:
        """A miss; a finding where it completes a storm. What was found once is not counted into the next one."""
        recent = self._sessions.of(miss.session)
        recent.append(miss)
        while recent and miss.at - recent[0].at >= self.rules.within:
            recent.popleft()
        tokens = sum(each.tokens for each in recent)
        if len(recent) < self.rules.misses or tokens < self.rules.tokens:
            return None
        costs = [each.nanos for each in recent]
        facts = [("misses", len(recent)), ("minutes", self.rules.within // 60_000)]
        if all(cost is not None for cost in costs):
            facts.append(("nanos", sum(cost or 0 for cost in costs)))
        reasons: dict[str, int] = {}
        for each in recent:
            reasons[each.reason] = reasons.get(each.reason, 0) + each.tokens
        if len(reasons) > 1:
            facts += [(f"tokens/{safe(reason)}", part) for reason, part in reasons.items() if reason]
        recent.clear()
        score = hundredths(tokens, self.rules.tokens)
        severity = CRITICAL if score >= 1000 else WARNING if score >= 300 else NOTICE
        return Finding(
            "misses", severity, miss.session, miss.project, miss.at, safe(miss.reason) if len(reasons) == 1 else "",
            "tokens", tokens, self.rules.tokens, score=score, facts=tuple(facts),
        )  # fmt: skip

    def state(self) -> list[Any]:
        """The misses each session had lately, as JSON; `load` takes it up again."""
        return [[session, list(misses)] for session, misses in self._sessions.latest()]

    def load(self, state: list[Any]) -> None:
        """Take up what `state` gave."""
        for session, misses in state:
            self._sessions.of(session).extend(MissSeen(*miss) for miss in misses)


def resume_trap(
    back: ReturnSeen, write_rate: int | None = None, read_rate: int | None = None, rules: ColdRules | None = None
) -> Finding | None:
    """A session taken up again whose cache is cold: what the next request will cost, or has cost, for that reason.

    None where the cache is warm, where nobody knows, and where the context is small. Without a rate there is no
    estimate of ours; the client's own, where it gave one, is a fact beside it. Once the request is made, what it
    wrote decides whether the cache was cold, whatever was expected.
    """
    rules = rules or ColdRules()
    if back.context is None or back.context < rules.resume or not _is_cold(back, back.context):
        return None
    facts = [(name, number) for name, number in (("written", back.written), ("paid", back.paid)) if number is not None]
    if write_rate is not None and read_rate is not None:
        cost = going_cold(back.context, write_rate, read_rate)
        facts += [("write", cost.write), ("read", cost.read), ("extra", cost.extra)]
    if back.client_nanos is not None:
        facts.append(("client", back.client_nanos))
    if back.idle is not None:
        facts.append(("minutes", back.idle // 60_000))
    score = hundredths(back.context, rules.resume)
    severity = CRITICAL if score >= 1000 else WARNING if score >= 300 else NOTICE
    return Finding(
        "resume", severity, back.session, back.project, back.at, "", "tokens", back.context, rules.resume,
        score=score, facts=tuple(facts),
    )  # fmt: skip


def _is_cold(back: ReturnSeen, context: int) -> bool:
    """Whether the context was written again, for the larger part; before that is known, what the client expects."""
    return bool(back.expired) if back.written is None else back.written * 2 > context
