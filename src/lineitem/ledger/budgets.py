"""What a person allows, kept and asked for. The caller holds the transaction."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger


def in_force(ledger: Ledger) -> list[tuple[str, int, str]]:
    """(name, since, body) of the budgets in force, by name."""
    return list(ledger.db.rows("select name, since, body from budget where until is null order by name"))


def versions(ledger: Ledger, name: str) -> list[tuple[int, int | None, str]]:
    """(since, until or None, body) of everything a budget was, the earliest first."""
    return list(ledger.db.rows("select since, until, body from budget where name = ? order by since, id", (name,)))


def begin(ledger: Ledger, name: str, at: int, body: str) -> None:
    """Let a budget be in force from a moment on; what it was until then ends there."""
    end(ledger, name, at)
    ledger.db.run("insert into budget (name, since, body) values (?,?,?)", (name, at, body))


def end(ledger: Ledger, name: str, at: int) -> bool:
    """Let a budget end; whether there was one. What it was is remembered."""
    done = ledger.db.one("update budget set until = ? where name = ? and until is null returning id", (at, name))
    return done is not None
