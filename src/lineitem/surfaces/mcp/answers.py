"""What each tool answers: the question is put to the ledger as the command of that report puts it.

In: an opened ledger, checked arguments. Out: an `Answer`: a document for programs and a few lines for people, both
cut and clean. Raises UsageError for what cannot be meant.
"""

from __future__ import annotations

import os
import time

from lineitem.core.periods import Zone, parse_since, parse_until
from lineitem.core.problems import UsageError
from lineitem.core.rates import Rates
from lineitem.reports.query import Query
from lineitem.reports.shapes import MONEY, Column, Table, dollars
from lineitem.surfaces import numbers
from lineitem.surfaces.answering import OPTIONS
from lineitem.surfaces.mcp import cut, onward, wording
from lineitem.surfaces.mcp.place import Answer
from lineitem.surfaces.mcp.tools import FEW, MANY, REPORTS
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.reports.tree import Node
    from lineitem.surfaces.mcp.place import Place
    from lineitem.wiring import Lineitem

    Row = dict[str, Any]

#: Reports whose rows are periods or sessions: the latest come first.
_IN_TIME = frozenset(("daily", "weekly", "monthly", "sessions", "blocks"))
#: From the surest to the least sure.
_SURENESS = ("measured", "apportioned", "estimated", "remainder")
_PARTS = {"generate": "generateNanos", "ingest": "ingestNanos", "carry": "carryNanos", "rewrite": "carryNanos",
          "search": "ingestNanos"}  # fmt: skip
_SUMS = ("generateNanos", "ingestNanos", "carryNanos", "rewriteNanos")
_CAUSES = (Column("cause", "Cause"), Column("generateNanos", "Generate", MONEY),
           Column("ingestNanos", "Ingest", MONEY), Column("carryNanos", "Carry", MONEY),
           Column("costNanos", "Cost", MONEY))  # fmt: skip
_SHARES = (Column("cause", "Cause"), Column("costNanos", "Cost", MONEY))
#: What a tool call's price consists of; rewrite is a part of carry, search fees of taking in.
_OWN = ("generateNanos", "ingestNanos", "carryNanos", "subtreeNanos")
#: What a report may be asked by; the others take none of these, and say so.
_TAKEN = ("by", "marker", "session")
_NODES = (Column("cause", "Cause"), Column("ownNanos", "Own", MONEY), Column("totalNanos", "Total", MONEY))
_WHY_NOT = (
    "Nothing was logged: this server only reads. A person allows it by starting it with"
    " `lineitem mcp-server --allow-writes`, or logs it with `lineitem manual log IN OUT`."
)


