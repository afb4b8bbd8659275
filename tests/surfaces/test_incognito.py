"""What may be shown to anybody: no name, no true amount, and still the same picture."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lineitem.surfaces import incognito
from lineitem.surfaces.cli.demo import example
from lineitem.surfaces.incognito import obscured, obscured_bill, obscured_tree
from tests.surfaces.answers import tree

#: What the example would tell about whoever it belonged to.
TELLING = (
    *("shop", "5d0c94e2", "cart.py", "grep -rn", "pytest", "changelog", "github", "CLAUDE.md", "toolu_demo"),
    *("msg_demo", "a3f9c01d2e"),
)


@pytest.fixture(autouse=True)
def _another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incognito, "secret", lambda: b"a machine of its own")


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [key, *strings(inner)]]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_a_session_tells_nothing_of_its_owner() -> None:
    document = example(lambda bill: bill.json())
    hidden = obscured(document)
    told = "\n".join(strings(hidden))
    assert not [name for name in TELLING if name in told]
    assert len(hidden["lineItems"]) == len(document["lineItems"])
    assert hidden.keys() == document.keys()


def test_amounts_are_one_factor_off() -> None:
    document = example(lambda bill: bill.json())
    hidden = obscured(document)
    factor = hidden["costNanos"] / document["costNanos"]
    assert not 0.9 < factor < 1.1
    assert 0.3 <= factor <= 3.4
    for before, after in zip(document["lineItems"], hidden["lineItems"], strict=True):
        assert abs(after["costNanos"] - before["costNanos"] * factor) <= 1
        for key, count in before["tokens"].items():
            assert abs(after["tokens"][key] - count * factor) <= 1
    assert hidden["totalCost"] == pytest.approx(document["totalCost"] * factor)


def test_what_is_nobodys_secret_stays() -> None:
    row = {"tool": "Bash", "modelName": "claude-opus-5-5", "requests": 7, "firstActivity": "2026-11-02T10:00:00.000Z",
           "kind": "tool", "part": "carry", "basis": "measured", "agentType": "Explore", "isActive": True,
           "branch": "(no branch)", "reason": "model changed", "reportedNanos": None}  # fmt: skip
    assert obscured(row) == row


def test_one_name_has_one_pseudonym_and_two_have_two() -> None:
    one, two, again = obscured([{"projectPath": "-a"}, {"projectPath": "-b"}, {"project": "-a"}])
    assert one["projectPath"] == again["project"] != two["projectPath"]
    assert one["projectPath"].startswith("project-")


def test_another_machine_has_other_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    here = obscured({"branch": "main", "costNanos": 10**9})
    monkeypatch.setattr(incognito, "secret", lambda: b"yet another one")
    there = obscured({"branch": "main", "costNanos": 10**9})
    assert here["branch"] != there["branch"]
    assert here["costNanos"] != there["costNanos"]


def test_projects_as_keys_are_hidden_too() -> None:
    hidden = obscured({"projects": {"-home-ada-shop": [{"costNanos": 5}]}})
    assert "shop" not in json.dumps(hidden)


def test_the_names_of_projects_do_not_show_in_their_report() -> None:
    (hidden,) = obscured({"projects": [{"project": "-home-ada-shop", "costNanos": 5}]})["projects"]
    assert hidden["project"].startswith("project-")
    assert hidden.keys() == {"project", "costNanos"}


def test_list_prices_stay_as_they_are() -> None:
    rates = {"key": "opus", "uncachedInput": 4_000_000, "output": 20_000_000}
    assert obscured({"rates": rates})["rates"] == rates


def test_the_parts_of_an_amount_are_hidden_with_it() -> None:
    hidden = obscured({"costNanos": 1_000, "classNanos": {"output": 400, "webSearch": 600}})
    assert hidden["classNanos"] != {"output": 400, "webSearch": 600}
    assert sum(hidden["classNanos"].values()) == pytest.approx(hidden["costNanos"], abs=2)


def test_a_tool_of_a_server_is_hidden_by_server_and_tool() -> None:
    one, two = obscured([{"tool": "mcp__github__get_issue"}, {"tool": "mcp__github__search"}])
    server, name = one["tool"].split("__")[1:]
    assert two["tool"].split("__")[1] == server
    assert "github" not in one["tool"]
    assert "issue" not in name


def test_a_tree_still_adds_up() -> None:
    plain = tree([("tool/Bash/secret plan", 333), ("tool/Read/a", 77), ("memory/CLAUDE.md", 11)])
    plain.head["provisionalNanos"] = 421
    hidden = obscured_tree(plain)
    assert hidden.head["provisionalNanos"] == obscured({"provisionalNanos": 421})["provisionalNanos"] != 421
    assert "secret" not in json.dumps(hidden.json())
    nodes = [hidden.root]
    while nodes:
        node = nodes.pop()
        assert node.total == node.own + sum(child.total for child in node.children.values())
        nodes += node.children.values()


def test_a_bill_still_adds_up() -> None:
    before = example(lambda bill: bill)
    after = obscured_bill(before)
    assert after.head["sessionId"] != before.head["sessionId"]
    assert sum(line.nanos for line in after.lines) == pytest.approx(after.head["costNanos"], abs=len(after.lines) * 5)
    assert [call["carriedRequests"] for call in after.calls()] == [call["carriedRequests"] for call in before.calls()]


def test_the_secret_is_the_machines_and_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    mine = incognito.secret()
    monkeypatch.setenv("HOME", "/home/somebody-else")
    assert mine != incognito.secret()
    assert len(mine) == 32
