"""What a tool answers, and where and how a server answers."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.surfaces.mcp.veil import Veil


class Answer(NamedTuple):
    """What a tool answers."""

    document: dict[str, Any]
    text: str


class Place(NamedTuple):
    """Where and how this server answers."""

    veil: Veil
    session: str = ""  #: in which it was started; '': in none, or nobody knows
    folder: str = ""  #: where it was started; '': nowhere in particular
    writes: bool = False  #: whether a person allowed writing
    reads: bool = True  #: whether nobody else reads the transcripts
