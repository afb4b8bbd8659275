"""The worked example in docs/how-it-works.md adds up: by request, by cause, and to the same bill."""

from __future__ import annotations

from tests.docs.pages import ROOT, table, text

READ, WRITE, OUTPUT = 500, 6_250, 25_000  #: nanodollars a token, as the page says


def numbers(name: str) -> list[list[int]]:
    """The numbers of a table of the example, without its first column and its words."""
    rows = table(text(ROOT / "docs/how-it-works.md").replace(",", ""), name)
    return [[int(cell) for cell in row[1:] if cell.isdigit()] for row in rows]


def test_each_request_costs_its_tokens_times_the_rates() -> None:
    for read, write, output, *costs in numbers("requests"):
        parts = [read * READ, write * WRITE, output * OUTPUT]
        assert costs == [*parts, sum(parts)]


def test_each_cause_costs_the_sum_of_its_parts() -> None:
    for _, generate, ingest, carry, rewrite, total in numbers("causes"):
        assert generate + ingest + carry == total
        assert rewrite <= carry


def test_every_column_sums_to_its_last_row() -> None:
    for name in "requests", "causes":
        *rows, last = numbers(name)
        assert [sum(column) for column in zip(*rows, strict=True)] == last


def test_causes_and_requests_come_to_the_same_bill() -> None:
    assert numbers("requests")[-1][-1] == numbers("causes")[-1][-1]


def test_the_parts_lie_where_the_requests_say() -> None:
    reads, writes, output = numbers("requests")[-1][3:6]
    generate, ingest, carry = numbers("causes")[-1][1:4]
    assert generate == output
    assert ingest + carry == reads + writes
