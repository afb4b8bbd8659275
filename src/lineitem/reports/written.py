"""Written reports: the answers to several questions about one session, day, week or month, in sections.

In: tables as the other reports make them. Out: a `Written`, which a surface draws. Always: a figure here is the one
in the table it was taken from; nothing is counted anew but sums of line items by kind of cause.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.reports.shapes import (
    COUNT,
    DURATION,
    MONEY,
    NAMES,
    RATIO,
    SHARE,
    TEXT,
    TIME,
    TOKENS,
    Column,
    Table,
    dollars,
)
from lineitem.reports.tally import add, of_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from lineitem.reports.lines import Line
    from lineitem.reports.tally import Agents, Sums, Tally

    Row = dict[str, Any]
    #: Our own words, or (kind of a column, value); TEXT is a foreign name.
    Piece = str | tuple[str, Any]
    Sentence = tuple[Piece, ...]

SESSION, DAILY, WEEKLY, MONTHLY = "session", "daily", "weekly", "monthly"
KINDS = (SESSION, DAILY, WEEKLY, MONTHLY)
#: Kinds of values beside those of columns: a sentence in which foreign names may stand; one with commands in it.
PROSE, ADVICE = "prose", "advice"
ENGINEER, MANAGER, FINANCE, SECURITY = "engineer", "manager", "finance", "security"
AUDIENCES = (ENGINEER, MANAGER, FINANCE, SECURITY)
_ALL = frozenset(AUDIENCES)
#: Who reads which section; all else is for everybody.
_READERS = {
    "git": _ALL - {FINANCE},
    "causes": _ALL - {SECURITY},
    "periods": _ALL - {SECURITY},
    "days": _ALL - {SECURITY},
    "projects": _ALL - {SECURITY},
    "sessions": _ALL - {SECURITY},
    "models": _ALL,
    "work": frozenset((ENGINEER, MANAGER)),
    "skills": frozenset((ENGINEER,)),
    "calls": frozenset((ENGINEER,)),
    "activity": frozenset((ENGINEER,)),
    "efficiency": frozenset((ENGINEER, MANAGER)),
    "growth": frozenset((ENGINEER, MANAGER)),
    "trend": frozenset((ENGINEER, MANAGER)),
    "recommendations": frozenset((ENGINEER, MANAGER)),
    "findings": frozenset((ENGINEER, MANAGER)),
    "outlook": _ALL - {SECURITY},
    "budgets": _ALL,
    "tools": frozenset((SECURITY,)),
    "servers": frozenset((SECURITY,)),
    "left": frozenset((SECURITY,)),
    "audit": frozenset((SECURITY,)),
}
#: From which share of a bill on something is worth a recommendation, in percent.
_WORTH = 10
#: So many pieces of advice, of one percent of the bill and more, are recommendations.
_MOST_ADVICE = 5


class Section:
    """A piece of a report that is made again each time: one row of facts, sentences, tables."""

    __slots__ = ("facts", "key", "said", "tables", "title")

    def __init__(
        self,
        key: str,
        title: str,
        tables: Sequence[Table] = (),
        *,
        facts: Table | None = None,
        said: Sequence[Sentence] = (),
    ) -> None:
        self.key, self.title, self.tables, self.said = key, title, list(tables), list(said)
        self.facts = facts  #: a table of one row, shown as a list

    def json(self) -> Row:
        made: Row = {"section": self.key}
        if self.facts is not None:
            made["facts"] = self.facts.rows[0]
        for table in self.tables:
            made[table.key] = table.rows
            if table.totals is not None:
                made.setdefault("totals", {})[table.key] = table.totals
        return made


class Written:
    """A report to be kept: what it is of, whom it is for, its sections in order."""

    __slots__ = ("audience", "kind", "sections", "subject", "title")

    def __init__(
        self, kind: str, subject: str, audience: str, title: Sentence, sections: Iterable[Section | None]
    ) -> None:
        """subject: the session's id; '' of a period, whose file goes on from one to the next."""
        self.kind, self.subject, self.audience, self.title = kind, subject, audience, title
        self.sections = [each for each in sections if each is not None and audience in _READERS.get(each.key, _ALL)]

    def json(self) -> Row:
        """The report as its JSON document."""
        sections = [section.json() for section in self.sections]
        return {"report": self.kind, "audience": self.audience, "sections": sections, "schemaVersion": 1}


