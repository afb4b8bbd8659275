"""A repository in which the session of the example worked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from lineitem.surfaces.cli import story

_WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=os.environ | _WHO, capture_output=True, check=True)


def repository(folder: Path) -> Path:
    """With one commit and one open task."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "TODO.md").write_text("- [ ] refunds\n", encoding="utf-8")
    commit(folder, "cart.py", "cart: first half")
    return folder


def commit(folder: Path, name: str, subject: str) -> None:
    (folder / name).write_text(f"# {subject}\n", encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", subject)


def work_in(folder: Path, claude: Path) -> None:
    """The example's transcripts, as if its sessions had worked in this folder."""
    story.tell(str(claude))
    move_to(folder, claude)


def move_to(folder: Path, claude: Path) -> None:
    """The same of an example that is there."""
    for path in claude.rglob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        for gap in ("", " "):
            text = text.replace(f'"cwd":{gap}"/code/shop"', f'"cwd":{gap}{json.dumps(str(folder))}')
        path.write_text(text, encoding="utf-8")
