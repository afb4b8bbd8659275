"""Foreign texts and moments, as the dashboard writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from lineitem.surfaces import numbers
from lineitem.surfaces.names import model_name, project_name
from lineitem.surfaces.page import cells, clean

if TYPE_CHECKING:
    from lineitem.surfaces.page import Piece


def plain(text: object) -> str:
    """A foreign text as one harmless line, as wide for the terminal library as it is for us."""
    made = clean(str(text))
    if made.isascii() or cell_len(made) == cells(made):
        return made
    one_by_one = "".join(letter if cell_len(letter) == cells(letter) == _alone(letter) else "\ufffd" for letter in made)
    return one_by_one if cell_len(one_by_one) == cells(one_by_one) else made.encode("ascii", "replace").decode()


def _alone(letter: str) -> int:
    """Letters that join with their neighbours have no width of their own."""
    return max(1, cells(letter))


def project(row: dict[str, Any]) -> str:
    """A row's project."""
    return plain(project_name(str(row.get("projectPath") or "")))


def model(name: object) -> str:
    """A model's name; "" where it is not known."""
    return plain(model_name(str(name))) if name else ""


def ago(now: int, iso: str | None) -> str:
    """How long ago that was."""
    if not iso:
        return numbers.UNKNOWN
    millis = now - numbers.millis_of(iso)
    return "now" if millis < 2_000 else numbers.duration(millis - millis % 1_000)


def cost(row: dict[str, Any], digits: int = 2, key: str = "costNanos") -> Piece:
    """What a row cost: `~` where that is provisional, `≥` where some of it has no price."""
    nanos = row.get(key)
    lacking = row.get("unpricedTokens") or row.get("unpricedModels")
    if lacking and not nanos:
        return ("unpriced", "unlogged")
    text = numbers.money(nanos, digits)
    if nanos and row.get("provisional"):
        text = numbers.about(text)
    return (f"≥{text}" if lacking else text, "bold" if nanos else "dim")


def cached(row: dict[str, Any]) -> str:
    """The part of all prompts that was read from the cache."""
    read = row.get("cacheReadTokens") or 0
    return numbers.share(read, read + (row.get("cacheCreationTokens") or 0) + (row.get("inputTokens") or 0))
