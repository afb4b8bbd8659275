"""Transcripts like a heavy user's, with exact totals: `python -m bench.corpus OUT --mb 100 --seed 1`.

In:   a folder, a size, a seed.
Out:  OUT/projects/..., and OUT/expected.json with tokens by class and the cost in whole nanodollars.
Holds always: the same arguments give the same bytes on every machine; memory does not grow with the size.

What is in it, besides plain conversations over 90 days in several projects and with several models:
- answers on several lines, with partial output counts on all but the last;
- sessions that begin with a copy of another one, some cut in the middle of an answer;
- agents, agents of agents and workflow agents in files of their own, and workflow journals;
- progress lines that repeat whole answers, quoted transcripts, error texts of the client;
- one-hour cache writes, cold returns, compactions;
- large results and images, files that end in half a line;
- the client's own totals in the newest sessions.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.draws import Curve, Draws
from bench.pages import Pages
from bench.threads import (
    AGENT_BYTES,
    DAY_MS,
    DRAWN_TOOLS,
    FULL_CONTEXT,
    HAIKU,
    PAUSE_MS,
    ROUNDS,
    Setting,
    Supply,
    Thread,
    Tool,
    Transcript,
)
from bench.truth import RATES, Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

END_MS = 20_777 * DAY_MS
"""2026-11-20: fixed, so that a corpus never changes."""
DAYS = 90
IMAGES_FROM = 20_000_000
"""Smaller corpora hold no images: one would be all there is."""
SESSION_BYTES = Curve(20_000, p50=300_000, p90=1_700_000, p99=8_000_000, top=40_000_000)
REMEMBERED = 4
"""Sessions a project remembers, to be copied from."""


@dataclass(frozen=True)
class Original:
    """A session that may be copied: where it is, and where a copy may end."""

    path: str
    session_id: str
    at_ms: int
    cuts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True)
class Project:
    cwd: str
    folder: str
    weight: int
    sessions: list[Original]


class Corpus:
    def __init__(self, out: str, target_bytes: int, seed: int) -> None:
        draws = Draws(seed)
        self.out = out
        self.target = target_bytes
        self.supply = Supply(draws, Pages(draws), Truth(), images=target_bytes >= IMAGES_FROM)
        self.projects = [self._project() for _ in range(max(4, min(60, 6 + target_bytes // 25_000_000)))]
        self.made = 0

    @property
    def size(self) -> int:
        return self.supply.counts.get("bytes", 0)

    def _project(self) -> Project:
        draws, pages = self.supply.draws, self.supply.pages
        name = f"{pages.word(draws)}-{pages.word(draws)}-{draws.hex(3)}"
        folder = os.path.join(self.out, "projects", f"-home-dev-code-{name}")
        return Project(f"/home/dev/code/{name}", folder, draws.between(1, 20), [])

    def make(self) -> None:
        while self.size < self.target:
            self.session()

    # A session

    def session(self) -> None:
        draws = self.supply.draws
        number, self.made = self.made, self.made + 1
        project = draws.one_of([project for project in self.projects for _ in range(project.weight)])
        size = min(draws.size(SESSION_BYTES), max(self.target // 12, 30_000), max(self.target - self.size, 30_000))
        original = None
        if number % 12 == 5:
            project = draws.one_of([known for known in self.projects if known.sessions])
            original = draws.one_of(project.sessions)
        at_ms = self._start(size, original)
        setting = self._setting(project, at_ms, draws.uuid())
        transcript = Transcript(self.supply, os.path.join(project.folder, f"{setting.session_id}.jsonl"))
        thread = Thread(self.supply, transcript, setting, at_ms)
        if original:
            self._copy(transcript, original, setting, cut=number % 24 == 5)
        else:
            thread.note(
                f'{{"type":"ai-title","title":"{self.supply.pages.word(draws)}","sessionId":"{setting.session_id}"}}'
            )
        self.converse(thread, transcript.size + size)
        if thread.at_ms > END_MS - 25 * DAY_MS and not original and not draws.chance(200):
            self._cost_state(thread)
        if number % 40 == 7:
            transcript.add(b'{"parentUuid":null,"isSidechain":false,"type":"user","message":{"role":"user","cont')
            self.supply.count("halfLines")
        transcript.close(thread.at_ms)
        self.supply.count("sessions")
        kept = Original(transcript.path, setting.session_id, thread.at_ms, transcript.cuts[:200], transcript.ends[:200])
        if not original and kept.ends:
            project.sessions.append(kept)
            del project.sessions[:-REMEMBERED]

    def _start(self, size: int, original: Original | None) -> int:
        """In working hours; early enough to be over by the end; after what it copies."""
        draws = self.supply.draws
        room = DAYS - 1 - min(size // 2_000_000, 20)
        start = END_MS - DAYS * DAY_MS + draws.below(room) * DAY_MS + draws.between(7, 18) * 3_600_000
        start += draws.below(3_600_000)
        return max(start, original.at_ms + draws.between(1, 20) * 3_600_000) if original else start

    def _setting(self, project: Project, at_ms: int, session_id: str) -> Setting:
        draws = self.supply.draws
        age = (END_MS - at_ms) // DAY_MS
        version = f"2.1.{330 - age}"
        branch = "main" if draws.chance(600) else f"feature/{self.supply.pages.word(draws)}"
        models = ["claude-sonnet-5"] * 9 + ["claude-opus-4-8"] * 6 + ["claude-opus-5"] * 5 + [HAIKU]
        if age < 75:
            models += ["claude-fable-5-1"] * 2
        return Setting(
            session_id,
            project.cwd,
            branch,
            version,
            draws.one_of(models),
            one_hour=draws.chance(450),
            partial=draws.chance(900 if age > 45 else 250),
            progress=age > 40,
        )

    def _copy(self, transcript: Transcript, original: Original, setting: Setting, *, cut: bool) -> None:
        """Begin with the first lines of another session, under this one's id; cut: within an answer."""
        draws = self.supply.draws
        where = draws.one_of(original.cuts if cut and original.cuts else original.ends)
        with open(original.path, "rb") as file:
            start = file.read(where)
        old, new = (f'"sessionId":"{name}"' for name in (original.session_id, setting.session_id))
        if draws.chance(500):
            new += f',"session_id":"{original.session_id}"'
        transcript.add(start.replace(old.encode(), new.encode()))
        self.supply.count("copies")
        self.supply.count("copiesCutWithinAnAnswer", int(cut and bool(original.cuts)))

    def _cost_state(self, thread: Thread) -> None:
        """The client's own total: the session, its agents, and a helper's request that was never logged."""
        draws = self.supply.draws
        if draws.chance(700):
            input_, output = draws.between(400, 3_000), draws.between(8, 60)
            hidden = input_ * RATES[HAIKU].input + output * RATES[HAIKU].output
            self.supply.truth.unlogged_nanos += hidden
            thread.use(HAIKU, (input_, output, 0, 0, 0, hidden))
        models = ",".join(
            f'"{model}":{{"inputTokens":{input_},"outputTokens":{output},"cacheReadInputTokens":{read},'
            f'"cacheCreationInputTokens":{write_5m + write_1h},'
            f'"cacheCreationEphemeral5mInputTokens":{write_5m},"cacheCreationEphemeral1hInputTokens":{write_1h},'
            f'"webSearchRequests":0,"costUSD":{dollars(nanos)}}}'
            for model, (input_, output, write_5m, write_1h, read, nanos) in sorted(thread.used.items())
        )
        total = dollars(sum(row[-1] for row in thread.used.values()))
        thread.note(
            f'{{"type":"cost-state","sessionId":"{thread.setting.session_id}","totalCostUSD":{total},'
            f'"totalAPIDuration":{draws.below(900_000)},"totalDuration":{draws.below(9_000_000)},'
            f'"totalLinesAdded":{draws.below(900)},"totalLinesRemoved":{draws.below(400)},'
            f'"startTime":{thread.began_ms},"modelUsage":{{{models}}},"hasUnknownModelCost":false}}'
        )
        self.supply.count("costStates")

    # A conversation

    def converse(self, thread: Thread, until: int, depth: int = 0) -> None:
        """Prompts and work until the file has that size. Agents have one prompt."""
        draws = self.supply.draws
        while thread.transcript.size < until:
            if depth == 0:
                thread.bookkeeping()
            thread.prompt()
            for _ in range(draws.size(ROUNDS) if depth == 0 else 80):
                self._round(thread, depth)
                if draws.chance(3):
                    thread.failure()
                if thread.transcript.size > until:
                    break
            blocks = [thread.thinking()] if draws.chance(300) else []
            blocks.append(thread.text())
            thread.answer([block for block, _ in blocks], sum(said for _, said in blocks))
            if depth == 0:
                thread.line("system", f'"subtype":"turn_duration","durationMs":{draws.below(900_000)},', ())
                if thread.cached > FULL_CONTEXT:
                    thread.compact()
                thread.at_ms += draws.size(PAUSE_MS)

    def _round(self, thread: Thread, depth: int) -> None:
        """One answer with tool calls, and their results."""
        draws = self.supply.draws
        blocks = []
        if draws.chance(350):
            blocks.append(thread.thinking())
        if draws.chance(400):
            blocks.append(thread.text())
        calls: list[tuple[str, Tool | None]] = []
        for _ in range(1 if draws.chance(800) else draws.between(2, 5)):
            tool = None if draws.chance((14, 4, 0)[depth]) else draws.one_of(DRAWN_TOOLS)
            block, said, use = thread.call(tool)
            blocks.append((block, said))
            calls.append((use, tool))
        thread.answer([block for block, _ in blocks], sum(said for _, said in blocks))
        for use, tool in calls:
            if tool is None:
                self._delegate(thread, use, depth)
            else:
                if thread.setting.progress and draws.chance(150):
                    self._hook(thread, use)
                thread.result(use, tool)

    def _hook(self, thread: Thread, use: str) -> None:
        command = thread.pages.word(thread.draws)
        head = f'"data":{{"type":"hook_progress","hookEvent":"PreToolUse","command":"{command}"}},'
        thread.line("progress", head, (), f'"toolUseID":"{use}",')

    def _delegate(self, thread: Thread, use: str, depth: int) -> None:
        """A tool call that starts an agent, in a file below the one that called it."""
        draws = self.supply.draws
        agent_id = f"a{draws.hex(16)}"
        folder = os.path.join(os.path.splitext(thread.transcript.path)[0], "subagents")
        if depth == 0 and draws.chance(120):
            folder = os.path.join(folder, "workflows", f"wf_{draws.hex(8)}")
        path = os.path.join(folder, f"agent-{agent_id}.jsonl")
        model = HAIKU if draws.chance(500) else thread.model
        agent = Thread(
            self.supply,
            Transcript(self.supply, path),
            thread.setting,
            thread.at_ms,
            agent_id=agent_id,
            model=model,
        )
        self.converse(agent, min(draws.size(AGENT_BYTES), max(self.target // 25, 12_000)), depth + 1)
        agent.transcript.close(agent.at_ms)
        for model_used, row in agent.used.items():
            thread.use(model_used, row)
        self._sidecars(agent, use, folder, depth)
        if thread.setting.progress:
            thread.progress(use, agent)
        thread.agent_result(use, agent)
        self.supply.count("agents")

    def _sidecars(self, agent: Thread, use: str, folder: str, depth: int) -> None:
        workflow = "workflows" in folder
        kind = {"agentType": "workflow-subagent"} if workflow else {"agentType": "Explore", "toolUseId": use}
        sidecar = {**kind, "description": "look around", "spawnDepth": depth + 1, "model": agent.model}
        write(agent.transcript.path.removesuffix(".jsonl") + ".meta.json", json.dumps(sidecar) + "\n")
        if workflow:
            lines = (
                {"type": "launched"},
                {"type": "started", "agentId": agent.agent_id},
                {
                    "type": "result",
                    "agentId": agent.agent_id,
                    "result": {"usage": json.loads(agent.last_usage)},
                },
            )
            write(os.path.join(folder, "journal.jsonl"), "".join(json.dumps(line) + "\n" for line in lines))


def dollars(nanos: int) -> str:
    """A JSON number with all nine decimals."""
    return f"{nanos // 10**9}.{nanos % 10**9:09d}"


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def make(out: str, *, mb: float, seed: int) -> dict[str, Any]:
    """Write a corpus and give back what it must add up to."""
    if os.path.exists(os.path.join(out, "projects")):
        raise SystemExit(f"{out} has a projects folder already")
    corpus = Corpus(out, int(mb * 1_000_000), seed)
    corpus.make()
    expected = {"mb": float(mb), "seed": seed} | corpus.supply.truth.as_json() | {"counts": corpus.supply.counts}
    write(os.path.join(out, "expected.json"), json.dumps(expected, indent=1) + "\n")
    return expected


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("out", help="a new folder: used as a Claude config folder")
    parser.add_argument("--mb", type=float, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.perf_counter()
    expected = make(options.out, mb=options.mb, seed=options.seed)
    print(json.dumps({name: value for name, value in expected.items() if name != "days"}, indent=1))
    print(f"made in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
