"""`lineitem budget`: made, changed, ended, checked; and every example of docs/budgets.md."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from lineitem.core.budgets import TOKENS, Budget, parse_limit, parse_warn, passed
from lineitem.core.problems import UsageError
from lineitem.core.tags import from_settings
from tests.docs.pages import ROOT, text

PAGE = text(ROOT / "docs/budgets.md")
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]


def test_the_examples_of_the_page_run(said: Any) -> None:
    assert len(COMMANDS) > 6
    for line in COMMANDS:
        code, _, err = said(line.removeprefix("lineitem "))
        assert (code, err) == (0, ""), line


def test_the_rules_of_the_page_are_read() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    tags = from_settings(tomllib.loads(example), "", "/home/dev")
    assert tags.of("/home/dev/code/shop/web", "", "main", {}) == {
        "team": "shop", "department": "sales", "cost_centre": "4711",
    }  # fmt: skip
    assert tags.of("/x", "github.com/acme/api", "release/2", {})["team"] == "release"
    assert tags.of("/home/dev/code/shopping", "", "", {}) == {"department": "other"}


def test_a_budget_that_is_exceeded_ends_a_script(said: Any) -> None:
    assert said("budget check")[0] == 0
    assert said("budget add all --limit 0.000001 --period session")[0] == 0
    story_is_old = json.loads(said("budget --json")[1])["budgets"][0]
    assert story_is_old["usedNanos"] == 0  # the example's session is not active now
    assert said("budget add ever --limit 0.01 --period 900w")[0] == 0
    code, out, _ = said("budget check")
    assert code == 1
    assert out.startswith("exceeded: ever (last 900w): $")
    assert said("budget check all")[0] == 0
    assert said("budget remove ever")[0] == 0
    assert said("budget check")[0] == 0


def test_what_it_was_is_remembered(said: Any) -> None:
    said("budget add all --limit 5 --period day")
    said("budget edit all --limit 7 --of project=shop")
    (row,) = json.loads(said("budget list --json")[1])["budgets"]
    assert (row["limit"], row["scope"], row["period"]) == ("$7", "project=shop", "day")
    periods = json.loads(said("budget status all --json")[1])["periods"]
    assert [each["limit"] for each in periods] == ["$7"]


def test_mistakes_are_sentences(said: Any) -> None:
    for line, part in (
        ("budget add", "needs the budget's name"),
        ("budget add x", "needs a limit"),
        ("budget add x --limit no", "is no limit"),
        ("budget add x --limit 5 --period year", "is no period"),
        ("budget add x --limit 5 --of shop", "is no part of the bill"),
        ("budget add x --limit 5 --of tool=Bash,branch=main", "Make two budgets"),
        ("budget add x --limit 5 --warn most", "is no percentage"),
        ("budget add x --limit 5 --fail maybe", "--fail is closed or open"),
        ("budget add x --limit 5 --act shout", "--act is warn, ask, block or none"),
        ("budget add x --limit 5 --act warn --on lunch", "--on takes prompt, agent, model, call"),
        ("budget override x --for 1h", "There is no budget 'x'"),
        ("budget edit nobody --limit 5", "There is no budget 'nobody'"),
        ("budget spend", "knows add, edit, remove"),
        ("budget list --limit 5", "goes with `lineitem budget add`"),
        ("budget add x y --limit 5", "too much"),
    ):
        code, out, err = said(line)
        assert (code, out) == (2, ""), line
        assert part in err, line
    said("budget add x --limit 5")
    assert "already" in said("budget add x --limit 5")[2]
    assert "Say what to change" in said("budget edit x")[2]


@pytest.mark.parametrize(
    ("written", "limit"),
    [("50", 50_000_000_000), ("$12.50", 12_500_000_000), ("0.000000001", 1), ("1,000", 10**12)],
)
def test_dollars(written: str, limit: int) -> None:
    assert parse_limit(written) == (limit, "nanos")


@pytest.mark.parametrize("written", ["2M", "2m tokens", "2,000,000 tokens", "2000k", "2000000 Token"])
def test_tokens(written: str) -> None:
    assert parse_limit(written) == (2_000_000, TOKENS)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-5",
        "0",
        "nan",
        "inf",
        "1e400",
        "0.0000000001",
        "5 euros",
        "1.5 tokens",
        "M",
        "$5k",
        "$1.5m",
        "12,50",
        "1e999999",
        "1e999999m",
    ],
)
def test_no_limit(written: str) -> None:
    with pytest.raises(UsageError):
        parse_limit(written)


def test_the_limit_is_passed_by_what_is_above_it() -> None:
    warn = parse_warn("50, 80%,100")
    assert passed(49, 100, warn) == ()
    assert passed(50, 100, warn) == (5_000,)
    assert passed(100, 100, warn) == (5_000, 8_000)
    assert passed(101, 100, warn) == (5_000, 8_000, 10_000)
    assert passed(101, 100, ()) == (10_000,)
    assert Budget("b", "month", 100).warn == (8_000,)


def test_incognito_tells_neither_a_name_nor_a_limit(said: Any) -> None:
    said("budget add shop-secret --limit 100 --period 900w --of project=shop")
    said("budget add tiny-secret --limit 0.01 --period 900w")
    said("budget override tiny-secret --reason 'a secret reason'")
    for line in (
        "budget",
        "budget --json",
        "budget check",
        "audit",
        "audit --json",
        "budget status shop-secret --json",
    ):
        _, out, err = said(f"{line} --incognito")
        document = out.replace('"name": "shop-secret"', "")  # a person named it on the command line
        assert not err
        assert all(word not in document for word in ("secret", "$100", "project=shop", "100000000000")), line
    assert "budget-" in said("budget --incognito")[1]
    assert json.loads(said("audit --json --incognito")[1])["audit"][0]["what"] == "budget made"
