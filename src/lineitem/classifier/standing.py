"""How the classifier stands: what it spent this month, what it answered, what is wrong; and the sentences that say so.

Its spending is lineitem's own, none of Claude Code's: it is in no total, and said beside them.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.classifier.asking import STATE
from lineitem.classifier.budget import dollars, month_start
from lineitem.ledger import guesses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.classifier.settings import ClassifierSettings
    from lineitem.ledger.store import Ledger


class Standing(NamedTuple):
    """Money in nanodollars, of the calendar month."""

    enabled: bool
    model: str
    host: str
    snippet: bool
    budget: int
    spent: int  #: what is only set aside included
    set_aside: int  #: the part of it whose cost is not known
    requests: int
    answered: int
    waiting: int
    given_up: int
    trouble: str  #: why nothing is sent; '': nothing is wrong

    def json(self) -> dict[str, Any]:
        return {
            "enabled": self.enabled, "model": self.model, "host": self.host, "snippet": self.snippet,
            "budgetNanos": self.budget, "spentNanos": self.spent, "setAsideNanos": self.set_aside,
            "requests": self.requests, "answered": self.answered, "waiting": self.waiting, "givenUp": self.given_up,
            "trouble": self.trouble or None,
        }  # fmt: skip

    @property
    def sentence(self) -> str:
        """One line for `status` and `doctor`."""
        if not self.enabled and not self.requests:
            return "off; nothing was spent this month."
        found = "finding" if self.answered == 1 else "findings"
        state = f"on, {self.model}" if self.enabled else "off"
        said = f"{state}; {self.amount} of {dollars(self.budget)} this month, {self.answered:,} {found} explained"
        said += f", {self.waiting:,} wait" if self.waiting else ""
        return f"{said}." + (f" {self.trouble}" if self.trouble else "")

    @property
    def amount(self) -> str:
        """What was spent; at most, where a cost is not known."""
        return ("at most " if self.set_aside else "") + dollars(self.spent)


def standing(ledger: Ledger, settings: ClassifierSettings, now: int) -> Standing:
    """How it stands now."""
    spent, set_aside, requests = guesses.spent(ledger, month_start(settings.zone, now))
    answered, waiting = guesses.standing(ledger)
    given_up = sum(count for _, count in guesses.given_up(ledger))
    trouble = ledger.state(STATE) if settings.enabled else ""
    return Standing(
        settings.enabled, settings.model, settings.host, settings.snippet, settings.budget, spent, set_aside, requests,
        answered, waiting, given_up, trouble,
    )  # fmt: skip


def beside_totals(found: Standing) -> str:
    """What is said beside a bill's totals; '' where nothing was spent."""
    return f"lineitem's classifier: {found.amount} this month, not in these totals." if found.spent else ""


def sends(settings: ClassifierSettings) -> str:
    """What would leave the machine."""
    piece = "; a redacted piece of the tool call, at most 400 characters" if settings.snippet else ""
    return f"figures of findings, names of tools, kinds of targets and models{piece}"
