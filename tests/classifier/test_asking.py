"""Who is asked about, once, for how much; what becomes of answers, of failures, and of what dies on the way."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lineitem.classifier.answer import Counted, Guess
from lineitem.classifier.asking import TRIES
from lineitem.classifier.messages_api import ANSWERED, LATER, NEVER, ODD, STOPPED, Outcome, size_of
from lineitem.core.live import Event
from lineitem.core.periods import Zone
from lineitem.core.rates import cost_nanos
from lineitem.ledger import guesses, live
from lineitem.reports.query import Query
from tests.classifier.findings import NOW, PRIVATE, Answers, Clock, asked, asking, finding, keep, sent
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

GUESS = Guess("result", "medium", "The file is far longer than those before.")
COUNTED = Counted(700, 0, 0, 0, 40)
GOOD = Outcome(ANSWERED, guess=GUESS, counted=COUNTED)


def rows(store: Books) -> list[dict[str, Any]]:
    return list(store.ask().anomalies(Query(Zone("UTC"), NOW)).rows)


def test_a_finding_that_no_rule_explains_is_asked_about_once_and_shown_as_a_guess() -> None:
    api, clock = Answers(GOOD), Clock()
    with Books() as store:
        keep(store.ledger, finding())
        for _ in range(3):
            asking(api, clock).once(store.ledger, store.book)
            clock.now += 60_000
        assert len(api.asked) == 1
        (row,) = rows(store)
        assert (row["guess"], row["guessedCause"], row["guessLikelihood"]) == (GUESS.text, "result", "medium")
        assert row["guessModel"] == "claude-haiku-5-5"
        assert (row["confidence"], len(row["causes"])) == ("unknown", 1)  # what rules say stays theirs
        standing = store.ask().classifier()
        assert (standing.answered, standing.waiting, standing.given_up) == (1, 0, 0)


@pytest.mark.parametrize(("confidence", "questions"), [("unknown", 1), ("likely", 1), ("sure", 0)])
def test_what_a_rule_is_sure_about_is_not_asked(confidence: str, questions: int) -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding(), confidence)
        asking(api, Clock()).once(store.ledger, store.book)
        assert len(api.asked) == questions


def test_what_is_old_is_not_asked_about() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding(at=NOW - 90_000_000))
        asking(api, Clock()).once(store.ledger, store.book)
        assert (api.asked, asked(store)) == ([], [])


def test_the_same_question_is_sent_once() -> None:
    api = Answers(GOOD)
    with Books() as store:
        for number in (1, 2):
            keep(store.ledger, finding(number, value=40_000))
        asking(api, Clock()).once(store.ledger, store.book)
        assert len(api.asked) == 1
        assert [row["guess"] for row in rows(store)] == [GUESS.text] * 2


def test_a_little_different_is_another_question() -> None:
    """A cache by rounded sizes gave one command another one's cause."""
    api = Answers(GOOD)
    with Books() as store:
        for number in (1, 2):
            keep(store.ledger, finding(number))
        asking(api, Clock()).once(store.ledger, store.book)
        assert sorted(each["value"] for each in api.asked) == [40_001, 40_002]


def test_figures_are_sent_and_no_name() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding())
        event = Event("one", "s-1", NOW, "PostToolUse", call="toolu_1", size_in=90, size_out=160_000, duration=12)
        live.keep_events(store.ledger, [event])
        asking(api, Clock()).once(store.ledger, store.book)
        keep(store.ledger, finding(2, rule="loop", subject="Read /home/dev/acme/x.py", measure="calls"))
        keep(store.ledger, finding(3, subject="WebFetch intranet.acme.example"))
        asking(api, Clock()).once(store.ledger, store.book)
    (first, *others) = api.asked
    assert first == {
        "rule": "spike", "measure": "tokens", "value": 40_001, "limit": 3_000, "usual": 300, "spread": 20,
        "values": 90, "score": 100, "tool": "Read", "task": ".py", "model": "claude-opus-4-5",
        "sizes": {"bytes_in": 90, "bytes_out": 160_000, "milliseconds": 12}, "facts": {},
        "rules_say": [{"cause": "unknown", "confidence": "unknown"}],
    }  # fmt: skip
    assert {(each["tool"], each["task"]) for each in others} == {("Read", ""), ("WebFetch", "")}
    assert not [word for word in PRIVATE if word in json.dumps(api.asked)]


