"""Requests as the store has them: from a row, and as a row."""

from __future__ import annotations

from lineitem.attribution.requests import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger


def request_of(row: Sequence[Any], text: Callable[[int], str]) -> Request:
    """A request from its stored row."""
    (mid, variant, session, thread, _, rank, at, model, uncached, output, write5, write1, read, thinking, searches,
     modifiers, prompt_size, branch, skill, counted, nanos) = row  # fmt: skip
    request = Request(
        mid, variant, rank, text(session), text(thread), at, text(model), uncached, output, write5, write1, read,
        thinking, searches, modifiers, prompt_size, text(branch), text(skill),
    )  # fmt: skip
    request.counted, request.nanos, request.fresh = counted, nanos, False
    return request


def as_request(ledger: Ledger, row: Sequence[Any]) -> Request:
    """A request from its stored row, with the copies that other sessions hold."""
    request = request_of(row, ledger.text)
    for variant, session, thread, rank in ledger.copies_of(request.mid):
        if variant == request.variant:
            request.copies = request.copies or {}
            request.copies[(ledger.text(session), ledger.text(thread))] = rank
    return request


def row_of(request: Request, numbers: Mapping[str, int]) -> tuple[Any, ...]:
    """A request as the row that is stored. numbers: of the names in it."""
    return (
        request.mid, request.variant, numbers[request.session], numbers[request.thread], 0, request.rank,
        request.at, numbers[request.model], request.uncached, request.output, request.write5, request.write1,
        request.read, request.thinking, request.searches, request.modifiers, request.prompt_size,
        numbers[request.branch], numbers[request.skill], request.counted, request.nanos,
    )  # fmt: skip
