"""What kind of work a prompt was: told from the tools it used and the files these touched, its agents' included.

    debugging        a program failed, or was run again, with an edit after its first run
    code generation  files were edited          tests, docs      the same, and nothing else was edited
    review           no edit; a diff, a log or a pull request was looked at
    exploration      no edit; files, searches or the web were read
    commands         no edit, and nothing read: programs were run, or other tools used
    chat             no tools

In: each call's tool and target, in order. Out: one of `KINDS`. Always: the first rule that holds decides; the same
calls give the same kind. Targets are a few words: what happens inside of a command is not seen.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.insights.tasks import program_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

DEBUGGING, CODE, TESTS, DOCS = "debugging", "code generation", "tests", "docs"
REVIEW, EXPLORATION, COMMANDS, CHAT = "review", "exploration", "commands", "chat"
#: Where nobody can say which tools were used.
UNKNOWN = "unknown"
KINDS = (CODE, DEBUGGING, TESTS, DOCS, REVIEW, EXPLORATION, COMMANDS, CHAT)

#: What a call does.
EDIT_CODE, EDIT_TESTS, EDIT_DOCS, INSPECT, LOOK, RUN, OTHER, NONE = range(8)

_EDITS = frozenset(("Edit", "MultiEdit", "Write", "NotebookEdit"))
_LOOKS = frozenset(
    ("Read", "Grep", "Glob", "LS", "NotebookRead", "WebFetch", "WebSearch", "web_search", "web_fetch", "LSP",
     "ListMcpResourcesTool", "ReadMcpResourceTool")
)  # fmt: skip
#: Tools that only steer the work: they say nothing about its kind. What an agent did is known by its own calls.
_STEERING = frozenset(
    ("Agent", "Task", "Skill", "TodoWrite", "TodoRead", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet", "ToolSearch",
     "EnterPlanMode", "ExitPlanMode", "AskUserQuestion", "BashOutput", "TaskOutput", "KillShell", "TaskStop")
)  # fmt: skip
_SHELLS = frozenset(("Bash", "PowerShell"))
_READERS = frozenset(
    "ag awk bat cat cd du egrep fd fgrep file find grep head jq less ls more pwd rg sed sort stat tail tree type wc"
    " which".split()
)
_INSPECTORS = frozenset(
    ("git diff", "git show", "git log", "git blame", "git range-diff", "gh pr", "glab mr", "diff", "delta")
)
#: Parts of an MCP tool's name: the first that is found decides.
_MCP = (("pull_request", INSPECT), ("merge_request", INSPECT), ("diff", INSPECT), ("get", LOOK), ("list", LOOK),
        ("search", LOOK), ("read", LOOK), ("fetch", LOOK), ("query", LOOK), ("find", LOOK))  # fmt: skip
_TEXTS = (".md", ".mdx", ".rst", ".txt", ".adoc", ".org")
_TEST_FOLDERS = frozenset(("test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures"))


class Act(NamedTuple):
    """What a call did: one of the acts, and the program where it ran one."""

    act: int
    program: str = ""


class Done(NamedTuple):
    """A call of a prompt."""

    at: int
    act: Act
    failed: bool | None = None  #: None: nobody said


def act_of(tool: str, target: str) -> Act:
    """What a call of `tool` on `target` does."""
    if tool in _EDITS:
        return Act(_edited(target))
    if tool in _LOOKS:
        return Act(LOOK)
    if tool in _STEERING:
        return Act(NONE)
    if tool in _SHELLS:
        program = program_of(target)
        if program in _INSPECTORS:
            return Act(INSPECT)
        return Act(LOOK) if program in _READERS else Act(RUN, program)
    if tool.startswith("mcp__"):
        name = tool.rpartition("__")[2].lower()
        return Act(next((act for part, act in _MCP if part in name), OTHER))
    return Act(OTHER)


def _edited(path: str) -> int:
    """Which of the three edits an edit of this file is."""
    *folders, base = path.lower().replace("\\", "/").split("/")
    stem = base.partition(".")[0]
    if (
        stem.startswith("test_") or stem.endswith(("_test", "_spec")) or ".test." in base or ".spec." in base
        or stem == "conftest" or not _TEST_FOLDERS.isdisjoint(folders)
    ):  # fmt: skip
        return EDIT_TESTS
    return EDIT_DOCS if base.endswith(_TEXTS) or "docs" in folders or "doc" in folders else EDIT_CODE


def kind_of(threads: Sequence[Sequence[Done]]) -> str:
    """What kind of work a prompt was, by the calls of each of its threads."""
    acts = {done.act.act for thread in threads for done in thread}
    edits = acts & {EDIT_CODE, EDIT_TESTS, EDIT_DOCS}
    if edits:
        if RUN in acts and any(_debugged(thread) for thread in threads):
            return DEBUGGING
        return CODE if EDIT_CODE in edits else TESTS if EDIT_TESTS in edits else DOCS
    if INSPECT in acts:
        return REVIEW
    if LOOK in acts:
        return EXPLORATION
    return COMMANDS if acts & {RUN, OTHER} else CHAT


def _debugged(calls: Sequence[Done]) -> bool:
    """Whether a run that failed was followed by an edit; unless it is known: an edit stood between two like runs."""
    ran: set[str] = set()  # programs that did not succeed as far as is known
    tried: set[str] = set()  # of those, the ones after which there was an edit
    failed = False
    for _, (act, program), bad in sorted(calls, key=_moment):
        if act <= EDIT_DOCS:
            if failed:
                return True
            tried |= ran
        elif act == RUN:
            if program in tried:
                return True
            if bad is None:
                ran.add(program)
            failed = failed or bad is True
    return False


def _moment(done: Done) -> int:
    return done.at
