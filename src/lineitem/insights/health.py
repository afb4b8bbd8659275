"""A session's health: green, yellow or red by the tokens in its context.

In: what the context holds, whenever it is known. Out: the level, and a change of level once. Always: the level
follows the context alone, up and down, so it falls again after a compaction; an older reading than the last one
changes nothing, and the state survives as a row.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

GREEN, YELLOW, RED = range(3)
LEVELS = ("green", "yellow", "red")


class Thresholds(NamedTuple):
    """From so many tokens on a session is yellow, or red."""

    yellow: int
    red: int


PRESETS = {
    "economical": Thresholds(50_000, 100_000),
    "standard": Thresholds(80_000, 150_000),
    "intensive": Thresholds(120_000, 200_000),
}


class Change(NamedTuple):
    """A session's level is another one than before."""

    at: int
    before: int | None  #: None: the first reading, and it is not green
    now: int
    tokens: int


def from_settings(settings: Mapping[str, Any]) -> Thresholds:
    """`[health]` of the settings file: a preset, a person's own numbers, or both. Raises UsageError."""
    given = settings.get("health", {})
    if not isinstance(given, dict) or set(given) - {"preset", "yellow", "red"}:
        raise UsageError("[health] in settings.toml knows preset, yellow and red.")
    preset = given.get("preset", "standard")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise UsageError(f"[health] preset is one of {', '.join(PRESETS)}, not '{preset}'.")
    yellow, red = (given.get(name, usual) for name, usual in zip(LEVELS[1:], PRESETS[preset], strict=True))
    if type(yellow) is not int or type(red) is not int or not 0 < yellow < red:
        raise UsageError("[health] yellow and red are numbers of tokens, and yellow is the smaller one.")
    return Thresholds(yellow, red)


def level_of(tokens: int, thresholds: Thresholds) -> int:
    """The level of a context of that size."""
    if tokens >= thresholds.red:
        return RED
    return YELLOW if tokens >= thresholds.yellow else GREEN


class Health:
    """The health of one session. `level` and `tokens` are None until the context is known."""

    __slots__ = ("at", "level", "tokens", "told")

    def __init__(
        self, at: int = 0, tokens: int | None = None, level: int | None = None, told: int | None = None
    ) -> None:
        self.at = at  #: of the last reading
        self.tokens, self.level = tokens, level
        self.told = told  #: the level of the last change that was given out, or of the first reading

    def take(self, at: int, tokens: int | None, thresholds: Thresholds) -> Change | None:
        """The context held so many tokens at a moment; a change where the level is another one now."""
        if tokens is None or tokens < 0 or at < self.at:
            return None
        self.at, self.tokens, self.level = at, tokens, level_of(tokens, thresholds)
        before, self.told = self.told, self.level
        if before == self.level or (before is None and self.level == GREEN):
            return None
        return Change(at, before, self.level, tokens)

    def row(self) -> list[int | None]:
        """What `Health(*row)` makes again."""
        return [self.at, self.tokens, self.level, self.told]
