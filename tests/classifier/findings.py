"""Stores with findings in them that no rule explains, and a clock that tests turn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lineitem.classifier.asking import Asking
from lineitem.classifier.messages_api import Api, Outcome
from lineitem.classifier.settings import ClassifierSettings
from lineitem.insights.findings import Finding
from lineitem.ledger import findings as kept

if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger
    from tests.telling.stores import Books

NOW = 1_795_000_000_000  #: 2026-11-18
#: Secrets and names that must never be sent.
PRIVATE = ("s-1", "-home-dev-acme", "acme", "toolu_1", "/home/dev")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


class Answers:
    """An API that gives these outcomes, in order; the last one stays."""

    def __init__(self, *outcomes: Outcome, trouble: str = "") -> None:
        self.outcomes, self.wrong = list(outcomes), trouble
        self.asked: list[dict[str, Any]] = []

    def trouble(self) -> str:
        return self.wrong

    def ask(self, asked: bytes) -> Outcome:
        self.asked.append(json.loads(asked))
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


def settings(**given: Any) -> ClassifierSettings:
    return ClassifierSettings.from_settings({"timezone": "UTC", "classifier": {"enabled": True, **given}})


def asking(api: Api, clock: Clock, **given: Any) -> Asking:
    return Asking(settings(**given), api, clock, lambda: 0.0, "/home/dev")


def finding(number: int = 1, **other: Any) -> Finding:
    """A tool call far above its kind; each number is another call of another size."""
    return Finding(
        "spike", 1, "s-1", "-home-dev-acme", NOW - 60_000 + number, "Read .py", "tokens", 40_000 + number, 3_000, 300,
        20, 90, level="project", call=f"toolu_{number}", model="claude-opus-4-5",
    )._replace(**other)  # fmt: skip


def keep(ledger: Ledger, found: Finding, confidence: str = "unknown") -> str:
    """Keep it as `noticing` does; its key."""
    why = [{"cause": "unknown", "confidence": confidence, "text": "Read .py: acme/secret.py", "suggestion": "Look."}]
    body = json.dumps({**found._asdict(), "facts": dict(found.facts), "why": why})
    kept.keep_findings(
        ledger, [(found.key, found.at, found.session, found.rule, found.severity, int(found.again), body)]
    )
    return found.key


def asked(store: Books) -> list[tuple[Any, ...]]:
    """(tries, due, settled, why) of every finding that was taken up."""
    return store.rows("select tries, due, settled is not null, why from asked order by noted, key")


def sent(store: Books) -> list[tuple[Any, ...]]:
    """(reserved, nanos, cause, why) of every request."""
    return store.rows("select reserved, nanos, cause, why from question order by id")
