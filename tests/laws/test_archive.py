"""Whatever a store knows: pushed, and pulled into an empty one, it is the same store."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lineitem.archive import parts
from lineitem.ledger.facts import TABLES
from tests.archive.stores import all_of, facts_of, live_facts, pulled, pushed
from tests.laws.examples import examples
from tests.laws.histories import Deck, history
from tests.telling.digests import agree
from tests.telling.stores import Books

histories = st.binary(min_size=40, max_size=160)
schedules = st.binary(min_size=8, max_size=32)


def grow(told: dict[str, bytes], folder: Path, store: Books, deck: Deck) -> None:
    """Files that come in pieces, are cut and written anew, while they are read."""
    for path, content in told.items():
        place = folder / "projects" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content[: len(content) * deck.below(9) // 8])
        if deck.below(2):
            store.read()
        kind = deck.below(4)
        if kind == 1:
            place.write_bytes(b'{"type":"summary","summary":"told before"}\n' + content)
        elif kind == 2:
            place.write_bytes(content[: len(content) * deck.below(9) // 8])
        else:
            place.write_bytes(content)
        if deck.below(2):
            store.read()


def same(one: Books, other: Books) -> None:
    """Both say the same, in facts and in all that is derived of them."""
    mine, theirs = all_of(one), all_of(other)
    for name, rows in mine[0].items():
        assert rows == theirs[0][name], name
    agree(mine[1], theirs[1])


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
@given(histories, schedules)
@examples(20)
def test_a_store_comes_back_as_it_was(format_: str, choices: bytes, schedule: bytes) -> None:
    deck = Deck(schedule)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "config"
        with Books(folder) as store, Books(folder) as empty:
            grow(history(choices).told(), folder, store, deck)
            store.read()
            if deck.below(2):
                live_facts(store.ledger)
                store.rebuild()
            pushed(store, f"{place}/archive", format_)
            done = pulled(empty, f"{place}/archive")
            assert (done.problems, done.waiting) == ([], 0)
            same(empty, store)
            # and the same files, read again, are known
            before = facts_of(store.ledger)
            requests = empty.requests()
            empty.read()
            assert empty.requests() == requests
            assert facts_of(empty.ledger) == before
            assert pulled(empty, f"{place}/archive").taken == 0


@given(histories, schedules)
@example(b"\0" * 13 + b"\xe0\0\0\xc8" + b"\0" * 16 + b"\x07" + b"\0" * 6, b"\0" * 6 + b"\1\0\1")
@examples(20)
def test_pushed_bit_by_bit_it_comes_back_whole(choices: bytes, schedule: bytes) -> None:
    """Pushes and pulls in between, in any order: at the end both stores say the same."""
    deck = Deck(schedule)
    told = history(choices).told()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "config"
        with Books(folder) as store, Books() as other, Books() as late:
            for path, content in told.items():
                file = folder / "projects" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                for end in (len(content) * deck.below(9) // 8, len(content)):
                    file.write_bytes(content[:end])
                    store.read()
                    if deck.below(2):
                        pushed(store, f"{place}/archive", ("parquet", "jsonl")[deck.below(2)])
                    if deck.below(2) and (Path(place) / "archive").exists():
                        pulled(other, f"{place}/archive")
            pushed(store, f"{place}/archive")
            for each in (other, late):
                pulled(each, f"{place}/archive")
                assert all_of(each)[1] == all_of(store)[1]
            assert facts_of(late.ledger) == facts_of(store.ledger)


@given(st.lists(st.integers(0, 999), unique=True, max_size=200), st.data())
@examples(60)
def test_where_parts_end_is_told_by_their_rows(numbers: list[int], data: st.DataObject) -> None:
    """The same rows, the same parts; and a row that is put in changes the parts around it alone."""
    columns = ("number",)

    def cut(rows: list[int]) -> list[str]:
        found = parts.cut((("all", (row,)) for row in sorted(rows)), columns, (40, 90, 300))
        return [piece.content for piece in found]

    assert cut(numbers) == cut(list(reversed(numbers)))
    new = data.draw(st.integers(1000, 1001))
    before, after = cut(numbers), cut([*numbers, new])
    assert before[:-1] == after[: len(before) - 1]  # it comes last
    rows = [piece.rows for piece in parts.cut((("all", (row,)) for row in sorted(numbers)), columns, (40, 90, 300))]
    assert [row[0] for part in rows for row in part] == sorted(numbers)


def test_every_table_of_facts_is_in_an_archive() -> None:
    """What the schema calls a fact or a memory is pushed, but for what belongs to one machine."""
    with Books() as store:
        live_facts(store.ledger)
        tables = {row[0] for row in store.rows("select name from sqlite_schema where type = 'table'")}
    read = " ".join(facts.read for facts in TABLES)
    from lineitem.ledger.schema import DERIVED, SEARCHED

    here = {*SEARCHED, "seen_call", "alert_notice", "alert_message"}
    missing = {name for name in tables - set(DERIVED) - here if f"from {name}" not in read}
    assert missing == set()
