"""Budgets: made, changed, overridden and ended; how they stand; and the log of all that.

Always: what is used is the ledger's own sum; whatever a person does is logged in the same transaction.
"""

from __future__ import annotations

import os

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from lineitem.alerts.notice import Notice
    from lineitem.core.budgets import Budget, Held
    from lineitem.core.tags import Tags
    from lineitem.ledger.store import Ledger
    from lineitem.reports.lines import Line
    from lineitem.reports.query import Query
    from lineitem.reports.shapes import Table
    from lineitem.reports.spending import Spending

    class Opened(Protocol):
        """A ledger that answers."""

        settings: dict[str, Any]
        ledger: Ledger

        def lines(self, query: Query) -> list[Line]: ...
        def agents(self) -> list[tuple[Any, ...]]: ...


class Limits:
    """The budgets of one ledger."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.settings, self.ledger = opened.settings, opened.ledger

    def spending(self) -> Spending:
        """What parts of all spending came to, for the ledger as it is now."""
        from lineitem.core.tags import from_settings
        from lineitem.reports.query import Query
        from lineitem.reports.spending import Spending

        def lines(since: int, until: int) -> tuple[list[Line], list[tuple[Any, ...]]]:
            query = Query(Zone("UTC"), until)
            query.since, query.until = since, until
            return self._opened.lines(query), self._opened.agents()

        tags = from_settings(self.settings, os.environ.get("LINEITEM_TAGS", ""), os.path.expanduser("~"))
        return Spending(self.ledger, tags, lines)

    def status(self, query: Query, name: str = "") -> Table:
        """How budgets stand now: all of them, or the one with this name."""
        from lineitem.reports import budgets

        with self.ledger.moment():
            asked = [self.named(name)] if name else budgets.in_force(self.ledger)
            spending = self.spending()
            found = [budgets.standing(each, spending, query.zone, query.now) for each in asked]
            ends = {each.name: budgets.ahead(each, spending, query.zone, query.now) for each in asked if each.forecast}
        return budgets.status(found, ends, query.zone)

    def look(self, now: int, *, ahead: bool) -> tuple[tuple[Held, ...], dict[str, dict[str, str]], Tags, list[Notice]]:
        """(budgets that act and are used up, what is known of the sessions of late, the rules for tags, what to tell).

        `ahead`: also where their periods will end.
        """
        from lineitem.alerts.budgets import forecast_notice, passed_notice
        from lineitem.reports import budgets

        asked, spending = budgets.in_force(self.ledger), self.spending()
        zone = Zone(str(self.settings.get("timezone", "")))
        found = [budgets.standing(each, spending, zone, now) for each in asked]
        acting = [budgets.held(each, zone) for each in found if each.budget.act]
        notices = [passed_notice(each, now) for each in found]
        if ahead:
            notices += [
                forecast_notice(each, budgets.ahead(each.budget, spending, zone, now), now)
                for each in found
                if each.budget.forecast
            ]
        held = tuple(each for each in acting if each is not None)
        known = spending.known(now - 86_400_000) if held else {}
        return held, known, spending.tags, [each for each in notices if each is not None]

    def history(self, name: str, query: Query) -> Table:
        """What was used of a budget in each of its periods."""
        from lineitem.reports.budgets import history

        return history(self.ledger, self.named(name), self.spending(), query.zone, query.now)

    def acting(self) -> list[Budget]:
        """The budgets in force that do something when they are used up."""
        from lineitem.reports.budgets import in_force

        return [each for each in in_force(self.ledger) if each.act]

    def overridden(self, name: str, now: int) -> int | None:
        """Until when a person overrides this budget; None where nobody does."""
        from lineitem.ledger import audit

        return max((until for budget, until in audit.overrides(self.ledger, now) if budget == name), default=None)

    def find(self, name: str) -> Budget | None:
        """The budget in force with this name."""
        from lineitem.reports.budgets import in_force

        return next((each for each in in_force(self.ledger) if each.name == name), None)

    def named(self, name: str) -> Budget:
        """The same. Raises UsageError where there is none."""
        found = self.find(name)
        if found is None:
            raise UsageError(f"There is no budget '{name}'. `lineitem budget list` names them.")
        return found

    def keep(self, budget: Budget, what: str) -> None:
        """Let a budget be in force from its `since` on; logged. Raises UsageError for a scope that cannot be cut."""
        from json import loads

        from lineitem.core.budgets import encoded
        from lineitem.ledger import budgets

        self.spending().check(budget.scope)
        with self.ledger.transaction():
            budgets.begin(self.ledger, budget.name, budget.since, encoded(budget))
            self._log(budget.since, what, {"budget": budget.name, **loads(encoded(budget))})

    def end(self, name: str, now: int) -> None:
        """Let a budget end; what it was is remembered."""
        from lineitem.ledger import budgets

        with self.ledger.transaction():
            budgets.end(self.ledger, name, now)
            self._log(now, "budget removed", {"budget": name})

    def override(self, name: str, now: int, until: int, reason: str) -> None:
        """Let a budget do nothing until then."""
        with self.ledger.transaction():
            self._log(now, "override", {"budget": name, "until": until, "reason": reason})

    def deciding(self, now: int, what: str, decide: Callable[[], dict[str, Any]]) -> None:
        """Do something else a person wants, and log it as what `decide` gives back: both, or neither."""
        with self.ledger.transaction():
            self._log(now, what, decide())

    def _log(self, at: int, what: str, body: dict[str, Any]) -> None:
        """Add to the audit log what a person did. The caller holds the transaction."""
        import uuid
        from getpass import getuser
        from json import dumps

        from lineitem.ledger import audit

        try:
            actor = getuser()
        except (KeyError, OSError, ImportError):  # an account without a name
            actor = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
        audit.append(self.ledger, str(uuid.uuid4()), at, actor, what, dumps(body, separators=(",", ":")))

    def audit(self, query: Query) -> Table:
        """What budgets did and what was done to them, and whether the log is whole."""
        from lineitem.reports.audit import audit

        return audit(self.ledger, query)

    def note(self, notices: list[Notice], now: int) -> None:
        """Hand what budgets say to the alerts of the settings."""
        from lineitem.alerts.kept import Stored
        from lineitem.alerts.settings import AlertSettings
        from lineitem.alerts.tell import note

        note(Stored(self.ledger), notices, AlertSettings.from_settings(self.settings), now)
