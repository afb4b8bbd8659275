"""What a person installs: few dependencies, one version, a lock file that names only the public index."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9-]+", requirement)
    assert found, requirement
    return found[0].lower()


def extra_of(locked: dict[str, str]) -> str:
    found = re.search(r"extra == '([^']+)'", locked.get("marker", ""))
    return found[1] if found else ""


def test_it_depends_on_these_libraries_and_no_more() -> None:
    wanted = {name_of(requirement) for requirement in toml("pyproject.toml")["project"]["dependencies"]}
    reading = {"apsw", "click", "msgspec", "platformdirs", "rich", "tzdata"}
    collecting = {"fastapi", "httptools", "opentelemetry-proto", "uvicorn", "uvloop", "watchfiles"}
    changing = {"tomlkit"}  # settings, without losing a remark
    assert wanted == reading | collecting | changing


def test_the_changelog_knows_the_version() -> None:
    version = toml("pyproject.toml")["project"]["version"]
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_lock_names_only_the_public_index() -> None:
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"\b\w+://[^/\"]*", lock))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_the_lock_fits_the_project() -> None:
    project = toml("pyproject.toml")["project"]
    locked = next(package for package in toml("uv.lock")["package"] if package["name"] == project["name"])
    extras = project["optional-dependencies"]
    wanted = {(name_of(r), "") for r in project["dependencies"]}
    wanted |= {(name_of(r), extra) for extra, requirements in extras.items() for r in requirements}
    found = {(entry["name"], extra_of(entry)) for entry in locked["metadata"]["requires-dist"]}
    assert (locked["version"], found) == (project["version"], wanted)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_ci_runs_the_second_command_of_the_readme_to_the_letter() -> None:
    shown = subprocess.run([ROOT / ".ci/run", "--show"], capture_output=True, text=True, check=True).stdout
    assert f"\n```sh\n{shown}```\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert shown.count("\n") == 1
    assert shown.rstrip().endswith("pytest")
