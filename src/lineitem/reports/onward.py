"""How a session may go on, and what each way costs: from the ledger's requests, its context and its rates."""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.periods import iso
from lineitem.insights.burn import warmth
from lineitem.insights.health import LEVELS, level_of
from lineitem.insights.onward import COMPACT, CONTINUE, FRESH, HANDED, PROMPTS, advised, course, resumed, ways
from lineitem.insights.whatif import FIVE, LIFETIMES
from lineitem.insights.words import amount
from lineitem.insights.words import dollars as in_dollars
from lineitem.ledger import live, questions
from lineitem.ledger.questions import Filter
from lineitem.reports.prompted import AT, MODEL, OUTPUT, prompted
from lineitem.reports.rot import Reader
from lineitem.reports.shapes import MONEY, TEXT, TOKENS, Column, Table, dollars
from lineitem.reports.spending import folder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.core.rates import Rates
    from lineitem.insights.health import Thresholds
    from lineitem.insights.onward import Course, Way
    from lineitem.ledger.store import Ledger
    from lineitem.reports.prompted import Live
    from lineitem.reports.query import Query
    from lineitem.reports.rot import Pricing

#: A window that is smaller is not worth a word when it is taken up again (tokens).
_WORTH_A_WORD = 20_000
#: Where a folder has no session: a dear answer about somebody else's would be worse than none.
_NONE = "No session worked in this folder. `lineitem session` lists them; name one: `lineitem resume-cost ID`."
#: What a session's head holds.
_UNKNOWN = ("sessionId", "projectPath", "model", "lastActivity", "level", "contextTokens", "cacheTtl", "cacheWarm",
            "elsewhere")  # fmt: skip
_NAMES = {CONTINUE: "go on here", COMPACT: "compact, then go on", FRESH: "a fresh session"}
_COLUMNS = (
    Column("how", "How to go on", TEXT),
    Column("firstNanos", "First request", MONEY),
    Column("costNanos", "In all", MONEY),
    Column("contextTokens", "Context then", TOKENS),
)


class Stand(NamedTuple):
    """A session as it stands: all that the ways it may go on are told from."""

    name: str
    project: str
    model: str
    at: int  #: of its last request, milliseconds
    level: int  #: its health
    context: int  #: tokens
    ttl: str  #: of its cache: `5m` or `1h`
    warm: bool | None
    cwd: str  #: where it works; '' where nobody told
    going: Course
    rates: Rates | None  #: None: its model has no price

    @property
    def cold(self) -> bool:
        """Whether its cache is taken to be cold; where nobody knows it is not."""
        return self.warm is False

    def ways(self, prompts: int, told: int, reading: int) -> list[Way]:
        """As `insights.onward.ways`; none without a price."""
        if self.rates is None:
            return []
        hour = self.ttl == "1h"
        return ways(self.going, self.rates, hour=hour, cold=self.cold, prompts=prompts, told=told, reading=reading)

    def resumed(self, *, cold: bool) -> int | None:
        """Nanodollars of sending again what is in its window."""
        return None if self.rates is None else resumed(self.going, self.rates, hour=self.ttl == "1h", cold=cold)

    def json(self) -> dict[str, Any]:
        return {
            "sessionId": self.name, "projectPath": self.project, "model": self.model, "lastActivity": iso(self.at),
            "level": LEVELS[self.level], "contextTokens": self.context, "cacheTtl": self.ttl, "cacheWarm": self.warm,
        }  # fmt: skip


def stands(
    ledger: Ledger, query: Query, requests: Live, pricing: Pricing, thresholds: Thresholds, number: int
) -> Stand | None:
    """How a session stands; None where it has no request of its main conversation."""
    where = Filter(0, 1 << 62, "", "", number)
    reader = Reader(ledger, query, pricing)
    for session in prompted(ledger, where, requests, copies=True):
        rows = session.requests
        sent = [
            (reader.sent(row, place, session.main), row[OUTPUT])
            for row, place in zip(rows, session.places, strict=True)
        ]
        told = live.last_snapshot(ledger, number)
        going = course(sent, told.window if told else None)
        if going is None:
            continue
        last = next(row for row, (each, _) in zip(reversed(rows), reversed(sent), strict=True) if each.window)
        context, at = going.window, last[AT]
        if told is not None and told.context is not None and told.at > at:  # compacted since, or cleared
            context = told.context
            going = going._replace(window=context)
        ttl = questions.cache_ttl(ledger, number) or FIVE
        expires = max(at + LIFETIMES.get(ttl, LIFETIMES[FIVE]), (told.expires or 0) if told else 0)
        warm = warmth(told.warm if told and told.at > at else True, expires, query.now).warm
        model = ledger.text(last[MODEL])
        return Stand(
            ledger.text(number), _project(ledger, number), model, at, level_of(context, thresholds), context, ttl, warm,
            folder_of(ledger, number), going, pricing(model, max(at, query.now), "", context),
        )  # fmt: skip
    return None


