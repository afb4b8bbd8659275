"""Every kind of problem is explained: the headings of docs/troubleshooting/problems.md are our slugs."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, text

MADE = re.compile(r'problems\.append\(\s*\(\s*"([a-z0-9-]+)"|\bProblem\(\s*"([a-z0-9-]+)"')
CHOSEN = re.compile(r"\bslug\b[^=\n]*=([^\n=][^\n]*)")
SLUG = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"')


def slugs() -> set[str]:
    """The slugs in the code: given to a problem, or chosen in a line `slug = "…" if … else "…"`."""
    code = "\n".join(text(path) for path in sorted((ROOT / "src").rglob("*.py")))
    given = {one or other for one, other in MADE.findall(code)}
    return given | {slug for line in CHOSEN.findall(code) for slug in SLUG.findall(line)}


def test_every_problem_is_explained_and_nothing_else() -> None:
    headings = re.findall(r"^### (\S+)$", text(ROOT / "docs/troubleshooting/problems.md"), re.MULTILINE)
    assert sorted(headings) == sorted(slugs())
