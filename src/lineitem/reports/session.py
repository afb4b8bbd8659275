"""The bill of one session: what people will want a picture of."""

from __future__ import annotations

from json import dumps
from json.encoder import encode_basestring as _quoted

from lineitem.core.periods import iso
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.calls import row as call_row
from lineitem.reports.lines import Line, calls_of
from lineitem.reports.shapes import dollars
from lineitem.reports.tree import tokens_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger


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
        """The bill as its JSON document."""
        items = [item for line in self.lines for item in line_items(line, self.unpriced)]
        return {**self.head, "lineItems": items, **self._rest()}

    def text(self) -> str:
        """`json()` as one line of text: a long session has tens of thousands of line items, each much like the last."""
        head, rest = dumps(self.head, ensure_ascii=False), dumps(self._rest(), ensure_ascii=False)
        items = ",".join(filter(None, (written(line, self.unpriced) for line in self.lines)))
        return f'{head[:-1]},"lineItems":[{items}],{rest[1:]}'

    def _rest(self) -> dict[str, Any]:
        document: dict[str, Any] = {}
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

    def missed(self) -> tuple[int, int]:
        """How many cache misses there were, and what they cost in nanodollars."""
        return len(self.misses), sum(miss[5] for miss in self.misses)

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
    return [
        {**head, "part": part, "tokens": tokens_json(tokens), "costNanos": nanos, **foot}
        for part, nanos, *tokens in parts(line)
    ]


def written(line: Line, unpriced: set[str]) -> str:
    """The same as JSON, without brackets."""
    head = f'{{"cause":{_quoted(line.cause)},"kind":"{line.kind}",'
    if line.call:
        head += f'"toolUseId":{_quoted(line.call)},'
    foot = f'"basis":"{line.basis}",'
    if line.thread:
        foot += f'"threadId":{_quoted(line.thread)},'
    foot += f'"model":{_quoted(line.model)}'
    if line.model in unpriced:
        foot += ',"unpriced":true'
    return ",".join([
        f'{head}"part":"{part}","tokens":{{"uncachedInput":{uncached},"cacheWrite5m":{write5},"cacheWrite1h":{write1},'
        f'"cacheRead":{read},"output":{output}}},"costNanos":{nanos},{foot}}}'
        for part, nanos, uncached, write5, write1, read, output in parts(line)
    ])  # fmt: skip


def parts(line: Line) -> list[tuple[Any, ...]]:
    """(part, nanos, uncached, write 5m, write 1h, read, output) of what a line consists of."""
    if line.kind == "unlogged":
        return [("unlogged", line.i_nanos, 0, 0, 0, 0, 0)]
    made: list[tuple[Any, ...]] = []
    if line.g_output or line.g_nanos:
        made.append(("generate", line.g_nanos, 0, 0, 0, 0, line.g_output))
    if line.i_nanos or line.i_uncached or line.i_write5 or line.i_write1 or line.i_read:
        made.append(("ingest", line.i_nanos, line.i_uncached, line.i_write5, line.i_write1, line.i_read, 0))
    if line.c_nanos or line.c_read:
        made.append(("carry", line.c_nanos, 0, 0, 0, line.c_read, 0))
    if line.r_nanos or line.r_uncached or line.r_write5 or line.r_write1:
        made.append(("rewrite", line.r_nanos, line.r_uncached, line.r_write5, line.r_write1, 0, 0))
    if line.s_nanos:
        made.append(("search", line.s_nanos, 0, 0, 0, 0, 0))
    return made


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
        "provisional": number in questions.provisional(ledger),
    }
    return SessionBill(
        head,
        lines,
        list(questions.agents(ledger, (number,))),
        list(questions.misses(ledger, number)),
        list(questions.prompts(ledger, Filter(0, 1 << 62, session=number))),
        unpriced,
    )
