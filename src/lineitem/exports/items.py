"""Line items as rows: each says by itself whose it is, when it began and what it cost."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.reports.session import parts
from lineitem.reports.tree import tokens_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from lineitem.reports.lines import Line

#: The flat columns of `rows`, in order: known before the first line item is.
COLUMNS = (
    "sessionId", "projectPath", "threadId", "at", "promptOrdinal", "cause", "kind", "toolUseId", "part", "model",
    "tokens.uncachedInput", "tokens.cacheWrite5m", "tokens.cacheWrite1h", "tokens.cacheRead", "tokens.output",
    "costUsd", "costNanos", "basis", "unpriced", "provisional",
)  # fmt: skip

#: What those hold that are not text, for formats that must know it beforehand.
KINDS = {
    "at": "time", "promptOrdinal": "whole", "costUsd": "decimal", "costNanos": "whole", "unpriced": "truth",
    "provisional": "truth",
}  # fmt: skip


def kinds() -> dict[str, str]:
    """What each column holds."""
    return {name: KINDS.get(name, "whole" if name.startswith("tokens.") else "text") for name in COLUMNS}


def rows(
    lines: Iterable[Line], projects: Mapping[str, str], unpriced: Collection[str], provisional: Collection[str]
) -> Iterator[dict[str, Any]]:
    """One row a line item: a part of what a cause cost. Their `costNanos` sum to the bill.

    projects: by session; unpriced: models without a price, whose tokens have an unknown cost; provisional: sessions.
    """
    for line in lines:
        for part, nanos, *tokens in parts(line):
            unknown = not nanos and line.model in unpriced
            yield {
                "sessionId": line.session,
                "projectPath": projects.get(line.session),
                "threadId": line.thread or None,
                "at": iso(line.at) if line.at else None,
                "promptOrdinal": line.prompt,
                "cause": line.cause,
                "kind": line.kind,
                "toolUseId": line.call or None,
                "part": part,
                "model": line.model or None,
                "tokens": tokens_json(tokens) if part != "unlogged" else tokens_json([None] * 5),
                "costNanos": None if unknown else nanos,
                "basis": line.basis,
                "unpriced": line.model in unpriced,
                "provisional": line.session in provisional,
            }
