"""What the client reported is taken apart without a rest, whatever it reported."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.requests import Request
from lineitem.attribution.runs import Total, runs
from tests.laws.examples import examples

MODELS = ("m", "m[1m]", "n", "unpriced")
money = st.integers(0, 10**10)
tokens = st.integers(0, 10**6)
#: uncached, output, write5, write1, read, thinking, written, searches, cost; -1: not told
model_rows = st.tuples(tokens, tokens, st.integers(-1, 10**6), st.integers(-1, 10**6), tokens, tokens, tokens,
                       st.integers(0, 3), st.integers(-1, 10**10))  # fmt: skip
models = st.dictionaries(st.sampled_from(MODELS), model_rows.map(list), max_size=3)
totals = st.builds(Total, st.integers(0, 50), money, st.sampled_from([0, 1, 2]), models)


def request(at: int, model: str, counts: tuple[int, ...], nanos: int | None) -> Request:
    uncached, output, write5, write1, read = counts
    made = Request("m", "r", 0, "s", "", at, model, uncached, output, write5, write1, read, 0, 0, "", 0, "", "")
    made.nanos = nanos
    return made


requests = st.builds(
    request,
    st.integers(0, 50),
    st.sampled_from(("m", "n", "unpriced")),
    st.tuples(tokens, tokens, tokens, tokens, tokens),
    st.one_of(st.none(), money),
)


def price(model: str, counts: list[int], _: int) -> int | None:
    return None if model == "unpriced" else 7 * counts[0] + 31 * counts[1] + 9 * sum(counts[2:4]) + counts[4]


@given(
    st.lists(totals, min_size=1, max_size=4),
    st.lists(requests, max_size=6),
    st.lists(totals, max_size=2),
    st.booleans(),
)
@examples(400)
def test_reported_is_logged_unlogged_priced_duplicated_and_unexplained(
    told: list[Total], owned: list[Request], inherited: list[Total], ordered: bool
) -> None:
    if ordered:
        told = sorted(told, key=lambda total: total.at)
    made = runs(told, owned, inherited, price)
    assert len(made) == len(told)
    for run in made:
        assert run.reported == run.logged + run.unlogged + run.priced + run.duplicated + run.unexplained
        assert run.beyond == run.unlogged + run.unexplained


def cost(counts: list[int]) -> int:
    return price("m", [counts[0], counts[1], counts[2], 0, counts[4], 0], 0) or 0


@given(st.lists(st.tuples(st.integers(1, 9), tokens, tokens, tokens), min_size=1, max_size=8), st.data())
@examples(200)
def test_a_client_that_told_all_leaves_nothing_unexplained(
    answers: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    """Running totals of what was logged, told after some of the answers; a helper now and then."""
    at, said, told = 0, [0] * 9, []
    owned, hidden = [], 0
    for step, output, written, read in answers:
        at += step
        counts = [3, output, written, 0, read]
        owned.append(request(at, "m", tuple(counts), cost(counts)))
        for index, count in enumerate(counts):
            said[index] += count
        if data.draw(st.booleans()):
            said[0] += 100
            hidden += 700
        said[6] = said[2]
        said[8] = cost(said)
        if data.draw(st.booleans()):
            told.append(Total(at, said[8], 1, {"m": list(said)}))
    told.append(Total(at, said[8], 1, {"m": list(said)}))
    made = runs(told, owned, [], price)
    assert sum(run.reported for run in made) == said[8]
    assert sum(run.unlogged for run in made) == hidden
    for run in made:
        assert (run.priced, run.duplicated, run.unexplained) == (0, 0, 0)


def test_two_names_of_one_model_inherit_once() -> None:
    """A parent that only told "m" and a fork that tells "m" and "m[1m]": the parent's share is taken off once."""
    base: dict[str, list[int]] = {"m": [100, 0, 0, 0, 0, 0, 0, 0, 700]}
    own: dict[str, list[int]] = {"m": [100, 0, 0, 0, 0, 0, 0, 0, 700], "m[1m]": [50, 0, 0, 0, 0, 0, 0, 0, 350]}
    (run,) = runs([Total(9, 1_050, 1, own)], [], [Total(5, 700, 1, base)], price)
    assert (run.reported, run.unlogged, run.duplicated, run.unexplained) == (350, 350, 0, 0)
    assert run.missing == {"m": [50, 0, 0, 0, 0, 0]}
