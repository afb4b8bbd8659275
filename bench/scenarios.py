"""What is measured: which command, and what each run finds when it starts.

In:   a corpus and a folder to work in.
Out:  for each scenario the commands of both tools, the state they begin from, and whether an answer is right.
Holds always: ccusage keeps nothing between runs and is asked the same everywhere; lineitem begins without a
ledger where the scenario says cold, and with that of the run before where it says warm.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.adapters import Place
from conformance.rates import OPUS
from conformance.run import same_money
from conformance.tree import Thread, Tree, encode
from conformance.truth import Tokens, bill, owes

if TYPE_CHECKING:
    from typing import Self

    from conformance.adapters import Tool
    from conformance.truth import Owed

APPENDED = 10
"""Answers that arrive between two runs of the scenario `appended`."""


@dataclass(frozen=True)
class Scenario:
    name: str
    about: str
    cold: bool
    """Whether lineitem begins without a ledger."""
    words: tuple[str, ...] = ("daily", "--json")
    """What takes the place of `daily --json` in the commands (ccusage has no `bill` and gets `daily`)."""
    appends: bool = False


SCENARIOS = (
    Scenario("cold", "daily --json, nothing known", cold=True),
    Scenario("cold-table", "daily as a table, nothing known", cold=True, words=("daily",)),
    Scenario("cold-bill", "bill --json, nothing known, against ccusage daily", cold=True, words=("bill", "--json")),
    Scenario("warm", "daily --json, nothing new", cold=False),
    Scenario("warm-table", "daily as a table, nothing new", cold=False, words=("daily",)),
    Scenario("warm-bill", "bill --json, nothing new, against ccusage daily", cold=False, words=("bill", "--json")),
    Scenario("appended", f"daily --json after {APPENDED} new answers", cold=False, appends=True),
)


class Corpus:
    """A folder that `bench.corpus` made, and one session in it that grows while we measure."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        project = min(path.name for path in (folder / "projects").iterdir())
        self.thread: Thread = Tree().session("growing", project=project, at="2026-11-20T18:00:00Z")
        self.path = folder / "projects" / self.thread.path
        self.owed: list[Owed] = []
        self.written = 0

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        self.append(20 * APPENDED)
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    def append(self, answers: int) -> None:
        """Let the session go on."""
        for _ in range(answers):
            read = 20_000 + 300 * len(self.owed)
            self.thread.prompt("and then?")
            self.thread.answer(outputs=(2, 250), read=read, write_5m=300)
            self.owed.append(owes(OPUS, input=10, read=read, write_5m=300, output=250))
        with open(self.path, "ab") as file:
            for line in self.thread.lines[self.written :]:
                assert isinstance(line, dict)
                file.write(encode(line) + b"\n")
        self.written = len(self.thread.lines)

    def tokens(self) -> Tokens:
        known = self.expected["tokens"]
        made = Tokens(known["input"], known["output"], known["cacheCreation"], known["cacheRead"])
        return made.plus(bill(self.owed).tokens)

    def logged_nanos(self) -> int:
        logged: int = self.expected["loggedNanos"]
        return logged + bill(self.owed).nanos

    def nanos(self) -> int:
        """What a bill must come to: what the client reported beyond its log included."""
        unlogged: int = self.expected["unloggedNanos"]
        return self.logged_nanos() + unlogged


class Contestant:
    """A tool at its starting line."""

    def __init__(self, tool: Tool, corpus: Corpus, home: Path) -> None:
        self.tool = tool
        self.corpus = corpus
        self.place = Place(tool.program, corpus.folder, home)
        self.forget()

    def forget(self) -> None:
        """Throw away everything that it has written so far."""
        shutil.rmtree(self.place.home, ignore_errors=True)
        self.place.home.mkdir(parents=True)

    def command(self, scenario: Scenario) -> list[str]:
        daily = self.tool.adapter.command(self.place)
        words = list(scenario.words)
        if self.tool.name != "lineitem" and words[0] == "bill":
            words[0] = "daily"
        start = len(self.place.program)
        assert daily[start : start + 2] == ["daily", "--json"]
        return [*daily[:start], *words, *daily[start + 2 :]]

    def right(self, scenario: Scenario, output: bytes) -> bool | None:
        """Whether an answer has the exact totals; None for a table, which is for people."""
        if "--json" not in scenario.words:
            return None
        try:
            if scenario.words[0] == "bill" and self.tool.name == "lineitem":
                return bool(json.loads(output)["costNanos"] == self.corpus.nanos())
            got = self.tool.adapter.totals(output)
        except (ValueError, KeyError, TypeError):
            return False
        expected = self.corpus.nanos() if got.nanos is not None else self.corpus.logged_nanos()
        return got.tokens == self.corpus.tokens() and same_money(expected, got.nanos, got.usd)


def native_ccusage() -> str | None:
    """The compiled program of an npm installation, found in a `node_modules` here or above."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        for found in sorted(folder.glob("node_modules/@ccusage/ccusage-*/bin/ccusage*")):
            if os.access(found, os.X_OK):
                return str(found)
    return None
