"""The project's written pages, as values: which files there are, their fenced blocks, links and headings."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Folders git would not track anyway, beside the hidden ones; asked only where there is no git to ask.
BYPRODUCTS = {"node_modules", "__pycache__", "build", "dist"}


def tracked() -> list[Path]:
    """Every file of the project that is, or would be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, or no git on this machine
        found = [path for path in ROOT.rglob("*") if not _byproduct(path.relative_to(ROOT).parts[:-1])]
    else:
        found = [ROOT / name for name in listed.split("\0") if name]
    return sorted(path for path in found if path.is_file())


def _byproduct(folders: tuple[str, ...]) -> bool:
    return any(name in BYPRODUCTS or (name.startswith(".") and name != ".ci") for name in folders)


def pages() -> list[Path]:
    """The Markdown files at the root and under docs."""
    return [path for path in tracked() if path.suffix == ".md" and path.parent in {ROOT, *_under_docs()}]


def _under_docs() -> set[Path]:
    return {path.parent for path in (ROOT / "docs").rglob("*.md")}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fenced(page: str) -> list[str]:
    """The contents of a page's fenced blocks, in order."""
    return re.findall(r"^```[^\n]*\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)


def links(page: str) -> list[str]:
    """The targets of a page's links and pictures, outside of fenced blocks and code."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def anchors(page: str) -> set[str]:
    """The names under which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(page: str, name: str) -> list[list[str]]:
    """The rows of the table under `<!-- example: NAME -->`, without its heading; bold is plain."""
    after = page.split(f"<!-- example: {name} -->\n", 1)[1].lstrip("\n").split("\n\n", 1)[0]
    rows = [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in after.splitlines()]
    return rows[2:]
