"""What a model is really sent: reminders within results, and the window that a forked agent goes on with."""

from __future__ import annotations

from pathlib import Path

from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, Entry, Pen, Tale, counts

TEXT = "This is what the tool gave back, a few sentences of it. " * 20
REMINDER = "<system-reminder>\n" + "There are so many tokens left to be used. " * 8 + "\n</system-reminder>"
GROWN = 400
OLDER = "claude-haiku-4-5"


def uses(call: str, tool: str = "Bash") -> Entry:
    return {"type": "tool_use", "id": call, "name": tool, "input": {"command": f"cat {call}"}}


def remind(pen: Pen) -> None:
    pen.attachment("task_reminder", REMINDER)["renderedRole"] = "system"


def told(model: str, folder: Path, *, skill: bool = False) -> dict[str, tuple[int, str]]:
    """Tokens taken in, and how they are known, by cause, of a call whose result came with a reminder."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([uses("one")], counts(write5=9_000, output=50), model=model)
    pen.result("one", TEXT)
    if skill:
        pen.prompt("A text of a skill, which is no reminder.", isMeta=True)
    remind(pen)
    pen.answer([{"type": "text", "text": "done"}], counts(write5=50 + GROWN, read=9_000, output=10), model=model)
    with Books(tale.write(folder)) as store:
        store.read()
        lines = store.lines()
    return {line.cause: (line.i_write5, line.basis) for line in lines if line.i_write5 and line.i_write5 < 9_000}


def test_an_older_model_reads_reminders_in_the_result_so_they_are_the_calls(tmp_path: Path) -> None:
    assert told(OLDER, tmp_path) == {"tool/Bash/cat one": (50 + GROWN, "measured")}


def test_a_newer_model_reads_reminders_beside_the_result(tmp_path: Path) -> None:
    found = told(OPUS, tmp_path)
    assert found["system/task_reminder"][0] > 50
    assert sum(tokens for tokens, _ in found.values()) == 50 + GROWN
    assert {basis for _, basis in found.values()} == {"apportioned"}


def test_where_a_text_came_as_well_reminders_stay_outside_the_result(tmp_path: Path) -> None:
    assert "system/task_reminder" in told(OLDER, tmp_path, skill=True)


def test_a_forked_agent_carries_what_was_read_before_it_for_the_calls_that_read_it(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([uses("one")], counts(write5=9_000, output=50))
    pen.result("one", TEXT)
    usage = counts(write5=50 + GROWN, read=9_000, output=40)
    message, request = pen.answer([uses("two", "Agent")], usage)
    agent = tale.agent(pen, "twin", card={"agentType": "fork", "toolUseId": "two", "isFork": True})
    agent.answer([uses("two", "Agent")], usage, message=message, request=request)  # the client copies it
    agent.result("two", "You are the fork.")
    agent.answer([{"type": "text", "text": "done"}], counts(write5=60, read=9_050 + GROWN, output=10))
    pen.result("two", "It runs.")
    pen.answer([{"type": "text", "text": "done"}], counts(write5=50, read=9_050 + GROWN, output=10))
    with Books(tale.write(tmp_path)) as store:
        store.read()
        lines = store.lines()
        spent = sum(row[8] for row in store.requests())
    assert sum(line.nanos for line in lines) == spent
    carried = {line.thread: line.c_read for line in lines if line.call == "one" and line.c_read}
    assert len(carried) == 2
    assert set(carried.values()) == {50 + GROWN}
    inherited = [line for line in lines if line.thread and line.cause == "agent/fork/inherited"]
    assert sum(line.c_read for line in inherited) == 9_000
