"""The real SDK against a server on loopback: what is sent, and what each kind of answer comes to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lineitem.classifier.answer import SCHEMA, Counted, Guess
from lineitem.classifier.messages_api import (
    ANSWERED,
    LATER,
    MISSING,
    NEVER,
    ODD,
    STOPPED,
    MessagesApi,
    Outcome,
    size_of,
)
from lineitem.classifier.question import SYSTEM, question
from tests.classifier.findings import Clock, asked, asking, finding, keep, sent, settings
from tests.classifier.stand_in import SAID, StandIn, message
from tests.telling.stores import Books

KEY = "sk-ant-test-0123456789"
QUESTION = question(finding()._asdict(), {})


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def ask(*answers: tuple[int, bytes, dict[str, str]]) -> tuple[Outcome, StandIn]:
    with StandIn(*answers) as server:
        return MessagesApi(settings(base_url=server.url)).ask(QUESTION), server


def test_a_question_is_one_request_with_a_form_for_the_answer() -> None:
    outcome, server = ask()
    assert outcome == Outcome(ANSWERED, guess=Guess(**_as_guess(SAID)), counted=Counted(700, 0, 0, 0, 40))
    (got,) = server.got
    assert server.paths == ["/v1/messages"]
    assert got == {
        "model": "claude-haiku-5-5", "max_tokens": 300, "system": SYSTEM, "thinking": {"type": "disabled"},
        "messages": [{"role": "user", "content": QUESTION.decode()}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }  # fmt: skip
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def _as_guess(said: dict[str, str]) -> dict[str, Any]:
    return {"cause": said["cause"], "likelihood": said["likelihood"], "text": said["text"]}


def test_what_is_reckoned_with_is_no_less_than_what_is_sent() -> None:
    _, server = ask()
    assert len(json.dumps(server.got[0]["output_config"]["format"]["schema"])) <= size_of(b"")
    texts = [QUESTION.decode(), SYSTEM, repr(SCHEMA)]
    assert size_of(QUESTION) == sum(len(text.encode()) for text in texts)


@pytest.mark.parametrize(
    ("status", "what", "free"),
    [*((status, STOPPED, True) for status in (401, 403, 404)), *((status, NEVER, True) for status in (400, 413, 422)),
     *((status, LATER, True) for status in (408, 409, 429, 500, 502, 503, 529))],
)  # fmt: skip
def test_an_error_is_an_outcome_sent_once_and_not_charged(status: int, what: str, free: bool) -> None:
    body = json.dumps({"type": "error", "error": {"type": "x", "message": f"hostile \x1b[2J {KEY}"}}).encode()
    outcome, server = ask((status, body, {"retry-after": "0"}))
    assert (outcome.what, outcome.free, len(server.got)) == (what, free, 1)
    assert str(status) in outcome.why
    assert KEY not in outcome.why
    assert "hostile" not in outcome.why


def test_a_redirect_is_not_followed() -> None:
    with StandIn() as elsewhere:
        outcome, _ = ask((307, b"", {"location": elsewhere.url + "/v1/messages"}))
        assert outcome.what == STOPPED
        assert elsewhere.got == []


def test_a_connection_that_breaks_may_have_been_charged() -> None:
    outcome, _ = ask((0, b"", {}))
    assert (outcome.what, outcome.free) == (LATER, False)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with StandIn() as server:
        url = server.url
    outcome = MessagesApi(settings(base_url=url)).ask(QUESTION)
    assert (outcome.what, outcome.free) == (LATER, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"x" * 1_000_000, message("no JSON"), message({**SAID, "cause": "aliens"}), b"[" * 50_000],
)
def test_an_answer_that_is_none_is_odd(body: bytes) -> None:
    outcome, server = ask((200, body, {}))
    assert (outcome.what, outcome.free, outcome.guess, len(server.got)) == (ODD, False, None, 1)


def test_of_an_endless_answer_no_more_is_read_than_an_answer_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineitem.classifier.messages_api.decode_answer", lambda body: pytest.fail(str(len(body))))
    outcome, _ = ask((200, b" " * 5_000_000, {}))
    assert (outcome.what, outcome.why) == (ODD, "the answer was too long")


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    api = MessagesApi(settings())
    assert api.ask(QUESTION) == Outcome(STOPPED, MISSING, free=True)
    assert "pip install 'lineitem[classifier]'" in MISSING


def test_a_missing_key_is_said_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with StandIn() as server:
        api = MessagesApi(settings(base_url=server.url))
        assert "ANTHROPIC_API_KEY" in api.trouble()
        assert api.ask(QUESTION).what == STOPPED
        assert server.got == []


def test_another_login_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "other-login")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    outcome, server = ask()
    assert outcome.what == ANSWERED
    assert "other-login" not in json.dumps(server.headers)


def test_a_hostile_answer_is_clean_in_the_store_and_on_the_screen() -> None:
    text = "Run \x1b]8;;https://evil.example\x07this\x1b[0m <b>now</b> `rm` @here https://evil.example/x?q=1"
    with StandIn((200, message({**SAID, "text": text}), {})) as server, Books() as store:
        keep(store.ledger, finding())
        api = MessagesApi(settings(base_url=server.url))
        asking(api, Clock(), base_url=server.url).once(store.ledger, store.book)
        ((shown,),) = store.rows("select text from question")
        assert shown.isprintable()
        assert not set(shown) & set("<>`@\x1b")
        assert "://" not in shown


def test_a_store_on_disk_holds_the_answer_and_nothing_that_was_sent(tmp_path: Path) -> None:
    with StandIn() as server, Books(db=tmp_path / "store.sqlite") as store:
        keep(store.ledger, finding())
        asking(MessagesApi(settings(base_url=server.url)), Clock(), base_url=server.url).once(store.ledger, store.book)
        assert [row[2] for row in asked(store)] == [1]
        assert [row[2] for row in sent(store)] == ["result"]
        data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert KEY.encode() not in data
        assert b"rules_say" not in data
