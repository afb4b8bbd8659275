"""Pictures of reports: complete in themselves, nothing sticks out, and a bar is as long as its row is large."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import UsageError
from lineitem.reports.shapes import Table
from lineitem.reports.written import Section, Written
from lineitem.surfaces.cli import story
from lineitem.surfaces.cli.keeping import keep_picture
from lineitem.surfaces.drawing import pictures
from lineitem.surfaces.palette import KINDS
from lineitem.surfaces.signed import MARK, is_ours
from tests.surfaces.test_report import said

if TYPE_CHECKING:
    from collections.abc import Iterator

SVG = "{http://www.w3.org/2000/svg}"


def drawn(key: str, rows: list[dict[str, object]]) -> ET.Element:
    section = Section(key, "x", [Table(key, "", [], rows)])
    return ET.fromstring(pictures(Written("monthly", "", "engineer", (), [section]))[key])


def bars(root: ET.Element) -> list[ET.Element]:
    return [each for each in root.iter(f"{SVG}rect") if "fill" in each.attrib]


amounts = st.lists(st.integers(0, 10**13), min_size=1, max_size=60)


@given(st.lists(st.integers(1, 10**13), min_size=1, max_size=len(KINDS)))
def test_a_cause_is_as_long_as_it_is_dear(costs: list[int]) -> None:
    rows = [{"kind": kind, "costNanos": nanos} for kind, nanos in zip(KINDS, costs, strict=False)]
    root = drawn("causes", rows)
    lengths = [float(bar.attrib["width"]) for bar in bars(root)]
    assert len(lengths) == len(costs)
    for nanos, length in zip(costs, lengths, strict=True):
        assert length == pytest.approx(max(0.5, max(lengths) * nanos / max(costs)), abs=0.02)
    assert [bar.attrib["fill"] for bar in bars(root)] == list(KINDS.values())[: len(costs)]


@given(amounts)
def test_a_day_is_as_tall_as_it_is_dear_and_nothing_sticks_out(costs: list[int]) -> None:
    root = drawn("days", [{"date": "2026-11-02", "costNanos": nanos} for nanos in costs])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    found = bars(root)
    assert len(found) == len(costs)
    edge = 0.0
    for nanos, bar in zip(costs, found, strict=True):
        x, y, wide, tall = (float(bar.attrib[key]) for key in ("x", "y", "width", "height"))
        assert tall == pytest.approx(max(0.5, 160 * nanos / max(costs)) if nanos else 0, abs=0.02)
        assert edge <= x
        edge = x + wide
        assert edge <= width
        assert 0 <= y <= y + tall <= height
    assert all(0 <= float(text.attrib["x"]) <= width for text in root.iter(f"{SVG}text"))


@given(st.lists(st.none() | st.integers(0, 10**7), max_size=9))
def test_prompts_of_which_no_context_is_known_are_not_drawn(sizes: list[int | None]) -> None:
    rows = [{"prompt": f"#{place}", "contextTokens": size} for place, size in enumerate(sizes)]
    made = pictures(Written("session", "s", "engineer", (), [Section("growth", "x", [Table("rot", "", [], rows)])]))
    known = [size for size in sizes if size is not None]
    assert len(bars(ET.fromstring(made["growth"])) if made else []) == len(known)


def test_pictures_lie_beside_the_report_and_are_shown_in_it(home: Path, tmp_path: Path) -> None:
    story.tell(str(home / ".claude"))
    path = tmp_path / "my [session].md"
    assert said("report", "session", "--pictures", "-o", str(path))[0] == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "my [session].causes.svg", "my [session].growth.svg", path.name,
    ]  # fmt: skip
    assert "](my%20%5Bsession%5D.causes.svg)" in path.read_text()
    picture = (tmp_path / "my [session].growth.svg").read_text()
    assert set(re.findall(r"\w+://[^\"'\s)]+", picture)) == {"http://www.w3.org/2000/svg"}
    assert "<script" not in picture
    assert said("report", "session", "--pictures", "-o", str(path))[2].startswith("Unchanged")
    assert said("report", "session", "-o", str(path))[0] == 0
    assert ".svg" not in path.read_text()


def test_a_picture_of_anybodys_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.causes.svg"
    path.write_text("<svg/>")
    with pytest.raises(UsageError, match="--force"):
        keep_picture(str(path), f"{MARK}\n<svg/>".encode(), force=False)
    assert path.read_text() == "<svg/>"
    assert keep_picture(str(path), f"{MARK}\n<svg/>".encode(), force=True)
    assert not keep_picture(str(path), f"{MARK}\n<svg/>".encode(), force=False)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_charts_of_the_dashboard_lie_beside_the_report(home: Path, tmp_path: Path, form: str) -> None:
    pytest.importorskip("vl_convert")
    story.tell(str(home / ".claude"))
    path = tmp_path / "one.md"
    words = ["report", "session", "--pictures", "--format", form, "-o", str(path)]
    assert said(*words)[0] == 0
    names = [f"one.{key}.{form}" for key in ("activity", "calls", "causes", "growth")]
    assert sorted(each.name for each in tmp_path.iterdir() if each != path) == names
    assert [name for name in re.findall(r"]\(([^)]*)\)", path.read_text()) if name in names] == [
        f"one.{key}.{form}" for key in ("causes", "calls", "activity", "growth")
    ]
    for name in names:
        picture = (tmp_path / name).read_bytes()
        assert is_ours(picture)
        if form == "svg":
            assert ET.fromstring(picture).tag == f"{SVG}svg"
        else:
            assert [kind for kind, _ in chunks(picture)][:: len(list(chunks(picture))) - 1] == [b"IHDR", b"IEND"]
    assert said(*words)[2].startswith("Unchanged")
    (tmp_path / names[0]).write_bytes(b"mine")
    code, _, err = said(*words)
    assert (code, "no picture of lineitem's" in err) == (2, True)
    assert (tmp_path / names[0]).read_bytes() == b"mine"


def test_the_charts_of_a_month_are_of_that_month(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    story.tell(str(home / ".claude"))
    path = tmp_path / "month.md"
    assert said("report", "monthly", "--day", "20261103", "--pictures", "--format", "svg", "-o", str(path))[0] == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["month.causes.svg", "month.days.svg", "month.md"]
    assert "2026-11-02" in (tmp_path / "month.days.svg").read_text()
    other = tmp_path / "other"
    other.mkdir()
    path = other / "month.md"
    assert said("report", "monthly", "--day", "20250103", "--pictures", "--format", "svg", "-o", str(path))[0] == 0
    for each in other.glob("*.svg"):
        assert "2026-11-02" not in each.read_text()


def test_charts_of_a_hidden_report_name_nobody(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    story.tell(str(home / ".claude"))
    words = ["report", "session", "--incognito", "--pictures", "--format", "svg", "-o", str(tmp_path / "x.md")]
    assert said(*words)[0] == 0
    drawn = "".join(each.read_text() for each in tmp_path.glob("*.svg"))
    for name in ("cart.py", "pytest", "code-shop", story.SESSION[:8]):
        assert name not in drawn


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--format", "svg"], "--format goes with --pictures"),
        (["--pictures", "--format", "gif"], "--format is svg or png, not 'gif'"),
    ],
)
def test_a_slip_with_pictures_gets_a_sentence(home: Path, tmp_path: Path, words: list[str], sentence: str) -> None:
    code, out, err = said("report", "session", "-o", str(tmp_path / "x.md"), *words)
    assert (code, out, sentence in err) == (2, "", True), (home, err)


def test_what_draws_charts_is_named_where_it_is_missing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.tell(str(home / ".claude"))
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    code, _, err = said("report", "session", "--pictures", "--format", "png", "-o", str(tmp_path / "x.md"))
    assert (code, "pip install 'lineitem[pictures]'" in err) == (2, True)
    assert not list(tmp_path.iterdir())


def chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of each chunk of a PNG, whose checksums are right."""
    at = 8
    while at < len(picture):
        size = int.from_bytes(picture[at : at + 4], "big")
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + content) == int.from_bytes(picture[at + 8 + size : at + 12 + size], "big")
        yield kind, content
        at += 12 + size
