"""What the pages say is so: commands, outputs, links. And no file speaks of the machine it was written on."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, fenced, links, pages, text, tracked
from tools import outputs

#: Paths of a machine somebody once worked on. They mean nothing on any other.
FOREIGN = re.compile(r"(?<![\w.])/(?:work|farm|tmp/w)(?![\w.-])|\.librar[y]\b")

#: Made by tools/pictures.py; nobody can draw before that exists.
DRAWN = ROOT / "docs/pictures"


def test_the_readme_begins_with_a_command_that_runs_it_and_one_that_tests_it() -> None:
    run, check = fenced(text(ROOT / "README.md"))[:2]
    for command in run, check:
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && ")
    assert run.endswith(" && .venv/bin/lineitem")
    assert check.endswith(" && .venv/bin/pytest")


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_outputs_on_a_page_are_what_the_commands_print(page: Path) -> None:
    if outputs.commands(text(page)) and importlib.util.find_spec("lineitem.__main__") is None:
        pytest.skip("the command is not built yet")
    assert outputs.current(text(page)) == text(page), "outdated: run `just docs`"


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    astray = [link for link in links(text(page)) if "://" not in link and not _leads_somewhere(page, link)]
    assert not astray


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    there = (page.parent / name).resolve() if name else page
    if there.parent == DRAWN and not (ROOT / "tools/pictures.py").exists():
        return True
    return there.exists() and (not anchor or anchor in anchors(text(there)))


def test_every_page_the_code_points_to_exists() -> None:
    code = "\n".join(text(path) for path in sorted((ROOT / "src").rglob("*.py")))
    pointers = set(re.findall(r"\bdocs/[\w/-]+\.md(?:#[\w-]+)?", code))
    assert not [pointer for pointer in pointers if not _leads_somewhere(ROOT / "README.md", pointer)]


def test_no_file_speaks_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert not found
