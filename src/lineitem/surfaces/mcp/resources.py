"""Resources: bills and reports as Markdown, as `lineitem report` writes them.

In: a URI. Out: a page. `lineitem://report/daily|weekly|monthly` are those of the day, week or month under way,
`lineitem://session/ID` is a session, `latest` the one that was active last.
"""

from __future__ import annotations

from collections import namedtuple

from lineitem.core.problems import UsageError
from lineitem.surfaces.mcp.wording import DATA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.surfaces.mcp.answers import Answers

#: uri: its address, or with {} the form of one; name, title: as a client lists it.
Page = namedtuple("Page", ("uri", "name", "title"))

PAGES = (
    Page("lineitem://session/latest", "session", "The latest session, itemised"),
    Page("lineitem://report/daily", "daily", "Today in a paragraph"),
    Page("lineitem://report/weekly", "weekly", "This week"),
    Page("lineitem://report/monthly", "monthly", "This month"),
)
FORMS = (Page("lineitem://session/{id}", "session", "A session, itemised"),)
#: A page is no longer than so many characters.
_MOST = 40_000


def page(answers: Answers, uri: str) -> str:
    """The page at an address. Raises UsageError."""
    from lineitem import writing
    from lineitem.reports.query import Query
    from lineitem.reports.written import DAILY, ENGINEER, KINDS, SESSION
    from lineitem.surfaces.markdown import sections

    kind, _, name = uri.removeprefix("lineitem://").partition("/")
    known = kind == "session" or (kind == "report" and name in KINDS and name != SESSION)
    if not uri.startswith("lineitem://") or not known or not name:
        raise UsageError(f"There are {', '.join(each.uri for each in (*PAGES, *FORMS))}, not '{uri[:80]}'.")
    asked, veil = answers.blank(), answers.place.veil
    answers.ready()
    asking = writing.Asking(answers.lineitem, Query(asked.zone, asked.now), ENGINEER, veil.over if veil.hides else None)
    if kind == "session":
        written = writing.of_session(asking, answers.session(name))
    else:
        written = writing.of_period(asking, name, asked.now)
    text = "".join(part + "\n" * (name != DAILY) for _, part in sections(written, answers.zone))
    if len(text) > _MOST:
        text = text[: text.rindex("\n", 0, _MOST)] + "\n\nCut here: `lineitem report` writes all of it.\n"
    return f"{text.rstrip()}\n\n{DATA}\n"
