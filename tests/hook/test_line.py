"""The statusline's line: fits, cuts no number, shows unknown as unknown, carries nothing but text and colours."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as draws

from lineitem_hook.line import THEMES, draw, harmless, left, money, only_colours, percent, tokens, width
from tests.laws.examples import examples

FULL: dict[str, Any] = {
    "model": "Opus 5.5",
    "session": 1_234_567_890,
    "today": 4_567_890_000,
    "context": 84_000,
    "window": 200_000,
    "level": "yellow",
    "five_hour": 2345,
    "five_hour_left": 72 * 60_000,
    "week": 9100,
    "warm": True,
    "recache": 84_000,
    "recache_nanos": 525_000_000,
    "anomaly": "Bash 12x its usual",
}
SGR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = draws.text(max_size=30) | draws.sampled_from(
    ["\x1b]0;x\x07", "\x1b[2J", "\u202egnp.exe", "\u200b", "a\nb", "\x9b31m", "Z\u0351\u0352", "宽宽宽", "\ud800", "{"]
)
FIGURES = draws.fixed_dictionaries(
    {},
    optional={
        **{
            name: draws.none() | draws.integers(-5, 10**13) | HOSTILE
            for name in ("session", "today", "context", "window", "five_hour", "five_hour_left", "week", "recache")
        },
        **{name: draws.none() | HOSTILE | draws.integers() for name in ("model", "anomaly", "level")},
        "warm": draws.none() | draws.booleans() | HOSTILE,
        "provisional": draws.booleans(),
    },
)


def bare(line: str) -> str:
    return SGR.sub("", line)


def test_plain() -> None:
    assert draw(FULL, colours=False) == (
        "Opus 5.5 | $1.23 session | $4.57 today | 84k/200k 42% | 5h 23% 1h12m | week 91%"
        " | cache warm ($0.53 if cold) | ! Bash 12x its usual"
    )


def test_a_cold_cache_says_what_writing_again_costs_beyond_reading() -> None:
    cold = {"context": 84_000, "warm": False, "recache": 84_000}
    assert draw({**cold, "recache_nanos": 525_000_000}, colours=False) == "84k | cache cold (+$0.53)"
    assert draw(cold, colours=False) == "84k | cache cold (+84k)"
    assert draw({"context": 84_000, "warm": False}, colours=False) == "84k | cache cold"


def test_compact() -> None:
    assert draw(FULL, "compact", colours=False) == "Opus 5.5 $1.23 $4.57/d 42% 5h:23% 7d:91% warm !"


def test_powerline() -> None:
    drawn = bare(draw(FULL, "powerline", columns=40))
    assert drawn == "$1.23 session \ue0b0 84k/200k 42% \ue0b0"


def test_provisional_costs_are_marked() -> None:
    assert draw({"session": 1, "today": 0, "provisional": True}, colours=False) == "~<$0.01 session | ~$0.00 today"


def test_unknown_is_left_out_or_a_question_mark() -> None:
    assert draw({}) == ""
    assert draw({"session": None, "today": True, "context": "84", "warm": None}) == ""
    assert draw({"context": 5}, form="{session} {percent} {context} {cache}") == "? ? 5 ?"


def test_a_format_of_ones_own() -> None:
    assert draw(FULL, form="{model} costs {session} | of {today}") == "Opus 5.5 costs $1.23 | of $4.57"
    assert draw(FULL, form="{nope} {} {session.__class__} {session!r} { {{today}} }") == (
        "{nope} {} {session.__class__} {session!r} { {$4.57} }"
    )
    assert draw(FULL, form="{session} | {model} | {window}", columns=16) == "$1.23 | 200k"
    assert draw(FULL, form="{session} | {model}", columns=10) == "$1.23"


def test_the_least_important_goes_first() -> None:
    widths = [bare(draw(FULL, columns=columns)) for columns in (200, 110, 80, 60, 40, 20, 3)]
    assert [len(line) for line in widths] == sorted((len(line) for line in widths), reverse=True)
    assert "Opus" not in widths[2]
    assert widths[-2] == "$1.23 session"
    assert widths[-1] == ""


def test_a_limit_falls_back_to_the_cost_of_its_block() -> None:
    assert draw({"block": 2_000_000_000}, colours=False) == "5h $2.00"


@pytest.mark.parametrize(("level", "code"), [("red", 31), ("yellow", 33), ("green", 32)])
def test_health_colours_the_context(level: str, code: int) -> None:
    assert draw({"context": 9, "level": level}) == f"\x1b[{code}m9\x1b[0m"


def test_numbers() -> None:
    assert [money(nanos) for nanos in (0, 1, 9_999_999, 10_000_000, 1_234_567 * 10**9)] == [
        "$0.00", "<$0.01", "<$0.01", "$0.01", "$1,234,567.00",
    ]  # fmt: skip
    assert [tokens(count) for count in (0, 999, 1000, 999_499, 999_500, 12_340_000)] == [
        "0", "999", "1k", "999k", "1.0M", "12.3M",
    ]  # fmt: skip
    assert [percent(part) for part in (0, 1, 49, 50, 10_000, 123_456)] == ["0%", "<1%", "<1%", "1%", "100%", "1,235%"]
    assert [left(millis) for millis in (0, 59_999, 60_000, 3_600_000, 90_000_000)] == [
        "0m",
        "0m",
        "1m",
        "1h00m",
        "1d1h",
    ]
    assert {money(None), tokens(None), percent(None), left(None), money(-1), tokens(-1), percent(-1), left(-1)} == {""}


def test_a_text_is_cut_between_words() -> None:
    assert harmless("Bash cost 1,234,567 tokens", 16) == "Bash cost…"
    assert harmless("x" * 50, 10) == "x" * 9 + "…"


@given(
    figures=FIGURES,
    theme=draws.sampled_from([*THEMES, "nonsense"]),
    form=HOSTILE | draws.sampled_from(["", "{session} {model}{anomaly} {foo", "{anomaly}\x1b[2J {week}\n{cache}"]),
    columns=draws.integers(0, 120),
    colours=draws.booleans(),
)
@examples(300)
def test_any_figures_make_one_harmless_line_that_fits(
    figures: dict[str, Any], theme: str, form: str, columns: int, colours: bool
) -> None:
    line = draw(figures, theme, form, columns, colours=colours)
    assert colours or "\x1b" not in line
    text = bare(line)
    assert all(one.isprintable() or one == "\ue0b0" or "\ue0a0" <= one <= "\ue0d4" for one in text)
    assert not columns or width(text) <= columns
    whole = bare(draw(figures, theme, form, 0, colours=colours))
    numbers = re.findall(r"\d[\d,.]*", whole)
    assert all(number in numbers for number in re.findall(r"\d[\d,.]*", text))


@given(figures=FIGURES, theme=draws.sampled_from(THEMES))
@examples(100)
def test_a_drawn_line_passes_the_check_of_foreign_lines(figures: dict[str, Any], theme: str) -> None:
    line = draw(figures, theme)
    assert only_colours(line, colours=True) == line
    assert only_colours(line, colours=False) == bare(line)


@given(line=draws.text() | draws.text("\x1b[];0123mHJ\x07\r\na", max_size=30))
@examples(200)
def test_nothing_but_text_and_colours_is_left_of_a_foreign_line(line: str) -> None:
    for colours in (True, False):
        rest = bare(only_colours(line, colours=colours))
        assert "\x1b" not in rest
        assert "\n" not in rest


def test_no_wide_character_is_taken_for_a_narrow_one() -> None:
    """Columns by Unicode's own table. A line with a medium small square was one column too wide."""
    wide = (chr(code) for code in range(0x110000) if unicodedata.east_asian_width(chr(code)) in "WF")
    assert [hex(ord(one)) for one in wide if harmless(one) and width(one) < 2] == []
