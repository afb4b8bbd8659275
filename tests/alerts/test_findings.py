"""Findings, levels and limits become notices that say what was found, and no more."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.findings import health_notice, limit_notices, notice_of
from lineitem.alerts.kinds import preset_thresholds
from lineitem.alerts.messages import line_of
from lineitem.core.live import Snapshot
from lineitem.insights.findings import Finding
from tests.alerts.notices import DOLLAR, HOSTILE, HOUR, NOW, SESSION


def found(
    rule: str, *, subject: str = "Bash git diff", facts: tuple[tuple[str, int], ...] = (), **more: Any
) -> Finding:
    """A finding of `insights`: three dollars where a quarter is usual, unless said otherwise."""
    values: dict[str, Any] = {"measure": "nanos", "value": 3 * DOLLAR, "limit": DOLLAR, "usual": DOLLAR // 4} | more
    return Finding(rule, 1, SESSION, "-home-ada-work-shop", NOW, subject, facts=facts, **values)


def said(finding: Finding) -> str:
    notice = notice_of(finding)
    assert notice
    return line_of(notice).partition(": ")[2]


def test_each_rule_is_told_in_its_own_words() -> None:
    assert said(found("spike")) == "Bash cost $3.00; usual is $0.25; 12 times as much"
    assert said(found("large", measure="tokens", value=52_000, usual=None)) == "Bash took 52.0k tokens"
    assert said(found("loop", value=7, facts=(("nanos", DOLLAR),))) == "Bash; 7 times; $1.00 so far"
    assert said(found("fan-out", value=12)) == "12 agents"
    assert said(found("slope", value=10 * DOLLAR, usual=5 * DOLLAR, facts=(("minutes", 5),))) == (
        "$2.00 a minute; usual is $1.00"
    )
    assert said(found("misses", facts=(("misses", 9), ("nanos", 2 * DOLLAR)))) == (
        "9 requests wrote again what was cached; $2.00"
    )
    assert said(found("resume", value=156_000, facts=(("client", DOLLAR),))) == (
        "156.0k tokens are written again; $1.00"
    )
    paid = (("written", 160_000), ("paid", 2 * DOLLAR), ("client", DOLLAR))
    assert said(found("resume", value=156_000, facts=paid)) == "160.0k tokens are written again; $2.00"


def test_a_repetition_and_an_unknown_rule_are_not_told() -> None:
    assert notice_of(found("spike", again=True)) is None
    assert notice_of(found("another")) is None


@given(st.sampled_from(HOSTILE), st.sampled_from(["spike", "loop", "fan-out"]))
def test_law_what_a_tool_was_called_on_is_not_told(target: str, rule: str) -> None:
    told = notice_of(found(rule, subject=f"Bash {target}"))
    assert told
    assert "evil" not in line_of(told)
    assert line_of(told) == line_of(notice_of(found(rule, subject="Bash ls")) or told)


def test_a_limit_is_told_once_as_a_warning_and_once_as_critical() -> None:
    limits = preset_thresholds("standard")
    resets = NOW + HOUR
    keys = []
    for step, used in enumerate([7999, 8000, 8700, 9500, 10_000]):
        shot = Snapshot(SESSION, NOW + step, five_hour=used, five_hour_resets=resets, week=100, week_resets=resets)
        keys += [notice.key for notice in limit_notices(shot, limits)]
    assert keys == [f"limit/{resets}/{severity}" for severity in ("warning", "warning", "critical", "critical")]
    assert limit_notices(Snapshot(SESSION, NOW), limits) == []
    (full,) = limit_notices(Snapshot(SESSION, NOW, week=9700, week_resets=NOW + 72 * HOUR), limits)
    assert line_of(full) == "Weekly limit: 97% used; starts anew in 3d"


def test_a_level_of_health_is_told_with_what_it_means() -> None:
    assert line_of(health_notice(SESSION, "-home-ada-work-shop", "critical", 152_340, 150_000, NOW)) == (
        "Large context (work-shop, session 0c9d1f5a): 152.3k tokens in the context; level 150.0k"
    )
