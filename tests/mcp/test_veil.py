"""With --incognito nothing the model reads holds a name or a true amount, and what it was told it can ask for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mcp.client.client import Client

from lineitem.surfaces.cli import story
from lineitem.surfaces.mcp.tools import REPORTS
from tests.mcp.speaking import Call, answers, report, said, spoken

#: Names of the example, and its cost.
SECRETS = ("shop", story.SESSION[:8], "github", "cart", "refund", "rounding", "toolu_demo", "msg_demo", "1042678600")


def leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_no_name_is_in_any_answer(tmp_path: Path) -> None:
    story.tell(str(tmp_path / "claude"))
    calls: list[Call] = [
        *(report(name, limit=50) for name in REPORTS),
        ("get_session_bill", {"limit": 50}),
        ("whats_expensive_to_carry", {}),
        ("get_context_health", {}),
        ("get_tips", {}),
    ]

    async def talk(client: Client) -> list[Any]:
        found = [await client.call_tool(name, given) for name, given in calls]
        sessions = next(each for each in found if "sessions" in (each.structured_content or {})).structured_content
        hidden = sessions["sessions"][0]["sessionId"]
        calls_made = next(each for each in found if "calls" in (each.structured_content or {})).structured_content
        again = [
            await client.call_tool("get_session_bill", {"session": hidden}),
            await client.call_tool("get_context_health", {"session": hidden[:8]}),
            await client.call_tool("explain_cost", {"id": calls_made["calls"][0]["toolUseId"]}),
        ]
        assert not any(each.is_error for each in again)
        for uri in [str(page.uri) for page in (await client.list_resources()).resources]:
            text = (await client.read_resource(uri)).contents[0].model_dump()["text"]
            assert leaks(text) == [], uri
        return [*found, *again]

    for (name, given), answer in zip(
        [*calls, *[("again", {})] * 3], spoken(tmp_path, talk, "--incognito"), strict=True
    ):
        assert not answer.is_error, said(answer)
        assert leaks(said(answer) + json.dumps(answer.structured_content)) == [], (name, given)


def test_every_cause_it_was_told_can_be_asked_for(tmp_path: Path) -> None:
    story.tell(str(tmp_path / "claude"))

    async def talk(client: Client) -> None:
        bill = await client.call_tool("get_costs", {"report": "bill", "limit": 50})
        session = await client.call_tool("get_session_bill", {"limit": 50})
        for found in (bill, session):
            for row in found.structured_content["causes"]:
                again = await client.call_tool("explain_cost", {"id": row["cause"]})
                assert not again.is_error, (row, said(again))

    spoken(tmp_path, talk, "--incognito")


def test_nor_in_the_reason_of_a_refusal(tmp_path: Path) -> None:
    story.tell(str(tmp_path / "claude"))
    (refused,) = answers(tmp_path, [("get_session_bill", {"session": "zzz"})], "--incognito")
    assert refused.is_error
    assert "Names are hidden here" in said(refused)
