"""A page: foreign text is harmless, colours change nothing but colours, any output can take it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from lineitem.surfaces import page
from lineitem.surfaces.page import Page, cells, clean, shorten
from tests.surfaces.answers import HOSTILE, shown

COLOUR = re.compile(r"\x1b\[[\d;]*m")
ANY = st.text() | st.sampled_from(HOSTILE)


@pytest.mark.parametrize(
    ("foreign", "text"),
    [
        ("plain text", "plain text"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://example.org\x07link\x1b]8;;\x07", "link"),
        ("a\rb\nc\td\x08e", "a b c de"),
        ("\u202eesrever\u2066", "esrever"),
        ("\x9b31mred", "red"),
        ("\x1bP1;2|17/ab\x1b\\rest", "rest"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
        ("東京", "東京"),
    ],
)
def test_what_would_steer_a_terminal_is_taken_out(foreign: str, text: str) -> None:
    assert clean(foreign) == text


@given(ANY)
def test_a_clean_text_is_one_printable_line_and_stays_clean(text: str) -> None:
    once = clean(text)
    assert once.isprintable()
    assert clean(once) == once


@given(ANY, st.integers(0, 30), st.sampled_from(["start", "end"]))
def test_a_shortened_text_fits_and_says_that_it_is_shortened(text: str, width: int, keep: str) -> None:
    whole = clean(text)
    short = shorten(whole, width, keep)
    assert cells(short) <= width
    assert short == whole or (cells(whole) > width and (not width or "…" in short))


def test_the_telling_end_of_a_text_stays() -> None:
    assert shorten("src/lineitem/surfaces/page.py", 12, "end") == "…ces/page.py"
    assert shorten("grep -rn round", 8) == "grep -r…"
    assert shorten("東京の支店", 6) == "東京…"


def made() -> Page:
    shelf = Page(40)
    shelf.line(("A bill", "bold"), "  ", ("dim", "dim"))
    shelf.bar([("tool", 60), ("schemas", 40)])
    shelf.prose("a sentence that is longer than the page is wide, with `one command` in it", "")
    shelf.line(("■", "tool"), " Tools")
    return shelf


def test_colours_change_nothing_but_colours() -> None:
    plain, _ = shown(lambda: made().show({}), 40)
    painted, _ = shown(lambda: made().show({"color": True}), 40)
    lines = [line.rstrip() for line in COLOUR.sub("", painted).splitlines()]
    assert "\x1b" not in plain
    assert "\x1b" in painted
    assert [*lines[:1], *lines[3:]] == plain.splitlines()


@pytest.mark.parametrize(
    ("options", "env", "coloured"),
    [
        ({}, {}, False),
        ({"color": True}, {}, True),
        ({"color": True}, {"NO_COLOR": "1"}, True),
        ({"no_color": True, "color": True}, {}, False),
        ({}, {"FORCE_COLOR": "1"}, True),
        ({}, {"FORCE_COLOR": "0"}, False),
        ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_there_where_they_are_wanted(options: dict[str, bool], env: dict[str, str], coloured: bool) -> None:
    out, _ = shown(lambda: made().show(options), 40, env)
    assert ("\x1b" in out) == coloured


@pytest.mark.parametrize(
    ("env", "start"),
    [
        ({"COLORTERM": "truecolor"}, "\x1b[38;2;47;129;247m"),
        ({"COLORTERM": "", "TERM": "xterm-256color"}, "\x1b[38;5;"),
        ({"COLORTERM": "", "TERM": "xterm"}, "\x1b[94m"),
    ],
)
def test_a_terminal_gets_the_colours_it_knows(env: dict[str, str], start: str) -> None:
    Style.parse.cache_clear()  # Rich remembers what it once made of a style
    out, _ = shown(lambda: made().show({"color": True}), 40, env)
    assert start in out


def test_an_old_windows_terminal_is_left_to_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineitem.surfaces.page.os.name", "nt")
    out, _ = shown(lambda: made().show({"color": True}), 40)
    assert "A bill" in out


def test_an_output_without_our_characters_gets_others(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    shelf = Page(40)
    shelf.line("─── ■ … ≥ 東")
    shelf.show({})
    assert raw.getvalue() == b"--- * . > ?\n"


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("0", 120), ("", 120), ("wide", 120)])
def test_the_width_is_what_somebody_says_it_is(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    del capfd  # stdout is no terminal
    monkeypatch.setenv("COLUMNS", columns)
    assert page.room() == width


def test_a_sentence_is_broken_between_words_and_a_command_is_not() -> None:
    shelf = Page(24)
    shelf.prose("say `lineitem session ID` to see it", indent=" ")
    assert shelf.text() == " say\n `lineitem session ID`\n to see it\n"


@given(ANY, st.integers(8, 60))
def test_no_line_of_a_sentence_is_longer_than_the_page(text: str, width: int) -> None:
    shelf = Page(width)
    shelf.prose(clean(text), indent=" ")
    assert all(cells(line) <= width for line in shelf.text().splitlines())


def test_a_line_with_two_ends_gives_up_the_left_one() -> None:
    shelf = Page(16)
    shelf.ends([("a long name indeed", "")], [("$1.00", "bold")])
    assert shelf.text() == "a long n…  $1.00\n"


def test_a_piped_answer_starts_without_rich_or_click(home: Path) -> None:
    ask = "import sys; from lineitem.surfaces.cli import main; main(['daily']); print(*sys.modules, file=sys.stderr)"
    settings = os.environ | {"CLAUDE_CONFIG_DIR": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", ask], env=settings, capture_output=True, text=True, check=True)
    assert {"rich", "click", "typing", "dataclasses", "re"}.isdisjoint(done.stderr.split())


def test_a_remark_is_no_data() -> None:
    out, err = shown(lambda: page.hint("by the way", {"color": True}), 40)
    assert out == ""
    assert err == "\x1b[2mby the way\x1b[0m\n"


@given(st.lists(st.tuples(st.sampled_from(["tool", "system", "reply"]), st.integers(-5, 10**12)), max_size=5))
def test_a_bar_is_as_wide_as_the_page_or_not_there(amounts: list[tuple[str, int]]) -> None:
    shelf = Page(60)
    shelf.bar(amounts)
    widths = [sum(len(text) for text, _ in line) for line in shelf.lines]
    assert widths in ([], [59, 0])
    assert shelf.text() == ""
