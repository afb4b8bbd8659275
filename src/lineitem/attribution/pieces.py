"""Segments about to enter a window, from the rows that tell of them: their tokens are estimated, not yet known."""

from __future__ import annotations

from lineitem.attribution.weights import estimate, family
from lineitem.core.apportion import apportion
from lineitem.core.causes import attachment_cause, schema_cause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from lineitem.attribution.weights import Weights

    Row = list[Any]

#: Kind of a piece that was in a window before: a compaction kept it.
KEPT: Final = "kept"
#: Kind of a piece that the client adds beside prompts and results, in tags that some models are not sent.
REMINDER: Final = "reminder"
#: Thousandths of a token of those tags.
_TAGS: Final = 13_000


class Piece:
    """Something about to enter the window: a segment whose tokens are not yet known."""

    __slots__ = ("at", "call", "cause", "kind", "milli", "old", "shape", "uuid")

    def __init__(self, cause: str, call: str, kind: str, milli: int, at: int, uuid: str = "") -> None:
        self.cause, self.call, self.kind = cause, call, kind
        self.milli = milli  #: thousandths of a token, estimated
        self.at, self.uuid = at, uuid
        self.old: int | None = None  #: tokens, where they are known from an earlier window
        self.shape: Row | None = None  #: of a text that serves as an example where its tokens are measured


def attachment_pieces(row: Row, weights: Weights) -> list[Piece]:
    """What an ATTACHMENT row puts beside a prompt: memory files one by one, anything else as one."""
    _, _, uuid, _, at, kind, name, role, shape, parts = row[:10]
    milli = estimate(shape, weights)
    if role == 2 or not milli:
        return []
    memory = [part for part in parts if part[0] == "memory"]
    for part in parts:
        if part[0] == "text":
            milli += estimate(part[2], weights)
    if len(memory) > 1:
        sizes = [max(1, estimate(part[2], weights)) for part in memory]
        shares = apportion(milli, sizes)
        return [Piece(f"memory/{part[1]}", "", "text", share, at, uuid) for part, share in zip(memory, shares)]
    if memory:
        name = memory[0][1]
    return [Piece(attachment_cause(kind, name), "", REMINDER if role == 1 else "text", milli, at, uuid)]


def as_sent(pieces: list[Piece], model: str) -> list[Piece]:
    """Pieces about to be sent to this model: what the client reminds it of lies where the client puts it.

    Newer models are sent reminders as messages of their own, without tags. For older ones the client writes them,
    tags and all, to the end of the result before them, where no text of a person's or a skill's came as well (client
    2.1.330): there they are part of what that tool call costs.
    """
    for piece in pieces:
        if piece.kind == REMINDER:
            break
    else:
        return pieces
    if family(model) == "finer":
        for piece in pieces:
            if piece.kind == REMINDER:
                piece.kind, piece.milli = "text", max(1000, piece.milli - _TAGS)
        return pieces
    if any(piece.kind == "text" for piece in pieces):
        return pieces
    result = None
    for piece in pieces:
        if piece.kind == "result":
            result = piece
        elif piece.kind == REMINDER and result is not None:
            piece.cause, piece.call = result.cause, result.call
    return pieces


def shape_pieces(parts: Iterable[Row], weights: Weights, before: list[Piece]) -> list[Piece]:
    """Tools and system texts as a request sent them; `before`: as the last one did, whose tools may still stand."""
    tools: dict[str, int] = {}
    system = 0
    for kind, name, counts in parts:
        if kind == "tool":
            cause = schema_cause(name)
            tools[cause] = tools.get(cause, 0) + estimate(counts, weights)
        else:
            system += estimate(counts, weights)
    shape = [Piece(cause, "", "schema", tools[cause], 0) for cause in sorted(tools)]
    if not tools and before and before[0].kind == "schema":
        shape = [piece for piece in before if piece.kind == "schema"]
    if system:
        shape.append(Piece("system", "", "system", system, 0))
    return shape
