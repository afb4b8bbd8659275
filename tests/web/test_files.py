"""The dashboard's files: they load nothing from elsewhere, and nothing in them makes markup of a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lineitem.surfaces import numbers
from lineitem.surfaces.palette import KINDS
from lineitem.surfaces.web import dashboard

STATIC = Path(dashboard.__file__).parent / "static"
OURS = sorted(path for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".html") and path.name != "vega.js")
#: What makes elements or programs of a text, or needs a policy that is not ours.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|setTimeout\(\s*[\"'`]|DOMParser"
    r"|createContextualFragment|srcdoc|javascript:|\.cssText|setAttribute\(\s*[\"']style|<style|\sstyle=|\son\w+="
)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_text_becomes_markup_or_a_program(path: Path) -> None:
    found = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if FORBIDDEN.search(line)]
    assert not found


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//[a-z][\w.-]*\.[a-z]{2,}", text)


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".js"], ids=lambda path: path.name)
def test_every_module_that_is_imported_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"^import\s(?:[^;\"']*?from\s)?[\"']([^\"']+)[\"']", text, re.MULTILINE):
        assert (path.parent / name).resolve() in OURS, name


def test_every_module_is_small() -> None:
    assert [path.name for path in OURS if path.suffix == ".js" and len(path.read_bytes()) > 20_000] == []


def test_the_page_has_no_inline_script_and_no_inline_style() -> None:
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert "<style" not in page


def test_the_palette_is_the_one_of_all_surfaces() -> None:
    styles = dashboard.colours()
    assert {kind: f".k-{kind} {{ --kind: {colour}; }}" in styles for kind, colour in KINDS.items()} == dict.fromkeys(
        KINDS, True
    )


def test_numbers_are_written_in_one_module_only() -> None:
    written = [
        path.name for path in OURS if path.suffix == ".js" and "toLocaleString" in path.read_text(encoding="utf-8")
    ]
    assert written == []
    assert numbers.money(1_043_000_000, 3) == "$1.043"
