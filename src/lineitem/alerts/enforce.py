"""What budgets that are used up do about what is asked next: warn, ask, or refuse it. Pure.

In: the budgets that act and are used up, and something that is about to happen in a session. Out: a `Verdict` with
its reason, or None. Always: what does not belong to a budget's scope passes; of several budgets the strictest speaks;
a reason says what was spent, of what, and how to go on, in words of ours and the person's own name for the budget.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts import figures
from lineitem.core import budgets, scopes
from lineitem.core.budgets import ASK, BLOCK, NANOS, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineitem.core.budgets import Held

#: What may be about to happen.
PROMPT, AGENT, MODEL, CALL = budgets.MOMENTS
_ORDER = ("", WARN, ASK, BLOCK)
#: Dimensions that only a tool call has: such a budget acts on those calls and on nothing else.
_OF_CALLS = frozenset((scopes.TOOL, scopes.AGENT, scopes.SERVER))


#: A session that made no request yet may be of any of these.
_NOT_YET = frozenset((scopes.MODEL, scopes.BRANCH, scopes.SKILL))


class Asked(NamedTuple):
    """Something that is about to happen."""

    moment: str  #: one of `budgets.MOMENTS`
    session: str
    names: Mapping[str, str]  #: by dimension, what is known of it
    dearer: bool = False  #: of a model: it costs more than the one before
    before: bool = True  #: of a call: it was not made yet; else its result is about to be sent


class Verdict(NamedTuple):
    """What is to be done about it."""

    act: str  #: `warn`, `ask`, `block`
    held: Held
    reason: str


def verdict(held: Iterable[Held], asked: Asked) -> Verdict | None:
    """What the strictest of these budgets says of it."""
    acting = [each for each in held if _concerns(each, asked)]
    if not acting:
        return None
    worst = max(acting, key=lambda each: (_ORDER.index(each.budget.act), -each.budget.limit, each.budget.name))
    return Verdict(worst.budget.act, worst, reason(worst, asked.session))


def _concerns(each: Held, asked: Asked) -> bool:
    budget = each.budget
    if each.sessions and asked.session not in each.sessions:
        return False
    if budget.scope.dimensions & _OF_CALLS:
        if asked.moment not in (AGENT, CALL) or not asked.before:
            return False
    elif asked.moment not in budget.on or (asked.moment == MODEL and not asked.dearer):
        return False
    elif asked.moment == CALL and asked.before != (budget.act == ASK):
        return False  # a call can be asked about before it, the loop can be ended after it
    return budget.scope.takes(asked.names, _NOT_YET)  # but for these all is known beforehand


def reason(each: Held, session: str) -> str:
    """What was spent, of what, and how to go on."""
    budget, number = each.budget, each.sessions.get(session, each.used)
    used = figures.money(number) if budget.unit == NANOS else f"{number:,} tokens"
    of = f", {budget.scope.text()}" if budget.scope.terms else ""
    return (
        f"lineitem: the budget {budget.name} is used up: {used} of {budgets.limit_text(budget)} ({each.during}{of})."
        f" To go on: lineitem budget override {_word(budget.name)} --for 1h --reason WHY, or a higher --limit with"
        f" lineitem budget edit {_word(budget.name)}."
    )


def _word(name: str) -> str:
    """A name as one word of a command line."""
    plain = all(letter.isalnum() or letter in "-_." for letter in name)
    return name if plain else "'" + name.replace("'", "'\\''") + "'"