def _project(ledger: Ledger, number: int) -> str:
    return next((str(row[2]) for row in questions.sessions(ledger) if row[0] == number), "")


def rows_of(found: Sequence[Way]) -> list[dict[str, Any]]:
    """One row a way."""
    return [
        {"way": each.way, "how": _NAMES[each.way], "firstNanos": each.first, "costNanos": each.nanos,
         "totalCost": dollars(each.nanos), "contextTokens": each.window, "compactions": each.compactions}
        for each in found
    ]  # fmt: skip


# -- what taking a session up again costs


def resume_cost(stand: Stand | None, prompts: int, told: int, elsewhere: str = "") -> Table:
    """Going on with a session, warm and cold, against a handover. told: tokens of the prompt that hands over.

    elsewhere: the other work tree of the clone in which it worked; '' where it was asked for by name, or worked here.
    """
    if stand is None:
        return Table("ways", "", _COLUMNS, [], empty=_NONE, head=dict.fromkeys(_UNKNOWN), waiting=False)
    rows = []
    for cold in (False, True):
        as_if = stand._replace(warm=not cold)
        found = as_if.ways(prompts, told, 0)
        if found:
            now = cold == stand.cold and stand.warm is not None
            name = f"resume it, cache {'cold' if cold else 'warm'}{': as it is now' if now else ''}"
            rows.append({**rows_of(found[:1])[0], "way": "resume-cold" if cold else "resume-warm", "how": name,
                         "resumeNanos": stand.resumed(cold=cold), "now": now})  # fmt: skip
    rows += [{**row, "how": "a handover to a fresh session", "resumeNanos": None, "now": True}
             for row in rows_of(stand.ways(prompts, told, 0)) if row["way"] == FRESH]  # fmt: skip
    head = {**stand.json(), "elsewhere": elsewhere or None, "prompts": prompts, "handoffTokens": told,
            "coldNanos": stand.resumed(cold=True), "warmNanos": stand.resumed(cold=False)}  # fmt: skip
    columns = [Column("how", "How to go on", TEXT), *_COLUMNS[1:3]]
    title = f"Taking up {stand.name[:8]} again: {stand.context:,} tokens, the next {prompts} prompts"
    notes = [
        "First request: the window sent again, and what is new. In all: the prompts ahead, like this session's last.",
        _said(stand),
    ]
    if elsewhere:
        notes.insert(0, worked_elsewhere(elsewhere))
    return Table("ways", title, columns, rows, head=head, notes=notes, waiting=False,
                 empty=f"There is no price for {stand.model}: `lineitem prices` says why.")  # fmt: skip


def on_return(stand: Stand, expired: bool | None) -> str:
    """What is said to the person who takes a session up again; '' where it is not worth a word.

    expired: whether the client says that its cache is gone; None: it says nothing, and our own reckoning holds.
    """
    if expired is not None:
        stand = stand._replace(warm=not expired)
    found = stand.ways(PROMPTS, HANDED, 0)
    again = stand.resumed(cold=True)
    if not found or again is None:
        return ""
    to_do, why = advised(stand.level, found, enough=True)
    small = stand.going.window < _WORTH_A_WORD
    if to_do == CONTINUE and (small or not stand.cold):
        return ""
    window = amount(stand.going.window, "tokens")
    cache = f"is cold: {window} are written again, {in_dollars(again)}" if stand.cold else f"is warm ({window})"
    then = {FRESH: " `lineitem handoff` makes the prompt for it.", COMPACT: " /compact does it."}.get(to_do or "", "")
    return f"lineitem: this session's cache {cache}. {why}{then}"


def worked_elsewhere(folder: str) -> str:
    """That the session meant is none of this work tree's own."""
    return f"No session worked in this work tree. This one did in another of the same clone: {folder}."


def _said(stand: Stand) -> str:
    if stand.warm:
        return f"Its cache ({stand.ttl}) is warm still."
    if stand.warm is None:
        return "Whether its cache is warm nobody said."
    return f"Its cache ({stand.ttl}) is cold: all of its window is written again."
