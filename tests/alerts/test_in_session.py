"""Warnings inside the session: our own words and digits, whatever the finding says."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.in_session import EVENTS, TEMPLATES, hook_answer, sentence
from lineitem.alerts.notice import Notice
from lineitem.alerts.settings import AlertSettings
from tests.alerts.notices import anomaly, health, hostile_notices, hostile_text
from tests.laws.examples import examples

#: Every word that may come out: those of the templates, and the units of figures.
WORDS = {
    word
    for clauses in TEMPLATES.values()
    for word in re.findall(r"[A-Za-z']+", re.sub(r"\{.*?\}", "", " ".join(clauses)))
}
WORDS |= {"lineitem", "under", "k", "M", "B", "T", "s", "m", "h", "d"}


def test_nothing_is_said_unless_a_person_asked_for_it() -> None:
    assert AlertSettings().in_session == "off"
    assert hook_answer(anomaly(), AlertSettings().in_session, "PostToolUse") == {}


def test_a_person_sees_a_line_and_a_model_reads_one() -> None:
    text = "lineitem: This session's context is large: 155.0k tokens."
    critical = health("h", 155_000, "critical")
    assert hook_answer(critical, "person", "Stop") == {"systemMessage": text}
    assert hook_answer(critical, "model", "UserPromptSubmit") == {
        "hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": text}
    }
    assert hook_answer(critical, "model", "Stop") == {}
    assert hook_answer(critical._replace(severity="info"), "person", "Stop") == {}


@examples(400)
@given(
    hostile_notices(), st.sampled_from(["person", "model", "off"]), st.one_of(st.sampled_from(EVENTS), hostile_text())
)
def test_law_nothing_but_our_words_and_digits(notice: Notice, mode: str, event: str) -> None:
    answer = hook_answer(notice, mode, event)
    said = json.dumps(answer)
    for known in (
        *sorted(EVENTS, reverse=True),
        "hookSpecificOutput",
        "hookEventName",
        "additionalContext",
        "systemMessage",
    ):
        said = said.replace(known, "")
    assert not set(re.findall(r"[A-Za-z']+", said)) - WORDS, said
    assert re.fullmatch(r"[A-Za-z0-9 .,:;$%'{}\"-]*", said), said
    assert len(said) < 300


def test_every_template_is_a_sentence_without_figures() -> None:
    for kind in TEMPLATES:
        assert re.fullmatch(r"lineitem: [A-Z][A-Za-z0-9' -]+\.", sentence(anomaly()._replace(kind=kind, figures={})))
