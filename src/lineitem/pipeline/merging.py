"""The requests of one reading, while the answers of its files are merged into them.

In: answers, file by file and in any order. Out: requests by (message id, variant), each once, priced; rows of those
that changed. Always: the order of files does not matter, nor does taking one twice.
"""

from __future__ import annotations

from lineitem.attribution.requests import Request, settle
from lineitem.pipeline.prices import price
from lineitem.pipeline.rollup import rolled_up
from lineitem.pipeline.stored import request_of, row_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pipeline.rollup import Rollup
    from lineitem.pricing.book import PriceBook
    from lineitem.sources.scan import Found


class Stored:
    """A transcript known by the store alone."""

    __slots__ = ("project", "session")

    def __init__(self, session: str, project: str) -> None:
        self.session, self.project = session, project


class Merging:
    """`requests` by (message id, variant). `first`: the store holds none, so none are looked up there."""

    def __init__(self, ledger: Ledger, book: PriceBook) -> None:
        self.ledger, self.book = ledger, book
        self.first = False
        self.requests: dict[tuple[str, str], Request] = {}
        self._by_mid: dict[str, list[Request]] = {}
        self._texts: dict[str, str] = {}
        self.written = 0  #: requests
        self._rollup: Rollup | None = None
        self._kept: list[Request] = []  # written, but for their copies

    def take(self, found: Found | Stored, first_at: int, answers: Iterable[Sequence[Any]]) -> None:
        """Merge the answers of one file."""
        requests = self.requests
        session = found.session
        load = not self.first
        once = self._texts.setdefault  # a model or branch is kept once, not once a request
        self._rollup = None
        last_model = last_branch = None
        for row in answers:
            (mid, variant, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers, origin,
             thread, branch, skill, prompt_size) = row  # fmt: skip
            if model is not last_model:
                model = last_model = once(model, model)
            if branch is not last_branch:
                branch = last_branch = once(branch, branch)
            if load and mid not in self._by_mid:
                self._load(mid)
            sighted = Request(
                mid, variant, -1 if origin else first_at, origin or session, thread, at, model, uncached, output,
                write5, write1, read, thinking, searches, modifiers, prompt_size, branch, skill,
            )  # fmt: skip
            key = (mid, variant)
            known = requests.get(key)
            if known is None:
                requests[key] = known = sighted
                same = self._by_mid.get(mid)
                if same is None:
                    self._by_mid[mid] = [sighted]
                else:
                    same.append(sighted)
            else:
                known.fresh = True
                known.merge(sighted)
            if origin:
                known.copies = known.copies or {}
                place = (session, thread)
                if place != (known.session, known.thread):
                    known.copies[place] = min(first_at, known.copies.get(place, first_at))

    def _load(self, mid: str) -> None:
        """Bring the stored requests of a message id into memory."""
        text = self.ledger.text
        loaded: list[Request] = []
        for row in self.ledger.requests_of(mid):
            request = request_of(row, text)
            loaded.append(request)
            self.requests[(mid, request.variant)] = request
        if loaded:
            for variant, session, thread, rank in self.ledger.copies_of(mid):
                owner = self.requests[(mid, variant)]
                owner.copies = owner.copies or {}
                owner.copies[(text(session), text(thread))] = rank
        self._by_mid[mid] = loaded

    def settle(self) -> None:
        """Price what changed; of several answers with one message id, the one that counts."""
        book = self.book
        for rows in self._by_mid.values():
            if len(rows) > 1:
                settle(rows)
                for row in rows:
                    row.fresh = True
        for request in self.requests.values():
            if request.fresh:
                request.nanos = price(book, request)

    def take_stored(self) -> None:
        """Merge the answers of every stored sighting, as if all files were read again."""
        from lineitem.sources.replay import answers
        from lineitem.sources.transcript_schema import SIGHTINGS

        decode = SIGHTINGS.decode
        ledger = self.ledger
        self.first = True
        for file, project, session, thread, first_at in ledger.all_files():
            found = Stored(session, project)
            rows = (row for _, _, text in ledger.sightings_of(file) for row in decode(text))
            self.take(found, first_at, answers(rows, session, thread))
        self.settle()

    def keep(self) -> set[str]:
        """Write the requests that changed; the sessions they belong to. The caller holds a transaction."""
        for _ in self.keep_in_parts():
            pass
        return self.keep_copies()

    def keep_in_parts(self, size: int = 2_000) -> Iterator[None]:
        """Write the requests that changed, in the order of their key, so many at a time; once, and `settle` before."""
        ledger, numbers = self.ledger, self.ledger.numbers
        requests = self.requests
        fresh = sorted(requests if self.first else [key for key in requests if requests[key].fresh])
        indexes = ledger.drop_indexes("request") if self.first else []
        for at in range(0, len(fresh), size):
            part = [requests[key] for key in fresh[at : at + size]]
            ledger.keep_requests([row_of(request, numbers) for request in part])
            for request in part:
                request.fresh = False
            self._kept += part
            yield
        ledger.make_indexes(indexes)

    def keep_copies(self) -> set[str]:
        """Write the copies of the requests that were kept; the sessions all of these belong to."""
        ledger = self.ledger
        name = ledger.name
        kept, self._kept = self._kept, []
        sessions = {request.session for request in kept}
        copies: list[tuple[Any, ...]] = []
        copied: list[tuple[str]] = []
        for request in kept:
            if request.copies:
                copied.append((request.mid,))
                for same in self._by_mid[request.mid]:
                    for (session, thread), rank in (same.copies or {}).items():
                        sessions.add(session)
                        copies.append((same.mid, same.variant, name(session), name(thread), rank))
        self.written += len(kept)
        ledger.keep_copies(copied, copies)
        return sessions

    def rollup(self) -> Rollup:
        """What the requests of a first reading come to, made in memory."""
        if self._rollup is None:
            self._rollup = rolled_up(self.requests.values())
        return self._rollup
