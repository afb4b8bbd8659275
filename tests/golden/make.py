"""Writes down what the lines of every version family become: python -m tests.golden.make, and look at the difference.

The lines (`*.jsonl`) are written by hand: a small session a family, in the fields and with the quirks of that
family. Of the shape of a text only its length is told: how closely texts are looked at is not the format's matter.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from lineitem.sources.crew import Task, read_one
from tests.telling.digests import lengths

HERE = Path(__file__).parent
FAMILIES = ("v2_0", "v2_1_29", "v2_1_200", "v2_1_330", "v2_1_330_agent")


def sightings(path: Path, thread: str = "") -> dict[str, Any]:
    """What reading a file gives: rows as kept, answers as merged, problems."""
    size = path.stat().st_size
    reading = read_one(Task(0, str(path), "", thread, 0, size), {})
    rows = [row for _, _, packed in reading.spans for row in msgspec.json.decode(packed)]
    return {
        "session": reading.session,
        "lines": reading.lines,
        "unreadable": reading.unreadable,
        "firstAt": reading.first_at,
        "answers": reading.answers,
        "sightings": lengths(rows),
        "problems": [[slug, ordinal, note] for _, slug, ordinal, note in reading.problems],
    }


def render(said: dict[str, Any]) -> str:
    """As JSON, a sighting a line."""
    lines = ["{"]
    for key, value in said.items():
        if isinstance(value, list) and value:
            body = ",\n".join("    " + json.dumps(each, ensure_ascii=False) for each in value)
            lines.append(f'  "{key}": [\n{body}\n  ],')
        else:
            lines.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)},')
    lines[-1] = lines[-1].removesuffix(",")
    return "\n".join([*lines, "}"]) + "\n"


def main() -> None:
    for family in FAMILIES:
        path = HERE / f"{family}.jsonl"
        said = sightings(path, "a1b2c3d4e5f60718" if family.endswith("agent") else "")
        (HERE / f"{family}.json").write_text(render(said), encoding="utf-8")
        sys.stdout.write(f"{family}: {len(said['sightings'])} sightings\n")


if __name__ == "__main__":
    main()
