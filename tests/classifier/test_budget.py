"""The month's budget is never exceeded, whatever comes back and whoever dies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.classifier.answer import Counted
from lineitem.classifier.budget import MOST_OUTPUT, cost, dollars, month_start, most_input, worst_case
from lineitem.core.periods import Zone
from lineitem.ledger import guesses
from lineitem.ledger.store import Ledger
from lineitem.pricing.book import PriceBook

AT = 1_795_000_000_000  # 2026-11-18
MODELS = ("claude-haiku-5-5", "claude-haiku-4-5", "claude-opus-4-5")
BOOK = PriceBook()


@given(st.sampled_from(MODELS), st.integers(0, 6_000), st.data())
def test_a_request_never_costs_more_than_was_set_aside(model: str, size: int, data: st.DataObject) -> None:
    most = worst_case(BOOK, model, AT, size)
    assert most is not None
    left, prompt = most_input(size), [0] * 4
    for place in range(4):
        prompt[place] = data.draw(st.integers(0, left))
        left -= prompt[place]
    counted = Counted(prompt[0], prompt[1], prompt[2], prompt[3], data.draw(st.integers(0, MOST_OUTPUT)))
    nanos = cost(BOOK, model, AT, counted, most)
    assert nanos is not None
    assert nanos <= most


def test_what_cannot_be_is_not_believed() -> None:
    most = worst_case(BOOK, MODELS[0], AT, 1_000)
    assert most is not None
    assert cost(BOOK, MODELS[0], AT, Counted(900_000, 0, 0, 0, 1), most) is None
    assert cost(BOOK, MODELS[0], AT, None, most) is None


def test_a_model_without_a_price_has_no_worst_case() -> None:
    assert worst_case(BOOK, "haiku-of-tomorrow", AT, 1_000) is None


SENT = st.tuples(st.integers(0, 40), st.integers(1, 300), st.sampled_from(["known", "free", "unknown", "died"]))


@given(st.integers(0, 1_000), st.lists(SENT, max_size=40))
def test_the_budget_is_never_exceeded_by_any_sequence(budget: int, sent: list[tuple[int, int, str]]) -> None:
    """Days go back and forth, processes die, costs are told or not."""
    ledger = Ledger(":memory:")
    zone, day = Zone("UTC"), 86_400_000
    months: dict[int, int] = {}  # what may have been charged in each
    for days, most, what in sent:
        now = AT + days * day
        since = month_start(zone, now)
        number = guesses.reserve(ledger, "digest", now, MODELS[0], most, since, budget)
        if number is None:
            assert guesses.spent(ledger, since)[0] + most > budget
            continue
        assert months.get(since, 0) + most <= budget
        nanos = {"known": most // 2, "free": 0}.get(what)
        if what != "died":
            guesses.answered(ledger, number, nanos, None, None)
        months[since] = months.get(since, 0) + (most if nanos is None else nanos)
        assert guesses.spent(ledger, since)[0] >= months[since]
    ledger.close()
    assert all(nanos <= budget for nanos in months.values())


def test_a_month_is_a_month_of_the_zone() -> None:
    assert month_start(Zone("UTC"), AT) == 1_793_491_200_000
    assert month_start(Zone("Europe/Berlin"), AT) == 1_793_491_200_000 - 3_600_000


@pytest.mark.parametrize(
    ("nanos", "shown"),
    [(0, "$0.00"), (1, "$0.0001"), (1_200_000, "$0.0012"), (1_000_000_000, "$1.00"), (1_234_567_890, "$1.2346"),
     (50_000_000, "$0.05"), (1_234_000_000_000, "$1,234.00")],
)  # fmt: skip
def test_amounts_are_never_shown_as_less(nanos: int, shown: str) -> None:
    assert dollars(nanos) == shown