def wanted(kind: str, audience: str) -> None:
    """Raise UsageError for a report or an audience that there is not."""
    if kind not in KINDS:
        raise UsageError(f"`lineitem report` knows {', '.join(KINDS)}, not '{kind}'.")
    if audience not in AUDIENCES:
        raise UsageError(f"--audience is one of {', '.join(AUDIENCES)}, not '{audience}'.")


def reads(audience: str, section: str) -> bool:
    """Whether this audience reads a section: what nobody reads need not be asked."""
    return audience in _READERS.get(section, _ALL)


def veiled(table: Table, veil: Callable[[Any], Any] | None) -> Table:
    """A table with its names and amounts hidden; sentences of findings, which quote both, are left out."""
    if veil is None:
        return table
    table.rows, table.head, table.tail = veil(table.rows), veil(table.head), veil(table.tail)
    table.totals = veil(table.totals)
    for row in table.rows:
        for key in ("text", "suggestion", "subject"):
            if key in row:
                row[key] = ""
    table.below = [veiled(inner, veil) for inner in table.below]
    return table


# -- tables of our own


_PARTS = ("generateNanos", "ingestNanos", "carryNanos", "rewriteNanos", "costNanos")


def kind_tally() -> Tally:
    """By kind of cause: (generate, ingest, carry, rewrite, cost)."""

    def count(lines: Iterable[Line], _: Agents) -> Sums:
        sums: Sums = {}
        for line in lines:
            taken = 0 if line.kind == "unlogged" else line.i_nanos + line.s_nanos
            amounts = (line.g_nanos, taken, line.c_nanos + line.r_nanos, line.r_nanos, line.nanos)
            add(sums, [(("kind", line.kind), amounts)])
        return sums

    return of_lines(("kinds",), count)


def by_kind(sums: Sums, known: Table) -> Table:
    """The bill by kind of cause and by part of what it paid for, dearest first; sums to the bill.

    known: a table of the same range, whose totals and notes tell what has no price and what is provisional.
    """
    rows: dict[object, Row] = {
        key[1]: {"kind": key[1], **dict(zip(_PARTS, amounts, strict=True))} for key, amounts in sums.items()
    }
    found = sorted(rows.values(), key=lambda row: (-row["costNanos"], row["kind"]))
    totals: Row = {part: sum(row[part] for row in found) for part in _PARTS}
    totals |= {key: (known.totals or {}).get(key) for key in ("provisional", "unpricedModels")}
    for row in (*found, totals):
        row["totalCost"] = dollars(row["costNanos"])
    for row in found:
        row["costShare"] = round(row["costNanos"] / totals["costNanos"], 4) if totals["costNanos"] else None
    columns = [Column("kind", "Cause"), Column("generateNanos", "Generate", MONEY),
               Column("ingestNanos", "Ingest", MONEY), Column("carryNanos", "Carry", MONEY),
               Column("costShare", "Share", SHARE), Column("costNanos", "Cost", MONEY)]  # fmt: skip
    return Table("causes", "", columns, found, totals, notes=known.notes)


def misses(bill: Row) -> Table:
    """The cache misses of a session's document."""
    columns = [Column("at", "At", TIME), Column("reason", "Cache miss"), Column("tokens", "Written again", TOKENS),
               Column("costNanos", "Cost", MONEY)]  # fmt: skip
    return Table("cacheMisses", "", columns, bill["cacheMisses"])


def activity(prompts: Sequence[Row], calls: Sequence[Row]) -> Table:
    """Prompts and tool calls in the order of time. Money of prompts and calls overlaps: there is no sum."""
    rows = [
        {"at": row["at"], "what": row["prompt"].rpartition(" ")[2], "about": row["name"] or row["source"],
         "requests": row["requests"], "costNanos": row["costNanos"]}
        for row in prompts
        if not row.get("remainder")
    ]  # fmt: skip
    rows += [
        {"at": row["at"], "what": row["tool"], "about": row["target"], "requests": None, "costNanos": row["totalNanos"]}
        for row in calls
    ]
    rows.sort(key=lambda row: (row["at"] or "", row["requests"] is None))
    columns = [Column("at", "At", TIME), Column("what", "What"), Column("about", "On"),
               Column("requests", "Requests", COUNT), Column("costNanos", "Cost", MONEY)]  # fmt: skip
    return Table("activity", "", columns, rows)


