"""Runs when the package is built: makes the script that draws the dashboard's charts.

It is Vega with what it needs, as `vl-convert-python` carries it: a dependency of the build that pyproject.toml
declares, so that no copy of it is in this repository. Whose it is stands beside it, in `vega-licences.txt`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_MADE = "src/lineitem/surfaces/web/static/vega.js"


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes `vega.js` into the package, for wheels and for editable installs alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        import vl_convert

        del version
        script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        (Path(self.root) / _MADE).write_text(script, encoding="utf-8")
        build_data["artifacts"].append(f"/{_MADE}")
