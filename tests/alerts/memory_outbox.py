"""An outbox in memory: the meaning of the protocol in the fewest words, to compare others with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineitem.alerts.notice import rank
from lineitem.alerts.outbox import LEASE, GivenUp, Row
from lineitem.alerts.rules import Pending

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lineitem.alerts.notice import Notice


class Memory:
    """Implements `Outbox`."""

    def __init__(self) -> None:
        self.notices: dict[tuple[str, str], tuple[int, Notice]] = {}
        self.fate: dict[tuple[str, str], tuple[str, str | int]] = {}  #: told at, or dropped why
        self.rows: dict[tuple[str, str], Row] = {}
        self.due: dict[tuple[str, str], int] = {}  #: of those that wait
        self.made: dict[str, int] = {}  #: channel -> when its last message of notices was made
        self.whys: dict[tuple[str, str], str] = {}
        self.ended: dict[tuple[str, str], tuple[str, int]] = {}  #: sent or given up, and when

    def note(self, channel: str, noted: int, notice: Notice) -> bool:
        new = (channel, notice.key) not in self.notices
        self.notices.setdefault((channel, notice.key), (noted, notice))
        return new

    def pending(self, channel: str) -> list[Pending]:
        waiting = [Pending(*each) for key, each in self.notices.items() if key[0] == channel and key not in self.fate]
        return sorted(waiting, key=lambda each: (each.noted, each.notice.key))

    def told(self, channel: str, since: int) -> dict[tuple[str, str], tuple[int, int]]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for key, (what, at) in self.fate.items():
            if key[0] == channel and what == "told" and isinstance(at, int) and at >= since:
                notice = self.notices[key][1]
                thread = (notice.kind, notice.subject)
                found[thread] = max(found.get(thread, (0, 0)), (at, rank(notice.severity)))
        return found

    def last(self, channel: str) -> int | None:
        return self.made.get(channel)

    def put(self, row: Row, keys: Collection[str]) -> bool:
        place = (row.channel, row.id)
        if place in self.rows:
            return False
        self.rows[place], self.due[place] = row, row.made
        for key in keys:
            self.fate[row.channel, key] = ("told", row.made)
        if keys:
            self.made[row.channel] = row.made
        return True

    def drop(self, channel: str, keys: Iterable[tuple[str, str]]) -> None:
        for key, why in keys:
            self.fate[channel, key] = ("dropped", why)

    def claim(self, now: int, without: Collection[str]) -> Row | None:
        ready = [(at, place) for place, at in self.due.items() if at <= now and place[0] not in without]
        if not ready:
            return None
        _, place = min(ready)
        row = self.rows[place] = self.rows[place]._replace(
            tries=self.rows[place].tries + 1, why=self.whys.get(place, "")
        )
        self.due[place] = now + LEASE
        return row

    def done(self, row: Row, now: int) -> None:
        self._end(row, "sent", now)

    def failed(self, row: Row, due: int, why: str) -> None:
        place = (row.channel, row.id)
        if place in self.due:
            self.due[place], self.whys[place] = due, why

    def give_up(self, row: Row, now: int, why: str) -> None:
        self.whys[row.channel, row.id] = why
        self._end(row, "given up", now)

    def _end(self, row: Row, what: str, now: int) -> None:
        if self.due.pop((row.channel, row.id), None) is not None:
            self.ended[row.channel, row.id] = (what, now)

    def given_up(self) -> list[GivenUp]:
        lost = [(at, place) for place, (what, at) in self.ended.items() if what == "given up"]
        rows = [self.rows[place] for _, place in sorted(lost, reverse=True)]
        return [GivenUp(row.id, row.channel, row.made, row.tries, self.whys[row.channel, row.id]) for row in rows]

    def forget(self, before: int) -> None:
        for place in [place for place, (_, at) in self.ended.items() if at < before]:
            del self.ended[place], self.rows[place]
        for key in [key for key in self.fate if self.notices[key][0] < before]:
            del self.fate[key], self.notices[key]
