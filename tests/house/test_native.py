"""The part in C: it compiles without a warning, and is the one that the Python beside it expects."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from lineitem.sources import compiled

ROOT = Path(__file__).parents[2]
HEADERS = Path(sysconfig.get_path("include"))


@pytest.mark.skipif(
    shutil.which("cc") is None or not (HEADERS / "Python.h").exists(), reason="no C compiler, or no headers of Python"
)
def test_it_compiles_without_a_warning(tmp_path: Path) -> None:
    sources = sorted(str(path) for path in (ROOT / "native").glob("*.c"))
    warnings = ["-Wall", "-Wextra", "-Wshadow", "-Werror"]
    subprocess.run(
        [
            "cc",
            "-std=c11",
            "-O2",
            "-fPIC",
            "-shared",
            *warnings,
            f"-I{HEADERS}",
            *sources,
            "-o",
            tmp_path / "native.so",
        ],
        check=True,
    )


def test_both_sides_name_one_revision() -> None:
    found = re.search(
        r"^#define REVISION (\d+)$", (ROOT / "native" / "module.c").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found
    assert int(found[1]) == compiled.REVISION
