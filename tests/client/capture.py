"""One scenario, played once by the real client: the capture it leaves, on disk and as a value.

A scenario's name and a new folder go in; the folder then holds `home/.claude` (what a person has in
~/.claude), `project`, `ground.jsonl` (what the API saw) and `runs.json` (what the client printed).

By hand:  python -m tests.client.capture SCENARIO OUT     (without arguments: the list of scenarios)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tests.client.api import Api
from tests.client.client import Client, find_client, private_network, raise_loopback
from tests.client.ground import Request, load_requests, save_requests
from tests.client.scenario import Json, Prompt, Scenario
from tests.client.scenarios import SCENARIOS
from tests.client.truth import truth

PLAY = "--play"  #: said to the process that plays, which may have a network of its own
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the client, and the totals it printed at its end."""

    result: Json
    continues: str | None  #: the session whose totals it started from

    @property
    def session(self) -> str:
        """The session it wrote."""
        session: str = self.result["session_id"]
        return session

    @property
    def nanos(self) -> int:
        """The client's own total at its end, in nanodollars, with what it continues; 0 if it was killed."""
        return round(Decimal(self.result.get("total_cost_usd", 0)) * 10**9)

    @property
    def ended_badly(self) -> bool:
        """Did it fail, or was it killed?"""
        return bool(self.result.get("is_error", True))


@dataclass(frozen=True, slots=True)
class Capture:
    """What a scenario left behind."""

    folder: Path
    requests: tuple[Request, ...] = field(repr=False)
    runs: tuple[Run, ...] = field(repr=False)

    @property
    def config(self) -> Path:
        """What a person has in ~/.claude."""
        return self.folder / "home" / ".claude"

    @property
    def transcripts(self) -> list[Path]:
        """Every transcript, agents' included."""
        return sorted(self.config.glob("projects/**/*.jsonl"))

    @property
    def logged(self) -> set[str]:
        """The ids of the answers that stand in a transcript."""
        lines = (json.loads(line) for path in self.transcripts for line in path.read_text().splitlines())
        return {line["message"]["id"] for line in lines if line["type"] == "assistant"}

    @property
    def agents(self) -> dict[str, str]:
        """The id of every agent, by the id of the tool call that sent it."""
        cards = self.config.glob("projects/**/agent-*.meta.json")
        return {
            json.loads(card.read_text())["toolUseId"]: card.name.removeprefix("agent-").removesuffix(".meta.json")
            for card in cards
        }

    @property
    def reported_nanos(self) -> int:
        """What the client says all runs cost together; one that continues a session begins with its total."""
        totals: dict[str | None, int] = {}
        spent = 0
        for run in self.runs:
            if "total_cost_usd" in run.result:
                spent += run.nanos - totals.get(run.continues, 0)
                totals[run.session] = run.nanos
        return spent

    @classmethod
    def load(cls, folder: Path) -> Capture:
        """A capture from its folder."""
        runs = json.loads((folder / "runs.json").read_text(), parse_float=str)
        return cls(folder, load_requests(folder / "ground.jsonl"), tuple(Run(**run) for run in runs))


def take(scenario: Scenario, folder: Path, *, client: Path) -> Capture:
    """Play a scenario in a process of its own, in a network of its own if the system allows it."""
    done = subprocess.run(
        [*private_network(), sys.executable, "-m", "tests.client.capture", PLAY, scenario.name, str(folder)],
        cwd=ROOT,
        env={**os.environ, "CLAUDE_BIN": str(client)},  # in there is no network to get one
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"capture of {scenario.name!r} failed:\n{done.stdout}{done.stderr}")
    return Capture.load(folder)


def play(scenario: Scenario, folder: Path) -> None:
    """Play a scenario here and leave its capture in the folder."""
    project, home = folder / "project", folder / "home"
    for place in (project, home / ".claude"):
        place.mkdir(parents=True)
    furnish(scenario, project)
    (home / ".claude" / "settings.json").write_text(json.dumps(scenario.settings))
    api, runs = Api(scenario, project=str(project)), list[Json]()
    try:
        with api.serve() as url:
            client = Client(find_client(), home, project, url, dict(scenario.env))
            for prompt in scenario.prompts:
                api.clock.advance(prompt.after_seconds)
                before = runs[-1]["result"]["session_id"] if runs else None
                runs.append(play_prompt(client, scenario, prompt, before))
                runs[-1]["result"].setdefault("session_id", api.requests[-1].session)
    finally:
        (folder / "runs.json").write_text(json.dumps(runs, indent=1))
        save_requests(folder / "ground.jsonl", api.requests)


def furnish(scenario: Scenario, project: Path) -> None:
    """Write the scenario's files, in a git repository as most projects are."""
    for name, content in scenario.files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    git = ("git", "-c", "user.name=tests", "-c", "user.email=tests@example.com")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("commit", "-q", "--allow-empty", "-m", "start"),
    ):
        subprocess.run([*git, *words], cwd=project, check=True)


def play_prompt(client: Client, scenario: Scenario, prompt: Prompt, before: str | None) -> Json:
    """Run one prompt; returns the fields of a Run."""
    continues = before if prompt.conversation != "new" else None
    options = ["--model", prompt.model or scenario.model]
    if continues:
        options += ["--resume", continues]
    if prompt.conversation == "fork":
        options += ["--fork-session"]
    done = client.run(prompt.text, *options)
    *_, last = ["{}", *done.stdout.splitlines()]
    if bool(done.returncode) != prompt.ends_badly:
        raise RuntimeError(f"the client ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    result = json.loads(last, parse_float=str)
    stayed = prompt.conversation == "fork" or result.get("session_id") == before  # /clear begins another, at zero
    return {"result": result, "continues": continues if stayed else None}


def describe(capture: Capture) -> str:
    """What a capture holds, in a few lines."""
    found = truth(capture.requests)
    lines = [
        f"{len(capture.requests)} requests, {len(capture.runs)} runs, {len(found.calls)} tool calls",
        f"really cost {found.total / 1e9:.7f}, the client says {capture.reported_nanos / 1e9:.7f}",
    ]
    lines += [
        f"{ident}  generate {call.generate:>12}  ingest {call.ingest:>12}  carry {call.carry:>12}"
        for ident, call in found.calls.items()
    ]
    return "\n".join(lines)


def main(words: list[str]) -> None:
    """The command; see the top of this file."""
    match words:
        case [name, folder]:
            print(describe(take(SCENARIOS[name], Path(folder).resolve(), client=find_client())))
        case [_, name, folder]:
            raise_loopback()
            play(SCENARIOS[name], Path(folder))
        case _:
            for scenario in SCENARIOS.values():
                print(f"{scenario.name:<18}{scenario.about}")


if __name__ == "__main__":
    main(sys.argv[1:])