class Answers:
    """The tools, on one opened ledger."""

    def __init__(self, lineitem: Lineitem, place: Place) -> None:
        self.lineitem, self.place = lineitem, place
        self.zone = str(lineitem.settings.get("timezone", ""))

    def answer(self, tool: str, given: Row) -> Answer:
        """What a tool answers to checked arguments."""
        found: Answer = getattr(self, tool)(given)
        return found

    # -- questions

    def get_costs(self, given: Row) -> Answer:
        name = given["report"]
        _check_taken(name, given)
        query = self._query(given)
        if name == "bill":
            return self._bill(query, given)
        query.descending = name in _IN_TIME
        return self._table(name, self._report(name, query), given)

    def get_session_bill(self, given: Row) -> Answer:
        query = self._query({})
        bill = self.lineitem.session(self._session(given), query)
        found = bill.json()
        by_cause = _by_cause(found["lineItems"])
        causes, more = cut.rows(by_cause, given.get("limit", FEW))
        missed, miss_nanos = bill.missed()
        prompts = sorted(found["prompts"], key=lambda row: -(row["ownNanos"] + row["agentsNanos"]))
        document = {key: value for key, value in found.items() if key not in ("lineItems", "schemaVersion")}
        sums = {key: _known_sum(row[key] for row in by_cause) for key in _SUMS}
        totals = {**sums, "cacheMisses": missed, "cacheMissNanos": miss_nanos or (None if bill.unpriced else 0)}
        document |= {"totals": totals, "causes": causes, "prompts": prompts}
        if bill.unpriced:
            document["unpricedModels"] = sorted(bill.unpriced)
        left = {"causes": more}
        for key in ("prompts", "agents", "cacheMisses"):
            document[key], left[key] = cut.rows(document[key], given.get("limit", FEW))
        document = cut.bounded({**self.place.veil.over(document), "more": left})
        cost = _dollars(document["costNanos"], missing=bool(bill.unpriced))
        said = f"Session {document['sessionId'][:8]}, {document['projectPath']}: {cost}"
        if document["totals"]["carryNanos"]:
            said += f"; carried {wording.dollars(document['totals']['carryNanos'])}"
        if missed:
            cost = "" if bill.unpriced else f", {wording.dollars(document['totals']['cacheMissNanos'])}"
            said += f"; cache misses: {missed}{cost}"
        return self._told(document, f"{said}.", _CAUSES, document["causes"], given)

    def explain_cost(self, given: Row) -> Answer:
        from lineitem.explain import explanation

        found = explanation(self.lineitem, self.place.veil.real(given["id"]))
        left: dict[str, int] = {}
        for key in ("parts", "shares", "segments"):
            if isinstance(found.get(key), list):
                dearest = sorted(found[key], key=lambda row: -(row.get("costNanos") or 0))
                found[key], left[key] = cut.rows(dearest, FEW)
        found.pop("schemaVersion", None)
        document = cut.bounded({**self.place.veil.over(found), "more": left})
        whole = document.get("totalNanos", document.get("costNanos"))
        name = " ".join(document[key] for key in ("tool", "target") if document.get(key)) or given["id"]
        models = {found.get("model"), *(part.get("model") for part in found.get("parts", ()))}
        missing = any(model and not self._priced(model) for model in models)
        said = f"{name}: {_dollars(whole, missing=missing)}" if isinstance(whole, int) else f"{name}: not one figure"
        of_it = [f"{key[:-5]} {wording.dollars(value)}" for key, value in document.items()
                 if key in _OWN and isinstance(value, int) and value]  # fmt: skip
        said += f" ({', '.join(of_it)})." if of_it else "."
        rows = document.get("shares") or (document.get("parts") if document.get("kind") == "cause" else []) or []
        return self._told(document, said, _SHARES, rows, {"limit": MANY + 1})

    def whats_expensive_to_carry(self, given: Row) -> Answer:
        return self._table("context", self.lineitem.context(self._session(given)), given)

    def get_context_health(self, given: Row) -> Answer:
        self.ready()
        session = self._session(given) if given.get("session") else ""
        return self._table("health", self.lineitem.standing(session, self._query({})), given)

    def get_budget_status(self, given: Row) -> Answer:
        name = self.place.veil.real(given.get("name", ""))
        return self._table("budgets", self.lineitem.limits.status(self._query({}), name), given)

    def get_tips(self, given: Row) -> Answer:
        ident = self.place.veil.real(given.get("id", ""))
        return self._table("advice", self.lineitem.advice(self._query(given), ident), given)

    def check_drift(self, given: Row) -> Answer:
        return onward.check_drift(self.place, self._folder(given))

    def new_session(self, given: Row) -> Answer:
        from lineitem.writing import ongoing

        session = self._session(given) if given.get("session") else ""
        if not session and not given.get("folder"):
            session = ongoing(self.lineitem, self.place.session)
        if given.get("folder") or (self.place.folder and not given.get("session")):
            folder = self._folder(given)
        else:
            session = session or self._session({})
            folder = self._worked_in(session)
        return onward.new_session(self.lineitem, self.place, self._query({}), session, folder, given)

    # -- those that write

    def update_context(self, given: Row) -> Answer:
        if not self.place.writes:
            raise UsageError(onward.WHY_NOT)
        return onward.update_context(self.place, self._folder(given), create=given.get("create", False))

    def log_session(self, given: Row) -> Answer:
        if not self.place.writes:
            raise UsageError(_WHY_NOT)
        folder = given.get("folder", "") or self.place.folder
        if not os.path.isabs(folder) or not os.path.isdir(folder):
            raise UsageError("folder is the absolute path of a folder that exists.")
        logbook, now, model = self.lineitem.logbook(folder), int(time.time() * 1000), given.get("model", "")
        named = self.place.veil.real(given.get("name", ""))
        began = logbook.open is None and bool(named)
        if began:
            logbook.model(model, now)  # so that nothing is begun that cannot be logged in
            logbook.start(named, model, "", now)
        found = logbook.log(str(given["input"]), str(given["output"]), given.get("context", ""), model, now)
        entry, nanos = found.entry, found.nanos
        document: Row = {
            "name": logbook.current().name, "began": began, "modelName": entry.model, "inputTokens": entry.uncached,
            "outputTokens": entry.output, "costNanos": nanos, "totalCost": None if nanos is None else dollars(nanos),
            "covered": found.covered, "basis": found.basis,
        }  # fmt: skip
        document = cut.bounded(self.place.veil.over(document))
        price = "no price is known" if nanos is None else f"~{wording.dollars(document['costNanos'])}"
        said = f"Logged in {document['name']}: {entry.model}, {price}."
        if began:
            said += " The manual session was begun with it; `lineitem manual end` ends it."
        if found.covered:
            said += " Claude Code was at work here then: its own figures hold, this one is in no total."
        return Answer({"said": said, **document, "note": wording.DATA}, f"{said}\n{wording.DATA}")

    # -- what they share

    def blank(self) -> Query:
        """The question for everything, now, in the person's zone."""
        return Query(Zone(self.zone), int(time.time() * 1000))

    def _query(self, given: Row) -> Query:
        query, real = self.blank(), self.place.veil.real
        now = query.now
        if given.get("since"):
            query.since = parse_since(given["since"], query.zone, now)
        if given.get("until"):
            query.until = parse_until(given["until"], query.zone, now)
        query.project, query.model = real(given.get("project", "")), given.get("model", "")
        query.session = self._session(given) if given.get("session") else ""
        query.options = {key: given[key] for key in ("by", "marker") if given.get(key)}
        return query

    def _session(self, given: Row) -> str:
        return self.session(given.get("session", ""))

    def session(self, text: str) -> str:
        """The session that is meant; where none is said this one, else the latest."""
        text = self.place.veil.real(text)
        if text and text != "latest":
            return text
        from lineitem.writing import latest, ongoing

        here = "" if text else ongoing(self.lineitem, self.place.session)
        found = here or latest(self.lineitem)
        if not found:
            raise UsageError("There is no session yet: no transcript was read.")
        return found

    def _folder(self, given: Row) -> str:
        """The folder that is meant: the one told, this server's own, else where the latest session worked."""
        told = self.place.veil.real(given.get("folder", "")) or self.place.folder
        folder = told or self._worked_in(self._session({}))
        onward.check_folder(self.lineitem, self.place, folder)
        return folder

    def _worked_in(self, session: str) -> str:
        from lineitem.reports.spending import folder_of

        found = folder_of(self.lineitem.ledger, self.lineitem.session_number(session))
        if not found or not os.path.isdir(found):
            raise UsageError("The folder of that session is not here any more: name one with folder.")
        return found

    def _report(self, name: str, query: Query) -> Table:
        lineitem = self.lineitem
        if name == "sessions":
            return lineitem.report("session", query)
        if name == "efficiency":
            return lineitem.efficiency(query)
        if name == "commits":
            return lineitem.commits(query)
        if name == "pr":
            return lineitem.pull_requests(query)
        if name in ("rot", "whatif"):
            return (lineitem.rot if name == "rot" else lineitem.whatif)(query.session, query)
        if name == "anomalies":
            self.ready()
            return lineitem.anomalies(query)
        if name == "compare" and "marker" not in query.options:
            raise UsageError("compare needs marker: the day before and after which costs are compared.")
        if name == "check" and query.session:
            query.session = lineitem.session_name(query.session)
        return lineitem.report(name, query)

    def ready(self) -> None:
        """What stands out is found as `lineitem anomalies` finds it, where no collector does."""
        if self.place.reads:
            self.lineitem.fold()
            self.lineitem.notice()

    def _table(self, name: str, table: Table, given: Row) -> Answer:
        limit, left = given.get("limit", FEW), {}
        for each in (table, *table.below):
            each.rows, left[each.key] = cut.rows(each.rows, limit)
        document = cut.shaped(table, self.place.veil.over(table.json()))
        document = cut.bounded({"report": name, **document, "more": left})
        said = f"{name}: {self._sum(name, document, table)}"
        if not self.place.veil.hides:  # a heading or a remark may hold a name
            said = f"{table.title}: {self._sum(name, document, table)}"
            if notes := [clean(note) for note in table.notes if " " in note]:
                document["notes"] = notes
        if not document[table.key]:
            said = clean(table.empty) or "Nothing was found."
        return self._told(document, clean(said), table.columns, document[table.key], given, table.below)

    def _sum(self, name: str, document: Row, table: Table) -> str:
        """What it comes to, or how much there is."""
        if name == "context" and document["contextTokens"]:
            if document["rentNanos"] is None:
                return f"{numbers.tokens(document['contextTokens'])} tokens; no price is known for them."
            cold = wording.dollars(document["writeAgainNanos"])
            return (f"{numbers.tokens(document['contextTokens'])} tokens; each further request pays"
                    f" {wording.dollars(document['rentNanos'])} for them, {cold} once the cache is cold.")  # fmt: skip
        if name == "advice" and table.key == "advice":
            return f"of {wording.dollars(document['costNanos'])} that was spent."
        sums = next((each for each in (document.get("totals"), document) if isinstance(each, dict)
                     and isinstance(each.get("costNanos"), int)), None)  # fmt: skip
        if sums is None:
            return f"{numbers.many(len(document[table.key]) + document.get('more', {}).get(table.key, 0), 'row')}."
        missing = bool(sums.get("unpricedModels") or sums.get("unpricedTokens"))
        return f"{_dollars(sums['costNanos'], missing=missing)} in all."

    def _priced(self, model: str) -> bool:
        """Whether a model has a price."""
        return isinstance(self.lineitem.book.rates(model, int(time.time() * 1000)), Rates)

    def _bill(self, query: Query, given: Row) -> Answer:
        """The tree of causes, its dearest nodes, each under its parent's name."""
        tree = self.lineitem.bill(query)
        nodes: list[Row] = []
        _walk(tree.root, nodes)
        dearest = sorted(nodes, key=lambda row: (-row["totalNanos"], row["cause"]))
        causes, more = cut.rows(dearest, given.get("limit", FEW))
        hidden = self.place.veil.over({**tree.head, "causes": causes})
        document = cut.bounded({"report": "bill", **hidden, "more": {"causes": more}})
        cost = _dollars(document["costNanos"], missing=bool(tree.head.get("unpricedModels")))
        said = f"The bill: {cost} in all. A cause includes what is below it."
        return self._told(document, said, _NODES, document["causes"], given)

    def _told(
        self, document: Row, said: str, columns: Any, rows: list[Row], given: Row, below: list[Table] | None = None
    ) -> Answer:
        said = clean(said)
        parts = [said, *wording.lines(columns, rows, self.zone)]
        for each in below or []:
            if document.get(each.key):
                title = [] if self.place.veil.hides else [clean(each.title)]
                parts += [*title, *wording.lines(each.columns, document[each.key], self.zone)]
        more = wording.left_out(document.get("more", {}), given.get("limit", FEW), MANY)
        parts += [*([more] if more else []), *document.get("notes", []), wording.DATA]
        note = f"{more} {wording.DATA}" if more else wording.DATA
        return Answer({"said": said, **document, "note": note}, "\n".join(parts))