def told(folder: Path, command: str) -> tuple[Tale, str]:
    """A session with one command in it."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("the private prompt")
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": command, "description": "priv"}}
    pen.answer([block], counts(3, 60, 0, 9_000, 40))
    pen.result("toolu_1", "a private result")
    pen.answer([{"type": "text", "text": "ok"}], counts(3, 400, 0, 9_100, 10))
    tale.write(folder)
    return tale, pen.session


def test_a_snippet_is_sent_only_where_that_is_allowed_and_redacted(tmp_path: Path) -> None:
    command = "cd /home/dev/shop && API_KEY=abcdef0123 pytest -q tests/orders " + "-k refund " * 60
    _, session = told(tmp_path, command)
    for allowed in (False, True):
        api = Answers(GOOD)
        with Books(tmp_path) as store:
            store.read()
            store.fold()
            keep(store.ledger, finding(session=session, subject="Bash pytest"))
            asking(api, Clock(), snippet=allowed).once(store.ledger, store.book)
        (question,) = api.asked
        assert ("snippet" in question) is allowed
        assert "private" not in json.dumps(question)
        if allowed:
            assert question["snippet"].startswith("cd ~/shop && API_KEY=*** pytest -q tests/orders -k refund")
            assert len(question["snippet"]) == 400


def test_where_the_transcript_is_gone_there_is_no_snippet(tmp_path: Path) -> None:
    _, session = told(tmp_path, "pytest -q")
    api = Answers(GOOD)
    with Books(tmp_path) as store:
        store.read()
        for file in tmp_path.rglob("*.jsonl"):
            file.unlink()
        keep(store.ledger, finding(session=session))
        asking(api, Clock(), snippet=True).once(store.ledger, store.book)
    assert "snippet" not in api.asked[0]


def test_what_an_answer_cost_is_kept_by_the_price_book() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding())
        asking(api, Clock()).once(store.ledger, store.book)
        ((reserved, nanos, cause, _),) = sent(store)
        rates: Any = store.book.rates("claude-haiku-5-5", NOW)
        assert nanos == cost_nanos([700, 0, 0, 0, 40, 0], rates) == 90_000
        assert nanos < reserved
        assert cause == "result"


def test_no_more_than_the_budget_is_spent_and_the_next_month_goes_on() -> None:
    api, clock = Answers(Outcome(LATER, "no answer in time")), Clock()  # nobody knows whether it was charged
    with Books() as store:
        ask = asking(api, clock, budget="0.001")
        for number in range(1, 30):
            keep(store.ledger, finding(number))
        for _ in range(40):
            ask.once(store.ledger, store.book)
            clock.now += 700_000
        spent, set_aside, requests = guesses.spent(store.ledger, 0)
        assert 0 < spent == set_aside <= 1_000_000
        assert len(api.asked) == requests == 1_000_000 // sent(store)[0][0]
        asked_before = len(api.asked)
        clock.now = NOW + 14 * 86_400_000
        keep(store.ledger, finding(50, at=clock.now))
        ask.once(store.ledger, store.book)
        assert len(api.asked) == asked_before + 1


def test_a_budget_of_nothing_sends_nothing() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding())
        asking(api, Clock(), budget=0).once(store.ledger, store.book)
        assert (api.asked, sent(store)) == ([], [])


def test_what_fails_is_tried_again_later_and_later_then_given_up_and_counted() -> None:
    api, clock = Answers(Outcome(LATER, "the API answered with status 529", free=True)), Clock()
    with Books() as store:
        keep(store.ledger, finding())
        ask, moments = asking(api, clock), []
        for _ in range(3_000):
            before = len(api.asked)
            ask.once(store.ledger, store.book)
            moments += [clock.now] if len(api.asked) > before else []
            clock.now += 5_000
        assert len(moments) == TRIES
        waits = [later - earlier for earlier, later in pairwise(moments)]
        assert waits == [15_000, 60_000, 240_000]
        assert asked(store) == [(TRIES, None, 1, "the API answered with status 529")]
        assert guesses.spent(store.ledger, 0)[0] == 0
        (problem,) = [each for each in store.ask().health().problems if each["slug"] == "classifier-given-up"]
        assert problem["places"][0]["note"] == "1: the API answered with status 529"


@pytest.mark.parametrize(
    "outcome", [Outcome(ODD, "the answer said nothing", counted=COUNTED), Outcome(NEVER, "status 400", free=True)]
)
def test_an_answer_that_cannot_be_used_is_not_asked_for_again(outcome: Outcome) -> None:
    api, clock = Answers(outcome), Clock()
    with Books() as store:
        keep(store.ledger, finding())
        for _ in range(5):
            asking(api, clock).once(store.ledger, store.book)
            clock.now += 3_600_000
        assert len(api.asked) == 1
        assert rows(store)[0]["guess"] is None
        assert store.ask().classifier().given_up == 1
        assert guesses.spent(store.ledger, 0)[0] == (90_000 if outcome.what == ODD else 0)


def test_a_key_that_is_refused_is_said_once_and_nothing_is_lost() -> None:
    api, clock = Answers(Outcome(STOPPED, "The API does not take the key.", free=True), GOOD), Clock()
    with Books() as store:
        for number in (1, 2, 3):
            keep(store.ledger, finding(number))
        ask = asking(api, clock)
        for _ in range(20):
            ask.once(store.ledger, store.book)
        assert len(api.asked) == 1
        told = store.ask()
        told.settings = {"classifier": {"enabled": True}}
        assert told.classifier().trouble == "The API does not take the key."
        slugs = [each["slug"] for each in told.health().problems]
        assert slugs == ["classifier-stopped"]
        clock.now += 3_600_000
        ask.once(store.ledger, store.book)
        assert [bool(row["guess"]) for row in rows(store)] == [True] * 3
        assert told.classifier().trouble == ""


def test_what_was_stopped_counts_as_no_try() -> None:
    stopped = Outcome(STOPPED, "The API does not take the key.", free=True)
    api, clock = Answers(*[stopped] * TRIES, Outcome(LATER, "no answer in time"), GOOD), Clock()
    with Books() as store:
        keep(store.ledger, finding())
        ask = asking(api, clock)
        for _ in range(20):
            ask.once(store.ledger, store.book)
            clock.now += 700_000
        assert rows(store)[0]["guess"] == GUESS.text


def test_what_came_within_a_cooldown_is_not_asked_about() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding(again=True))
        asking(api, Clock()).once(store.ledger, store.book)
        assert api.asked == []


def test_without_a_price_nothing_is_sent_and_the_reason_is_said() -> None:
    api = Answers(GOOD)
    with Books() as store:
        keep(store.ledger, finding())
        asking(api, Clock(), model="haiku-of-tomorrow").once(store.ledger, store.book)
        assert (api.asked, sent(store)) == ([], [])
        assert "haiku-of-tomorrow" in store.ledger.state("classifier")


def test_what_was_mended_is_no_longer_said() -> None:
    """The sentence about a missing key stood there until the next finding, days later."""
    api, clock = Answers(GOOD, trouble="classifier.key: the environment variable is not set."), Clock()
    with Books() as store:
        ask = asking(api, clock)
        ask.once(store.ledger, store.book)
        assert store.ledger.state("classifier")
        api.wrong = ""
        clock.now += 700_000
        ask.once(store.ledger, store.book)
        assert store.ledger.state("classifier") == ""


def test_where_nothing_can_be_sent_the_findings_wait_for_a_day() -> None:
    api, clock = Answers(GOOD, trouble="The library anthropic is not installed."), Clock()
    with Books() as store:
        keep(store.ledger, finding())
        ask = asking(api, clock)
        ask.once(store.ledger, store.book)
        api.wrong = ""
        clock.now += 3_600_000
        ask.once(store.ledger, store.book)
        assert len(api.asked) == 1


class Dies(BaseException):
    """The process ends."""


def test_a_process_that_dies_while_asking_leaves_the_money_set_aside_and_the_finding_due() -> None:
    class Deadly(Answers):
        def ask(self, asked: bytes) -> Outcome:  # noqa: ARG002
            raise Dies

    clock = Clock()
    with Books() as store:
        keep(store.ledger, finding())
        with pytest.raises(Dies):
            asking(Deadly(GOOD), clock).once(store.ledger, store.book)
        ((reserved, nanos, _, _),) = sent(store)
        assert nanos is None
        assert guesses.spent(store.ledger, 0) == (reserved, reserved, 1)
        api = Answers(GOOD)
        asking(api, clock).once(store.ledger, store.book)
        assert api.asked == []  # the claim holds
        clock.now += 121_000
        asking(api, clock).once(store.ledger, store.book)
        assert len(api.asked) == 1
        assert store.ask().classifier().set_aside == reserved


def test_it_holds_no_transaction_while_it_asks() -> None:
    with Books() as store:
        keep(store.ledger, finding())

        class Watches(Answers):
            def ask(self, asked: bytes) -> Outcome:
                assert not store.ledger.writing
                return super().ask(asked)

        api = Watches(GOOD)
        asking(api, Clock()).once(store.ledger, store.book)
        assert len(api.asked) == 1


def test_what_it_spent_stands_beside_the_totals_and_in_none_of_them(tmp_path: Path) -> None:
    tale, _ = told(tmp_path, "pytest -q")
    with Books(tmp_path) as store:
        store.read()
        store.fold()
        query = Query(Zone("UTC"), tale.at)
        before = store.ask().report("daily", query)
        keep(store.ledger, finding(at=tale.at))
        clock = Clock()
        clock.now = int(time.time() * 1000)
        keep(store.ledger, finding(2, at=clock.now))
        asking(Answers(GOOD), clock).once(store.ledger, store.book)
        after = store.ask().report("daily", query)
        assert after.totals == before.totals
        assert [note for note in after.notes if " " in note] == [
            "lineitem's classifier: $0.0001 this month, not in these totals."
        ]
        query.options = {"incognito": "yes"}
        assert store.ask().report("daily", query).notes == before.notes


def test_the_size_that_is_reckoned_with_holds_all_that_is_sent() -> None:
    assert size_of(b"x" * 100) > 100 + 1_000
