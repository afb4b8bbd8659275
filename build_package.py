"""Runs when the package is built: makes the three parts of it that are not Python.

The script that draws the dashboard's charts is Vega with what it needs, as `vl-convert-python` carries it: a
dependency of the build that pyproject.toml declares, so that no copy of it is in this repository. Whose it is stands
beside it, in `vega-licences.txt`.

`native/` is compiled where a compiler and Python's headers are at hand. Reading in C is a speed-up and nothing else:
without it everything works, to the same bytes, so a missing compiler is said and is no error.

The modules that fold sessions (`FOLDING`) are compiled by mypyc, from the same Python, into a wheel. An editable
install keeps them as they are: what is edited is what runs. These too are a speed-up and nothing else.

`LINEITEM_NATIVE=0` builds without both, `LINEITEM_NATIVE=1` insists on them.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CHARTS = "src/lineitem/surfaces/web/static/vega.js"
_NATIVE = "lineitem.sources._native"

#: Modules that run once for every request of every session or for every cause: what a first bill waits for. (No class
#: of others may inherit from theirs: so `itemised` is among them.)
FOLDING = (
    "attribution/alike", "attribution/context", "attribution/items", "attribution/misses", "attribution/output",
    "attribution/pieces", "attribution/prompts", "attribution/requests", "attribution/session", "attribution/thread",
    "attribution/weights", "core/apportion", "core/causes", "core/rates", "pipeline/folding", "pipeline/merging",
    "pipeline/prices", "pipeline/rollup", "pipeline/stored", "pricing/book", "reports/bill", "reports/itemised",
    "reports/tree",
)  # fmt: skip
#: They are compiled in so many parts at most, side by side.
_PARTS = 4


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes them into the package: for wheels all, for editable installs what no source is edited for."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        draw(root / _CHARTS)
        build_data["artifacts"].append(f"/{_CHARTS}")
        native = self._unless_it_fails("its part in C: reading", lambda: compile_native(root))
        if native is not None:
            build_data["artifacts"].append(f"/{native.as_posix()}")
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{_platform()}"
        if version == "editable":
            return
        folding = self._unless_it_fails("compiled modules: folding", lambda: compile_folding(root))
        if folding:
            build_data["force_include"] |= folding
            build_data["pure_python"] = False
            python = f"cp{sys.version_info.major}{sys.version_info.minor}"
            build_data["tag"] = f"{python}-{python}{getattr(sys, 'abiflags', '')}-{_platform()}"

    def _unless_it_fails(self, what: str, make: Callable[[], Any]) -> Any:
        wanted = os.environ.get("LINEITEM_NATIVE", "")
        without_lock = sysconfig.get_config_var("Py_GIL_DISABLED")  # where both would switch the lock on again
        if wanted == "0" or sys.implementation.name != "cpython" or without_lock:
            return None
        try:
            return make()
        except (Exception, SystemExit) as error:  # whatever a compiler may fail with
            if wanted == "1":
                raise
            self.app.display_warning(f"built without {what} is slower, nothing else changes ({error})")
            return None


def draw(into: Path) -> None:
    """Write Vega as one script."""
    import vl_convert

    into.write_text(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), encoding="utf-8")


def compile_native(root: Path) -> Path:
    """Compile the C part for every Python from 3.11 on; where it lies in the package now, from `root`."""
    from setuptools import Extension

    native = root / "native"
    extension = Extension(
        _NATIVE,
        sorted(f"native/{path.name}" for path in native.glob("*.c")),
        depends=sorted(f"native/{path.name}" for path in native.glob("*.h")),
        extra_compile_args=["/O2", "/std:c11"] if os.name == "nt" else ["-std=c11", "-O3", "-fvisibility=hidden"],
        py_limited_api=True,
    )
    command = _build(root, [extension], inplace=True)
    return (root / command.get_ext_fullpath(_NATIVE)).resolve().relative_to(root.resolve())


def compile_folding(root: Path) -> dict[str, str]:
    """Compile the modules of `FOLDING` for this Python: file -> its place in the wheel."""
    from mypyc.build import mypycify

    work = root / "build" / "folding"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(root / "src", work / "src", ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    before = Path.cwd()
    os.chdir(work)  # mypyc takes paths from here, and names modules by them
    try:
        extensions = mypycify(
            ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent", "--cache-dir=cache",
             *(f"src/lineitem/{name}.py" for name in FOLDING)],
            opt_level="1", debug_level="0", separate=_parts(f"src/lineitem/{name}.py" for name in FOLDING),
        )  # fmt: skip
        for extension in extensions if os.name != "nt" else ():  # fractions are the same on every machine
            extension.extra_compile_args.append("-ffp-contract=off")
    finally:
        os.chdir(before)
    made = Path(_build(work, extensions, inplace=False).build_lib)
    return {str(path): path.relative_to(made).as_posix() for path in sorted(made.rglob("*")) if path.is_file()}


def _parts(paths: Iterable[str]) -> list[tuple[list[str], str]]:
    """The modules in parts of about one size, each with a name."""
    parts: list[tuple[list[str], str]] = [([], f"lineitem_{n}") for n in range(min(_PARTS, os.cpu_count() or 1))]
    sizes = [0] * len(parts)
    for path in sorted(paths, key=lambda path: -Path(path).stat().st_size):
        smallest = sizes.index(min(sizes))
        parts[smallest][0].append(path)
        sizes[smallest] += Path(path).stat().st_size
    return parts


def _build(root: Path, extensions: list[Any], *, inplace: bool) -> Any:
    """Compile extensions whose sources are named from `root`; the command that did it, which knows where they are."""
    from setuptools import Distribution

    before = Path.cwd()
    os.chdir(root)
    try:
        distribution = Distribution({"name": "lineitem", "package_dir": {"": "src"}, "ext_modules": extensions})
        command: Any = distribution.get_command_obj("build_ext")
        command.build_temp = str(Path("build") / "native")
        command.inplace, command.force = inplace, True
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
        command.build_lib = str(Path(command.build_lib).resolve())
        return command
    finally:
        os.chdir(before)


def _platform() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
