"""Charts as pictures: the specification of the dashboard, drawn without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineitem.surfaces.cli import main, story
from tests.surfaces.answers import shown

ID = story.SESSION[:8]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example as if it were one's own; a folder for files."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["bill"], ["bill", ID, "--since", "20261101"], ["daily"], ["calls", "--session", ID], ["context", ID],
        ["rot", ID, "--incognito"], ["explore", "--by", "kind"], ["explore", "--by", "model", "--over", "week"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_report_is_drawn(told: Path, words: list[str]) -> None:
    pytest.importorskip("vl_convert")
    for form, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        place = told / f"picture.{form}"
        assert main(["export", *words, "--format", form, "-o", str(place)]) == 0
        assert place.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["models", "--format", "svg"], "There is a picture of daily, bill, context, rot, calls, explore"),
        (["rot", "--format", "svg"], "lineitem export rot ID --format svg"),
        (["explore", "--by", "taste", "--format", "png", "-o", "x.png"], "--by is one of project"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("told")
def test_what_cannot_be_drawn_is_said(words: list[str], sentence: str) -> None:
    code: list[int] = []
    _, err = shown(lambda: code.append(main(["export", *words])), 80)
    assert (code, sentence in err) == ([2], True), err


def test_a_picture_that_is_hidden_names_nobody(told: Path) -> None:
    pytest.importorskip("vl_convert")
    place = told / "picture.svg"
    assert main(["export", "calls", "--session", ID, "--incognito", "--format", "svg", "-o", str(place)]) == 0
    text = place.read_text(encoding="utf-8")
    assert "cart.py" not in text
    assert "pytest" not in text
