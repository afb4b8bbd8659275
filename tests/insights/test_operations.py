"""What kind of work a prompt was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.operations import KINDS, Done, act_of, kind_of
from tests.laws.examples import examples


def kind(*calls: str) -> str:
    """The kind of the calls `Tool target` of one thread; `!` before one that failed, `+` before one that did not."""
    done = []
    for at, call in enumerate(calls):
        failed = {"!": True, "+": False}.get(call[0])
        tool, _, target = call.lstrip("!+").partition(" ")
        done.append(Done(at, act_of(tool, target), failed))
    return kind_of([done])


@pytest.mark.parametrize(
    ("calls", "wanted"),
    [
        ([], "chat"),
        (["TodoWrite", "AskUserQuestion"], "chat"),
        (["Read src/a.py", "Edit src/a.py"], "code generation"),
        (["Write src/a.py", "Bash pytest -q"], "code generation"),
        (["Bash npm install", "Write src/a.ts", "Bash npm test"], "code generation"),
        (["Edit tests/test_a.py", "Bash pytest"], "tests"),
        (["Edit src/app.spec.ts"], "tests"),
        (["Edit README.md", "Bash git diff"], "docs"),
        (["Edit docs/conf.py"], "docs"),
        (["Edit README.md", "Edit src/a.py"], "code generation"),
        (["Edit tests/test_a.py", "Edit notes.md"], "tests"),
        (["Bash pytest -x", "Edit src/a.py", "Bash pytest -x"], "debugging"),
        (["Bash cd app && pytest -x", "Edit src/a.py", "Bash pytest tests/test_a.py"], "debugging"),
        (["Bash npm test", "Read a.ts", "Edit a.ts", "Bash npm test"], "debugging"),
        (["Edit src/a.py", "Bash pytest", "Bash pytest"], "code generation"),
        (["Bash make", "Edit src/a.c", "Bash pytest"], "code generation"),
        (["!Bash pytest", "Edit src/a.py"], "debugging"),
        (["+Bash pytest", "Edit src/a.py", "+Bash pytest"], "code generation"),
        (["Edit src/a.py", "!Bash pytest"], "code generation"),
        (["!Bash pytest"], "commands"),
        (["Bash git diff main", "Read src/a.py"], "review"),
        (["mcp__github__get_pull_request_diff"], "review"),
        (["Bash gh pr view 7", "Bash pytest"], "review"),
        (["Read a.py", "Grep x", "Bash rg foo"], "exploration"),
        (["WebFetch docs.example.org"], "exploration"),
        (["mcp__jira__search_issues"], "exploration"),
        (["Read a.py", "Bash pytest"], "exploration"),
        (["Bash git commit -m x"], "commands"),
        (["mcp__browser__click"], "commands"),
        (["SomeNewTool"], "commands"),
    ],
)
def test_the_kind_of_work(calls: list[str], wanted: str) -> None:
    assert kind(*calls) == wanted


def test_a_loop_of_runs_and_edits_is_told_within_a_thread() -> None:
    run, edit = act_of("Bash", "pytest"), act_of("Edit", "a.py")
    assert kind_of([[Done(1, run), Done(3, run)], [Done(2, edit)]]) == "code generation"
    assert kind_of([[Done(3, run), Done(1, run), Done(2, edit)]]) == "debugging"


@given(st.lists(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=90)), max_size=4), max_size=3))
@examples(100)
def test_any_call_has_a_kind(threads: list[list[tuple[str, str]]]) -> None:
    assert kind_of([[Done(0, act_of(*call)) for call in calls] for calls in threads]) in KINDS