def _check_taken(name: str, given: Row) -> None:
    """Whether a report takes what it is given: what is not looked at is refused. Raises UsageError."""
    known = {"argument": "session"} if name in ("rot", "whatif") else {}
    taken = {known.get(each, each) for each in OPTIONS.get("session" if name == "sessions" else name, ())}
    for key in _TAKEN:
        if not given.get(key) or key in taken:
            continue
        if key == "session":
            raise UsageError(
                f"{name} is of no single session: ask get_session_bill, or a report such as tools or prompts."
            )
        others = ", ".join(each for each in REPORTS if key in OPTIONS.get(each, ()))
        raise UsageError(f"{name} takes no {key}; {others} do{'es' * (',' not in others)}.")


def _known_sum(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known of these; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _by_cause(items: list[Row]) -> list[Row]:
    """Line items as one row a cause, the dearest first; carry includes rewrite."""
    found: dict[str, Row] = {}
    priced: set[str] = set()
    for item in items:
        row = found.setdefault(item["cause"], {
            "cause": item["cause"], "generateNanos": 0, "ingestNanos": 0, "carryNanos": 0, "rewriteNanos": 0,
            "costNanos": 0, "basis": _SURENESS[0],
        })  # fmt: skip
        row["basis"] = max(row["basis"], item["basis"], key=_sureness)
        if item.get("unpriced"):
            row["unpriced"] = True
            continue
        priced.add(item["cause"])
        row["costNanos"] += item["costNanos"]
        if item["part"] in _PARTS:
            row[_PARTS[item["part"]]] += item["costNanos"]
        if item["part"] == "rewrite":
            row["rewriteNanos"] += item["costNanos"]
    for cause, row in found.items():
        if cause not in priced:  # unknown, not zero
            row |= {key: None for key in row if key.endswith("Nanos")}
    return sorted(found.values(), key=lambda row: (-(row["costNanos"] or 0), row["cause"]))


def _dollars(nanos: int, *, missing: bool) -> str:
    """A sum; where some of it has no price, that it is more."""
    if not missing:
        return wording.dollars(nanos)
    return f"{wording.dollars(nanos)} and more, for some of it has no price" if nanos else "no price is known"


def _sureness(basis: str) -> int:
    return _SURENESS.index(basis) if basis in _SURENESS else len(_SURENESS)


def _walk(node: Node, into: list[Row]) -> None:
    """The nodes of a tree, its root left out; of a node and a child that is all of it, the child says more."""
    for child in node.children.values():
        if child.own or len(child.children) != 1:
            into.append({"cause": child.name, "ownNanos": child.own, "totalNanos": child.total})
        _walk(child, into)
