"""A few words in which a test's docstring tells sessions. One event a line, `#` begins a remark.

    session NAME [in PROJECT]          begin a session, or go back to one (a story begins in session "main")
    agent NAME [Type] [by CALL] [flat | inline | workflow] [forked]
                                       begin an agent of the session, or go back to it
    main                               back to the session's main conversation
    prompt 120 chars [as NAME] [command /x | meta | scheduled NAME | notification]
    call uncached=3 write=900 hour=0 read=8000 out=50 think=20 search=1 [model=haiku] [fast] [us] [batch]
         [early=1,8] [id=NAME] [request=NAME | request=none] [thinks 300 | says 300] [uses Tool(target), ...]
    result Tool(target) 4200 chars [failed] [launches AGENT]
    attach KIND [NAME] 300 chars       something the client put beside a prompt
    note SUBTYPE                       a system line
    synthetic                          a line the client made up
    compact [before 60000] [keeps NAME]       then usually: summary 900 chars
    total 0.05 [opus: in=3 out=50 write=900 hour=0 read=0 search=0 cost=0.05; haiku: ...] [started 2]
    wait 40m                           s, m, h or d
    back to NAME                       what comes next follows an earlier prompt (or answer: `as NAME`)
    fork NAME [of SESSION] [named by origin | named by request] [first N lines]
    aside [N]                          a side question that repeats the last answers
    copy superseded | orphaned | folder        set aside what is there so far, or have it in a second folder
    skill NAME / branch NAME / version X / effort ...      of the lines to come (skill none: no longer)
    advisor MODEL in=400 out=60        the next answer asked an advisor
    read                               lineitem looks now (it always does at the end)
    cut N lines / lose / rewrite       the session's file loses its last lines, vanishes, is written anew

Tokens may be written 12k. Tools are called by `Tool(target)`; the last call of that form is meant later on.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any

from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, OPUS, SONNET, Content, Entry, Pen, Tale, counts, encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lineitem.reports.lines import Line

MODELS = {"opus": OPUS, "haiku": HAIKU, "sonnet": SONNET}
_CALL = re.compile(r"([A-Za-z_]\w*)\(([^)]*)\)")
_SETTING = re.compile(r"(\w+)=([^\s,;]+(?:,[^\s,;]+)*)")
_INPUTS = {
    "Read": "file_path", "Edit": "file_path", "Write": "file_path", "Bash": "command", "WebFetch": "url",
    "WebSearch": "query", "web_search": "query", "Grep": "pattern", "Agent": "subagent_type", "Skill": "skill",
}  # fmt: skip
_TEXT = "All of it was looked at twice. "
_MILLIS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_COUNTS = {"uncached": "uncached", "write": "write5", "hour": "write1", "read": "read", "out": "output",
           "think": "thinking", "search": "searches"}  # fmt: skip


def number(text: str) -> int:
    """12k is 12,000."""
    return int(text[:-1]) * 1_000 if text.endswith("k") else int(text.replace(",", ""))


def prose(size: int) -> str:
    """So many characters of text."""
    return (_TEXT * (size // len(_TEXT) + 1))[:size]


class Sums:
    """Line items of one cause or tool call, added up: tokens by part and class, nanodollars by part."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.basis = {line.basis for line in lines}

    def _sum(self, *names: str) -> int:
        return sum(getattr(line, name) for line in self.lines for name in names)

    @property
    def generate(self) -> int:
        """Output tokens."""
        return self._sum("g_output")

    @property
    def ingest(self) -> int:
        """Prompt tokens when they first came in."""
        return self._sum("i_uncached", "i_write5", "i_write1", "i_read")

    @property
    def carry(self) -> int:
        """Prompt tokens that were sent again, read from the cache."""
        return self._sum("c_read")

    @property
    def rewrite(self) -> int:
        """Prompt tokens that were sent again and paid anew."""
        return self._sum("r_uncached", "r_write5", "r_write1")

    @property
    def tokens(self) -> int:
        return self.generate + self.ingest + self.carry + self.rewrite

    @property
    def nanos(self) -> int:
        return sum(line.nanos for line in self.lines)

    def nanos_of(self, part: str) -> int:
        """Of generate, ingest, carry, rewrite or search."""
        return self._sum(f"{part[0]}_nanos")


