"""What is asked is bounded, whatever a finding holds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.classifier.question import LONGEST, question
from tests.laws.examples import examples

#: Words that are long, take many bytes a letter, or look like JSON.
words = st.text(max_size=30) | st.sampled_from(
    ["x" * 9_000, "\U0001f9fe" * 9_000, '"' * 9_000, "\\" * 9_000, "\x00" * 9_000]
)
numbers = st.integers(-(10**400), 10**400) | st.none() | st.floats() | st.booleans() | words


@st.composite
def findings(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {name: draw(words) for name in ("rule", "measure", "subject", "model")}
    found |= {name: draw(numbers) for name in ("value", "limit", "usual", "spread", "values", "score")}
    found["facts"] = draw(st.dictionaries(words, numbers, max_size=20))
    found["why"] = [{"cause": draw(words), "confidence": draw(words)} for _ in range(draw(st.integers(0, 9)))]
    return found


@given(findings(), words, st.dictionaries(st.sampled_from(["in", "out", "ms"]), st.integers(0, 1 << 62) | st.none()))
@examples(200)
def test_a_question_is_never_longer(finding: dict[str, Any], said: str, sizes: dict[str, int | None]) -> None:
    asked = question(finding, sizes, said)
    assert len(asked) <= LONGEST
    json.loads(asked)
