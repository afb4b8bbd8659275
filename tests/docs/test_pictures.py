"""The pictures are what the commands print, and they are complete in themselves."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tests.docs.pages import text
from tools import pictures


def test_the_picture_of_a_session_is_current() -> None:
    assert text(pictures.PICTURE) == pictures.session(), "outdated: run `just docs`"


def test_a_picture_asks_for_nothing_from_elsewhere() -> None:
    drawn = pictures.session()
    links = re.findall(r"\w+://[^\"'\s)]+", drawn)
    assert set(links) == {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in drawn
    assert "@import" not in drawn


def test_a_picture_is_well_formed_and_shows_the_bill() -> None:
    root = ET.fromstring(pictures.session())
    words = " ".join("".join(part.itertext()) for part in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "5d0c94e2" in words
    assert "100%" in words


def test_nothing_sticks_out_of_a_picture() -> None:
    root = ET.fromstring(pictures.session())
    width = float(root.attrib["width"])
    for part in root.iter():
        if "x" in part.attrib:
            size = float(part.attrib.get("width") or part.attrib["textLength"])
            assert float(part.attrib["x"]) + size <= width
