"""The same request in more than one file: resumes, forks, chains of forks, set-aside files, replays."""

from __future__ import annotations

from conformance.rates import HAIKU, OPUS
from conformance.tree import HAIKU as HAIKU_MODEL
from conformance.tree import Thread, Tree
from conformance.truth import Owed, owes

FIRST = owes(OPUS, input=10, write_5m=20_000, output=500)
SECOND = owes(OPUS, input=10, read=20_010, write_5m=700, output=300)
OWN = owes(OPUS, input=10, read=20_710, write_5m=90, output=40)


def _parent(tree: Tree, first: str = "5") -> Thread:
    session = tree.session("parent", first=first)
    session.prompt()
    session.answer(outputs=(1, 500), write_5m=20_000)
    session.prompt()
    session.answer(outputs=(2, 300), read=20_010, write_5m=700)
    return session


def _goes_on(child: Thread) -> None:
    child.prompt()
    child.answer(outputs=(40,), read=20_710, write_5m=90)


def a_resumed_session_repeats_its_history(tree: Tree) -> list[Owed]:
    """A later file begins with a copy of an earlier one."""
    _goes_on(_parent(tree).fork("child", first="9"))
    return [FIRST, SECOND, OWN]


def the_copy_comes_first_by_name(tree: Tree) -> list[Owed]:
    """The copy is met before the original."""
    _goes_on(_parent(tree).fork("child", first="0"))
    return [FIRST, SECOND, OWN]


def a_copy_names_its_origin(tree: Tree) -> list[Owed]:
    """Newer clients keep the origin in `session_id` beside the rewritten `sessionId`."""
    _goes_on(_parent(tree).fork("child", first="0", origin=True))
    return [FIRST, SECOND, OWN]


def a_copy_is_cut_within_an_answer(tree: Tree) -> list[Owed]:
    """The copy, met first, ends on a partial line; the original has the whole answer."""
    _goes_on(_parent(tree).fork("child", first="0", lines=5))
    return [FIRST, SECOND, OWN]


def a_cut_copy_comes_after_the_original(tree: Tree) -> list[Owed]:
    """The same, met in the other order."""
    _goes_on(_parent(tree).fork("child", first="9", lines=5))
    return [FIRST, SECOND, OWN]


def the_copy_has_the_whole_answer(tree: Tree) -> list[Owed]:
    """The original lost its last line; the copy still has it."""
    parent = _parent(tree)
    _goes_on(parent.fork("child", first="9"))
    parent.lines.pop()
    return [FIRST, SECOND, OWN]


def a_chain_of_forks(tree: Tree) -> list[Owed]:
    """Four files, each a copy of the one before with an answer of its own."""
    parent = _parent(tree)
    owed = [FIRST, SECOND]
    for generation, digit in enumerate("7318", start=1):
        parent = parent.fork(f"generation {generation}", first=digit)
        parent.prompt()
        parent.answer(outputs=(generation,), read=1_000 * generation)
        owed.append(owes(OPUS, input=10, read=1_000 * generation, output=generation))
    return owed


def two_forks_of_one_parent(tree: Tree) -> list[Owed]:
    """Both copies count nothing but their own answers."""
    parent = _parent(tree)
    _goes_on(parent.fork("left", first="0"))
    _goes_on(parent.fork("right", first="f"))
    return [FIRST, SECOND, OWN, OWN]


def uuids_are_new_in_the_copy(tree: Tree) -> list[Owed]:
    """The SDK's fork gives every line a new uuid; message and request ids stay."""
    child = _parent(tree).fork("child", first="0")
    for number, line in enumerate(child.lines):
        assert isinstance(line, dict)
        line["uuid"] = f"11111111-0000-4000-8000-{number:012d}"
        line["parentUuid"] = f"11111111-0000-4000-8000-{number - 1:012d}" if number else None
    _goes_on(child)
    return [FIRST, SECOND, OWN]


