"""The order of it: which findings a model is asked about, when again, when no more; each answer kept with its cost.

In: a ledger, a price book, a way to send, a clock. Always: a finding is asked about once, after it was kept and in no
transaction of anybody else's; the money is set aside, on disk, before anything is sent; the same question is sent once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lineitem.classifier.budget import cost, month_start, worst_case
from lineitem.classifier.messages_api import ANSWERED, LATER, STOPPED, size_of
from lineitem.classifier.question import digest_of, question
from lineitem.core.rates import Unpriced
from lineitem.core.sightings import ANSWER
from lineitem.ledger import guesses
from lineitem.sources.wording import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.classifier.messages_api import Api, Outcome
    from lineitem.classifier.settings import ClassifierSettings
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: Name of the kept state: why nothing is sent.
STATE = "classifier"
#: Milliseconds: what is older is not asked about; a claim holds so long; so long nothing is tried once all is stopped.
_DAY, _LEASE, _REST = 86_400_000, 120_000, 600_000
#: Tries of one finding; the wait after the first failure, milliseconds, four times as long after each further one.
TRIES, _FIRST_WAIT = 4, 30_000
#: Findings taken up at a time: a backlog does not become a burst.
_MOST = 20
_WAITED = "it waited for more than a day"
_GONE = "the finding cannot be read"


class Asking:
    """Asks about what no rule explains, a little at a time."""

    def __init__(
        self, settings: ClassifierSettings, api: Api, clock: Callable[[], int], jitter: Callable[[], float],
        home: str = "",
    ) -> None:  # fmt: skip
        """clock: milliseconds since 1970; 0 <= jitter() < 1; home: the home folder, which is never sent."""
        self._settings, self._api, self._clock, self._jitter, self._home = settings, api, clock, jitter, home
        self._rests_until = 0

    def once(self, ledger: Ledger, book: PriceBook) -> None:
        """Take up what is new, and ask what is due."""
        now = self._clock()
        if now < self._rests_until:
            return
        trouble = self._api.trouble() or self._unpriced(book, now)
        if trouble:
            self._stop(ledger, trouble)
            return
        with ledger.transaction():
            guesses.expire(ledger, now - _DAY, now, _WAITED)
            guesses.note(ledger, guesses.unexplained(ledger, now - _DAY, _MOST), now)
        for _ in range(_MOST):
            if not self._next(ledger, book):
                break
        if ledger.state(STATE) and now >= self._rests_until and not guesses.standing(ledger)[1]:
            self._say(ledger, "")  # what was wrong was mended, and nothing waits that would tell

    def _unpriced(self, book: PriceBook, now: int) -> str:
        """Why the model has no price: without one no budget can hold."""
        rates = book.rates(self._settings.model, now)
        return f"classifier.model: {rates.reason}" if isinstance(rates, Unpriced) else ""

    def _stop(self, ledger: Ledger, why: str) -> None:
        """Nothing can be sent until somebody mends it: said once, and looked at again later."""
        self._rests_until = self._clock() + _REST
        self._say(ledger, why)

    def _say(self, ledger: Ledger, why: str) -> None:
        if (ledger.state(STATE) or "") != why:
            with ledger.transaction():
                ledger.set_state(STATE, why)

    def _next(self, ledger: Ledger, book: PriceBook) -> bool:
        """Ask about the finding that is due longest; whether to go on."""
        now = self._clock()
        with ledger.transaction():
            claimed = guesses.claim(ledger, now, now + _LEASE)
        if claimed is None:
            return False
        key, tries, body = claimed
        finding = _decoded(body)
        if not finding:
            with ledger.transaction():
                guesses.settle(ledger, key, now, why=_GONE)
            return True
        asked = self._question(ledger, finding)
        digest = digest_of(self._settings.model, asked)
        if guesses.known(ledger, digest):
            with ledger.transaction():
                guesses.settle(ledger, key, now, digest)
            return True
        most = worst_case(book, self._settings.model, now, size_of(asked))
        if most is None:
            return False
        number = self._reserve(ledger, key, digest, now, most)
        if number is None:
            return False
        return self._keep(ledger, book, (key, tries, digest, number, most, now), self._api.ask(asked))

    def _reserve(self, ledger: Ledger, key: str, digest: str, now: int, most: int) -> int | None:
        """Set the money aside; None where the month has no room: the finding waits."""
        settings = self._settings
        since = month_start(settings.zone, now)
        with ledger.transaction():
            number = guesses.reserve(ledger, digest, now, settings.model, most, since, settings.budget)
            if number is None:
                guesses.put_back(ledger, key, now)
        if number is None:
            self._rests_until = now + _REST
            self._say(ledger, "")  # nothing is wrong: the month is used up, and `status` shows that
        return number

    def _keep(
        self, ledger: Ledger, book: PriceBook, about: tuple[str, int, str, int, int, int], outcome: Outcome
    ) -> bool:
        """Keep what came of a request; whether to go on."""
        key, tries, digest, number, most, sent = about
        now = self._clock()
        nanos = 0 if outcome.free else cost(book, self._settings.model, sent, outcome.counted, most)
        with ledger.transaction():
            guesses.answered(ledger, number, nanos, outcome.counted, outcome.guess, outcome.why or None)
            if outcome.what == ANSWERED:
                guesses.settle(ledger, key, now, digest)
            elif outcome.what == STOPPED:
                guesses.put_back(ledger, key, now)
            elif outcome.what == LATER and tries < TRIES:
                guesses.retry(ledger, key, now + self._wait(tries), outcome.why)
            else:
                guesses.settle(ledger, key, now, digest, outcome.why)
        if outcome.what == STOPPED:
            self._stop(ledger, outcome.why)
            return False
        self._say(ledger, "")
        if outcome.what == LATER:  # what is down is left alone for a while
            self._rests_until = now + _FIRST_WAIT // 2
            return False
        return True

    def _wait(self, tries: int) -> int:
        whole = _FIRST_WAIT << 2 * min(tries - 1, 6)
        return whole // 2 + int(whole // 2 * self._jitter())

    def _question(self, ledger: Ledger, finding: dict[str, Any]) -> bytes:
        call = str(finding.get("call", ""))
        words = _words(ledger, str(finding.get("session", "")), call) if self._settings.snippet and call else ""
        return question(finding, guesses.call_sizes(ledger, call), words, self._home)


def _words(ledger: Ledger, session: str, call: str) -> str:
    """What the tool was called with, from the transcript; '' where that is gone."""
    number = ledger.find_name(session)
    for path, start, text in ledger.files_showing(number, call) if number is not None else ():
        for row in msgspec.json.decode(text):
            if row[0] == ANSWER and any(block[2] == call for block in row[11]):
                found = wording(path, start, row[1], call)
                if found:
                    return found
    return ""


def _decoded(body: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
