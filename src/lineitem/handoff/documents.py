"""What Markdown files say of the work: their status, tasks, constraints, decisions and commands as pieces. Pure.

In: a file's text, whoever wrote it. Out: pieces in its order. Always: only headings, list entries, `Status: ...` lines
and fenced commands are looked at; what cannot be read as one of these is left out.
"""

from __future__ import annotations

import re

from lineitem.handoff.pieces import COMMANDS, CONSTRAINTS, DECISIONS, DONE, OPEN, STATUS, Piece, line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a heading says of the entries below it; the first that fits counts.
_MEANT = (
    (DECISIONS, re.compile(r"\bdecisions?\b|\bdecided\b|entscheid", re.IGNORECASE)),
    (CONSTRAINTS, re.compile(r"\bconstraints?\b|\brules?\b|\bconventions?\b|\bfrozen\b|\binvariants?\b|\bmust\b"
                             r"|\bdo not\b|\bdon'?t\b|\bnever\b|\bgotchas?\b|\bpitfalls?\b", re.IGNORECASE)),
    (COMMANDS, re.compile(r"\bcommands?\b|\brun(ning)?\b|\bbuild(ing)?\b|\btest(s|ing)?\b|\bdevelop(ment|ing)?\b"
                          r"|\bgetting started\b|\blint\b", re.IGNORECASE)),
    (DONE, re.compile(r"\bdone\b|\bcompleted\b|\bfinished\b|\brecent(ly)?\b", re.IGNORECASE)),
    (OPEN, re.compile(r"\bnext\b|\bto-?do\b|\bto do\b|\bopen\b|\bbacklog\b|\btasks?\b|\bremaining\b|\bin progress\b",
                      re.IGNORECASE)),
    (STATUS, re.compile(r"\bstatus\b|\bphase\b|\bcurrent(ly)?\b|\bwhere we are\b|\bstate of\b", re.IGNORECASE)),
)  # fmt: skip
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(\S.*)$")
_ENTRY = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$")
_BOX = re.compile(r"^\[([ xX~-])\]\s+(.*)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_SAID = re.compile(r"^\W{0,6}(status|phase|current phase|milestone|sprint)\W{0,4}[:：]\W{0,4}(\S.*)$", re.IGNORECASE)
_FRONT = re.compile(r"^(title|status)\s*:\s*(.+)$", re.IGNORECASE)
_SHELLS = frozenset(("", "sh", "bash", "shell", "console", "zsh", "fish", "text", "powershell"))
#: Lines of a file that are looked at; pieces that one file may give a section.
_LINES, _MOST = 5_000, 12
#: Characters of an entry that are put together from several lines, and of a line that are looked at.
_LONG, _WIDE = 400, 2_000
_UNDER_WAY = ("in progress", "in-progress", "doing", "active", "started", "wip")
_NOT_BEGUN = ("to do", "todo", "open", "backlog", "ready", "new", "planned", "pending")


def pieces_of(text: str, path: str, *, tasks: bool = False) -> list[Piece]:
    """What a file says. tasks: it is a file of tasks, so entries that stand nowhere else are open tasks."""
    reading = _Reading(path, tasks)
    lines = [each[:_WIDE] for each in text.splitlines()[:_LINES]]
    if tasks and lines[:1] == ["---"]:
        reading.front(lines)
    for each in _joined(lines):
        reading.take(each)
    return reading.found()


def _joined(lines: list[str]) -> Iterator[str]:
    """The lines, an entry and the indented lines that go on with it as one; what is fenced stays as it is."""
    waiting, fence = "", ""
    for each in lines:
        found = _FENCE.match(each)
        if found and fence in ("", found[1]):
            fence = "" if fence else found[1]
        elif waiting and not fence and each[:2] == "  " and each.strip() and not _ENTRY.match(each):
            if len(waiting) < _LONG:
                waiting += f" {each.strip()}"
            continue
        if waiting:
            yield waiting
        waiting = each if not fence and not found and _ENTRY.match(each) else ""
        if not waiting:
            yield each
    if waiting:
        yield waiting


class _Reading:
    """A file, line by line."""

    def __init__(self, path: str, tasks: bool) -> None:
        self.source = line(path)
        self.tasks = tasks
        self.sections: list[tuple[int, str]] = []  #: (depth, what is meant) of the headings above
        self.pieces: dict[str, list[Piece]] = {}
        self.fence = ""
        self.shell = self.hidden = False  #: inside a fence of commands; inside a comment

    @property
    def meant(self) -> str:
        return next((each for _, each in reversed(self.sections) if each), OPEN if self.tasks else "")

    def front(self, lines: list[str]) -> None:
        """A task in a file of its own: title and status stand before the text."""
        said: dict[str, str] = {}
        for each in lines[1:40]:
            if each.strip() == "---":
                break
            if found := _FRONT.match(each):
                said.setdefault(found[1].lower(), found[2].strip().strip("'\""))
        status = said.get("status", "").casefold()
        if said.get("title") and status in (*_UNDER_WAY, *_NOT_BEGUN):
            self.add(OPEN, said["title"] + (" (under way)" if status in _UNDER_WAY else ""))

    def take(self, text: str) -> None:
        if self.fence:
            if text.strip().startswith(self.fence) and not text.strip().strip(self.fence[0]):
                self.fence = ""
            elif self.shell and self.meant == COMMANDS:
                self._command(text)
            return
        if self._comment(text):
            return
        if found := _FENCE.match(text):
            self.fence, self.shell = found[1], found[2].lower() in _SHELLS
        elif found := _HEADING.match(text):
            self._heading(len(found[1]), found[2].rstrip().rstrip("#").rstrip())
        elif not self.tasks and (found := _SAID.match(text)):
            self.add(STATUS, f"{found[1]}: {found[2].strip('*_ ')}")
        elif found := _ENTRY.match(text):
            self._entry(found[1])
        elif self.meant == STATUS and text.strip() and not text.lstrip().startswith(("|", ">", "<")):
            self.add(STATUS, text)

    def _comment(self, text: str) -> bool:
        """Whether a line is a comment that nobody sees."""
        if self.hidden:
            self.hidden = "-->" not in text
            return True
        if text.lstrip().startswith("<!--"):
            self.hidden = "-->" not in text
            return True
        return False

    def _heading(self, depth: int, text: str) -> None:
        while self.sections and self.sections[-1][0] >= depth:
            self.sections.pop()
        self.sections.append((depth, next((each for each, words in _MEANT if words.search(text[:200])), "")))

    def _entry(self, text: str) -> None:
        if box := _BOX.match(text):
            self.add(OPEN if box[1] in " ~-" else DONE, box[2])
        elif self.meant == COMMANDS:
            for command in re.findall(r"`([^`]{2,160})`", text)[:1]:
                self._command(command)
        elif self.meant:
            self.add(self.meant, text)

    def _command(self, text: str) -> None:
        text = text.strip().removeprefix("$ ").strip()
        if text and not text.startswith(("#", "//", "{", "}", "<")) and len(text) <= 160:
            self.add(COMMANDS, text.partition("  #")[0])

    def add(self, section: str, text: str) -> None:
        kept = self.pieces.setdefault(section, [])
        told = line(text.replace("**", "") if section != COMMANDS else text)
        if any(sign.isalnum() for sign in told):
            kept.append(Piece(section, told, self.source))

    def found(self) -> list[Piece]:
        """The first of each section; of what was done, the last first."""
        told = []
        for section, pieces in self.pieces.items():
            told += pieces[-3:][::-1] if section == DONE else pieces[:_MOST]
        return told
