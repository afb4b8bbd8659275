"""The script that draws charts in a browser: Vega, as `vl-convert-python` carries it, for one file of our own.

It is made when the package is built (see `build_package.py`), and here where it was not and the maker
is installed: run from a source tree. Without both there are tables, and a word on how to get charts.
"""

from __future__ import annotations

#: The file's name among the dashboard's.
NAME = "vega.js"


def made() -> bytes | None:
    """The script; None where nothing is installed that could make it."""
    try:
        import vl_convert
    except ImportError:
        return None
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).encode()