class Story:
    """What was told, read into a store."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.tale = Tale()
        self.folders = [place / "config"]
        self.store = Books(*self.folders, db=place / "store.sqlite")
        self.sessions: dict[str, Pen] = {}
        self.agents: dict[str, Pen] = {}
        self.pen = self.begin("main")
        self.calls: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.messages: dict[str, str] = {}
        self.advice: list[Entry] = []
        self.gone: set[str] = set()

    # -- questions

    def call(self, named: str) -> Sums:
        """A tool call, by `Tool(target)`."""
        wanted = self.calls[named]
        return Sums([line for line in self.lines() if line.call == wanted])

    def cause(self, cause: str, session: str = "") -> Sums:
        """A cause and everything below it."""
        return Sums([line for line in self.lines(session) if line.cause == cause or line.cause.startswith(cause + "/")])

    def lines(self, session: str = "") -> list[Line]:
        return self.store.lines(self.sessions[session].session if session else "")

    def bill(self, session: str = "main") -> int:
        return self.store.bill(self.sessions[session].session)

    def logged(self, session: str = "main") -> int:
        return self._column("logged", session)

    def unlogged(self, session: str = "main") -> int:
        return self._column("unlogged", session)

    def _column(self, column: str, session: str) -> int:
        number_of = self.store.number(self.sessions[session].session)
        found = self.store.rows(f"select {column} from session where session = ?", number_of)
        return int(found[0][0]) if found else 0

    def runs(self, session: str = "main") -> list[tuple[int, int, int]]:
        """(reported, logged, beyond) of each run."""
        return self.store.rows(
            "select reported, logged, unlogged + unexplained from run where session = ? order by ordinal",
            self.store.number(self.sessions[session].session),
        )

    def requests(self, session: str = "") -> int:
        """Requests counted, of one session or all."""
        wanted = self.sessions[session].session if session else ""
        return sum(1 for row in self.store.requests() if not wanted or row[1] == wanted)

    def misses(self) -> list[tuple[str, int, int]]:
        """(reason, tokens, nanodollars)."""
        self.store.fold()
        return self.store.rows("select reason, tokens, nanos from miss order by at")

    def prompts(self) -> list[tuple[str, str, int]]:
        """(source, name, requests)."""
        self.store.fold()
        return self.store.rows("select source, name, requests from prompt order by session, ordinal")

    def threads(self) -> dict[str, tuple[str, str, str, int]]:
        """Agent -> (type, call that started it, parent agent or "", requests)."""
        self.store.fold()
        names = {pen.agent: name for name, pen in self.agents.items()}
        labels = {call: named for named, call in self.calls.items()}
        return {
            names.get(thread, thread): (kind, labels.get(call, call), names.get(parent, parent), requests)
            for thread, kind, call, parent, requests in self.store.rows(
                "select t.text, a.type, a.call, p.text, a.requests from agent a join name t on t.id = a.thread"
                " join name p on p.id = a.parent"
            )
        }

    def holds(self) -> None:
        """What must hold of every story: every session's line items sum to its bill."""
        for session in self.store.sessions():
            lines = self.store.lines(session)
            assert sum(line.nanos for line in lines) == self.store.bill(session)
            assert all(min(line.tokens) >= 0 for line in lines)

    # -- telling

    def begin(self, name: str, project: str = "-home-dev-shop") -> Pen:
        pen = self.sessions[name] = self.tale.session(name, project)
        return pen

    def tell(self, text: str) -> None:
        """Tell every line, then read."""
        for line in inspect.cleandoc(text).splitlines():
            words = line.split("#")[0].strip()
            verb, _, rest = words.partition(" ")
            if not verb or not hasattr(self, f"_{verb}"):
                assert verb not in _VERBS, f"no such event: {line}"
                continue
            getattr(self, f"_{verb}")(rest.strip())
        self._read("")

    def _session(self, rest: str) -> None:
        name, _, project = rest.partition(" in ")
        self.pen = self.sessions.get(name) or self.begin(name, project or "-home-dev-shop")

    def _agent(self, rest: str) -> None:
        name, *more = rest.split()
        if name in self.agents:
            self.pen = self.agents[name]
            return
        session = next(pen for pen in self.sessions.values() if pen.session == self.pen.session)
        if "inline" in more:
            self.agents[name] = self.pen = self.tale.inline_agent(session)
            return
        card: Entry = {}
        if more and more[0][0].isupper() and "(" not in more[0]:
            card["agentType"] = more[0]
        if "by" in more:
            card["toolUseId"] = self.calls[rest.partition(" by ")[2].split(")")[0] + ")"]
        if "forked" in more:
            card["isFork"] = True
        folder = "workflows/wf_1/" if "workflow" in more else ""
        self.agents[name] = self.pen = self.tale.agent(
            session, name, folder=folder, card=card or None, flat="flat" in more
        )

    def _main(self, _: str) -> None:
        self.pen = next(pen for pen in self.sessions.values() if pen.session == self.pen.session)

    def _prompt(self, rest: str) -> None:
        text, fields = prose(_chars(rest)), {}
        if found := re.search(r"command (\S+)", rest):
            text = f"<command-message>x</command-message><command-name>{found[1]}</command-name>" + text
        if "notification" in rest:
            text = f"<task-notification>{text}</task-notification>"
        if "meta" in rest:
            fields["isMeta"] = True
        if found := re.search(r"scheduled (\S+)", rest):
            self.pen.system("scheduled_task_fire", taskId=found[1], prompt="later")
        self._mark(rest, self.pen.prompt(text, **fields))

    def _summary(self, rest: str) -> None:
        self.pen.prompt(prose(_chars(rest)), isCompactSummary=True, isVisibleInTranscriptOnly=True)

    def _mark(self, rest: str, entry: Entry) -> None:
        if found := re.search(r" as (\w+)", rest):
            self.marks[found[1]] = entry["uuid"]

    def _call(self, rest: str) -> None:
        before, _, uses = rest.partition("uses ")
        given = dict(_SETTING.findall(before))
        usage = counts(**{_COUNTS[name]: number(value) for name, value in given.items() if name in _COUNTS})
        words = set(before.split())
        usage |= {"speed": "fast"} if "fast" in words else {}
        usage |= {"inference_geo": "us"} if "us" in words else {}
        usage |= {"service_tier": "batch"} if "batch" in words else {}
        if self.advice:
            own = {"type": "message", "input_tokens": usage["input_tokens"], "output_tokens": usage["output_tokens"]}
            usage["iterations"] = [own, *self.advice]
            self.advice = []
        blocks: list[Entry] = []
        if found := re.search(r"thinks (\d+)", before):
            blocks.append({"type": "thinking", "thinking": prose(int(found[1])), "signature": "c2ln"})
        if found := re.search(r"says (\d+)", before):
            blocks.append({"type": "text", "text": prose(int(found[1]))})
        for tool, target in _CALL.findall(uses):
            call = self.calls[f"{tool}({target})"] = self.tale.name("toolu_01")
            server = tool == "web_search"
            blocks.append({"type": "server_tool_use" if server else "tool_use", "id": call, "name": tool,
                           "input": {_INPUTS.get(tool, "note"): target}})  # fmt: skip
        message = self.messages.setdefault(given["id"], self.tale.name("msg_01")) if "id" in given else ""
        request = given.get("request", "")
        self.pen.answer(
            blocks or [{"type": "text", "text": prose(30)}],
            usage,
            model=MODELS.get(given.get("model", "opus")) or given["model"],
            message=message,
            request=None if request == "none" else f"req_{request}" if request else "",
            outputs=[number(each) for each in given.get("early", "").split(",") if each],
        )
        if found := re.search(r" as (\w+)", before):
            assert self.pen.parent is not None
            self.marks[found[1]] = self.pen.parent

    def _result(self, rest: str) -> None:
        (tool, target), *_ = _CALL.findall(rest)
        call = self.calls[f"{tool}({target})"]
        told: Any = {"filePath": target, "stdout": "as shown"}
        if found := re.search(r"launches (\w+)", rest):
            agent = self.agents.get(found[1])
            if agent is None:
                here = self.pen
                self._agent(found[1] + (" by " + f"{tool}({target})" if "sidecar" in rest else ""))
                agent, self.pen = self.pen, here
            told = {"status": "async_launched" if "background" in rest else "completed", "agentId": agent.agent,
                    "description": "as asked", "totalTokens": 12}  # fmt: skip
        parent = self.pen.parent
        entry = self.pen.result(call, prose(_chars(rest)), told)
        del parent
        if "failed" in rest:
            entry["message"]["content"][0]["is_error"] = True
        self._mark(rest, entry)

    def _attach(self, rest: str) -> None:
        kind, *more = rest.split()
        named = [word for word in more if not word[0].isdigit() and word != "chars"]
        fields = {"displayPath": named[0], "path": named[0]} if named else {}
        self.pen.attachment(kind, prose(_chars(rest)), **fields)

    def _note(self, rest: str) -> None:
        self.pen.system(rest or "turn_duration")

    def _synthetic(self, _: str) -> None:
        self.pen.answer(
            [{"type": "text", "text": "API Error"}], counts(), model="<synthetic>", request=None, isApiErrorMessage=True
        )

    def _compact(self, rest: str) -> None:
        before = re.search(r"before (\w+)", rest)
        keeps = re.search(r"keeps (\w+)", rest)
        self.pen.boundary(number(before[1]) if before else 0, [self.marks[keeps[1]]] if keeps else [])

    def _total(self, rest: str) -> None:
        dollars, _, more = rest.partition(" ")
        models: Entry = {}
        for part in more.partition(" started")[0].split(";"):
            name, colon, settings = part.partition(":")
            if colon:
                given = dict(_SETTING.findall(settings))
                count = {key: number(value) for key, value in given.items() if key != "cost"}
                written, hour = count.get("write", 0), count.get("hour", 0)
                name = name.strip()
                models[MODELS.get(name, name)] = {
                    "inputTokens": count.get("in", 0), "outputTokens": count.get("out", 0),
                    "cacheReadInputTokens": count.get("read", 0), "cacheCreationInputTokens": written + hour,
                    "webSearchRequests": count.get("search", 0), "costUSD": float(given["cost"]),
                    "cacheCreationEphemeral5mInputTokens": written, "cacheCreationEphemeral1hInputTokens": hour,
                }  # fmt: skip
        started = re.search(r"started (\d+)", rest)
        self._home().total(dollars, models, int(started[1]) if started else 1)

    def _home(self) -> Pen:
        return next(pen for pen in self.sessions.values() if pen.session == self.pen.session)

    def _wait(self, rest: str) -> None:
        self.tale.at += int(rest[:-1]) * _MILLIS[rest[-1]]

    def _back(self, rest: str) -> None:
        self.pen.parent = self.marks[rest.removeprefix("to ")]

    def _fork(self, rest: str) -> None:
        name = rest.split(maxsplit=1)[0]
        of = re.search(r" of (\w+)", rest)
        first = re.search(r"first (\d+) lines", rest)
        parent = self.sessions[of[1]] if of else self._home()
        child = self.tale.fork(parent, name, lines=int(first[1]) if first else None, origin="by origin" in rest)
        if "by request" in rest:
            for line in child.lines:
                if isinstance(line, dict) and line["type"] == "assistant":
                    line["requestSessionId"] = parent.session
        self.sessions[name] = self.pen = child

    def _aside(self, rest: str) -> None:
        home = self._home()
        answers = [line for line in home.lines if isinstance(line, dict) and line["type"] == "assistant"]
        own = self.tale.agent(home, f"aside {self.tale.count()}")
        for line in answers[-int(rest or 1) :]:
            own.add(dict(line, agentId=own.agent, isSidechain=True, requestId=self.tale.name("req_btw")))

    def _copy(self, rest: str) -> None:
        home = self._home()
        if rest == "folder":
            other = self.place / "other"
            (other / "projects" / home.path).parent.mkdir(parents=True, exist_ok=True)
            (other / "projects" / home.path).write_bytes(home.bytes())
            if other not in self.folders:
                self.folders.append(other)
                self.store.folders.append(str(other))
            return
        stem = home.path.removesuffix(".jsonl")
        path = (
            home.path + ".superseded-1793613600000"
            if rest == "superseded"
            else f"{stem}.orphaned-1793613600000-a1b2.jsonl"
        )
        self.tale.files[path] = home.bytes()

    def _skill(self, rest: str) -> None:
        self.pen.more.pop("attributionSkill", None)
        if rest != "none":
            self.pen.more["attributionSkill"] = rest

    def _branch(self, rest: str) -> None:
        self.pen.branch = rest

    def _version(self, rest: str) -> None:
        self.pen.version = rest

    def _advisor(self, rest: str) -> None:
        given = dict(_SETTING.findall(rest))
        model = rest.split(maxsplit=1)[0]
        self.advice.append({"type": "advisor_message", "model": MODELS.get(model, model),
                            "input_tokens": number(given["in"]), "output_tokens": number(given["out"])})  # fmt: skip

    def _read(self, _: str) -> None:
        self.tale.write(self.folders[0])
        for path in self.gone:
            (self.folders[0] / "projects" / path).unlink(missing_ok=True)
        self.store.read()

    def _cut(self, rest: str) -> None:
        del self._home().lines[-int(rest.split(maxsplit=1)[0]) :]

    def _lose(self, _: str) -> None:
        self.gone.add(self._home().path)

    def _rewrite(self, _: str) -> None:
        line: Content = {"type": "summary", "summary": "told before", "leafUuid": "x"}
        self._home().lines.insert(0, line)
        assert encode(line)


_VERBS = frozenset(
    "session agent main prompt call result attach note synthetic compact summary total wait back fork aside copy"
    " skill branch version advisor read cut lose rewrite".split()
)


def _chars(rest: str) -> int:
    found = re.search(r"(\w+) chars", rest)
    assert found, f"how many characters? {rest}"
    return number(found[1])


def story(test: Callable[[Story], None]) -> Callable[[Path], None]:
    """A test whose docstring tells a story; it is given what came of it."""

    @functools.wraps(test)
    def told(tmp_path: Path) -> None:
        one = Story(tmp_path)
        assert test.__doc__
        one.tell(test.__doc__)
        try:
            one.holds()
            test(one)
        finally:
            one.store.ledger.close()

    # pytest asks the function for its fixtures, not for what it wraps
    del told.__wrapped__
    return told
