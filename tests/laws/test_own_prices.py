"""A person's own prices are what a bill is in: also of what only the client's total tells of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.runs import Run, Total, runs
from lineitem.core.periods import Zone
from lineitem.pipeline.listed import at_list, in_own_money, listed_price
from lineitem.pricing.book import PriceBook
from lineitem.reports.query import Query
from lineitem.surfaces.cli import story
from lineitem.surfaces.cli.demo import NOW
from lineitem.wiring import Lineitem
from tests.laws.examples import examples
from tests.laws.test_runs import request, tokens

MODELS = ("claude-opus-5-5", "claude-haiku-5-5", "own", "nobody")
BOOK = PriceBook({"multiplier": "0.87", "models": {"own": {"input": "3", "output": "15"}}})
rows = st.tuples(tokens, tokens, st.integers(-1, 10**6), st.integers(-1, 10**6), tokens, tokens, tokens,
                 st.integers(0, 3), st.integers(-1, 10**10))  # fmt: skip
totals = st.builds(
    Total, st.integers(0, 50), st.integers(0, 10**10), st.sampled_from([0, 1]),
    st.dictionaries(st.sampled_from(MODELS), rows.map(list), max_size=3),
)  # fmt: skip
requests = st.builds(
    request, st.integers(0, 50), st.sampled_from(MODELS), st.tuples(tokens, tokens, tokens, tokens, tokens),
    st.one_of(st.none(), st.integers(0, 10**10)),
)  # fmt: skip


@given(st.lists(totals, min_size=1, max_size=4), st.lists(requests, max_size=6))
@examples(200)
def test_own_money_has_no_rest_either(told: list[Total], owned: list[object]) -> None:
    told = sorted(told, key=lambda total: total.at)
    listed = runs(told, at_list(BOOK, owned), [], listed_price(BOOK))  # type: ignore[arg-type]
    for run in in_own_money(BOOK, listed, owned):  # type: ignore[arg-type]
        assert run.reported == run.logged + run.unlogged + run.priced + run.duplicated + run.unexplained


def test_a_book_without_own_prices_is_its_own_list() -> None:
    plain = PriceBook()
    assert plain.listed is plain
    assert BOOK.listed.version == plain.version
    assert isinstance(Run(0, 0, 0, 0, 0, 0, 0, {}), Run)


@pytest.mark.parametrize("multiplier", ["0.5", "0.87", "2"])
def test_a_discount_is_on_the_whole_bill(multiplier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It went into what is not logged, and the bill of a session with a total of the client's stayed as it was."""
    story.tell(str(tmp_path / "claude"))
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))

    def bill() -> tuple[int, int]:
        lineitem = Lineitem(f"sqlite:///{tmp_path / 'store.sqlite'}", [str(tmp_path / "claude")])
        try:
            lineitem.refresh()
            found = lineitem.session(story.SESSION, Query(Zone("UTC"), NOW)).json()
            agreed = lineitem.report("check", Query(Zone("UTC"), NOW)).rows[0]
            assert agreed["reportedNanos"] == agreed["loggedNanos"] + sum(agreed["explained"].values())
            return found["costNanos"], found["unloggedNanos"]
        finally:
            lineitem.close()

    whole, unlogged = bill()
    settings.write_text(f"[prices]\nmultiplier = {multiplier}\n")
    cheaper, rest = bill()
    assert unlogged > 0
    assert abs(cheaper - whole * float(multiplier)) <= 30  # each request is rounded
    assert abs(rest - unlogged * float(multiplier)) <= 2
    settings.unlink()
    assert bill() == (whole, unlogged)
