"""How names are written for people: models, projects, sessions, without the parts everybody knows."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_UNTIL = "billed from telemetry, or from hooks and the statusline, until its transcript is read."
#: What a ~ in a table of sums means, and what is said of one session.
PROVISIONAL = f"~ is provisional, all of it or a part: a session without a transcript is {_UNTIL}"
PROVISIONAL_SESSION = f"Provisional: no transcript of this session was read. It is {_UNTIL}"


def model_name(model: str) -> str:
    """A model without its maker and its date: claude-opus-4-5-20251101 is opus-4-5."""
    name = model.removeprefix("anthropic/").removeprefix("claude-")
    head, _, date = name.rpartition("-")
    return head if head and len(date) == 8 and date.isdigit() else name


def project_name(folder: str) -> str:
    """A project's folder without the way to the home directory: -home-ada-work-shop is work-shop."""
    for start, parts in (("-home-", 3), ("-Users-", 3), ("C--Users-", 4)):
        if folder.startswith(start):
            below = folder.split("-", parts)
            return below[parts] if len(below) > parts and below[parts] else "~"
    return folder.removeprefix("-root-").removeprefix("-")


def short_id(session: str) -> str:
    """The beginning of a session's id: enough to name it on the command line."""
    return session[:8]


def without_price(models: Iterable[str]) -> str:
    """What it means that these models, clean names, have no price, and the way out."""
    names = ", ".join(sorted(model or "a model without a name" for model in models))
    return (
        f"No price is known for {names}: its tokens are counted, its cost is missing (≥). Add a price under"
        " [prices.models] in settings.toml: docs/prices.md."
    )
