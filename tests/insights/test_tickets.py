"""Tickets in branches' names, and patterns that are refused because they could take for ever."""

from __future__ import annotations

import pytest

from lineitem.core.problems import UsageError
from lineitem.insights.tickets import from_settings


@pytest.mark.parametrize(("branch", "ticket"), [
    ("feat/ABC-123-refunds", "ABC-123"), ("ABC-1", "ABC-1"), ("fix/#42", "#42"), ("A1B-7/x and C-1", "A1B-7"),
    ("main", ""), ("", ""), ("feat/utf-8", ""), ("x" * 100 + "ABC-1", ""),
])  # fmt: skip
def test_the_usual_tickets(branch: str, ticket: str) -> None:
    assert from_settings({})(branch) == ticket


def test_a_pattern_of_ones_own() -> None:
    assert from_settings({"work": {"ticket": "gh-([0-9]+)"}})("fix/gh-12") == "12"
    assert from_settings({"work": {"ticket": "(?:gh|gl)-[0-9]+"}})("fix/gl-12") == "gl-12"
    assert from_settings({"work": {"ticket": r"[*+?{(]-\d\+"}})("fix/(-1+") == "(-1+"


@pytest.mark.parametrize("pattern", [
    "(a+)+b", "(a|a)*b", "(a?){30}", "a*a*a*a*b", "(x)\\1", "(?=a)b", "(?i)abc", "(?P<n>a)(?P=n)", "(", "", "a" * 121,
    "[a", "a{2}{3}{4}{5}", "(?:a*)?",
])  # fmt: skip
def test_a_pattern_that_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"work\.ticket"):
        from_settings({"work": {"ticket": pattern}})


@pytest.mark.parametrize("table", [{"work": {"tickets": "x"}}, {"work": "x"}, {"work": {"ticket": 7}}])
def test_a_setting_that_is_none_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="work"):
        from_settings(table)
