"""Cache writes for five minutes and for one hour have two prices, and reads have a price per model."""

from __future__ import annotations

from conformance.rates import FABLE_5_1, OPUS
from conformance.tree import Tree
from conformance.truth import Owed, owes


def for_five_minutes(tree: Tree) -> list[Owed]:
    """1.25 times the input price."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def for_one_hour(tree: Tree) -> list[Owed]:
    """Twice the input price."""
    session = tree.session()
    session.prompt()
    session.answer(write_1h=20_000)
    return [owes(OPUS, input=10, write_1h=20_000, output=500)]


def both_in_one_request(tree: Tree) -> list[Owed]:
    """A part for five minutes, a part for an hour."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=5_000, write_1h=15_000)
    return [owes(OPUS, input=10, write_5m=5_000, write_1h=15_000, output=500)]


def without_the_split(tree: Tree) -> list[Owed]:
    """Older lines and gateways give the sum only: five minutes, as the client itself does."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000, cache_creation=None)
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def with_a_split_that_falls_short(tree: Tree) -> list[Owed]:
    """The parts sum to less than the total: the rest is of unknown duration, so five minutes."""
    session = tree.session()
    session.prompt()
    session.answer(
        write_5m=20_000,
        cache_creation={"ephemeral_1h_input_tokens": 12_000, "ephemeral_5m_input_tokens": 3_000},
    )
    return [owes(OPUS, input=10, write_5m=8_000, write_1h=12_000, output=500)]


def with_half_a_split(tree: Tree) -> list[Owed]:
    """Only one of the two fields is there."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000, cache_creation={"ephemeral_1h_input_tokens": 20_000})
    return [owes(OPUS, input=10, write_1h=20_000, output=500)]


def reads_at_a_fortieth(tree: Tree) -> list[Owed]:
    """A read is not a tenth of the input price for every model."""
    session = tree.session(model="claude-fable-5-1")
    session.prompt()
    session.answer(read=400_000, write_1h=1_000)
    return [owes(FABLE_5_1, input=10, read=400_000, write_1h=1_000, output=500)]


def the_split_on_partial_lines(tree: Tree) -> list[Owed]:
    """Three lines of one answer, one hour."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 4, 500), write_1h=20_000)
    return [owes(OPUS, input=10, write_1h=20_000, output=500)]


CASES = (
    for_five_minutes,
    for_one_hour,
    both_in_one_request,
    without_the_split,
    with_a_split_that_falls_short,
    with_half_a_split,
    reads_at_a_fortieth,
    the_split_on_partial_lines,
)
