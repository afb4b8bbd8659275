"""What tests of single commands share."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from lineitem.surfaces.cli import main, story


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line in a folder of its own, on the example as if it were one's own: (code, stdout, stderr)."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'lineitem.sqlite'}")
    monkeypatch.delenv("LINEITEM_TAGS", raising=False)
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")

    def run(line: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(shlex.split(line))
        out = capsys.readouterr()
        return code, out.out, out.err

    return run
