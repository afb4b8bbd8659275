"""The ten longest modules and functions under a folder: a number to look at, not a limit.

usage: python tools/sizes.py FOLDER
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

SHOWN = 10


def functions(path: Path) -> list[tuple[int, str]]:
    """Every function of a module with its length in lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [((node.end_lineno or node.lineno) - node.lineno + 1, f"{path}:{node.name}") for node in found]


def main(folder: str) -> None:
    """Print both lists, longest first."""
    paths = sorted(Path(folder).rglob("*.py"))
    modules = [(len(path.read_text(encoding="utf-8").splitlines()), str(path)) for path in paths]
    of_functions = [size for path in paths for size in functions(path)]
    for title, sizes in ("modules", modules), ("functions", of_functions):
        print(title)
        for lines, name in sorted(sizes, reverse=True)[:SHOWN]:
            print(f"{lines:6}  {name}")


if __name__ == "__main__":
    main(sys.argv[1])
