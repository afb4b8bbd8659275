"""Runs when the package is built: makes the two parts of it that are not Python.

The script that draws the dashboard's charts is Vega with what it needs, as `vl-convert-python` carries it: a
dependency of the build that pyproject.toml declares, so that no copy of it is in this repository. Whose it is stands
beside it, in `vega-licences.txt`.

`native/` is compiled where a compiler and Python's headers are at hand. Reading in C is a speed-up and nothing else:
without it everything works, to the same bytes, so a missing compiler is said and is no error. `LINEITEM_NATIVE=0`
builds without it, `LINEITEM_NATIVE=1` insists on it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_CHARTS = "src/lineitem/surfaces/web/static/vega.js"
_NATIVE = "lineitem.sources._native"


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes both into the package, for wheels and for editable installs alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version
        draw(Path(self.root) / _CHARTS)
        build_data["artifacts"].append(f"/{_CHARTS}")
        made = self._compiled()
        if made is not None:
            build_data["artifacts"].append(f"/{made.as_posix()}")
            build_data["pure_python"] = False
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"cp311-abi3-{platform}"

    def _compiled(self) -> Path | None:
        wanted = os.environ.get("LINEITEM_NATIVE", "")
        if wanted == "0" or sys.implementation.name != "cpython":
            return None
        try:
            return compile_native(Path(self.root))
        except (Exception, SystemExit) as error:  # whatever a compiler may fail with
            if wanted == "1":
                raise
            self.app.display_warning(f"built without its part in C: reading is slower, nothing else changes ({error})")
            return None


def draw(into: Path) -> None:
    """Write Vega as one script."""
    import vl_convert

    into.write_text(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), encoding="utf-8")


def compile_native(root: Path) -> Path:
    """Compile the C part for every Python from 3.11 on; where it lies in the package now, from `root`."""
    from setuptools import Distribution, Extension

    native = root / "native"
    extension = Extension(
        _NATIVE,
        sorted(f"native/{path.name}" for path in native.glob("*.c")),
        depends=sorted(f"native/{path.name}" for path in native.glob("*.h")),
        extra_compile_args=["/O2", "/std:c11"] if os.name == "nt" else ["-std=c11", "-O3", "-fvisibility=hidden"],
        py_limited_api=True,
    )
    before = Path.cwd()
    os.chdir(root)
    try:
        distribution = Distribution({"name": "lineitem", "package_dir": {"": "src"}, "ext_modules": [extension]})
        command: Any = distribution.get_command_obj("build_ext")
        command.build_temp = str(Path("build") / "native")
        command.inplace = command.force = True
        command.ensure_finalized()
        command.run()
        return Path(command.get_ext_fullpath(_NATIVE)).resolve().relative_to(root.resolve())
    finally:
        os.chdir(before)
