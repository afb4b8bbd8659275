"""Budgets that are used up answer hooks: each as its rule says, with a reason, and logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineitem.core import budgets, scopes
from lineitem.core.budgets import Budget
from lineitem.core.live import Decision, Event
from lineitem.core.periods import Zone
from lineitem.ledger import audit
from lineitem.ledger.inbox import Inbox
from lineitem.reports.query import Query
from lineitem.server.gate import Gate, Seen
from lineitem.sources.hooks import About
from lineitem.wiring import Lineitem
from tests.telling.transcripts import CWD, HAIKU, OPUS, Tale, counts

HERE = About(CWD)
HOUR = 3_600_000


class Scene:
    """A store in which a session has spent $0.046, and the gate of its collector."""

    def __init__(self, folder: Path) -> None:
        tale = Tale()
        pen = tale.session()
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
        tale.write(folder)
        self.session, self.now = pen.session, tale.at + 1_000
        self.lineitem = Lineitem(str(folder / "store.sqlite"), [str(folder)])
        self.lineitem.settings = {"timezone": "UTC"}
        self.lineitem.refresh()
        self.lineitem.fold()
        self.gate = Gate()

    def budget(self, name: str = "small", of: str = "", **more: Any) -> None:
        """A budget of a cent a day; the gate looks."""
        made = Budget(name, "day", 10_000_000, scope=scopes.parse([of] if of else []), since=self.now, act="block")
        self.lineitem.limits.keep(made._replace(**more), "budget made")
        self.gate.look(self.lineitem, self.now, ahead=True)

    def ask(
        self, what: str = "UserPromptSubmit", about: About = HERE, session: str = "", after: int = 0, **more: Any
    ) -> Any:
        """What the hook is answered."""
        event = Event("", session or self.session, self.now + after, what, **more)
        answer = self.gate.decide(event, about, self.lineitem, self.now + after)
        self.logged = [decision.what for decision in answer.logged]
        return answer.body


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.lineitem.close()


def test_nothing_is_said_while_something_is_left(scene: Scene) -> None:
    scene.budget(limit=10**12)
    assert not scene.gate.holds
    assert scene.ask() == {}


def test_a_prompt_is_refused_with_what_was_spent_and_how_to_go_on(scene: Scene) -> None:
    scene.budget("team shop's")
    said = scene.ask()
    assert said["decision"] == "block"
    assert said["reason"].startswith("lineitem: the budget team shop's is used up: $0.05 of $0.01 (2026-11-02).")
    assert "override 'team shop'\\''s' --for 1h" in said["reason"]
    assert scene.logged == ["block"]


def test_another_days_spending_is_no_reason(scene: Scene) -> None:
    scene.budget()
    scene.gate.look(scene.lineitem, scene.now + 24 * HOUR)
    assert scene.ask(after=24 * HOUR) == {}


def test_agents_and_switches_and_calls_are_refused_where_that_is_asked_for(scene: Scene) -> None:
    scene.budget(on=("agent",))
    assert scene.ask() == {}
    assert scene.ask("PreToolUse", tool="Bash") == {}
    said = scene.ask("PreToolUse", tool="Agent")["hookSpecificOutput"]
    assert (said["hookEventName"], said["permissionDecision"]) == ("PreToolUse", "deny")
    scene.budget(on=("call",))
    assert scene.ask("PreToolUse", tool="Bash") == {}
    assert scene.ask("PostToolUse", tool="Bash")["continue"] is False
    scene.budget(on=("model",))
    dearer = json.dumps({"from_model": HAIKU, "to_model": OPUS})
    cheaper = json.dumps({"from_model": OPUS, "to_model": HAIKU})
    assert scene.ask("PreModelSwitch", note=cheaper) == {}
    assert scene.ask("PreModelSwitch", note=dearer)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_a_budget_of_a_tool_refuses_that_tool_alone(scene: Scene) -> None:
    for of, tool, agent, refused in (
        ("tool=Bash", "Bash", "", True), ("tool=Bash", "Read", "", False), ("mcp=github", "mcp__github__x", "", True),
        ("agent=Explore", "Agent", "Explore", True), ("agent=Explore", "Agent", "Plan", False),
        ("agent=main", "Bash", "", True),
    ):  # fmt: skip
        budget = Budget("b", "day", 1, scope=scopes.parse([of]), act="block")
        gate = Gate()
        gate._seen = Seen((budgets.Held(budget, 5, "today"),))
        event = Event("", scene.session, scene.now, "PreToolUse", tool=tool)
        assert bool(gate.decide(event, About(CWD, agent), None, scene.now).body) is refused, of
        assert gate.decide(event._replace(what="UserPromptSubmit"), About(CWD, agent), None, scene.now).body == {}


def test_only_what_belongs_to_it_is_refused(scene: Scene) -> None:
    scene.budget(of="project=shop")
    assert scene.ask()
    assert scene.ask(session="a-new-one")  # known by where it runs
    assert scene.ask(about=About("/elsewhere"), session="a-new-one") == {}


def test_what_has_no_such_tag_is_none_of_its_business(scene: Scene) -> None:
    scene.lineitem.settings |= {"tags": [{"folder": CWD, "team": "shop"}]}
    scene.budget(of="team=shop")
    assert scene.ask()
    assert scene.ask(session="a-new-one")
    assert scene.ask(about=About("/elsewhere"), session="a-new-one") == {}
    scene.lineitem.settings |= {"tags": [{"folder": "/elsewhere", "team": "other"}]}
    scene.gate.look(scene.lineitem, scene.now)
    assert not scene.gate.holds  # nobody's spending is that of a team


def test_to_ask_at_a_prompt_is_to_let_it_be_sent_again(scene: Scene) -> None:
    scene.budget(act="ask")
    assert "send the prompt once more" in scene.ask()["reason"]
    assert scene.logged == ["ask"]
    assert scene.ask(after=5_000) == {}
    assert scene.logged == ["confirmed"]
    assert scene.ask(after=HOUR)["decision"] == "block"
    assert scene.ask("PreToolUse", tool="Agent")["hookSpecificOutput"]["permissionDecision"] == "ask"


def test_a_warning_is_said_now_and_then(scene: Scene) -> None:
    scene.budget(act="warn")
    assert list(scene.ask()) == ["systemMessage"]
    assert scene.ask(after=60_000) == {}
    assert list(scene.ask(after=700_000)) == ["systemMessage"]


def test_an_override_holds_at_once_and_for_its_time(scene: Scene) -> None:
    scene.budget()
    assert scene.ask()
    scene.lineitem.limits.override("small", scene.now, scene.now + HOUR, "release day")
    assert scene.ask() == {}  # the gate has not looked since
    assert scene.logged == ["overridden"]
    assert scene.ask(after=1) == {}
    assert scene.logged == []  # that is said once
    assert scene.ask(after=2 * HOUR)


def test_a_higher_limit_and_a_removal_hold_at_once(scene: Scene) -> None:
    scene.budget()
    known = scene.lineitem.limits.named("small")
    scene.lineitem.limits.keep(known._replace(limit=10**12, since=scene.now + 1), "budget changed")
    assert scene.ask() == {}
    scene.budget()
    assert scene.ask()
    scene.lineitem.limits.end("small", scene.now)
    assert scene.ask() == {}


def test_the_strictest_speaks(scene: Scene) -> None:
    scene.budget("a", act="warn")
    scene.budget("b", act="ask")
    scene.budget("c", act="block")
    assert "budget c" in scene.ask()["reason"]
    scene.lineitem.limits.override("c", scene.now, scene.now + HOUR, "why not")
    assert "budget b" in scene.ask()["reason"]


def test_each_session_by_itself(scene: Scene) -> None:
    scene.budget(period="session")
    assert "this session" in scene.ask()["reason"]
    assert scene.ask(session="another") == {}


def test_decisions_are_logged_once_and_the_log_shows_an_edit(scene: Scene, tmp_path: Path) -> None:
    scene.budget()
    scene.ask()
    inbox = Inbox(str(tmp_path / "inbox.sqlite"))
    decision = Decision("k1", scene.session, scene.now, "block", '{"budget":"small"}')
    for _ in range(2):
        inbox.add([decision])
        inbox.move(scene.lineitem.ledger)
    inbox.close()
    table = scene.lineitem.limits.audit(Query(Zone("UTC"), scene.now))
    assert [row["what"] for row in table.rows] == ["budget made", "block"]
    assert table.rows[1]["sessionId"] == scene.session
    assert table.tail["brokenAt"] is None
    rows = list(audit.entries(scene.lineitem.ledger))
    assert audit.broken([rows[1]]) == 1
    assert audit.broken([rows[0], rows[1]._replace(actor="nobody")]) == 2
    with pytest.raises(Exception, match="only added to"):
        scene.lineitem.ledger.db.run("update audit set actor = 'nobody'")
    with pytest.raises(Exception, match="only added to"):
        scene.lineitem.ledger.db.run("delete from audit")
