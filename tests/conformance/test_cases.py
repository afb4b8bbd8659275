"""The cases themselves: deterministic, consistent, and able to fail a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.adapters import DayTotals, Totals
from conformance.cases import CASES, Case, matching
from conformance.run import compare
from conformance.truth import Tokens

if TYPE_CHECKING:
    from pathlib import Path


def one(name: str) -> Case:
    [case] = matching(name)
    return case


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_case_says_what_it_is_about() -> None:
    assert [case.name for case in CASES if not case.about] == []


def test_telling_a_case_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        written = []
        for telling in ("first", "second"):
            folder = tmp_path / f"{number}-{telling}"
            case.told()[0].write(folder)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            written.append([(path.relative_to(folder), path.read_bytes()) for path in files])
        assert written[0] == written[1], case.name


def test_days_sum_to_the_bill() -> None:
    for case in CASES:
        _, bill = case.told()
        logged = sum(day.nanos for day in bill.days.values())
        assert logged + bill.unlogged_nanos == bill.nanos, case.name


def test_a_nanodollar_too_many_is_wrong() -> None:
    case = one("cache-writes/for-one-hour")
    _, bill = case.told()
    assert compare(case, bill, Totals(bill.tokens, nanos=bill.nanos), check_days=False).ok
    assert not compare(case, bill, Totals(bill.tokens, nanos=bill.nanos + 1), check_days=False).ok


def test_a_float_may_differ_by_less_than_a_millionth_of_a_dollar() -> None:
    case = one("cache-writes/for-one-hour")
    _, bill = case.told()
    usd = bill.nanos / 1e9
    assert compare(case, bill, Totals(bill.tokens, usd=usd + 9e-7), check_days=False).ok
    assert not compare(case, bill, Totals(bill.tokens, usd=usd + 2e-6), check_days=False).ok


@pytest.mark.parametrize(("unpriced", "right"), [(True, True), (False, False), (None, False)])
def test_zero_for_an_unknown_model_needs_a_word(unpriced: bool | None, right: bool) -> None:
    case = one("models/an-unknown-model")
    _, bill = case.told()
    assert compare(case, bill, Totals(bill.tokens, nanos=0, unpriced=unpriced), check_days=False).ok is right


def test_a_token_in_the_wrong_class_is_wrong() -> None:
    case = one("cache-writes/for-one-hour")
    _, bill = case.told()
    moved = bill.tokens._replace(input=bill.tokens.input + 1, output=bill.tokens.output - 1)
    assert not compare(case, bill, Totals(moved, nanos=bill.nanos), check_days=False).tokens_ok


def test_the_right_total_on_the_wrong_day_is_wrong() -> None:
    case = one("days/the-next-morning-in-tokyo")
    _, bill = case.told()
    days = {day: DayTotals(found.tokens, nanos=found.nanos) for day, found in bill.days.items()}
    right = Totals(bill.tokens, nanos=bill.nanos, days=days)
    shifted = Totals(bill.tokens, nanos=bill.nanos, days={"2026-11-02": DayTotals(Tokens(), nanos=bill.nanos)})
    assert compare(case, bill, right, check_days=True).ok
    assert not compare(case, bill, shifted, check_days=True).ok
