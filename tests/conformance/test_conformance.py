"""lineitem gives the exact answer in every conformance case."""

from __future__ import annotations

import pytest

from conformance.__main__ import row
from conformance.adapters import Tool, load
from conformance.cases import CASES, Case
from conformance.run import verdict

#: cases in which lineitem answers something else on purpose, each with the reason
DIFFERENT: dict[str, str] = {
    "streams/the-model-changes-within-an-answer": "lineitem keeps the maximum of each usage field, in any order",
}


@pytest.fixture(scope="module")
def lineitem() -> Tool:
    """The installed command, as a person runs it."""
    return load("lineitem")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=DIFFERENT[case.name])] if case.name in DIFFERENT else [],
        )
        for case in CASES
    ],
)
def test_the_answer_is_exact(lineitem: Tool, case: Case) -> None:
    found = verdict(lineitem, case)
    assert found.ok, "\n" + row(found)
