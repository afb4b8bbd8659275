"""Task types, safe words and bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts import figures
from lineitem.insights.kept import Kept
from lineitem.insights.tasks import task_type
from lineitem.insights.words import amount, dollars, safe
from tests.laws.examples import examples


@pytest.mark.parametrize(
    ("tool", "target", "found"),
    [
        ("Read", "src/app.py", "Read .py"),
        ("Read", "C:\\work\\NOTES.MD", "Read .md"),
        ("Read", "Makefile", "Read"),
        ("Read", ".env", "Read"),
        ("Read", "src/.env", "Read"),
        ("Read", "conf.d/Makefile", "Read"),
        ("Read", "conf.d\\Makefile", "Read"),
        ("Edit", "a.tar.gz", "Edit .gz"),
        ("Bash", "pytest -q tests", "Bash pytest"),
        ("Bash", "git diff HEAD~2", "Bash git diff"),
        ("Bash", "git -C x diff", "Bash git"),
        ("Bash", "cd /tmp && npm test", "Bash npm test"),
        ("Bash", "CI=1 sudo timeout 5 /usr/bin/make all", "Bash make all"),
        ("Bash", "sudo", "Bash"),
        ("Bash", "", "Bash"),
        ("Agent", "Explore", "Agent Explore"),
        ("WebFetch", "docs.example.org", "WebFetch docs.example.org"),
        ("Grep", "def main", "Grep"),
        ("mcp__github__search", "", "mcp__github__search"),
        ("", "", "?"),
    ],
)
def test_the_kind_of_work(tool: str, target: str, found: str) -> None:
    assert task_type(tool, target) == found


@given(st.one_of(st.text(max_size=200), st.sampled_from(["Bash", "Read", "Agent"])), st.text(max_size=200))
@examples(300)
def test_a_task_type_is_short_and_harmless(tool: str, target: str) -> None:
    found = task_type(tool, target)
    assert 0 < len(found) <= 60
    assert found.isprintable()
    assert not set(found) & set('<>&*`|[]{}\\"\x1b')


@pytest.mark.parametrize(
    ("number", "measure", "found"),
    [
        (48_000, "tokens", "48,000 tokens"), (12_800_000_000, "nanos", "$12.80"), (1, "nanos", "under $0.01"),
        (0, "nanos", "$0.00"), (90_500, "duration", "90 s"), (2_000, "size_out", "2,000 bytes"),
    ],
)  # fmt: skip
def test_numbers_with_their_units(number: int, measure: str, found: str) -> None:
    assert amount(number, measure) == found


def test_money_is_rounded_half_up_to_cents_and_never_to_nothing() -> None:
    amounts = (0, 1, 9_999_999, 10_000_000, 14_999_999, 15_000_000, 1_234_567_000_000)
    said = ["$0.00", "under $0.01", "under $0.01", "$0.01", "$0.01", "$0.02", "$1,234.57"]
    assert [dollars(nanos) for nanos in amounts] == said
    assert [dollars(-nanos) for nanos in amounts[2:4]] == ["over -$0.01", "-$0.01"]
    assert [figures.money(nanos) for nanos in amounts] == said  # a message and the finding it is about say the same


def test_a_long_name_is_cut_and_a_foreign_one_is_kept() -> None:
    assert safe("x" * 50, 10) == "x" * 9 + "…"
    assert safe("Übersicht.md") == "Übersicht.md"
    assert safe("a\x1b[31mb\u202ec") == "a??31mb?c"


def test_the_longest_unused_is_forgotten_first() -> None:
    kept: Kept[list[int]] = Kept(2, list)
    kept.of("a").append(1)
    kept.of("b").append(2)
    kept.of("a")
    kept.of("c")
    assert [key for key, _ in kept.items()] == ["a", "c"]
    assert (kept.known("b"), kept.of("a"), len(kept)) == (None, [1], 2)
    kept.forget("a")
    assert kept.known("a") is None
