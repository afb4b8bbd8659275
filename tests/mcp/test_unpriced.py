"""A model without a price: its cost is unknown, and nothing says that it is little."""

from __future__ import annotations

from pathlib import Path

from lineitem.surfaces.mcp.tools import REPORTS
from tests.mcp.speaking import Call, answers, report, said
from tests.telling.transcripts import Tale, counts


def test_every_tool_answers_and_says_that_some_has_no_price(tmp_path: Path) -> None:
    tale = Tale()
    for name, model in (("known", "claude-opus-5-5"), ("unknown", "claude-nobody-9")):
        pen = tale.session(name)
        pen.prompt("go on")
        block = {"type": "tool_use", "id": f"toolu_{name}", "name": "Bash", "input": {"command": "make"}}
        pen.answer([block], counts(0, 9_000, 0, 0, 70), model=model)
        pen.result(f"toolu_{name}", "made " * 300)
        pen.answer([{"type": "text", "text": "done"}], counts(0, 900, 0, 9_000, 30), model=model)
    tale.write(tmp_path / "claude")
    calls: list[Call] = [
        *(report(name) for name in REPORTS),
        ("get_session_bill", {}),
        *(("whats_expensive_to_carry", {}), ("get_context_health", {"session": "latest"}), ("get_tips", {})),
    ]
    found = dict(zip([str(given.get("report", name)) for name, given in calls], answers(tmp_path, calls), strict=True))
    assert {name: said(answer) for name, answer in found.items() if answer.is_error} == {}
    for name in ("daily", "sessions", "models", "bill", "get_session_bill", "whats_expensive_to_carry"):
        assert "no price" in said(found[name]).splitlines()[0], name
    assert "unpriced" in said(found["models"])
    assert "$0.00" not in said(found["get_session_bill"])
    bill = found["get_session_bill"].structured_content
    assert bill["unpricedModels"] == ["claude-nobody-9"]
    assert {row["costNanos"] for row in bill["causes"]} == {None}
    for answer in answers(tmp_path, [("explain_cost", {"id": "toolu_unknown"}), ("explain_cost", {"id": "tool/Bash"})]):
        assert "no price" in said(answer).splitlines()[0]
