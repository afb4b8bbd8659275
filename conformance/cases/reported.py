"""The client's own total (`cost-state`), which also knows of requests that no transcript has.

Titles, summaries and checks are billed and not logged. What the client reports beyond its logged requests was
spent; what it reports of them was not spent twice.
"""

from __future__ import annotations

from conformance.rates import OPUS
from conformance.tree import HAIKU, Thread, Tree, reported
from conformance.tree import OPUS as OPUS_MODEL
from conformance.truth import Owed, owes

# 10 x 5,000 + 20,000 x 6,250 + 500 x 25,000 = 137,550,000 nanodollars
FIRST = owes(OPUS, input=10, write_5m=20_000, output=500)
# 10 x 5,000 + 20,000 x 500 + 400 x 25,000 = 20,050,000 nanodollars
SECOND = owes(OPUS, input=10, read=20_000, output=400)

AFTER_FIRST = {OPUS_MODEL: reported("0.13755", input=10, output=500, write_5m=20_000)}
AFTER_SECOND = {OPUS_MODEL: reported("0.1576", input=20, output=900, write_5m=20_000, read=20_000)}


def _first(tree: Tree) -> Thread:
    session = tree.session("parent", first="5")
    session.prompt()
    session.answer(write_5m=20_000)
    return session


def _second(session: Thread) -> None:
    session.prompt()
    session.answer(outputs=(400,), read=20_000)


def the_total_equals_the_log(tree: Tree) -> list[Owed]:
    """Nothing is added."""
    session = _first(tree)
    session.cost_state("0.13755", AFTER_FIRST)
    return [FIRST]


def the_total_knows_more_than_the_log(tree: Tree) -> list[Owed]:
    """A helper's request of $0.0125 is in the total alone."""
    session = _first(tree)
    helper = {HAIKU: reported("0.0125", input=12_000, output=100)}
    session.cost_state("0.15005", AFTER_FIRST | helper)
    tree.unlogged_nanos = 12_500_000
    return [FIRST]


def totals_of_two_runs_are_cumulative(tree: Tree) -> list[Owed]:
    """The second one contains the first."""
    session = _first(tree)
    session.cost_state("0.13755", AFTER_FIRST)
    _second(session)
    session.cost_state("0.1576", AFTER_SECOND)
    return [FIRST, SECOND]


def the_last_run_wrote_no_total(tree: Tree) -> list[Owed]:
    """It was killed: the log knows more than the total, and the log counts."""
    session = _first(tree)
    session.cost_state("0.13755", AFTER_FIRST)
    _second(session)
    return [FIRST, SECOND]


def a_fork_goes_on_from_its_parents_total(tree: Tree) -> list[Owed]:
    """The fork's total includes what its parent had spent."""
    parent = _first(tree)
    child = parent.fork("child", first="9", at="2026-11-02T12:00:00Z")
    parent.cost_state("0.13755", AFTER_FIRST)
    _second(child)
    child.cost_state("0.1576", AFTER_SECOND)
    return [FIRST, SECOND]


CASES = (
    the_total_equals_the_log,
    the_total_knows_more_than_the_log,
    totals_of_two_runs_are_cumulative,
    the_last_run_wrote_no_total,
    a_fork_goes_on_from_its_parents_total,
)