def tools_run(calls: Sequence[Row]) -> Table:
    """Which tools were run on what, and how often: by tool and target, most often first."""
    rows: dict[tuple[str, str], Row] = {}
    for call in calls:
        row = rows.setdefault(
            (call["tool"], call["target"]),
            {"tool": call["tool"], "target": call["target"], "calls": 0, "firstAt": call["at"], "lastAt": call["at"]},
        )
        row["calls"] += 1
        if call["at"]:
            row["firstAt"] = min(row["firstAt"] or call["at"], call["at"])
            row["lastAt"] = max(row["lastAt"] or call["at"], call["at"])
    found = sorted(rows.values(), key=lambda row: (-row["calls"], row["tool"], row["target"]))
    columns = [Column("tool", "Tool"), Column("target", "On"), Column("calls", "Calls", COUNT),
               Column("firstAt", "First", TIME), Column("lastAt", "Last", TIME)]  # fmt: skip
    return Table("toolsRun", "", columns, found)


def channels(egress: Iterable[tuple[str, str, str]]) -> Table:
    """What lineitem itself would send, and where."""
    rows = [{"channel": channel, "host": host, "sends": sends} for channel, host, sends in egress]
    columns = [Column("channel", "Channel"), Column("host", "Host"), Column("sends", "What is sent")]
    return Table("egress", "", columns, rows)


# -- sections


def overview(row: Row, said: Sequence[Sentence] = ()) -> Section:
    """The facts at the top; those that are not told are left out."""
    columns = [column for column in _FACTS if column.key in row]
    return Section("overview", "Overview", facts=Table("overview", "", columns, [row]), said=said)


_FACTS = (
    Column("sessionId", "Session"),
    Column("period", "Period"),
    Column("projectPath", "Project"),
    Column("firstActivity", "Began", TIME),
    Column("lastActivity", "Ended", TIME),
    Column("durationMs", "Duration", DURATION),
    Column("activeMs", "Active", DURATION),
    Column("sessions", "Sessions", COUNT),
    Column("prompts", "Prompts", COUNT),
    Column("requests", "Requests", COUNT),
    Column("totalTokens", "Tokens", TOKENS),
    Column("modelsUsed", "Models", NAMES),
    Column("branches", "Branches", NAMES),
    Column("costNanos", "Cost", MONEY),
    Column("loggedNanos", "Of it logged", MONEY),
    Column("unloggedNanos", "Of it unlogged", MONEY),
    Column("previousNanos", "The period before", MONEY),
)


def efficiency(totals: Row) -> Section:
    """How the work went, as one row."""
    columns = [
        Column("activeMs", "Active", DURATION), Column("tokensPerMinute", "Tokens a minute", TOKENS),
        Column("outputTokensPerMinute", "Output tokens a minute", TOKENS),
        Column("inputOutputRatio", "Tokens sent for one answered", RATIO),
        Column("cacheHitRate", "Read from the cache", SHARE), Column("costPerHourNanos", "Cost of an hour", MONEY),
        Column("costPerPromptNanos", "Cost of a prompt", MONEY),
    ]  # fmt: skip
    return Section("efficiency", "Efficiency", facts=Table("efficiency", "", columns, [totals]))


def recommendations(bill: int, findings: Sequence[Row], advice: Sequence[Row], *, missed: int = 0) -> Section:
    """What the figures suggest. bill, missed: nanodollars; advice: the rows of `lineitem advice`."""
    rows: list[Row] = []
    said: list[Sentence] = []

    def advise(rule: str, nanos: int | None, *sentence: Piece) -> None:
        rows.append({"rule": rule, "costNanos": nanos})
        said.append(sentence)

    if missed > 0 and missed * 100 >= bill * _WORTH:
        advise("cache-misses", missed, (MONEY, missed), " was paid to write again what the cache had held: ask within"
               " five minutes, or begin a new session after a pause.")  # fmt: skip
    for row in [row for row in advice if row["id"] and row["savedNanos"] * 100 >= bill][:_MOST_ADVICE]:
        title = str(row["title"])
        advise("advice", row["savedNanos"], (ADVICE, title[:1].upper() + title[1:]), ": without it this had cost ",
               (MONEY, row["savedNanos"]), " less. ", (ADVICE, row["change"]))  # fmt: skip
    told = set()
    for row in findings:
        if row["suggestion"] and row["suggestion"] not in told:
            told.add(row["suggestion"])
            advise("finding", None, (ADVICE, row["suggestion"]))
    if not said:
        said = [("Nothing here asks for a change.",)]
    return Section("recommendations", "Recommendations", [Table("recommendations", "", [], rows)], said=said)


