"""Whose budgets a handover tells."""

from __future__ import annotations

from typing import Any

from lineitem.handoff.handover import budget_pieces


def row(scope: str) -> dict[str, Any]:
    return {"scope": scope, "usedShare": 0.5, "leftNanos": 10**9, "leftTokens": None, "name": scope, "limit": "$2",
            "during": "this month"}  # fmt: skip


def told(folder: str, *scopes: str) -> list[str]:
    return [piece.text.partition(":")[0] for piece in budget_pieces([row(each) for each in scopes], folder)]


def test_a_project_is_the_one_whose_name_has_the_pattern_in_it() -> None:
    scopes = ("everything", "project=shop-api", "project=SHOP")
    assert told("/home/dev/shop", *scopes) == ["everything", "project=SHOP"]
    assert told("/home/dev/shop-api", *scopes) == list(scopes)


def test_budgets_of_a_part_of_the_work_are_not_told() -> None:
    assert told("/home/dev/shop", "model=opus", "project=shop,branch=main", "team=core") == []