def a_copy_in_another_project(tree: Tree) -> list[Owed]:
    """The conversation was taken along to another folder."""
    _goes_on(_parent(tree).fork("child", project="-home-dev-another"))
    return [FIRST, SECOND, OWN]


def agents_are_copied_with_the_session(tree: Tree) -> list[Owed]:
    """The fork brings its own copy of the agents folder."""
    parent = _parent(tree)
    agent = parent.agent("helper", model=HAIKU_MODEL)
    agent.prompt()
    agent.answer(outputs=(1, 70), write_5m=5_000)
    child = parent.fork("child", first="0")
    child.agent("helper").copy(agent.lines)
    _goes_on(child)
    return [FIRST, SECOND, owes(HAIKU, input=10, write_5m=5_000, output=70), OWN]


def a_copy_keeps_its_day(tree: Tree) -> list[Owed]:
    """History copied on the next day was still spent on the day before."""
    tree.check_days = True
    child = _parent(tree).fork("child", first="0", at="2026-11-03T09:00:00Z")
    _goes_on(child)
    return [FIRST, SECOND, OWN._replace(on="2026-11-03")]


def a_superseded_file_repeats_the_session(tree: Tree) -> list[Owed]:
    """`<session>.jsonl.superseded-<time>` is the same session, set aside."""
    session = _parent(tree)
    tree.file(session.path.with_name(session.path.name + ".superseded-1793613600000"), session.text())
    return [FIRST, SECOND]


def an_orphaned_file_repeats_the_session(tree: Tree) -> list[Owed]:
    """`<session>.orphaned-<time>-<suffix>.jsonl` likewise."""
    session = _parent(tree)
    tree.file(session.path.with_name(f"{session.session_id}.orphaned-1793613600000-a1b2.jsonl"), session.text())
    return [FIRST, SECOND]


def an_orphaned_file_has_more_than_the_session(tree: Tree) -> list[Owed]:
    """What stands only in the set-aside file was spent as well."""
    session = _parent(tree)
    tree.file(session.path.with_name(f"{session.session_id}.orphaned-1793613600000-a1b2.jsonl"), session.text())
    del session.lines[3:]
    return [FIRST, SECOND]


def a_superseded_file_has_more_than_the_session(tree: Tree) -> list[Owed]:
    """The same with the name that does not end in `.jsonl`."""
    tree.doubt = "the file's name does not end in .jsonl; but its requests were made and billed"
    session = _parent(tree)
    tree.file(session.path.with_name(session.path.name + ".superseded-1793613600000"), session.text())
    del session.lines[3:]
    return [FIRST, SECOND]


def a_side_question_replays_the_conversation(tree: Tree) -> list[Owed]:
    """`/btw`: a sidechain file repeats the answers so far under other request ids and adds one."""
    parent = _parent(tree)
    aside = parent.agent("side question")
    aside.copy(parent.lines)
    for line in aside.lines:
        assert isinstance(line, dict)
        line |= {"isSidechain": True, "agentId": aside.agent_id}
        if "requestId" in line:
            line["requestId"] = "req_011ConformanceReplay"
    aside.prompt("by the way")
    aside.answer(outputs=(40,), read=20_710, write_5m=90)
    return [FIRST, SECOND, OWN]


CASES = (
    a_resumed_session_repeats_its_history,
    the_copy_comes_first_by_name,
    a_copy_names_its_origin,
    a_copy_is_cut_within_an_answer,
    a_cut_copy_comes_after_the_original,
    the_copy_has_the_whole_answer,
    a_chain_of_forks,
    two_forks_of_one_parent,
    uuids_are_new_in_the_copy,
    a_copy_in_another_project,
    agents_are_copied_with_the_session,
    a_copy_keeps_its_day,
    a_superseded_file_repeats_the_session,
    an_orphaned_file_repeats_the_session,
    an_orphaned_file_has_more_than_the_session,
    a_superseded_file_has_more_than_the_session,
    a_side_question_replays_the_conversation,
)
