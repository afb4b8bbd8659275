"""Answers that no model gave: texts of the client itself, under the model `<synthetic>`."""

from __future__ import annotations

from conformance.rates import OPUS
from conformance.tree import Thread, Tree, usage
from conformance.truth import Owed, owes


def _error(session: Thread) -> None:
    counts = usage(input=0, output=0)
    fields = {"isApiErrorMessage": True}
    session.block(session.tree.uuid(), counts, model="<synthetic>", stop_reason="stop_sequence", fields=fields)


def an_error_between_answers(tree: Tree) -> list[Owed]:
    """It has no usage and no model to be listed."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    _error(session)
    session.prompt()
    session.answer(read=20_010)
    return [owes(OPUS, input=10, write_5m=20_000, output=500), owes(OPUS, input=10, read=20_010, output=500)]


def nothing_but_an_error(tree: Tree) -> list[Owed]:
    """A session whose only answer is an error costs nothing, and nothing is unpriced."""
    session = tree.session()
    session.prompt()
    _error(session)
    return []


CASES = (an_error_between_answers, nothing_but_an_error)
