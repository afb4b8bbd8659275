"""Installations in a throw-away folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineitem.setup.entries import Wanted
from lineitem.setup.install import Place

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "T" * 43
PYTHON = "/usr/bin/python3"


def wanted(**other: object) -> Wanted:
    """What the laws put in."""
    plain = Wanted(
        live="/home/ann/db.sqlite.live", token=TOKEN, port=4953, interpreter=PYTHON, programs="/opt/lineitem_hook"
    )
    return plain._replace(**other)  # type: ignore[arg-type]


def place(folder: Path, **other: object) -> Place:
    """An installation into `folder`/settings.json."""
    plain = Place(
        settings=str(folder / "settings.json"),
        database=str(folder / "lineitem.sqlite"),
        interpreter=PYTHON,
        programs="/opt/lineitem_hook",
    )
    return plain._replace(**other)  # type: ignore[arg-type]
