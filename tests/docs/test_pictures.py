"""The pictures are what the commands print, and they are complete in themselves."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.pages import text
from tools import pictures

each_picture = pytest.mark.parametrize("path", pictures.PICTURES, ids=lambda path: path.name)


@each_picture
def test_a_picture_is_current(path: Path) -> None:
    assert text(path) == pictures.PICTURES[path](), "outdated: run `just docs`"


@each_picture
def test_a_picture_asks_for_nothing_from_elsewhere(path: Path) -> None:
    drawn = text(path)
    links = re.findall(r"\w+://[^\"'\s)]+", drawn)
    assert set(links) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in drawn
    assert "@import" not in drawn


@each_picture
def test_a_picture_is_well_formed_and_shows_the_bill(path: Path) -> None:
    root = ET.fromstring(text(path))
    words = " ".join("".join(part.itertext()) for part in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "5d0c94e2" in words
    assert "%" in words


@each_picture
def test_nothing_sticks_out_of_a_picture(path: Path) -> None:
    root = ET.fromstring(text(path))
    width = float(root.attrib["width"])
    for part in root.iter():
        if "x" in part.attrib:
            size = float(part.attrib.get("width") or part.attrib["textLength"])
            assert float(part.attrib["x"]) + size <= width
