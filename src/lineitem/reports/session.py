"""The bill of one session: what people will want a picture of."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.calls import row as call_row
from lineitem.reports.lines import Line, calls_of
from lineitem.reports.shapes import dollars, tokens_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger

_PARTS = ("generate", "ingest", "carry", "rewrite", "search")


class SessionBill:
    """A session as a bill: its line items and what stands out of them."""

    __slots__ = ("agents", "head", "lines", "misses", "prompts", "unpriced")

    def __init__(
        self, head: dict[str, Any], lines: list[Line], agents: list[Any], misses: list[Any], prompts: list[Any],
        unpriced: set[str],
    ) -> None:  # fmt: skip
        self.head, self.lines, self.agents, self.misses, self.prompts = head, lines, agents, misses, prompts
        self.unpriced = unpriced  #: models without a price

    def json(self) -> dict[str, Any]:
        document = dict(self.head)
        document["lineItems"] = [item for line in self.lines for item in line_items(line, self.unpriced)]
        document["cacheMisses"] = [
            {"threadId": thread, "at": iso(at), "messageId": mid, "reason": reason, "tokens": tokens,
             "costNanos": nanos, "idleSeconds": idle // 1000}
            for thread, at, mid, reason, tokens, nanos, idle in self.misses
        ]  # fmt: skip
        document["prompts"] = [
            {"ordinal": ordinal, "at": iso(at) if at else None, "source": source, "name": name or None,
             "requests": requests, "ownNanos": nanos, "agentsNanos": inner}
            for _, ordinal, at, source, name, requests, nanos, inner in self.prompts
        ]  # fmt: skip
        document["agents"] = [
            {"threadId": thread, "agentType": kind, "toolUseId": call or None, "parentThreadId": parent,
             "requests": requests, "costNanos": nanos}
            for _, thread, kind, call, parent, requests, nanos in self.agents
        ]  # fmt: skip
        document["schemaVersion"] = 1
        return document

    def calls(self) -> list[dict[str, Any]]:
        """The tool calls as rows, dearest first."""
        found = calls_of(self.lines, self.agents).values()
        return [call_row(call) for call in sorted(found, key=lambda call: (-call.total, call.at, call.id))]


def line_items(line: Line, unpriced: set[str]) -> list[dict[str, Any]]:
    """The parts of a line as line items; they sum to it."""
    head = {"cause": line.cause, "kind": line.kind}
    if line.call:
        head["toolUseId"] = line.call
    foot: dict[str, Any] = {"basis": line.basis}
    if line.thread:
        foot["threadId"] = line.thread
    foot["model"] = line.model
    if line.model in unpriced:
        foot["unpriced"] = True
    if line.kind == "unlogged":
        return [_item(head, foot, "unlogged", 0, 0, 0, 0, 0, line.i_nanos)]
    made = []
    if line.g_output or line.g_nanos:
        made.append(_item(head, foot, "generate", 0, 0, 0, 0, line.g_output, line.g_nanos))
    if line.i_nanos or line.i_uncached or line.i_write5 or line.i_write1 or line.i_read:
        made.append(
            _item(head, foot, "ingest", line.i_uncached, line.i_write5, line.i_write1, line.i_read, 0, line.i_nanos)
        )
    if line.c_nanos or line.c_read:
        made.append(_item(head, foot, "carry", 0, 0, 0, line.c_read, 0, line.c_nanos))
    if line.r_nanos or line.r_uncached or line.r_write5 or line.r_write1:
        made.append(_item(head, foot, "rewrite", line.r_uncached, line.r_write5, line.r_write1, 0, 0, line.r_nanos))
    if line.s_nanos:
        made.append(_item(head, foot, "search", 0, 0, 0, 0, 0, line.s_nanos))
    return made


def _item(
    head: dict[str, str], foot: dict[str, Any], part: str, uncached: int, write5: int, write1: int, read: int,
    output: int, nanos: int,
) -> dict[str, Any]:  # fmt: skip
    tokens = {
        "uncachedInput": uncached, "cacheWrite5m": write5, "cacheWrite1h": write1, "cacheRead": read, "output": output,
    }  # fmt: skip
    return {**head, "part": part, "tokens": tokens, "costNanos": nanos, **foot}


def session_bill(ledger: Ledger, number: int, lines: list[Line], unpriced: set[str]) -> SessionBill:
    """The bill of the session with this number."""
    found = next(row for row in questions.sessions(ledger) if row[0] == number)
    _, name, project, first_at, last_at, logged, reported, unlogged = found
    uncached = write5 = write1 = read = output = 0
    for line in lines:
        uncached += line.i_uncached + line.r_uncached
        write5 += line.i_write5 + line.r_write5
        write1 += line.i_write1 + line.r_write1
        read += line.i_read + line.c_read
        output += line.g_output
    head = {
        "sessionId": name,
        "projectPath": project,
        "firstActivity": iso(first_at) if first_at else None,
        "lastActivity": iso(last_at) if last_at else None,
        "totalCost": dollars(logged + unlogged),
        "costNanos": logged + unlogged,
        "loggedNanos": logged,
        "reportedNanos": reported,
        "unloggedNanos": unlogged,
        "tokens": tokens_json((uncached, write5, write1, read, output)),
    }
    return SessionBill(
        head,
        lines,
        list(questions.agents(ledger, number)),
        list(questions.misses(ledger, number)),
        list(questions.prompts(ledger, Filter(0, 1 << 62, session=number))),
        unpriced,
    )
