"""Results that share a sum are told apart by what other sums of the session say of texts like them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.alike import WRITTEN, alike
from lineitem.attribution.weights import WEIGHTS, estimate
from lineitem.core.sightings import ANSWER, ATTACHMENT, COMPACTION, USER
from lineitem.sources.shapes import shape

Row = list[Any]
MODEL = "claude-opus-5-5"


@lru_cache
def digits(seed: int, lines: int = 120) -> str:
    dice = Random(seed)
    return "".join(",".join(str(dice.randrange(10**6)) for _ in range(6)) + "\n" for _ in range(lines))


@lru_cache
def words(seed: int, count: int = 700) -> str:
    dice = Random(seed)
    some = "the harbour of morning boat and engine quiet letter to number carried nobody remembered garden".split()
    return " ".join(dice.choice(some) for _ in range(count))


@lru_cache
def german(seed: int, count: int = 700) -> str:
    dice = Random(seed)
    some = "der Hafen am Morgen ein Boot und Motor stiller Brief an die Nummer trug niemand gedacht Garten für".split()
    return " ".join(dice.choice(some) for _ in range(count))


@lru_cache
def counted(text: str) -> int:
    """A tokenizer of which the weights know nothing: digits cost it much more, words a little less, German more."""
    finer = 1 if text.isascii() else 1.4
    return round(sum(0.8 if one.isdigit() else 0.16 for one in text) * finer)


@lru_cache
def seen(text: str) -> Row:
    return shape(json.dumps(text, ensure_ascii=False).encode())


def weights(_: str) -> tuple[int, ...]:
    return WEIGHTS


class Telling:
    """Rows of a thread: answers that call tools, and what these gave."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._size, self._answers = 10_000, 0

    def calls(self, *texts: str, more: int = 0) -> list[str]:
        """One answer calls as many tools; the next prompt grows by what they gave, and by so much more."""
        self._answers += 1
        mid, made = f"msg_{self._answers}", [f"{self._answers}/{place}" for place in range(len(texts))]
        blocks = [["u", place, call, "Bash", "", [20]] for place, call in enumerate(made)]
        self.rows.append([ANSWER, 0, mid, "", 1, mid, "", "", MODEL, [self._size, 30, 0, 0, 0, 0], {}, blocks])
        self.rows += [
            [USER, 0, call, "", 1, 0, [0], [[call, seen(text), 0, 0, None]], None]
            for call, text in zip(made, texts, strict=True)
        ]
        self._size += 30 + sum(map(counted, texts)) + more
        return made

    def end(self) -> None:
        self.calls()

    def off(self, groups: Sequence[tuple[list[str], tuple[str, ...]]], *, learnt: bool) -> float:
        """Which part of the tokens of these groups lies on the wrong text."""
        weighed = alike([self.rows], weights) if learnt else {}
        wrong = whole = 0.0
        for made, texts in groups:
            milli = [weighed.get(call) or estimate(seen(text)) for call, text in zip(made, texts, strict=True)]
            really = [counted(text) for text in texts]
            wrong += sum(abs(one / sum(milli) * sum(really) - other) for one, other in zip(milli, really, strict=True))
            whole += sum(really)
        return wrong / whole


@pytest.mark.parametrize("other", [digits, german], ids=["numbers", "another language, by few accents"])
def test_texts_of_a_kind_that_came_alone_tell_how_a_group_divides(other: Callable[[int], str]) -> None:
    told = Telling()
    told.calls(other(1))
    told.calls(words(2))
    texts = other(3), words(4)
    groups = [(told.calls(*texts), texts)]
    told.end()
    assert told.off(groups, learnt=False) > 0.05
    assert told.off(groups, learnt=True) < 0.02


def test_groups_of_different_proportions_tell_of_each_other() -> None:
    told = Telling()
    sizes = (40, 900), (150, 300), (90, 500), (200, 150)
    pairs = [(digits(seed, lines), words(seed, count)) for seed, (lines, count) in enumerate(sizes)]
    groups = [(told.calls(*pair), pair) for pair in pairs]
    told.end()
    assert told.off(groups, learnt=True) < told.off(groups, learnt=False) / 2


def test_the_same_text_read_again_is_known() -> None:
    told = Telling()
    again = words(7)
    told.calls(again)
    made = told.calls(again, digits(8))
    told.end()
    weighed = alike([told.rows], weights)
    assert abs(weighed[made[0]] / 1000 / counted(again) - 1) < 0.02


def test_a_sum_that_holds_something_else_teaches_nothing() -> None:
    told = Telling()
    texts = digits(3), words(4)
    told.calls(*texts, more=50_000)
    told.end()
    assert alike([told.rows], weights) == {}


def test_texts_of_which_little_is_known_are_left_alone() -> None:
    told = Telling()
    told.calls(digits(1), words(1))
    told.end()
    for row in told.rows:
        if row[0] == USER:
            row[7][0][1] = [4_000]
    assert alike([told.rows], weights) == {}


def test_a_session_without_groups_needs_no_weighing() -> None:
    told = Telling()
    for seed in range(6):
        told.calls(words(seed))
    told.end()
    assert alike([told.rows], weights) == {}


def test_prompts_on_either_side_of_a_compaction_are_not_compared() -> None:
    told = Telling()
    told.calls(digits(1), words(1))
    told.rows.append([COMPACTION, 0, "c", "", 1, "auto", 0, []])
    told.end()
    assert alike([told.rows], weights) == {}


def test_calls_written_at_once_are_told_apart_too() -> None:
    told = Telling()
    for mid, texts in (("one", (digits(1), words(1))), ("two", (digits(2, 30), words(2))), ("three", (words(3),))):
        blocks = [["u", place, f"{mid}/{place}", "Write", "", seen(text)] for place, text in enumerate(texts)]
        usage = [9_000, sum(map(counted, texts)), 0, 0, 0, 0]
        told.rows.append([ANSWER, 0, mid, "", 1, mid, "", "", MODEL, usage, {}, blocks])
    weighed = alike([told.rows], weights)
    assert set(weighed) == {WRITTEN + call for call in ("one/0", "one/1", "two/0", "two/1", "three/0")} - {"+three/0"}
    ratio = weighed["+one/0"] / weighed["+one/1"]
    really = counted(digits(1)) / counted(words(1))
    plain = estimate(seen(digits(1))) / estimate(seen(words(1)))
    assert abs(ratio / really - 1) < abs(plain / really - 1)


@given(
    st.lists(
        st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from((1, 9, 60))), min_size=1, max_size=5),
        max_size=12,
    ),
    st.integers(0, 300),
)
def test_whatever_came_weights_are_positive_and_the_same_each_time(
    groups: list[list[tuple[bool, int, int]]], more: int
) -> None:
    told = Telling()
    for group in groups:
        told.calls(*(digits(seed, size) if made else words(seed, size * 9) for made, seed, size in group), more=more)
        told.rows.append([ATTACHMENT, 0, "", "", 1, "reminder", "", 1, seen("so much is left"), []])
    told.end()
    weighed = alike([told.rows], weights)
    assert all(milli > 0 for milli in weighed.values())
    assert alike([told.rows, []], weights) == weighed
