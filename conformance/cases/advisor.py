"""`usage.iterations[]`: an advisor's calls are extra, everything else is in the top-level numbers already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.rates import OPUS, SONNET, UNPRICED
from conformance.tree import OPUS as OPUS_MODEL
from conformance.tree import Tree
from conformance.truth import Owed, owes

if TYPE_CHECKING:
    from conformance.tree import Entry

MAIN = owes(SONNET, input=2, write_5m=7_800, read=226_000, output=491)
ADVICE = owes(OPUS, input=159_000, read=1_000, output=7_805)


def _iteration(kind: str, *, input: int, output: int, read: int = 0, write: int = 0, **more: str) -> Entry:  # noqa: A002
    return {
        "type": kind,
        "input_tokens": input,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": write,
        "cache_creation": {"ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": 0},
        **more,
    }


def _iterations(advisor: str) -> list[Entry]:
    """What one advised answer consists of: the parts of the main model sum to the top-level numbers."""
    return [
        _iteration("message", input=1, output=45, read=110_000, write=7_200),
        _iteration("advisor_message", input=159_000, output=7_805, read=1_000, model=advisor),
        _iteration("message", input=1, output=446, read=116_000, write=600),
    ]


def _advised(tree: Tree, advisor: str = OPUS_MODEL, outputs: tuple[int, ...] = (491,)) -> None:
    session = tree.session(model="claude-sonnet-4-6")
    session.prompt()
    session.answer(outputs=outputs, input=2, write_5m=7_800, read=226_000, iterations=_iterations(advisor))


def one_answer_with_advice(tree: Tree) -> list[Owed]:
    """The advisor's tokens are in no other number; they have its price."""
    _advised(tree)
    return [MAIN, ADVICE]


def advice_on_every_line_of_an_answer(tree: Tree) -> list[Owed]:
    """Three lines repeat the iterations: it was asked once."""
    _advised(tree, outputs=(491, 491, 491))
    return [MAIN, ADVICE]


def advice_in_a_copy(tree: Tree) -> list[Owed]:
    """A fork repeats the advised answer."""
    _advised(tree)
    tree.threads[0].fork("child", first="0").prompt()
    return [MAIN, ADVICE]


def advice_twice_in_one_answer(tree: Tree) -> list[Owed]:
    """It was asked two times."""
    session = tree.session(model="claude-sonnet-4-6")
    session.prompt()
    iterations = _iterations(OPUS_MODEL)
    iterations.insert(2, _iteration("advisor_message", input=2_000, output=30, model=OPUS_MODEL))
    session.answer(outputs=(491,), input=2, write_5m=7_800, read=226_000, iterations=iterations)
    return [MAIN, ADVICE, owes(OPUS, input=2_000, output=30)]


def advice_of_an_unknown_model(tree: Tree) -> list[Owed]:
    """The main call has a price, the advisor's has none."""
    _advised(tree, advisor="oracle-1")
    return [MAIN, owes(UNPRICED, input=159_000, read=1_000, output=7_805)]


def iterations_of_the_same_model(tree: Tree) -> list[Owed]:
    """A loop of server tools: the top level is their sum already."""
    session = tree.session(model="claude-sonnet-4-6")
    session.prompt()
    mirror = [entry for entry in _iterations("") if entry["type"] == "message"]
    session.answer(outputs=(491,), input=2, write_5m=7_800, read=226_000, iterations=mirror)
    return [MAIN]


CASES = (
    one_answer_with_advice,
    advice_on_every_line_of_an_answer,
    advice_in_a_copy,
    advice_twice_in_one_answer,
    advice_of_an_unknown_model,
    iterations_of_the_same_model,
)
