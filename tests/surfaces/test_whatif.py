"""`lineitem whatif`: on the example, and as docs/whatif.md says."""

from __future__ import annotations

import json
import re
from typing import Any

from lineitem.surfaces.cli import story
from tests.docs.pages import ROOT, text

BLOCKS = re.findall(r"^```sh\n(.*?)^```$", text(ROOT / "docs/whatif.md"), re.MULTILINE | re.DOTALL)


def rows(said: Any, line: str) -> dict[str, Any]:
    code, out, err = said(f"whatif {story.SESSION[:8]} {line} --json")
    assert (code, err) == (0, "")
    return {row["change"]: row for row in json.loads(out)["whatif"]}


def test_the_examples_of_the_page_run(said: Any) -> None:
    assert BLOCKS
    for line in "".join(BLOCKS).splitlines():
        code, out, err = said(line.removeprefix("lineitem "))
        assert (code, err) == (0, ""), line
        assert "as it was" in out


def test_what_was_is_the_bill_and_the_rest_is_held_against_it(said: Any) -> None:
    found = rows(said, "")
    bill = json.loads(said(f"session {story.SESSION[:8]} --json")[1])["costNanos"]
    assert found["as it was"]["costNanos"] == bill
    assert all(row["costNanos"] + row["savedNanos"] == bill for row in found.values())
    assert "without github's schemas" in found


def test_without_a_server_is_what_its_schemas_cost(said: Any) -> None:
    (row,) = (each for each in json.loads(said("mcp --json")[1])["mcp"] if each["server"] == "github")
    assert rows(said, "--without github")["without github's schemas"]["savedNanos"] == row["schemaNanos"]


def test_the_model_it_was_on_saves_next_to_nothing(said: Any) -> None:
    found = rows(said, "--on claude-opus-5-5")["on claude-opus-5-5"]
    assert abs(found["savedNanos"]) * 4 < found["costNanos"]  # its agents were on others


def test_mistakes_are_sentences(said: Any) -> None:
    for line, part in (
        ("whatif --clear 3", "need one session"),
        ("whatif --cut none", "--cut is a whole number"),
        ("whatif --lifetime 2h", "--lifetime is 5m or 1h"),
        ("whatif --on nobody-knows-me", "No price is known"),
    ):
        code, out, err = said(line)
        assert (code, out) == (2, ""), line
        assert part in err


def test_incognito_names_no_server(said: Any) -> None:
    for more in ("", " --json"):
        _, out, _ = said(f"whatif {story.SESSION[:8]} --incognito{more}")
        assert "github" not in out
        assert "without server-" in out


def test_one_model_is_held_against_what_it_cost(said: Any) -> None:
    models = {row["model"]: row["costNanos"] for row in json.loads(said("models --json")[1])["models"]}
    for model, cost in models.items():
        if model.startswith("claude-"):
            _, out, _ = said(f"whatif {story.SESSION[:8]} --model {model} --on {model} --json")
            was, same = json.loads(out)["whatif"]
            assert abs(was["costNanos"] - cost) < cost // 10
            assert abs(same["savedNanos"]) * 100 < was["costNanos"]