def trend(table: Table, session: str) -> Section:
    """A session against those of its project before it."""
    row = next((row for row in table.rows if row["sessionId"] == session), None)
    said: list[Sentence] = []
    if row is None or row["usualNanos"] is None:
        said.append(("Too few sessions of this project came before it to say what is usual.",))
    else:
        said.append(("Usual is ", (MONEY, row["usualNanos"]), ", the median of the sessions of this project before."))
    columns = [Column("sessionId", "Session"), Column("lastActivity", "Ended", TIME),
               Column("prompts", "Prompts", COUNT), Column("cacheHitShare", "Cache hits", SHARE),
               Column("costNanos", "Cost", MONEY), Column("usualNanos", "Usual", MONEY),
               Column("changeShare", "Against usual", SHARE)]  # fmt: skip
    return Section("trend", "Session over session", [Table("trend", "", columns, table.rows)], said=said)


def findings(table: Table) -> Section:
    """What stood out."""
    columns = [Column("at", "At", TIME), Column("severity", "Severity"), Column("name", "What"),
               Column("text", "Why", PROSE)]  # fmt: skip
    said: list[Sentence] = [] if table.rows else [("Nothing stood out.",)]
    return Section("findings", "What stood out", [Table("anomalies", "", columns, table.rows)], said=said)


def outlook(row: Row | None) -> Section:
    """Where the month ends."""
    if row is None or row["expectedNanos"] is None:
        return Section("outlook", "Outlook", said=[("Too little is known to say where the month will end.",)])
    said = ((TEXT, row["period"]), " stands at ", (MONEY, row["costNanos"]), " and is heading for ",
            (MONEY, row["expectedNanos"]), "; four times in five such a month ends between ", (MONEY, row["lowNanos"]),
            " and ", (MONEY, row["highNanos"]), ".")  # fmt: skip
    return Section("outlook", "Outlook", [Table("forecast", "", [], [row])], said=[said])


def table_section(key: str, title: str, table: Table, *more: Table, said: Sequence[Sentence] = ()) -> Section | None:
    """A section of tables; none where all are empty."""
    filled = [each for each in (table, *more) if each.rows]
    return Section(key, title, filled, said=said) if filled else None


def narrowed(table: Table, keys: Iterable[str], most: int = 0) -> Table:
    """A table of these of its columns, in its order; `most` rows, all where it is 0, the sums as they were."""
    kept = frozenset(keys)
    columns = [column for column in table.columns if column.key in kept]
    rows = table.rows[:most] if most else table.rows
    made = Table(table.key, "", columns, rows, table.totals if len(rows) == len(table.rows) else None)
    made.notes = list(table.notes)
    return made


# -- a paragraph


def paragraph(found: Mapping[str, Any]) -> list[Sentence]:
    """A day in at most three sentences. found: the facts of the day's section."""
    if not found["requests"] and not found["costNanos"]:
        return [("Nothing was spent on ", found["period"], ".")]
    least = " cost at least " if found["unpricedTokens"] else " cost "
    first: list[Piece] = ["On ", found["period"], ", ", *_many(found["sessions"], "session"), " of "]
    first += [*_many(found["projects"], "project"), least, (MONEY, found["costNanos"])]
    first += [" for ", *_many(found["requests"], "request")]
    if found["provisional"]:
        first += [", a part of it provisional"]
    if found["usualNanos"] is not None:
        first += ["; the days with spending among the seven before cost ", (MONEY, found["usualNanos"]), " on average"]
    second: list[Piece] = []
    if found["project"] is not None:
        second += ["Most of it, ", (MONEY, found["projectNanos"]), ", went to ", ("project", found["project"])]
        if found["model"] is not None:
            second += [", and of the models to ", ("model", found["model"]), " (", (MONEY, found["modelNanos"]), ")"]
        second += ["."]
    third: list[Piece] = []
    if found["findings"]:
        third += [*_many(found["findings"], "thing"), " stood out"]
    else:
        third += ["Nothing stood out"]
    if found["exceeded"]:
        third += [", ", *_many(found["exceeded"], "budget"), (" is" if found["exceeded"] == 1 else " are"), " used up"]
    if found["expectedNanos"] is not None:
        third += [", and the month is heading for ", (MONEY, found["expectedNanos"])]
    return [tuple(each) for each in ([*first, "."], second, [*third, "."]) if each]


def _many(count: int, noun: str) -> tuple[Piece, ...]:
    return (COUNT, count), f" {noun}{'' if count == 1 else 's'}"
