"""What a report is asked: which requests, and how to group and order them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.core.periods import Zone

#: Later than any request.
NEVER = 1 << 62


class Query:
    """A range of time and filters. `since` is inclusive, `until` is not; both in milliseconds UTC."""

    __slots__ = (
        "breakdown",
        "descending",
        "instances",
        "model",
        "now",
        "options",
        "project",
        "session",
        "since",
        "until",
        "zone",
    )

    def __init__(self, zone: Zone, now: int) -> None:
        self.zone, self.now = zone, now
        self.since, self.until = 0, NEVER
        self.project = self.model = self.session = ""
        self.descending = self.breakdown = self.instances = False
        self.options: dict[str, str] = {}

    @property
    def everything(self) -> bool:
        """No range and no filter at all."""
        return not self.since and self.until == NEVER and not self.project and not self.model

    @property
    def ranged(self) -> bool:
        return bool(self.since) or self.until != NEVER

    def within(self, at: int) -> bool:
        return self.since <= at < self.until
