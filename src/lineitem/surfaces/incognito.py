"""Answers that may be shown to anybody: who and what is hidden, shape and proportions stay.

In: a JSON document, rows of a table, a tree or a session's bill. Out: the same with

- names of projects, branches, sessions, threads, requests, tool calls, agents, skills, MCP servers and their tools,
  memory files, paths and targets (what a tool was called on) replaced by pseudonyms. One name has one pseudonym, in
  every command and on every day, as long as it is asked for on the same machine by the same user;
- tokens and money multiplied by one hidden factor between 0.3 and 3, the same everywhere on this machine, each number
  rounded for itself: sums may be off by a few nanodollars.

What stays: models, times, dates, the client's built-in tools, kinds of causes, counts of requests and calls, shares,
list prices. Pseudonyms and factor come from what only this machine knows. They hide, they do not encrypt: who knows
one true amount knows the factor.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lineitem.reports.lines import Line
    from lineitem.reports.session import SessionBill
    from lineitem.reports.tree import Node, Tree

#: Keys whose text is a name of one kind: the kind is what its pseudonym begins with.
_NAMES = {
    "sessionId": "id", "threadId": "thread", "parentThreadId": "thread", "toolUseId": "call", "messageId": "message",
    "requestId": "request", "id": "id", "projectPath": "project", "project": "project", "branch": "branch",
    "target": "target", "skill": "skill", "server": "server", "agentType": "agent", "name": "name", "path": "path",
    "file": "path", "where": "path", "cwd": "path", "uuid": "line", "parentUuid": "line", "note": "note",
    "copies": "id", "commit": "commit", "fullCommit": "commit", "nowCommit": "commit", "subject": "subject",
    "ticket": "ticket", "repository": "repository", "pullRequest": "pr", "urls": "url", "label": "label",
    "folder": "path", "folders": "path", "changedFileNames": "path", "syncedCommit": "commit", "headCommit": "commit",
    "elsewhere": "path",
}  # fmt: skip
#: Numbers that are tokens or money though their key does not end in Nanos, Tokens or Cost.
_SCALED = frozenset(
    ("cost", "costUSD", "totalSaved", "costPerHour", "tokensPerMinute", "outputTokensPerMinute",
     "tokensPerMinuteForIndicator", "uncachedInput",
     "cacheWrite5m", "cacheWrite1h", "cacheRead", "output", "cacheCreationInputTokens", "limit", "projectedUsage",
     "priceTable", "unlogged", "duplicates", "unexplained", "tokens", "thinking", "webSearches", "characters", "words")
)  # fmt: skip
#: Numbers that everybody may know, which would tell the factor.
_KNOWN_NUMBERS = frozenset(("windowTokens", "budgetNanos", "allowedTokens", "handoffTokens"))
_ENDINGS = ("Nanos", "Tokens", "Cost")
#: Agents the client brings along, and what rows without a name are called.
_KNOWN = frozenset(("main", "agent", "Explore", "Plan", "general-purpose", "statusline-setup", "listing", "invoked"))


def pseudonym(kind: str, text: str) -> str:
    """The name that stands for this one."""
    return _Mask().name(kind, text)


def obscured(document: Any) -> Any:
    """A document, or rows of a table, with names and amounts hidden."""
    return _Mask().value("", document)


def obscured_rows(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same of many rows, one by one."""
    mask = _Mask()
    for row in rows:
        yield mask.value("", row)


