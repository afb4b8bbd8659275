"""Hook events become values: all kinds, without texts, each known by a key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as draws

from lineitem.core.live import Event
from lineitem.sources.hooks import decode
from lineitem_hook.allow import hook_record
from lineitem_hook.spool import LARGEST
from tests.hook.samples import CANARY, EVENTS, SESSION, encoded, event, tool_event
from tests.laws.examples import examples

NOW = 1_795_000_000_000
KEY = "3b241101-e2bb-4255-8caf-4136c566a962"

TEXTS = draws.text(max_size=20) | draws.sampled_from(["\x1b[2J", "\u202e", "\0", "\ud800", "x" * 5000])
VALUES = draws.recursive(
    draws.none() | draws.booleans() | draws.integers() | draws.floats(allow_nan=False) | TEXTS,
    lambda inner: draws.lists(inner, max_size=3) | draws.dictionaries(draws.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = draws.sampled_from([*tool_event(), "model", "source", "task_id", "context_tokens", "lineitem", "agent_id"])
ODD_EVENTS = draws.dictionaries(FIELDS, VALUES, max_size=12)


def read(told: Any, key: str = "") -> tuple[Event | None, list[str]]:
    problems: list[tuple[str, str]] = []
    found = decode(encoded(told) if not isinstance(told, bytes) else told, NOW, key, problems)
    return found, [slug for slug, _ in problems]


def kept(told: Any, key: str = "") -> Event:
    found, _ = read(told, key)
    assert found is not None
    return found


def test_a_tool_event_tells_ids_sizes_and_time() -> None:
    told = tool_event()
    found = kept(told)
    assert found[:9] == (
        f"{SESSION}/PostToolUse/toolu_01",
        SESSION,
        NOW,
        "PostToolUse",
        "p-1",
        "",
        "Read",
        "toolu_01",
        12,
    )
    assert found.size_in == len(encoded(told["tool_input"]))
    assert found.size_out == len(encoded(told["tool_response"]))
    assert json.loads(found.note)["effort"] == "high"


def test_no_text_of_a_prompt_tool_or_file_passes() -> None:
    for what in EVENTS:
        told = tool_event(hook_event_name=what, reason="clear", error="rate_limit")
        assert CANARY not in repr(kept(told))
        assert CANARY.encode() not in hook_record(encoded(told).decode(), KEY, NOW)


@pytest.mark.parametrize("what", [*EVENTS, "SomethingNew"])
def test_every_event_is_kept_by_its_name(what: str) -> None:
    found, problems = read(event(what, unheard_of={"x": [1]}))
    assert found is not None
    assert (found.what, problems) == (what, [])


def test_the_figures_of_a_resume_and_a_model_switch_are_kept() -> None:
    resume = kept(event("SessionStart", source="resume", context_tokens=84_000, estimated_cache_write_usd=0.525))
    assert json.loads(resume.note) == {
        "source": "resume", "context_tokens": 84_000, "estimated_cache_write_nanos": 525_000_000,
    }  # fmt: skip
    switch = kept(event("PreModelSwitch", from_model="a", to_model="b", prompt_cache_warm=True, cache_ttl="1h"))
    assert json.loads(switch.note) == {"from_model": "a", "to_model": "b", "prompt_cache_warm": True, "cache_ttl": "1h"}


def test_a_reason_is_a_word_at_a_sessions_end_and_a_text_elsewhere() -> None:
    assert json.loads(kept(event("SessionEnd", reason="clear")).note) == {"reason": "clear"}
    assert json.loads(kept(event("PermissionDenied", reason="because")).note) == {"reason_size": 9}


def test_lists_are_counted() -> None:
    found = json.loads(kept(event("Stop", background_tasks=[1, {}], session_crons=[], tool_calls=None)).note)
    assert found == {"background_tasks": 2, "session_crons": 0}


def test_keys() -> None:
    assert kept(event("Stop"), KEY).key == KEY
    assert kept(event("Stop", prompt_id="p")).key == kept(event("Stop", prompt_id="p")).key != ""
    assert kept(event("Stop", prompt_id="p")).key != kept(event("Stop", prompt_id="q")).key
    assert kept(event("SessionEnd", reason="clear")).key == ""  # a session may end so more than once
    assert kept(event("Stop", prompt_id="p"), "no uuid").key.startswith("~")
    assert kept(tool_event(), KEY).key == kept(tool_event()).key


def test_half_a_character_costs_nothing() -> None:
    """A client cuts a text in the middle of a surrogate pair; msgspec refuses such a text."""
    body = encoded(tool_event(tool_response="@")).replace(b'"@"', rb'"a\ud83d\\ud800 \ud83d\ude00"')
    found = kept(body)
    assert found.size_out == len(rb'"a\ud83d\\ud800 \ud83d\ude00"')
    assert found.tool == "Read"


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "event-unreadable"),
        (b"[]", "event-unreadable"),
        (b'{"hook_event_name":', "event-unreadable"),
        (b"[" * 5000, "event-unreadable"),
        (b"{}", "event-unnamed"),
        (b'{"hook_event_name":7}', "event-unnamed"),
    ],
)
def test_what_is_no_event_is_a_problem(body: bytes, slug: str) -> None:
    assert read(body) == (None, [slug])


def test_a_field_that_cannot_be_meant_is_left_out_and_named() -> None:
    problems: list[tuple[str, str]] = []
    found = decode(encoded(event(duration_ms="soon", tool_name=5, agent_id="x" * 500)), NOW, problems=problems)
    assert found is not None
    assert (found.duration, found.tool, found.agent) == (None, "", "")
    assert problems == [("event-odd", "PostToolUse: agent_id, tool_name, duration_ms")]


def test_an_odd_session_is_kept_for_display_only() -> None:
    told = event(session_id="../../etc/\x1b]0;x")
    found, problems = read(told)
    assert found is not None
    assert (found.session, problems) == ("../../etc/]0;x", ["event-session-odd"])


def test_the_forwarders_time_counts_where_it_can_be() -> None:
    for at, expected in ((NOW - 5, NOW - 5), (NOW + 10**10, NOW), (0, NOW), ("x", NOW)):
        assert kept(event("Stop", lineitem={"at": at})).at == expected


@given(told=ODD_EVENTS)
@examples(60)
def test_any_object_is_an_event_or_a_problem(told: dict[str, Any]) -> None:
    found, problems = read({"hook_event_name": "Stop", **told})
    assert found is not None or problems
    if found is not None:
        assert all(value is None or isinstance(value, (str, int)) for value in found)
        assert all(one.isprintable() for one in found if isinstance(one, str))
        assert isinstance(json.loads(found.note), dict)


@given(told=ODD_EVENTS)
@examples(60)
def test_the_forwarders_record_says_the_same_as_the_event(told: dict[str, Any]) -> None:
    """As command and as HTTP: one event, with the same figures."""
    told = {**tool_event(), **told}
    told.pop("lineitem", None)
    body = json.dumps(told, ensure_ascii=True, separators=(",", ":"))
    record = hook_record(body, KEY, NOW)
    assert len(record) < LARGEST
    native = decode(body.encode(), NOW, KEY)
    reduced = decode(record, NOW, KEY) if record else None
    if native is None or reduced is None:
        assert not record or native is None
        return
    plain = {"x" * 5000}
    if not plain & {one for one in told.values() if isinstance(one, str)}:
        assert reduced == native


@given(body=draws.binary(max_size=60))
@examples(60)
def test_any_bytes_are_an_event_or_a_problem(body: bytes) -> None:
    found, problems = read(body)
    assert found is not None or problems
