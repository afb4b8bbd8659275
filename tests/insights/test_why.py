"""Causes: the right one first, a confidence that is worked out, and words that harm nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.findings import NOTICE, Finding
from lineitem.insights.why import LIKELY, LONGEST, SURE, UNKNOWN, Around, causes
from tests.laws.examples import examples


def finding(rule: str = "spike", value: int = 30_000, **more: object) -> Finding:
    made = Finding(rule, NOTICE, "s1", "shop", 0, "Bash pytest", "tokens", value, 7_000, 1_000)
    return made._replace(**more)  # type: ignore[arg-type]


def test_a_large_result_explains_a_spike_and_the_advice_fits_the_tool() -> None:
    (cause,) = causes(finding(), Around("Bash", "pytest -q", result=28_000, written=500))
    assert (cause.slug, cause.confidence, cause.explained) == ("result", SURE, 28_000)
    assert cause.text == "The result of Bash pytest -q is 28,000 tokens."
    assert cause.suggestion.startswith("Print less")


@pytest.mark.parametrize(("part", "confidence"), [(23_200, SURE), (23_199, LIKELY), (8_700, LIKELY), (8_699, UNKNOWN)])
def test_a_confidence_is_the_part_of_the_excess_that_is_explained(part: int, confidence: str) -> None:
    assert causes(finding(), Around("Read", result=part))[0].confidence == confidence


def test_nothing_known_is_said_to_be_unknown() -> None:
    (cause,) = causes(finding())
    assert (cause.slug, cause.confidence) == ("unknown", UNKNOWN)
    assert "Nothing that is known" in cause.text


def test_the_cause_that_explains_most_comes_first() -> None:
    around = Around("Read", "a.py", result=9_000, written=15_000, reads=6)
    assert [cause.slug for cause in causes(finding(), around)] == ["written", "result", "read-again"]
    spent = Around(carried=15_000, thinking=29_000, compacted=True, agents_cost=9_000)
    found = [cause.slug for cause in causes(finding("slope", measure="nanos"), spent)]
    assert found == ["thinking", "carried", "agents", "compaction"]


@pytest.mark.parametrize(
    ("around", "slug", "words"),
    [
        (Around(thinking=29_000_000_000), "thinking", "$29.00 of it is thinking"),
        (Around(written=29_000_000_000), "written", "$29.00 of it is answers"),
        (Around(entered=29_000_000_000), "entered", "$29.00 of it is what came into a context"),
        (Around(carried=29_000_000_000), "carried", "$29.00 of it is sending what was there already"),
        (Around(schemas=29_000_000_000, server="mcp__crm"), "schemas", "About $29.00 of it is tool schemas, most"),
        (Around(agents_cost=29_000_000_000, agents=12), "agents", "$29.00 of it was spent by 12 agents"),
        (Around("Write", "a.py", written=29_000_000_000), "written", "took $29.00 to make the call Write a.py"),
        (Around(rewritten=29_000_000_000, miss="model_changed"), "cold-cache", "the model was switched"),
        (Around(rewritten=29_000_000_000, miss="ttl_expired_1h"), "cold-cache", "expired after an hour"),
        (Around(compacted=True), "compaction", "compacted just before"),
    ],
)
def test_each_cause_in_its_words(around: Around, slug: str, words: str) -> None:
    (cause,) = causes(finding("slope", 30_000_000_000, measure="nanos", usual=None), around)
    assert cause.slug == slug
    assert words in cause.text


def test_a_file_that_is_read_again_is_said_beside_a_large_call() -> None:
    (cause,) = causes(finding(), Around("Read", "a.py", reads=5))
    assert (cause.slug, cause.confidence, cause.text) == (
        "read-again",
        LIKELY,
        "a.py was read 5 times in this session.",
    )


def test_what_is_known_by_proportion_is_never_sure() -> None:
    (cause,) = causes(finding("slope", measure="nanos"), Around(schemas=30_000))
    assert cause.confidence == LIKELY


def test_many_agents_are_said_with_what_agents_spent_meanwhile() -> None:
    found = finding("fan-out", 20, measure="agents", facts=(("minutes", 10),))
    (cause,) = causes(found, Around(agents=18, agents_cost=7_300_000_000))
    assert cause.text.endswith("Agents spent $7.30 in that time.")


def test_a_dearer_model_explains_money_and_not_tokens() -> None:
    around = Around(model_before="claude-haiku-5-5", dearer=4_000)
    assert causes(finding(), around)[0].slug == "unknown"
    (cause,) = causes(finding(measure="nanos"), around)
    assert cause.text == "The model was switched from claude-haiku-5-5 to one that costs 40.00 times as much."
    assert causes(finding(measure="nanos"), around._replace(dearer=50))[0].slug == "unknown"


def test_what_a_rule_has_counted_is_sure() -> None:
    loop = finding("loop", 4, measure="calls", facts=(("failed", 4), ("same", 1)))
    assert causes(loop)[0].text == "Bash pytest: 4 times, failed each time."
    fan_out = finding("fan-out", 20, measure="agents", facts=(("minutes", 10),))
    assert causes(fan_out)[0].text.startswith("20 agents were started within 10 minutes")
    misses = finding("misses", 90_000, subject="tools_changed")
    assert causes(misses)[0].confidence == SURE
    assert causes(misses._replace(subject="messages_rewritten"))[0].confidence == LIKELY
    assert causes(misses._replace(subject=""))[0].confidence == UNKNOWN


def test_of_misses_for_several_reasons_each_has_its_part_and_none_has_all() -> None:
    """The reason of the last miss was said to be that of all of them, and surely so."""
    facts = (("misses", 4), ("tokens/model_changed", 20_000), ("tokens/tools_changed", 60_000))
    mixed = finding("misses", 90_000, subject="", facts=facts)
    said = causes(mixed, Around(miss="model_changed"))
    assert [(cause.explained, cause.confidence) for cause in said] == [(60_000, SURE), (20_000, SURE)]
    assert said[0].text == "60,000 of 90,000 tokens were paid again: the tools or the system prompt changed."
    assert said[1].text == "20,000 of 90,000 tokens were paid again: the model was switched."


def test_a_resume_says_our_figures_and_the_clients_and_is_only_likely() -> None:
    facts = (("write", 4_000_000_000), ("read", 100_000_000), ("client", 4_100_000_000))
    (cause,) = causes(finding("resume", 500_000, facts=facts))
    assert cause.confidence == LIKELY
    assert "500,000 tokens are written again, $4.00 instead of $0.10 (the client's estimate: $4.10)" in cause.text


@pytest.mark.parametrize(
    ("tool", "advice"),
    [
        ("Bash", "Print less"), ("Read", "Read the lines that matter"), ("Grep", "Narrow the pattern"),
        ("mcp__crm__find", "Ask the server for fewer fields"), ("WebFetch", "Ask for less"),
    ],
)  # fmt: skip
def test_the_advice_fits_the_tool(tool: str, advice: str) -> None:
    assert causes(finding(), Around(tool, result=28_000))[0].suggestion.startswith(advice)


def test_what_a_resume_has_cost_is_sure() -> None:
    facts = (("written", 490_000), ("paid", 3_900_000_000), ("client", 4_100_000_000))
    (cause,) = causes(finding("resume", 500_000, facts=facts))
    assert (cause.confidence, cause.text) == (
        SURE,
        "The cache was cold: 490,000 tokens were written to it, for $3.90 (the client's estimate: $4.10).",
    )


hostile = st.one_of(st.text(max_size=300), st.text("\x1b[]\u202e\u200b<script>&*_`|\n\r", max_size=300))
numbers = st.one_of(st.none(), st.integers(0, 10**30))
arounds = st.builds(
    Around, st.one_of(hostile, st.sampled_from(["Bash", "Read", "Grep"])), hostile, numbers, numbers, numbers, numbers,
    numbers, numbers, numbers, st.one_of(hostile, st.sampled_from(["model_changed", "ttl_expired_5m"])), numbers,
    numbers, numbers, hostile, hostile, numbers, st.booleans(),
)  # fmt: skip
findings = st.builds(
    finding,
    st.sampled_from(["spike", "large", "loop", "fan-out", "slope", "misses", "resume"]),
    st.integers(0, 10**30),
    subject=hostile,
    measure=st.sampled_from(["tokens", "nanos", "size_out", "duration", "calls"]),
    facts=st.lists(
        st.tuples(
            st.sampled_from(["write", "read", "client", "minutes", "failed", "written", "paid"]), st.integers(0, 10**30)
        )
    )
    .map(dict)
    .map(lambda facts: tuple(facts.items())),
)


@given(findings, arounds)
@examples(400)
def test_however_hostile_the_names_the_words_are_short_and_harmless(found: Finding, around: Around) -> None:
    for cause in causes(found, around):
        for words in (cause.text, cause.suggestion):
            assert words
            assert len(words) <= LONGEST
            assert words.isprintable()
            assert not set(words) & set('<>&*`|[]{}@#~\\"')
        assert cause.confidence in {SURE, LIKELY, UNKNOWN}
        assert (cause.confidence == UNKNOWN) == (cause.slug == "unknown")