def obscured_agents(agents: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Agents as the ledger has them, hidden alike."""
    mask = _Mask()
    return [mask.agent(row) for row in agents]


def obscured_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Line items with names and amounts hidden, one by one."""
    mask = _Mask()
    for line in lines:
        yield mask.line(line)


def obscured_tree(tree: Tree) -> Tree:
    """A tree of causes with names and amounts hidden; own and children still sum to the total."""
    from lineitem.reports.tree import Tree as Made

    mask = _Mask()
    root = mask.node(tree.root)
    head = mask.value("", tree.head)
    return Made(tree.title, root, {**head, "costNanos": root.total, "totalCost": root.total / 1e9}, tree.notes)


def obscured_bill(bill: SessionBill) -> SessionBill:
    """A session's bill with names and amounts hidden; its line items still sum to it."""
    from lineitem.reports.session import SessionBill as Made

    mask = _Mask()
    lines = [mask.line(line) for line in bill.lines]
    agents = [mask.agent(row) for row in bill.agents]
    misses = [(mask.name("thread", thread), at, mask.name("message", mid), reason, mask.number(tokens),
               mask.number(nanos), idle)
              for thread, at, mid, reason, tokens, nanos, idle in bill.misses]  # fmt: skip
    prompts = [(mask.name("id", session), ordinal, at, source, mask.name("name", name), requests, mask.number(nanos),
                mask.number(inner))
               for session, ordinal, at, source, name, requests, nanos, inner in bill.prompts]  # fmt: skip
    return Made(mask.value("", bill.head), lines, agents, misses, prompts, bill.unpriced)


_SUMS = ("g_output", "g_nanos", "i_uncached", "i_write5", "i_write1", "i_read", "i_nanos", "c_read", "c_nanos",
         "r_uncached", "r_write5", "r_write1", "r_nanos", "s_nanos")  # fmt: skip


#: Of entries whose tokens are the published middle of a kind: each of these would tell the factor.
_ASSUMED = frozenset(("inputTokens", "outputTokens", "costNanos", "totalCost", "lowNanos", "highNanos", "coveredNanos",
                      "unpricedTokens", "share"))  # fmt: skip


def _assumed(row: dict[str, Any]) -> bool:
    """Whether it is an entry of `lineitem manual quick`, or the sum of those of a kind."""
    from lineitem.core.manual import KINDS

    return (row.get("lowNanos") is not None and "basis" in row) or (row.get("kind") in KINDS and "entries" in row)


class _Mask:
    """Pseudonyms and the factor of this machine."""

    def __init__(self) -> None:
        self._secret = secret()
        number = int.from_bytes(self._digest("factor")[:4], "big")
        # 300 to 3000 thousandths, and never what would hide nothing
        self._factor = 300 + number % 2700
        if 900 < self._factor < 1100:
            self._factor += 370

    def _digest(self, text: str) -> bytes:
        from hashlib import blake2b

        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16).digest()

    def number(self, amount: int) -> int:
        """An amount times the hidden factor."""
        return (amount * self._factor * 2 + 1000) // 2000

    def name(self, kind: str, text: str) -> str:
        """The pseudonym of a name; none of nothing, and "(no branch)" and the like stay."""
        if not text or text.startswith("("):
            return text
        code = self._digest(f"{kind}:{text}").hex()
        if kind == "id":
            return f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:32]}"
        return f"{kind}-{code[:6]}"

    def known(self, kind: str, text: str) -> str:
        """As `name`, but what the client itself brings along keeps its name."""
        return text if text in _KNOWN else self.name(kind, text)

    def tool(self, text: str) -> str:
        """A tool: built-in ones stay, those of MCP servers are the person's own."""
        if not text.startswith("mcp__"):
            return text
        server, _, name = text[5:].partition("__")
        hidden = "mcp__" + self.name("server", server)
        return f"{hidden}__{self.name('tool', name)}" if name else hidden

    def cause(self, text: str) -> str:
        """A cause: its kind stays, tools of the client stay, the rest is hidden."""
        kind, _, rest = text.partition("/")
        if not rest:
            return text
        first, _, more = rest.partition("/")
        if kind in ("tool", "schemas"):
            return f"{kind}/{self.tool(first)}" + (f"/{self.name('target', more)}" if more else "")
        if kind in ("memory", "skill", "agent"):
            return f"{kind}/{self.known(kind, rest)}"
        return f"{kind}/{first}" + (f"/{self.name('name', more)}" if more else "")

    def line(self, line: Line) -> Line:
        """A line item."""
        from lineitem.reports.lines import Line as Made

        sums = [self.number(getattr(line, name)) for name in _SUMS]
        row = (self.cause(line.cause), line.kind, self.name("call", line.call), line.model, line.basis, line.at,
               line.prompt, line.carried, *sums)  # fmt: skip
        return Made(self.name("id", line.session), self.name("thread", line.thread), row)

    def agent(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """An agent as the ledger has it: (session, thread, type, call, parent, requests, nanodollars)."""
        session, thread, kind, call, parent, requests, nanos = row
        return (self.name("id", session), self.name("thread", thread), self.known("agent", kind),
                self.name("call", call), self.name("thread", parent), requests, self.number(nanos))  # fmt: skip

    def node(self, node: Node) -> Node:
        """A tree's node and all below it; totals are made anew of what is hidden."""
        from lineitem.reports.tree import Node as Made

        made = Made(self.cause(node.name))
        made.own = made.total = self.number(node.own)
        made.tokens = [self.number(count) for count in node.tokens]
        for child in node.children.values():
            hidden = self.node(child)
            made.children[hidden.name] = hidden
            made.total += hidden.total
        return made

    def value(self, key: str, value: Any) -> Any:
        """A value of a document, by the key it stands under."""
        if isinstance(value, dict):
            if key == "projects":  # grouped by project: the keys are names
                return {self.name("project", name): self.value("", inner) for name, inner in value.items()}
            if "scoreHundredths" in value:
                return self._finding(value)
            if "usedShare" in value and "limitNanos" in value:
                return self._budget(value)
            if "monthNanos" in value or "verdict" in value:
                return self._advice(value)
            if "savedShare" in value and "change" in value:
                return {name: self.value(name, inner) for name, inner in value.items()} | {
                    "change": self._change(value["change"])
                }
            if "details" in value and "hash" in value:
                return self._decision(value)
            if "expectedShare" in value:  # what was expected is often a round number
                value = {**value, "expectedNanos": None, "expectedTokens": None}
            if _assumed(value):
                value = {**value, **dict.fromkeys(_ASSUMED & value.keys())}
            if key == "rates":  # scaled list prices would tell the factor
                return value
            if key.endswith("Nanos"):
                return {name: self.value(key, inner) for name, inner in value.items()}
            return {name: self.value(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            # rows of the report by project are rows, and their keys no names
            return [self.value("" if key == "projects" else key, inner) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        if key in _KNOWN_NUMBERS:
            return None
        if isinstance(value, int | float):
            return self._amount(key, value)
        if isinstance(value, str):
            return self._text(key, value)
        return value

    def _finding(self, row: dict[str, Any]) -> dict[str, Any]:
        """What stood out: sentences hold names and amounts, and are left out; what its figures count says `measure`."""
        said = (
            "name",
            "subject",
            "text",
            "suggestion",
            "causes",
            "facts",
            "guess",
            "value",
            "limit",
            "usual",
            "spread",
        )
        scaled = row["measure"] in ("tokens", "nanos")
        figures = {
            name: self.number(row[name]) if scaled and row[name] is not None else row[name] for name in said[-4:]
        }
        if row["rule"] != "spike":
            figures["limit"] = None  # everybody may know the rule's own number, and then the factor
        causes = [{"cause": each["cause"], "confidence": each["confidence"]} for each in row["causes"]]
        hidden = {name: self.value(name, value) for name, value in row.items() if name not in said}
        return {**hidden, **figures, "name": row["name"], "subject": "", "text": "", "suggestion": "",
                "causes": causes, "facts": {}, "guess": None}  # fmt: skip

    def _budget(self, row: dict[str, Any]) -> dict[str, Any]:
        """How a budget stands, without its limit: that is often a round number, and would tell the factor."""
        told = ("name", "scope", "during", "limit", "limitNanos", "limitTokens", "leftNanos", "leftTokens")
        hidden = {name: self.value(name, value) for name, value in row.items() if name not in told}
        during = "each session" if row["sessionId"] else row["during"]
        return {**hidden, **dict.fromkeys(told), "name": self.name("budget", row["name"]),
                "scope": self.name("scope", row["scope"]), "during": during}  # fmt: skip

    def _advice(self, row: dict[str, Any]) -> dict[str, Any]:
        """An advice: its sentences are made anew with a pseudonym of what they are about."""
        from lineitem.insights.advice import advice

        hidden = {name: self.value(name, value) for name, value in row.items()}
        if row["kind"] is None:
            return hidden
        subject = row["subject"]
        if subject and row["kind"] not in ("lifetime", "model"):  # those are the client's words
            head, space, rest = subject.partition(" ")
            tool = row["kind"] in ("loop", "results")
            subject = (
                self.tool(head) + (f" {self.name('target', rest)}" if space else "") if tool else hidden["subject"]
            )
        said = advice(row["kind"], subject, row.get("model") or "")
        return {**hidden, "subject": subject, "title": said.title} | (
            {"change": said.change} if "change" in row else {}
        )

    def _change(self, text: str) -> str:
        """What if: only a server is a person's own name in it."""
        server = text.removeprefix("without ").removesuffix("'s schemas")
        return f"without {self.name('server', server)}'s schemas" if len(server) + 18 == len(text) else text

    def _decision(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of the audit log: what happened and when; by whom, of what and why is left out."""
        told = ("actor", "budget", "about", "details", "hash")
        hidden = {name: self.value(name, value) for name, value in row.items() if name not in told}
        return {**hidden, **dict.fromkeys(told), "actor": self.name("user", row["actor"]),
                "budget": self.name("budget", row["budget"] or "")}  # fmt: skip

    def _amount(self, key: str, amount: float) -> float:
        if key not in _SCALED and not key.endswith(_ENDINGS):
            return amount
        return self.number(amount) if isinstance(amount, int) else amount * self._factor / 1000

    def _text(self, key: str, text: str) -> str:
        if key == "tool":
            return self.tool(text)
        if key == "cause" or (key == "evidence" and "/" in text):
            return self.cause(text)
        if key == "evidence":
            return text if text == "the session" else self.name("call", text)
        if key == "prompt":  # the beginning of a session's id, and which of its prompts
            session, _, ordinal = text.partition(" #")
            return f"{self.name('session', session)} #{ordinal}" if ordinal else text
        if key == "agent":
            kind, _, thread = text.partition(" ")
            return f"{self.known('agent', kind)} {self.name('thread', thread)}".rstrip() if thread else text
        kind = _NAMES.get(key, "")
        if not kind or (key == "id" and text[-1:] == "Z"):  # a block is named by its time
            return text
        return self.known(kind, text) if kind == "agent" else self.name(kind, text)


def secret() -> bytes:
    """What only this machine and user know: the key of all pseudonyms."""
    from hashlib import blake2b

    parts = [os.path.expanduser("~"), str(os.getuid() if hasattr(os, "getuid") else 0)]
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                parts.append(file.read().strip())
            break
        except OSError:
            continue
    else:
        from uuid import getnode

        parts.append(str(getnode()))
    return blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=32, person=b"incognito").digest()
