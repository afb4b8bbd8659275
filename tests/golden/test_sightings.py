"""Lines of every version family become the sightings they became when somebody looked at them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.make import FAMILIES, HERE, render, sightings

AGENT = "a1b2c3d4e5f60718"


def said(family: str) -> dict[str, object]:
    return sightings(HERE / f"{family}.jsonl", AGENT if family.endswith("agent") else "")


@pytest.mark.parametrize("family", FAMILIES)
def test_lines_become_the_sightings_they_are_known_to_be(family: str) -> None:
    expected = (HERE / f"{family}.json").read_text(encoding="utf-8")
    assert render(said(family)) == expected, "if this is meant: python -m tests.golden.make, and look at the difference"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_line_is_read_without_a_problem(family: str) -> None:
    found = said(family)
    lines = (HERE / f"{family}.jsonl").read_bytes().count(b"\n")
    assert (found["lines"], found["unreadable"], found["problems"]) == (lines, 0, [])


#: message id -> uncached, output, written for 5 minutes, for an hour, read, thinking, searches: as a person counts
COUNTED = {
    "v2_0": {
        "msg_20a": (4, 96, 5_200, 0, 0, 0, 0), "msg_20b": (4, 80, 160, 0, 5_200, 0, 0),
        "msg_20c": (3, 20, 3_100, 0, 0, 0, 0), "msg_20d": (4, 14, 150, 0, 5_360, 0, 0),
    },
    "v2_1_29": {"msg_29a": (9, 310, 8_000, 0, 0, 0, 0), "msg_29b": (9, 3, 0, 340, 8_000, 0, 0)},
    "v2_1_200": {
        "msg_200a": (4, 30, 7_000, 0, 0, 0, 0), "msg_200b": (4, 60, 900, 0, 9_000, 25, 2),
        "msg_200b#2": (700, 90, 0, 0, 0, 0, 0),
    },
    "v2_1_330": {"msg_330a": (3, 160, 0, 11_000, 0, 90, 0), "msg_330b": (3, 40, 0, 420, 11_000, 0, 0)},
    "v2_1_330_agent": {"msg_330c": (3, 22, 5_100, 0, 0, 0, 0)},
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_counted_as_a_person_counts_them(family: str) -> None:
    answers = said(family)["answers"]
    assert isinstance(answers, list)
    assert {row[0]: tuple(row[4:11]) for row in answers} == COUNTED[family]


def test_no_text_of_the_lines_is_in_the_sightings() -> None:
    for family in FAMILIES:
        told = (HERE / f"{family}.json").read_text(encoding="utf-8")
        for word in ("Kale", "river", "hose", "leaks", "seeds", "Metric", "Bark", "plain", "pond", "moisture"):
            assert word not in told, (family, word)


def test_nobodys_real_data_is_here() -> None:
    for path in Path(HERE).glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert json.loads(line)["type"]
            assert "/home/mira/" in line or "/home/" not in line
