"""The modules that a wheel holds compiled: they compile, and every story and law holds of them as well."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEADERS = Path(sysconfig.get_path("include"))
#: What is folded, and what is made of it.
HELD = ("tests/stories", "tests/laws", "tests/telemetry", "tests/exports")


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The build's own script, without the library whose hook it is."""
    pytest.importorskip("setuptools")
    hatchling = "hatchling.builders.hooks.plugin.interface".split(".")
    for length in range(1, len(hatchling) + 1):
        monkeypatch.setitem(sys.modules, ".".join(hatchling[:length]), ModuleType(hatchling[length - 1]))
    interface: Any = sys.modules[".".join(hatchling)]
    interface.BuildHookInterface = object
    found = importlib.util.spec_from_file_location("build_package", ROOT / "build_package.py")
    assert found
    assert found.loader
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    return script


@pytest.mark.skipif(
    shutil.which("cc") is None or not (HEADERS / "Python.h").exists(), reason="no C compiler, or no headers of Python"
)
def test_every_story_and_law_holds_of_the_compiled_modules(tmp_path: Path, building: Any) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "build").mkdir()
    made = building.compile_folding(tmp_path)
    for path, place in made.items():
        shutil.copy(path, tmp_path / "src" / place)
    with_them = os.environ | {"PYTHONPATH": str(tmp_path / "src")}
    words = ["-q", "-n", "2", "-p", "no:cacheprovider", "-o", "pythonpath=."]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *HELD],
        cwd=ROOT, env=with_them, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-6_000:]
    names = [name.replace("/", ".") for name in building.FOLDING]
    shown = "import importlib, sys; [print(importlib.import_module('lineitem.' + n).__file__) for n in sys.argv[1:]]"
    asked = subprocess.run(
        [sys.executable, "-c", shown, *names], env=with_them, capture_output=True, text=True, check=True
    )
    assert not [line for line in asked.stdout.split() if line.endswith(".py")]
