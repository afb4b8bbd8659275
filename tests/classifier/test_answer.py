"""An answer is of the form asked for, or refused as a whole; its sentence is harmless wherever it is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.classifier.answer import (
    CAUSES,
    LARGEST_BODY,
    LIKELIHOODS,
    LONGEST,
    SCHEMA,
    Counted,
    Guess,
    Refused,
    clean_sentence,
    decode_answer,
)
from tests.classifier.stand_in import SAID, USAGE, message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def test_an_answer_of_the_form_is_a_guess_with_its_tokens() -> None:
    guess, counted = decode_answer(message())
    assert guess == Guess("result", "medium", SAID["text"])
    assert counted == Counted(700, 0, 0, 0, 40)


def test_writes_to_the_cache_are_counted_by_their_lifetime() -> None:
    usage = {**USAGE, "cache_creation_input_tokens": 90, "cache_read_input_tokens": 7,
             "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 30}}  # fmt: skip
    assert decode_answer(message(usage=usage))[1] == Counted(700, 60, 30, 7, 40)


@pytest.mark.parametrize(
    "said",
    [
        "no JSON at all",
        "[]",
        {},
        {**SAID, "cause": "aliens"},
        {**SAID, "likelihood": "sure"},
        {**SAID, "text": ""},
        {**SAID, "text": "x" * (LONGEST + 1)},
        {**SAID, "text": 7},
        {**SAID, "text": "\x1b\u202e\u200b 42."},
        {**SAID, "run": "rm -rf /"},
        {"cause": "result", "text": "no likelihood"},
        json.dumps(SAID) + " and more",
    ],
)
def test_anything_else_is_refused_as_a_whole(said: object) -> None:
    with pytest.raises(Refused) as refused:
        decode_answer(message(said))
    assert refused.value.counted == Counted(700, 0, 0, 0, 40)  # it was charged all the same


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"\xff", b'{"content":[]}', b'{"content":7}', b"[" * 60_000, b" " * (LARGEST_BODY + 1)],
)
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        decode_answer(body)


def test_a_model_that_declines_or_says_two_things_is_refused() -> None:
    with pytest.raises(Refused, match="declined"):
        decode_answer(message(stop_reason="refusal"))
    two = [{"type": "text", "text": json.dumps(SAID)}] * 2
    with pytest.raises(Refused):
        decode_answer(message(content=two))


def test_a_tool_call_instead_of_an_answer_is_refused() -> None:
    with pytest.raises(Refused):
        decode_answer(message(content=[{"type": "tool_use", "id": "x", "name": "explain", "input": SAID}]))


@pytest.mark.parametrize("usage", [None, {}, {**USAGE, "input_tokens": -1}, {**USAGE, "output_tokens": 10**9}, "many"])
def test_tokens_that_cannot_be_are_not_known(usage: object) -> None:
    assert decode_answer(message(usage=usage))[1] is None


@given(JSON)
def test_whatever_comes_is_a_harmless_guess_or_refused(said: Any) -> None:
    for body in (message(said), json.dumps(said).encode(), message(usage=said), message({**SAID, "text": said})):
        try:
            guess, _ = decode_answer(body)
        except Refused:
            continue
        assert guess.cause in CAUSES
        assert guess.likelihood in LIKELIHOODS
        assert 0 < len(guess.text) <= LONGEST


@given(st.text(max_size=600))
def test_a_sentence_holds_nothing_that_is_more_than_text(text: str) -> None:
    shown = clean_sentence(text)
    assert shown.isprintable()
    assert not set(shown) & set("<>[]`*|\\{}@&#~!^")
    assert "://" not in shown
    assert len(shown) <= LONGEST


def test_a_sentence_repeats_no_secret() -> None:
    assert "hunter2" not in clean_sentence("It ran with password=hunter2 twice.")


def test_the_form_that_is_asked_for_is_the_form_that_is_taken() -> None:
    from lineitem.classifier.answer import _Said

    assert SCHEMA["required"] == list(SCHEMA["properties"]) == list(_Said.__struct_fields__)
    assert SCHEMA["properties"]["cause"]["enum"] == list(CAUSES)
