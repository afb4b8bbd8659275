"""Sessions as the prompts that were asked and the requests that each led to, its agents' included.

A request of the main conversation belongs to the latest prompt before it; one of an agent to the prompt whose tool
call started the agent, or the agent above it. What belongs to none has place -1.
"""

from __future__ import annotations

from itertools import chain, groupby
from operator import itemgetter

from lineitem.ledger import questions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger

    #: As `questions.requests_in_order` gives them.
    Row = tuple[Any, ...]
    #: Session -> the requests of one without a transcript.
    Live = Mapping[int, list[Row]]

#: Places in such a row.
SESSION, THREAD, AT, MODEL, UNCACHED, WRITE5, WRITE1, READ, OUTPUT, NANOS, MODIFIERS, PROMPT_SIZE, ADVISOR, OWN = range(
    14
)
NOWHERE = -1


class Prompted:
    """A session: its prompts in the order of time, its requests, and the place of each request among the prompts."""

    __slots__ = ("main", "number", "places", "prompts", "requests", "threads")

    def __init__(
        self, number: int, prompts: list[tuple[int, int, str]], requests: list[Row], main: int, threads: dict[int, int]
    ) -> None:
        """prompts: (ordinal, at, source), by time.   threads: agent's thread -> ordinal of a prompt."""
        self.number, self.prompts, self.requests, self.main = number, prompts, requests, main
        place_of = {ordinal: place for place, (ordinal, _, _) in enumerate(prompts)}
        self.threads = {thread: place_of.get(ordinal, NOWHERE) for thread, ordinal in threads.items()}
        self.places = list(self._placed())

    def _placed(self) -> Iterator[int]:
        place, upcoming = NOWHERE, 0
        times = [at for _, at, _ in self.prompts]
        for row in self.requests:
            if row[THREAD] != self.main:
                yield self.threads.get(row[THREAD], NOWHERE)
                continue
            while upcoming < len(times) and times[upcoming] <= row[AT]:
                place = upcoming
                upcoming += 1
            yield place


def prompted(ledger: Ledger, where: Filter, live: Live, *, copies: bool = False) -> Iterator[Prompted]:
    """The sessions that were active in a range, each whole. Line items must be made.

    live: the requests of sessions without a transcript.   copies: also requests that other sessions own.
    """
    main = ledger.find_name("")
    asked: dict[int, list[tuple[int, int, str]]] = {}
    for number, ordinal, at, source in questions.prompts_in_order(ledger, where):
        asked.setdefault(number, []).append((ordinal, at, source))
    threads = agents_of(ledger, where)
    wanted = questions.active_sessions(ledger, where) if live else ()
    told = ((number, rows) for number, rows in live.items() if number in wanted)
    kept = groupby(questions.requests_in_order(ledger, where, copies), key=itemgetter(SESSION))
    for number, rows in chain(kept, told):
        yield Prompted(number, asked.get(number, []), list(rows), -1 if main is None else main, threads.get(number, {}))


def agents_of(ledger: Ledger, where: Filter) -> dict[int, dict[int, int]]:
    """Session -> agent's thread -> ordinal of the prompt of the main conversation that led to it."""
    main = ledger.find_name("")
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for session, thread, parent, prompt in questions.agent_prompts(ledger, where):
        if prompt is not None:
            found.setdefault(session, {})[thread] = (parent, prompt)
    return {session: _tops(threads, main) for session, threads in found.items()}


def _tops(threads: dict[int, tuple[int, int]], main: int | None) -> dict[int, int]:
    tops = {}
    for thread, above in threads.items():
        parent, prompt = above
        seen = {thread}
        while parent != main and parent in threads and parent not in seen:
            seen.add(parent)
            parent, prompt = threads[parent]
        if parent == main:
            tops[thread] = prompt
    return tops


def context_of(row: Sequence[Any]) -> int:
    """Tokens of a request's prompt."""
    size: int = row[PROMPT_SIZE] or row[UNCACHED] + row[WRITE5] + row[WRITE1] + row[READ]
    return size
