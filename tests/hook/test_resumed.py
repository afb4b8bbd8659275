"""The note in a session that is taken up again: only there, only where it was asked for, and never more than a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lineitem.sources.spool import Spool
from tests.hook.processes import run
from tests.hook.samples import encoded, event, tool_event
from tests.hook.stand_in import collector as listening
from tests.hook.stand_in import make_live
from tests.hook.test_forward import HOSTILE, SILENT, STATES

BACK = {
    "source": "resume", "context_tokens": 156_000, "prompt_cache_likely_expired": True,
    "seconds_since_last_response": 7_200, "estimated_cache_write_usd": 0.78,
}  # fmt: skip


def back(**more: Any) -> bytes:
    return encoded(event("SessionStart", **{**BACK, **more}))


def told(live: Path, given: bytes, *words: str) -> tuple[int, bytes, bytes]:
    done = run("forward", [str(live), *words], given)
    return done.returncode, done.stdout, done.stderr


def said(live: Path, given: bytes) -> str:
    code, out, err = told(live, given, "--note")
    assert (code, err) == (0, b"")
    found: str = json.loads(out)["systemMessage"] if out else ""
    assert not out or list(json.loads(out)) == ["systemMessage"]  # the person's eyes, not the model's
    return found


def test_what_the_collector_says_is_shown(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=b'{"systemMessage":"lineitem: cold, $0.78"}') as heard:
        assert said(live, back()) == "lineitem: cold, $0.78"
        assert said(live, back(source="fork")) == "lineitem: cold, $0.78"
    assert heard.requests[0][0].startswith("POST /v1/hook?note=1 HTTP/1.1\r\n")
    assert sum(len(list(batch.records())) for batch in Spool(str(live)).take()) == 2


def test_unless_it_was_asked_for_nothing_is_said(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=b'{"systemMessage":"lineitem: cold, $0.78"}') as heard:
        assert told(live, back()) == SILENT
        assert told(live, back(), "--notes") == SILENT
    assert heard.requests[0][0].startswith("POST /v1/hook HTTP/1.1\r\n")


@pytest.mark.parametrize("given", [
    encoded(event("SessionStart", source="startup")), encoded(event("SessionStart", source="clear")),
    encoded(event("SessionStart")), encoded(tool_event(source="resume")), encoded(event("Stop", source="resume")),
    *HOSTILE,
])  # fmt: skip
def test_elsewhere_it_is_as_silent_as_ever(tmp_path: Path, given: bytes) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=b'{"systemMessage":"never"}'):
        assert told(live, given, "--note") == SILENT


def test_where_it_is_not_worth_a_word_none_is_said(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=b'{"systemMessage":""}'):
        assert said(live, back()) == ""


@pytest.mark.parametrize("answer", [b"{}", b"", b"garbage", b'{"systemMessage":5}', None])
def test_without_the_collectors_word_it_is_what_the_client_says(tmp_path: Path, answer: bytes | None) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=answer):
        found = said(live, back())
    assert "156k tokens are written again, about $0.78 as Claude Code estimates it" in found
    assert "lineitem resume-cost" in found


@pytest.mark.parametrize("more", [
    {"prompt_cache_likely_expired": False}, {"prompt_cache_likely_expired": None}, {"context_tokens": 19_999},
    {"context_tokens": None}, {"context_tokens": "many"}, {"context_tokens": -5},
])  # fmt: skip
def test_a_warm_cache_a_small_window_and_an_unknown_one_are_not_worth_a_word(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    assert said(make_live(tmp_path), back(**more)) == ""


@pytest.mark.parametrize("cost", [None, "much", -1, 1e400])
def test_an_amount_that_is_none_is_left_out(tmp_path: Path, cost: Any) -> None:
    found = said(make_live(tmp_path), back(estimated_cache_write_usd=cost))
    assert "156k tokens are written again." in found
    assert "$" not in found


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_broken_place_changes_nothing_of_it(tmp_path: Path, state: Any) -> None:
    live = make_live(tmp_path)
    state(live)
    assert "written again" in said(live, back())


def test_nothing_but_printable_characters_comes_out_and_not_many(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    hostile = json.dumps({"systemMessage": "\x1b[31mred\n\u202eback" + "x" * 5_000}).encode()
    with listening(live, answer=hostile):
        found = said(live, back())
    assert found.isprintable()
    assert len(found) <= 400
